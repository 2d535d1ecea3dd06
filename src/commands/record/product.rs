//! Which processes the product is, for the log.

use super::options::Record;
use crate::log::reader::ProductKey;
use crate::log::record::UNNAMED;
use crate::proc::cgroup;
use crate::proc::root::Root;
use crate::products::{self, is_installed, unit_name, Key, Kind, Process};

/// What the user said, or the unit that is called as the product.
pub(crate) struct Product {
    pub(crate) keys: Vec<ProductKey>,
    /// What was found, in words.
    pub(crate) found: Option<String>,
}

impl Product {
    pub(crate) fn of(record: &Record, root: &Root) -> Self {
        let keys = [&record.keys[..], &record.units, &record.cgroups].concat();
        let name = &record.product.0;
        let unit = unit_name(name);
        let is_said = !keys.is_empty() || products::profile(name).is_some() || name == UNNAMED;
        if is_said || !is_there(&unit, root) {
            return Self {
                keys: in_log(&keys),
                found: None,
            };
        }
        Self {
            keys: in_log(&[Key::of_place(Kind::Unit, &unit)]),
            found: Some(format!(
                "the product is {unit}; --key, --unit or --cgroup names other processes"
            )),
        }
    }
}

/// As they stand in the log.
fn in_log(keys: &[Key]) -> Vec<ProductKey> {
    let each = keys.iter().flat_map(|key| {
        key.givens().map(|(kind, pattern)| ProductKey {
            kind: kind as u8,
            label: key.label.clone(),
            pattern: pattern.to_owned(),
        })
    });
    each.collect()
}

/// Whether the unit is installed, or has processes.
fn is_there(unit: &str, root: &Root) -> bool {
    let is_name = !unit.contains(|c: char| c == '/' || c.is_whitespace() || c.is_control());
    is_name && (is_installed(unit, root) || has_processes(unit, root))
}

fn has_processes(unit: &str, root: &Root) -> bool {
    let mut buffer = vec![0; 1 << 13];
    let pids = root.pids().unwrap_or_default();
    pids.into_iter().any(|pid| {
        let text = root.read_proc(&format!("{pid}/cgroup"), &mut buffer);
        let cgroup = text.ok().and_then(cgroup::of).unwrap_or_default();
        let process = Process::new(b"", b"", cgroup);
        process.is_in_unit(unit)
    })
}
