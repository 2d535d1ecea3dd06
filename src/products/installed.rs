//! Which units are installed.

use crate::proc::root::Root;

/// Where systemd looks for a unit; systemd.unit(5).
const UNITS: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

pub(crate) fn is_installed(unit: &str, root: &Root) -> bool {
    let mut folders = UNITS.iter();
    folders.any(|folder| root.open_file(&format!("{folder}/{unit}")).is_ok())
}
