//! The table of where the CPU time went.

use super::document::{Row, Table};
use crate::series::Run;
use crate::words::figures::counted;

/// The excess over busy time, as a share of it, that rounding cannot explain.
const MORE_THAN_BUSY: f64 = 0.03;

/// The account of a run, adding up to the machine's busy time; `None` where nothing
/// was busy.
pub(crate) fn table(run: &Run) -> Option<Table<'static>> {
    let account = &run.account;
    if account.busy == 0 || run.header.clk_tck == 0 {
        return None;
    }
    let busy = account.busy as f64;
    let unattributed = busy - account.accounted() as f64;
    let rows = [
        ("processes, as sampled", account.sampled as f64, true),
        ("ended children", account.reaped as f64, true),
        ("orphans, reaped by init", account.orphans as f64, true),
        ("hardware interrupts", account.irq as f64, false),
        ("soft interrupts", account.softirq as f64, true),
        ("stolen by the host", account.steal as f64, false),
        ("unattributed", unattributed, true),
        ("busy", busy, true),
    ];
    let shown = rows.into_iter().filter(|row| row.2 || row.1 != 0.0);
    let row = |(name, ticks, _): (&str, f64, bool)| {
        let seconds = ticks / run.header.clk_tck as f64;
        let share = 100.0 * ticks / busy;
        let cells = [format!("{seconds:.2}"), format!("{share:.1}")];
        Row::new(name, cells.to_vec())
    };
    let head = ["", "seconds", "%"];
    let mut table = Table::new("Where the CPU time went", &head, shown.map(row));
    if unattributed < -MORE_THAN_BUSY * busy {
        table.notes.push(
            "The parts exceed the total: the kernel times processes exactly, but the machine only at \
             its clock ticks, which miss what runs between two of them."
                .to_owned(),
        );
    }
    if account.never_sampled() > 0 {
        let tasks = counted(account.never_sampled(), "task");
        (table.notes).push(format!(
            "{tasks} (processes or threads) started and ended between samples"
        ));
    }
    Some(table)
}
