//! `--key`, `--unit` and `--cgroup`: which processes a product is, as the user says.

use crate::products::{Key, Kind};
use std::str::FromStr;

/// Most bytes of a label, unit or cgroup: each stands in a record of the log with
/// another. A cgroup's path is kept as far in a process's identity.
const LONGEST: usize = 1024;

/// `LABEL=PATTERN`.
#[derive(Debug, Clone)]
pub(crate) struct GivenKey(pub(crate) Key);

impl FromStr for GivenKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((label, pattern)) if !label.is_empty() && !pattern.is_empty() => {
                fits(label)?;
                fits(pattern)?;
                Ok(Self(Key::given(Kind::Pattern, label, pattern)))
            }
            _ => Err(format!("`{text}` is not LABEL=PATTERN, such as app=app.py")),
        }
    }
}

/// A unit, `.service` where its name has no suffix.
#[derive(Debug, Clone)]
pub(crate) struct GivenUnit(pub(crate) Key);

impl FromStr for GivenUnit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.contains('/') {
            return Err(format!(
                "`{text}` is no name of a unit, such as nginx.service"
            ));
        }
        fits(text)?;
        Ok(Self(Key::of_place(Kind::Unit, text)))
    }
}

/// A cgroup, with all below it.
#[derive(Debug, Clone)]
pub(crate) struct GivenCgroup(pub(crate) Key);

impl FromStr for GivenCgroup {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        fits(text)?;
        let key = Key::of_place(Kind::Cgroup, text);
        match key.label.as_str() {
            "/" => Err(format!(
                "`{text}` is no cgroup but the root, which every process is below"
            )),
            _ => Ok(Self(key)),
        }
    }
}

fn fits(text: &str) -> Result<(), String> {
    match text.len() > LONGEST {
        true => Err(format!("it has more than {LONGEST} bytes")),
        false => Ok(()),
    }
}

/// All that was given, in the order of the options.
pub(crate) fn all(keys: &[GivenKey], units: &[GivenUnit], cgroups: &[GivenCgroup]) -> Vec<Key> {
    let keys = keys.iter().map(|GivenKey(key)| key);
    let units = units.iter().map(|GivenUnit(key)| key);
    let cgroups = cgroups.iter().map(|GivenCgroup(key)| key);
    keys.chain(units).chain(cgroups).cloned().collect()
}

/// The same of one of several products, which stands before it.
#[derive(Debug, Clone)]
pub(crate) struct For<Given> {
    /// `None`: of each product that has no profile.
    pub(crate) product: Option<String>,
    pub(crate) given: Given,
}

impl FromStr for For<GivenKey> {
    type Err = String;

    /// `[PRODUCT:]LABEL=PATTERN`.
    fn from_str(text: &str) -> Result<Self, String> {
        let label = text.split('=').next().unwrap_or_default();
        let product = label.split_once(':').map(|(product, _)| product);
        of(product, text)
    }
}

impl FromStr for For<GivenUnit> {
    type Err = String;

    /// `[PRODUCT=]UNIT`.
    fn from_str(text: &str) -> Result<Self, String> {
        of(text.rsplit_once('=').map(|(product, _)| product), text)
    }
}

impl FromStr for For<GivenCgroup> {
    type Err = String;

    /// `[PRODUCT=]PATH`; a path may have such a sign itself.
    fn from_str(text: &str) -> Result<Self, String> {
        let product = text.split_once('=').map(|(product, _)| product);
        of(product.filter(|product| !product.contains('/')), text)
    }
}

fn of<Given: FromStr<Err = String>>(
    product: Option<&str>,
    text: &str,
) -> Result<For<Given>, String> {
    let product = product.filter(|product| !product.is_empty());
    let rest = match product {
        Some(product) => text.get(product.len() + 1..).unwrap_or_default(),
        None => text,
    };
    Ok(For {
        product: product.map(str::to_owned),
        given: rest.parse()?,
    })
}
