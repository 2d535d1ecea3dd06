//! `--key`, `--unit` and `--cgroup`: the processes that make up a product.

use crate::products::{Key, Kind};

/// Bytes of a label, unit or cgroup: two of them must fit a record of the log, and a
/// process's cgroup is kept as far.
const LONGEST: usize = 1024;

/// Parses `LABEL=PATTERN`.
pub(crate) fn key(text: &str) -> Result<Key, String> {
    match text.split_once('=') {
        Some((label, pattern)) if !label.is_empty() && !pattern.is_empty() => {
            check_length(label)?;
            check_length(pattern)?;
            Ok(Key::given(Kind::Pattern, label, pattern))
        }
        _ => Err(format!("`{text}` is not LABEL=PATTERN, such as app=app.py")),
    }
}

/// Parses a unit's name, `.service` being its default suffix.
pub(crate) fn unit(text: &str) -> Result<Key, String> {
    if text.is_empty() || text.contains('/') {
        return Err(format!(
            "`{text}` is not a unit's name, such as nginx.service"
        ));
    }
    check_length(text)?;
    Ok(Key::of_place(Kind::Unit, text))
}

/// Parses the path of a cgroup, which stands for all below it.
pub(crate) fn cgroup(text: &str) -> Result<Key, String> {
    check_length(text)?;
    let key = Key::of_place(Kind::Cgroup, text);
    match key.label.as_str() {
        "/" => Err(format!(
            "`{text}` is the root cgroup, which holds every process"
        )),
        _ => Ok(key),
    }
}

fn check_length(text: &str) -> Result<(), String> {
    match text.len() > LONGEST {
        true => Err(format!("it has more than {LONGEST} bytes")),
        false => Ok(()),
    }
}

/// A key of one of several products.
#[derive(Debug, Clone)]
pub(crate) struct ProductKey {
    /// `None`: of each product without a profile.
    pub(crate) product: Option<String>,
    pub(crate) key: Key,
}

/// Parses `[PRODUCT:]LABEL=PATTERN`.
pub(crate) fn product_key(text: &str) -> Result<ProductKey, String> {
    let label = text.split('=').next().unwrap_or_default();
    of_product(text, label.find(':'), key)
}

/// Parses `[PRODUCT=]UNIT`.
pub(crate) fn product_unit(text: &str) -> Result<ProductKey, String> {
    of_product(text, text.rfind('='), unit)
}

/// Parses `[PRODUCT=]PATH`. The path may contain `=` too.
pub(crate) fn product_cgroup(text: &str) -> Result<ProductKey, String> {
    let before_path = text.split('/').next().unwrap_or_default();
    of_product(text, before_path.rfind('='), cgroup)
}

/// Parses what follows the byte at `end`, where the product's name ends.
fn of_product(
    text: &str,
    end: Option<usize>,
    parse: fn(&str) -> Result<Key, String>,
) -> Result<ProductKey, String> {
    let split = end.filter(|end| *end > 0);
    let split = split.and_then(|end| text.get(..end).zip(text.get(end + 1..)));
    Ok(ProductKey {
        product: split.map(|(product, _)| product.to_owned()),
        key: parse(split.map_or(text, |(_, rest)| rest))?,
    })
}
