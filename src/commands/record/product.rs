//! Which processes the product is, for the log.

use super::display::Display;
use super::Record;
use crate::commands::keys;
use crate::commands::output::push;
use crate::log::record::{Product as Written, Record as LogRecord, UNNAMED};
use crate::log::writer::Writer;
use crate::log::Encoder;
use crate::proc::cgroup;
use crate::proc::root::Root;
use crate::products::{self, unit_name, Key, Kind, Process};
use std::io;

/// Where systemd looks for a unit; systemd.unit(5).
const UNITS: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

/// What the user said, or the unit that is called as the product.
#[derive(Default)]
pub(crate) struct Product {
    keys: Vec<Key>,
    /// What was found, in words.
    found: Option<String>,
}

impl Product {
    pub(crate) fn of(record: &Record, root: &Root) -> Self {
        let keys = keys::all(&record.keys, &record.units, &record.cgroups);
        let name = &record.product.0;
        if !keys.is_empty() || products::profile(name).is_some() || name == UNNAMED {
            return Self { keys, found: None };
        }
        let unit = unit_name(name);
        match is_there(&unit, root) {
            true => Self {
                keys: vec![Key::of_place(Kind::Unit, &unit)],
                found: Some(format!(
                    "the product is {unit}; --key, --unit or --cgroup names other processes"
                )),
            },
            false => Self { keys, found: None },
        }
    }

    /// Says what was found.
    pub(crate) fn announce(&self, display: &mut Display) {
        if let Some(found) = &self.found {
            display.say(found);
        }
    }

    /// Writes it, behind a header.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn write(
        &self,
        run: u32,
        encoder: &mut Encoder,
        writer: &mut Writer,
    ) -> io::Result<()> {
        for key in &self.keys {
            for (kind, pattern) in key.givens() {
                let label = &key.label;
                let kind = kind as u8;
                let key = Written {
                    kind,
                    label,
                    pattern,
                };
                push(encoder, writer, &LogRecord::Product(run, key))?;
            }
        }
        Ok(())
    }
}

/// Whether the unit is installed, or has processes.
fn is_there(unit: &str, root: &Root) -> bool {
    let is_name = !unit.contains(|c: char| c == '/' || c.is_whitespace() || c.is_control());
    let mut folders = UNITS.iter();
    is_name
        && (folders.any(|folder| root.open_file(&format!("{folder}/{unit}")).is_ok())
            || has_processes(unit, root))
}

fn has_processes(unit: &str, root: &Root) -> bool {
    let mut buffer = vec![0; 1 << 13];
    let names = root.list("proc").into_iter();
    let mut pids = names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    pids.any(|pid| {
        let text = root.read_proc(&format!("{pid}/cgroup"), &mut buffer);
        let cgroup = text.ok().and_then(cgroup::of).unwrap_or_default();
        let process = Process::new(b"", b"", cgroup);
        process.is_in_unit(unit)
    })
}
