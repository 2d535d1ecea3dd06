//! Where the CPU time went, and the processes that ended.

use super::document::{Row, Table};
use super::escaped;
use super::subject::Subject;
use crate::log::exits::Ended;
use crate::series::ended::EndedRow;
use crate::series::Run;
use crate::words::exits::lack;
use crate::words::figures::{counted, mib};

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
    let is_told = run.ended.is_told();
    let rows = [
        ("processes, as sampled", account.sampled as f64, true),
        ("ended processes", account.ended as f64, is_told),
        (
            "ended processes, freeing memory",
            account.ending as f64,
            false,
        ),
        ("ended children", account.reaped as f64, !is_told),
        ("orphans, reaped by init", account.orphans as f64, !is_told),
        ("hardware interrupts", account.irq as f64, false),
        ("soft interrupts", account.softirq as f64, true),
        ("stolen by the host", account.steal as f64, false),
        ("unattributed", unattributed, true),
        ("busy", busy, true),
    ];
    let shown = rows.into_iter().filter(|row| row.2 || row.1 != 0.0);
    let row = |(name, ticks, _): (&str, f64, bool)| {
        let seconds = ticks / run.header.clk_tck as f64;
        // No -0.
        let share = (1000.0 * ticks / busy).round() / 10.0 + 0.0;
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
    let lost = run.ended.lost;
    if lost > 0 {
        table.notes.push(format!(
            "The kernel had no room to tell how {} ended: what they used then is unattributed.",
            counted(lost, "task")
        ));
    }
    if let Some(why) = lack(run.ended.listens) {
        (table.notes).push(format!("What ended between samples has no name: {why}."));
    }
    Some(table)
}

/// The processes that ended, the first by CPU time, and the others in one row; `None` where
/// there is none.
pub(crate) fn ended(run: &Run, top: usize) -> Option<Table<'static>> {
    let rows = &run.ended.rows;
    let (shown, rest) = rows.split_at(rows.len().min(top));
    if shown.is_empty() {
        return None;
    }
    let busy_us = run.account.busy as f64 * 1e6 / run.header.clk_tck.max(1) as f64;
    // Of a short run the kernel may have counted no tick as busy.
    let share = |cpu_us: f64| match busy_us > 0.0 {
        true => format!("{:.1}", 100.0 * cpu_us / busy_us),
        false => "-".to_owned(),
    };
    let row = |name: String, parent: String, of: &Ended| {
        let cpu_us = of.cpu_us as f64;
        let figures = [
            parent,
            of.exits.to_string(),
            of.failures.to_string(),
            format!("{:.2}", cpu_us / 1e6),
            share(cpu_us),
            mib(of.peak_rss_kib as f64),
        ];
        Row::new(name, figures.to_vec())
    };
    let mut lines: Vec<_> = shown
        .iter()
        .map(|of| row(name(of), parent(of), &of.ended))
        .collect();
    if !rest.is_empty() {
        let mut sum = Ended::default();
        rest.iter().for_each(|of| sum.add(&of.ended));
        let others = counted(rest.len() as u64, "other name");
        lines.push(row(others, String::new(), &sum));
    }
    let head = ["name", "by", "ended", "failed", "seconds", "%", "max MiB"];
    let title = "Processes that ended (CPU after the last sample)";
    Some(Table::new(title, &head, lines))
}

/// The figures of the processes of a name that ended.
pub(crate) fn subject(row: &EndedRow) -> Subject<'_> {
    let of = &row.ended;
    let counts = [
        ("exits", of.exits),
        ("failures", of.failures),
        ("cpu_us", of.cpu_us),
        ("peak_rss_kib", of.peak_rss_kib),
    ];
    let counts = counts.map(|(name, count)| (name, Some(count as f64)));
    Subject {
        kernel_thread: row.is_of_kernel(),
        ..Subject::new("ended", &row.name[..]).with("counts", counts.to_vec())
    }
}

fn name(of: &EndedRow) -> String {
    match &of.name[..] {
        [] => "without a name".to_owned(),
        name if of.is_of_kernel() => format!("[{}]", escaped(name)),
        name => escaped(name),
    }
}

fn parent(of: &EndedRow) -> String {
    let parent = match &of.parent[..] {
        [] => "-".to_owned(),
        parent => escaped(parent),
    };
    match of.parents {
        0 | 1 => parent,
        more => format!("{parent}, {} more", more - 1),
    }
}
