//! The block that says where the CPU time went.

use crate::series::Run;
use std::io::{self, Write};

/// What is accounted for in excess of busy time, as a part of it, that rounding
/// cannot explain.
const MORE_THAN_BUSY: f64 = 0.03;

/// Writes the account of a run, adding up to the machine's busy time.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, run: &Run) -> io::Result<()> {
    let account = &run.account;
    if account.busy == 0 || run.header.clk_tck == 0 {
        return Ok(());
    }
    let unattributed = account.busy as f64 - account.accounted() as f64;
    let seconds = |ticks: f64| ticks / run.header.clk_tck as f64;
    let rows = [
        ("processes, as sampled", account.sampled as f64, true),
        ("children that ended", account.reaped as f64, true),
        ("orphans, reaped by init", account.orphans as f64, true),
        ("hardware interrupts", account.irq as f64, false),
        ("soft interrupts", account.softirq as f64, true),
        ("taken by the host", account.steal as f64, false),
        ("unattributed", unattributed, true),
        ("busy", account.busy as f64, true),
    ];
    writeln!(out, "\nWhere the CPU time went")?;
    writeln!(out, "  {:<24}{:>10}{:>8}", "", "seconds", "%")?;
    for (name, ticks, always) in rows {
        if always || ticks != 0.0 {
            let share = 100.0 * ticks / account.busy as f64;
            let seconds = seconds(ticks);
            writeln!(out, "  {name:<24}{seconds:>10.2}{share:>8.1}")?;
        }
    }
    if unattributed < -MORE_THAN_BUSY * account.busy as f64 {
        writeln!(
            out,
            "  More than all: the kernel times processes exactly, and the machine by its\n  \
             clock tick, which misses what runs between two ticks."
        )?;
    }
    match account.never_sampled() {
        0 => Ok(()),
        1 => writeln!(out, "  1 task came and went between samples"),
        tasks => writeln!(
            out,
            "  {tasks} tasks, threads among them, came and went between samples"
        ),
    }
}
