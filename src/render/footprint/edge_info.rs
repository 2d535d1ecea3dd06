//! The layout of `edge-info -m`, and the errors in its figures.

use super::super::style::wrapped;
use crate::footprint::edge_info::{Cut, SmapsRow, System};
use crate::footprint::machine_memory::MachineMemory;
use crate::words::escape::escaped;
use crate::words::figures::mib;
use std::fmt::Display;
use std::io::{self, Write};

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EdgeInfo {
    /// The running key processes.
    pub(crate) rows: Vec<SmapsRow>,
    pub(crate) machine: MachineMemory,
    /// PSS of the key processes that edge-info does not know, KiB, and their
    /// labels.
    pub(crate) left_out: (u64, Vec<String>),
}

/// Writes it as edge-info does, tabs and all, then what differs from the right
/// figures.
///
/// # Errors
/// Those of `out`.
pub(crate) fn text(out: &mut dyn Write, shown: &EdgeInfo, width: usize) -> io::Result<()> {
    let system = System::of(&shown.machine);
    writeln!(out, "Key Process Memory Information (MB)")?;
    writeln!(out, "  Stats in megabytes (MB)\tPss\tShared\tRss\tVirtual")?;
    let mut key = 0u64;
    for row in &shown.rows {
        let pids: Vec<String> = row.pids.iter().map(u32::to_string).collect();
        write!(
            out,
            "  - {} ({}):\t",
            escaped(row.label.as_bytes()),
            pids.join(" ")
        )?;
        let sums = &row.sums;
        for kb in [sums.pss, sums.shared, sums.rss, sums.virt] {
            match row.unreadable {
                0 => write!(out, "\t{}", Cut::mb(kb))?,
                // edge-info shows nothing there.
                _ => write!(out, "\t?")?,
            }
        }
        writeln!(out)?;
        // edge-info adds up the rounded values.
        key = key.saturating_add(Cut::mb(sums.pss).value());
    }
    let key_percent = Cut::percent(key, system.total);
    writeln!(out, "\nSystem Memory\n  \t\t\t\tTotals\t\tPercentage")?;
    let total = system.total;
    let percent = |mb: Option<u64>| unknown(mb.map(|mb| system.percent(mb)));
    writeln!(
        out,
        "  - Used/Total:\t\t\t{}/{total} MB\t{}%",
        unknown(system.used),
        percent(system.used)
    )?;
    writeln!(
        out,
        "  - Key Processes:\t\t{} MB\t{key_percent}%",
        Cut::tenths(key)
    )?;
    for (name, mb) in [
        ("Volatile logging:", system.volatile),
        ("True Available Mem:", system.available),
    ] {
        writeln!(out, "  - {name}\t\t{} MB\t\t{}%", unknown(mb), percent(mb))?;
    }
    writeln!(out)?;
    wrapped(out, width, "", 2, &differences(shown, key, &system))
}

fn unknown(value: Option<impl Display>) -> String {
    value.map_or("?".to_owned(), |value| value.to_string())
}

/// One line.
fn differences(shown: &EdgeInfo, key: u64, system: &System) -> String {
    let sum = |of: fn(&SmapsRow) -> u64| shown.rows.iter().map(of).fold(0u64, u64::saturating_add);
    let known = |kib: u64| mib(kib as f64);
    let mut line = format!(
        "Correct, in MiB: key processes {} (above {}, with SwapPss {} and Pss_Dirty {} added), \
         Virtual {} (above {}), used {} (above {})",
        known(sum(|row| row.sums.right.pss)),
        Cut::tenths(key),
        known(sum(|row| row.sums.right.swap_pss)),
        known(sum(|row| row.sums.right.pss_dirty)),
        known(sum(|row| row.sums.right.virt)),
        known(sum(|row| row.sums.virt)),
        unknown(shown.machine.used().map(known)),
        unknown(system.used)
    );
    let (pss, labels) = &shown.left_out;
    if !labels.is_empty() {
        line += &format!("; missing above: {} {}", labels.join(" and "), known(*pss));
    }
    line.push('.');
    line
}
