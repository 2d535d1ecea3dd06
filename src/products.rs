//! The key processes of each product, recognised by program, arguments, unit and cgroup.
//!
//! A user's keys go before those of a profile. Then a program's name (comm, or the first
//! argument) goes before another argument, which must match as a whole or as the end of a
//! path, never as a piece of a word. A program that many products have (containerd,
//! coredns) belongs to a product only in its units, in its pods or where the product itself
//! runs ([`Homes`]); in another unit or container it is another product's.

mod installed;
mod process;
mod profiles;

use crate::attribution::{place, Place};
use crate::log::reader::ProductKey;
pub(crate) use installed::is_installed;
pub(crate) use process::Process;
use process::Sign;
use profiles::Part;
pub(crate) use profiles::{Profile, PROFILES};

/// How a key process is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Part(&'static Profile, &'static Part),
    Given(Kind, String),
}

/// What a user's key is compared with; the numbers are those of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Program, or a whole argument.
    Pattern = 0,
    Unit = 1,
    /// A cgroup and all below it.
    Cgroup = 2,
}

impl Kind {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Pattern, "key"),
        (Self::Unit, "unit"),
        (Self::Cgroup, "cgroup"),
    ];

    /// The kind with this number in a log, where it is known.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).map(|(kind, _)| *kind)
    }

    /// The option that gives it, without its hyphens.
    pub(crate) fn option(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(kind, _)| *kind == self)
            .map_or("", |(_, option)| option)
    }
}

/// A key process: its label, and the rules of which any recognises it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) label: String,
    /// It has a row only where it runs.
    pub(crate) rare: bool,
    rules: Vec<Rule>,
}

impl Key {
    /// The key that a user gave as `LABEL=PATTERN`, or as a unit or cgroup.
    pub(crate) fn given(kind: Kind, label: &str, pattern: &str) -> Self {
        let pattern = match kind {
            Kind::Pattern => pattern.to_owned(),
            Kind::Unit => unit_name(pattern),
            Kind::Cgroup => cgroup_path(pattern),
        };
        Self {
            label: label.to_owned(),
            rare: false,
            rules: vec![Rule::Given(kind, pattern)],
        }
    }

    /// The key in a log; `None` where its kind is not known here.
    pub(crate) fn logged(key: &ProductKey) -> Option<Self> {
        let kind = Kind::from_number(key.kind)?;
        Some(Self::given(kind, &key.label, &key.pattern))
    }

    /// A unit or cgroup that is its own label.
    pub(crate) fn of_place(kind: Kind, pattern: &str) -> Self {
        let key = Self::given(kind, "", pattern);
        let label = match key.rules.first() {
            Some(Rule::Given(_, pattern)) => pattern.clone(),
            _ => String::new(),
        };
        Self { label, ..key }
    }

    /// All that the user gave.
    pub(crate) fn givens(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.rules.iter().filter_map(|rule| match rule {
            Rule::Given(kind, pattern) => Some((*kind, pattern.as_str())),
            Rule::Part(..) => None,
        })
    }

    /// The option that gave it, such as `--key`.
    pub(crate) fn option(&self) -> String {
        let kind = self.givens().next().map(|(kind, _)| kind.option());
        format!("--{}", kind.unwrap_or_default())
    }

    fn of(profile: &'static Profile, part: &'static Part) -> Self {
        Self {
            label: part.label.to_owned(),
            rare: part.rare,
            rules: vec![Rule::Part(profile, part)],
        }
    }

    /// The sign by which the process is recognised; `true`: by a key of the user's.
    fn sign(&self, process: &Process<'_>, homes: &Homes) -> Option<(bool, Sign)> {
        let sign = |rule: &Rule| match rule {
            Rule::Part(profile, part) => Some((false, profile.sign(part, process, homes)?)),
            Rule::Given(Kind::Pattern, pattern) => Some((true, process.sign(pattern)?)),
            Rule::Given(Kind::Unit, unit) => {
                let is_it = process.is_in_unit(unit);
                is_it.then_some((true, Sign::Place))
            }
            Rule::Given(Kind::Cgroup, path) => {
                let is_it = is_below(process.cgroup, path.as_bytes());
                is_it.then_some((true, Sign::Place))
            }
        };
        self.rules.iter().filter_map(sign).max()
    }
}

/// The processes of a product: those of a profile, and those that a user named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) profile: Option<&'static Profile>,
    pub(crate) given: Vec<Key>,
}

impl Definition {
    /// The profile with the name of the product.
    pub(crate) fn of_name(product: &str) -> Self {
        Self {
            profile: profile(product),
            given: Vec::new(),
        }
    }

    /// It is known which processes they are.
    pub(crate) fn is_known(&self) -> bool {
        self.profile.is_some() || !self.given.is_empty()
    }

    pub(crate) fn keys(&self) -> Vec<Key> {
        let profile: Vec<_> = self.profile.into_iter().collect();
        keys(&profile, &self.given)
    }
}

/// Which of `keys` recognises a process; of several the one with the best sign, of these
/// the first. None recognises a recorder, whatever its arguments name.
pub(crate) fn find(keys: &[Key], process: &Process<'_>, homes: &Homes) -> Option<usize> {
    let mut best: Option<(usize, (bool, Sign))> = None;
    for (at, key) in keys.iter().enumerate() {
        if let Some(sign) = key.sign(process, homes) {
            if best.map_or(true, |(_, before)| sign > before) {
                best = Some((at, sign));
            }
        }
    }
    // Checked last: few processes are found at all.
    best.map(|(at, _)| at).filter(|_| !process.is_recorder())
}

/// Where running products are at home: the unit or container of a process that no other
/// product has. There, and below, common programs are the product's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Homes(Vec<(&'static str, Vec<u8>)>);

/// The latest of so many.
const HOMES: usize = 256;

impl Homes {
    /// Where the products of these processes are at home.
    pub(crate) fn of<'p>(processes: impl Iterator<Item = Process<'p>>) -> Self {
        let mut homes = Self::default();
        for process in processes {
            homes.add(&process, None);
        }
        homes
    }

    /// Takes in a process, for one profile or for all; returns whether it showed a new home.
    pub(crate) fn add(&mut self, process: &Process<'_>, only: Option<&Profile>) -> bool {
        let mut added = false;
        let asked = |of: &&Profile| only.map_or(true, |only| only.name == of.name);
        let profiles = PROFILES.iter().filter(asked);
        for profile in profiles.filter(|profile| profile.is_shown_by(process)) {
            let Some(home) = home(process.cgroup) else {
                continue;
            };
            let home = (profile.name, home.to_vec());
            if !self.0.contains(&home) {
                // A container that is restarted over and over has a new one each time.
                if self.0.len() >= HOMES {
                    self.0.remove(0);
                }
                self.0.push(home);
                added = true;
            }
        }
        added
    }

    fn has(&self, profile: &str, cgroup: &[u8]) -> bool {
        let is_home = |(name, home): &(&str, Vec<u8>)| {
            *name == profile
                && match home.ends_with(b".") {
                    true => cgroup.starts_with(home),
                    false => is_below(cgroup, home),
                }
        };
        self.0.iter().any(is_home)
    }
}

/// The container or service that a cgroup is in; for a snap's service all of the snap, up
/// to and with the `.`.
fn home(cgroup: &[u8]) -> Option<&[u8]> {
    let place = place(cgroup);
    if let Some(container) = place.outermost {
        return Some(container.path);
    }
    let unit = place.unit.filter(|unit| is_service(unit.name))?;
    let before = unit.path.len() - unit.name.len();
    match unit.name.strip_prefix(b"snap.") {
        Some(rest) => {
            let snap = rest.iter().position(|&b| b == b'.')?;
            cgroup.get(..before + b"snap.".len() + snap + 1)
        }
        None => Some(unit.path),
    }
}

/// A service of the system, not the one that holds all of a user's.
fn is_service(unit: &[u8]) -> bool {
    unit.ends_with(b".service") && !unit.starts_with(b"user@")
}

fn is_below(cgroup: &[u8], path: &[u8]) -> bool {
    let rest = cgroup.strip_prefix(path);
    rest.is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

/// A unit's whole name: `nginx` is `nginx.service`, as for systemctl(1).
pub(crate) fn unit_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, "service" | "scope" | "slice" | "socket" | "mount" | "swap")) => name.to_owned(),
        _ => format!("{name}.service"),
    }
}

/// As /proc/PID/cgroup has it.
fn cgroup_path(path: &str) -> String {
    let path = path.strip_prefix("/sys/fs/cgroup").unwrap_or(path);
    format!("/{}", path.trim_matches('/'))
}

impl Profile {
    /// Its key processes, in the order in which they are shown.
    pub(crate) fn keys(&'static self) -> Vec<Key> {
        let parts = self.parts.iter();
        parts.map(|part| Key::of(self, part)).collect()
    }

    /// The labels of the key processes that no other product has.
    pub(crate) fn telling(&self) -> impl Iterator<Item = &'static str> {
        let telling = self.parts.iter().filter(|part| part.telling);
        telling.map(|part| part.label)
    }

    /// Whether a process shows that the product runs; a containerd, which many products
    /// have, does not.
    pub(crate) fn is_shown_by(&self, process: &Process<'_>) -> bool {
        self.has(process) && !process.is_recorder()
    }

    fn has(&self, process: &Process<'_>) -> bool {
        let mut telling = self.parts.iter().filter(|part| part.telling);
        telling.any(|part| part.sign(process).is_some())
    }

    fn sign(&self, part: &Part, process: &Process<'_>, homes: &Homes) -> Option<Sign> {
        let sign = part.sign(process)?;
        let is_ours = part.telling || !self.is_anothers(process.cgroup, homes);
        is_ours.then_some(sign)
    }

    /// Whether a cgroup is another's: a service or container that is not the product's.
    fn is_anothers(&self, cgroup: &[u8], homes: &Homes) -> bool {
        let place = place(cgroup);
        let service = place.unit.is_some_and(|unit| is_service(unit.name));
        (service || place.outermost.is_some())
            && !self.owns(&place)
            && !homes.has(self.name, cgroup)
    }

    fn owns(&self, place: &Place<'_>) -> bool {
        let outermost = place.outermost.as_ref();
        let is_docker = outermost.is_some_and(|container| container.runtime == "docker");
        let is_unit = |unit: &[u8]| {
            self.units.iter().any(|own| match own.strip_suffix('*') {
                Some(start) => unit.starts_with(start.as_bytes()),
                None => unit == own.as_bytes(),
            })
        };
        place.pod_is_ours
            || (self.docker && is_docker)
            || place.unit.is_some_and(|unit| is_unit(unit.name))
    }
}

impl Part {
    /// The sign by which a process is recognised, by its program and arguments alone.
    fn sign(&self, process: &Process<'_>) -> Option<Sign> {
        let has = |argument: &&str| process.has_argument(argument);
        let may_be = || {
            let mut programs = self.programs.iter();
            programs.any(|program| process.is_named(program))
                || (!self.unit.is_empty() && process.is_in_unit(self.unit))
        };
        let sign = match () {
            () if self.names.iter().any(|name| process.is_named(name)) => Sign::Name,
            () if self.arguments.iter().any(has) && may_be() => Sign::Argument,
            () => return None,
        };
        let never = !self.never.is_empty() && process.has_argument(self.never);
        (!never).then_some(sign)
    }
}

/// The profile of that name.
pub(crate) fn profile(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

/// Every profile's name, as in `izuma, k3s`.
pub(crate) fn known() -> String {
    PROFILES.map(|profile| profile.name).join(", ")
}

/// The key processes of several profiles, and those that the user gave. A user's key takes
/// the place of a profile's with the same label; profiles share keys of one label.
pub(crate) fn keys(profiles: &[&'static Profile], given: &[Key]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for key in profiles.iter().flat_map(|profile| profile.keys()) {
        match keys.iter_mut().find(|known| known.label == key.label) {
            Some(known) => {
                known.rules.extend(key.rules);
                known.rare &= key.rare;
            }
            None => keys.push(key),
        }
    }
    let mut replaced: Vec<&str> = Vec::new();
    for key in given {
        match keys.iter_mut().find(|known| known.label == key.label) {
            // The same label twice: either pattern will do.
            Some(known) if replaced.contains(&key.label.as_str()) => {
                known.rules.extend(key.rules.iter().cloned());
            }
            Some(known) => *known = key.clone(),
            None => keys.push(key.clone()),
        }
        replaced.push(&key.label);
    }
    keys
}

#[cfg(test)]
mod tests;
