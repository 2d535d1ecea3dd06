//! The figures of a run, each under a name that says its unit: json, csv and metrics are
//! written from them.
//!
//! Names neither change nor disappear within a [`VERSION`]; new ones may come.

use super::account;
use super::containers;
use super::outline::FIGURES;
use super::results::value_key;
pub(crate) use super::subject::{Number, Subject};
use crate::log::fields::device::{disk, kind, net};
use crate::log::fields::{pressure, storage, vmstat};
use crate::results::{Measurement, RunResults, Unit, Verdict};
use crate::series::board::Board;
use crate::series::finding::{Finding, Grade};
use crate::series::strain::Strain;
use crate::series::{GroupSummary, Memory, Run, Spread};
use crate::stats::Summary;

/// Of the names, in all that is written with them.
pub(crate) const VERSION: u32 = 1;

/// The kind of the subject that is the run as a whole, whose figures have no statistics.
pub(crate) const RUN: &str = "run";

/// The kind of the subjects that are findings about the run.
pub(crate) const FINDINGS: &str = "findings";

/// The kind of the subjects that are results.
pub(crate) const RESULTS: &str = "results";

/// The kind of the subject that is the run's product.
pub(crate) const PRODUCT: &str = "this_product";

/// All figures of a run: first of the whole run and of the machine, then kind by kind.
pub(crate) fn of<'r>(run: &'r Run) -> Vec<Subject<'r>> {
    let mut all = vec![whole(run), machine(run)];
    let memory = memory_key(run.memory);
    let row = |kind, figure, scale: f64, row: &'r GroupSummary| Subject {
        kernel_thread: row.kernel_thread,
        process: row.process,
        ..Subject::new(kind, &row.name[..])
            .with("presence", presence(row))
            .with(figure, six(&row.figures, scale))
    };
    all.extend(product(run, memory));
    let others = |rows: &'r [GroupSummary]| rows.iter().filter(|row| !row.is_product);
    all.extend(others(&run.by_memory).map(|r| row("by_memory", memory, 1.0, r)));
    all.extend(others(&run.by_cpu).map(|of| {
        let ended = of.ended.filter(|_| run.ended.is_told());
        let ended = ended.map(|milli| ("mean", Some(milli * PERCENT)));
        let subject = row("by_cpu", "cpu_percent", PERCENT, of);
        subject.with_any("ended_percent", ended)
    }));
    for core in &run.health.board.cores {
        let offline = counts(&[("at_times", u64::from(core.was_offline))]);
        let busy = core.busy.map_or_else(Vec::new, three);
        all.push(
            Subject::new("cores", core.number.to_string().into_bytes())
                .with("busy_percent", busy)
                .with("offline", offline),
        );
    }
    let waited = run.health.strain.pressure.iter().flatten();
    for (waited, name) in waited.zip(&pressure::NAMES) {
        let name = name.trim_end_matches("_us").as_bytes();
        let percent = |part: f64| Some(part * 100.0);
        let parts = waited.as_ref().map_or_else(Vec::new, |waited| {
            vec![
                ("run", percent(waited.over_run)),
                ("worst_10_s", percent(waited.worst)),
            ]
        });
        all.push(Subject::new("pressure", name).with("waited_percent", parts));
    }
    for (of_kind, key, names) in [
        (kind::DISK, "disks", &disk::NAMES[..]),
        (kind::NET, "interfaces", &net::NAMES),
    ] {
        let carried = run.health.devices.traffic.iter();
        for carried in carried.filter(|carried| carried.device.kind == of_kind) {
            let mut carried_counts: Vec<_> = names.iter().copied().zip(carried.counts).collect();
            carried_counts.push(("gone", u64::from(carried.gone)));
            let carried_counts = counts(&carried_counts);
            all.push(Subject::new(key, &carried.device.name[..]).with("counts", carried_counts));
        }
    }
    all.extend(run.ended.rows.iter().map(account::subject));
    all.extend(run.findings.iter().map(finding));
    all.extend(containers::subjects(&run.levels));
    all
}

/// What the memory of processes is called.
pub(crate) fn memory_key(of: Memory) -> &'static str {
    match of {
        Memory::Pss => "pss_kib",
        Memory::Rss => "rss_kib",
    }
}

/// The figures of a run's results.
pub(crate) fn of_results(run: &RunResults) -> Vec<Subject<'_>> {
    let result = |of: &Measurement| {
        let key = value_key(of.kind.unit());
        let verdict = match of.verdict {
            Verdict::Yes => Some(1.0),
            Verdict::No => Some(0.0),
            Verdict::None | Verdict::NotMeasured => None,
        };
        let float = |value: Option<u64>| value.map(|value| value as f64);
        let mut subject = Subject::new(RESULTS, of.kind.name().as_bytes())
            .with("at_us", counts(&[("", of.at_us)]));
        if of.verdict != Verdict::None {
            subject = subject.with("verdict", vec![("", verdict)]);
        }
        if of.kind.unit() != Unit::None {
            subject = subject.with(key, vec![("", float(of.value))]);
        }
        if let Some(run) = of.command {
            let succeeded = run.outcome.map(|_| f64::from(u8::from(of.counts())));
            subject = subject
                .with("succeeded", vec![("", succeeded)])
                .with("cpu_us", counts(&[("", run.cpu_us)]));
        }
        if let Some(ramp) = of.ramp {
            subject = subject.with(ramp.phase.name(), counts(&[("ready", ramp.ready)]));
        }
        subject
    };
    run.results.iter().map(result).collect()
}

fn whole(run: &Run) -> Subject<'_> {
    let header = &run.header;
    let figures = [
        ("interval_us", header.interval_us),
        ("duration_us", run.duration_us),
        ("samples", run.samples),
        ("ticks", run.ticks),
        ("cores_online", header.cores.into()),
        ("mem_total_kib", header.mem_total_kib),
        ("swap_total_kib", header.swap_total_kib),
        ("page_size_bytes", header.page_size),
    ];
    let figures = figures.map(|(figure, value)| (figure, counts(&[("", value)])));
    Subject {
        figures: figures.to_vec(),
        ..Subject::new(RUN, &b""[..])
    }
}

/// The run's product, whose processes are in other rows too; `None` if they are unknown
/// or none ran.
fn product<'r>(run: &'r Run, memory: &'static str) -> Option<Subject<'r>> {
    let row = |rows: &'r [GroupSummary]| rows.first().filter(|row| row.is_product);
    let (by_memory, by_cpu) = (row(&run.by_memory), row(&run.by_cpu));
    let any = by_memory.or(by_cpu)?;
    let numbers =
        |row: Option<&GroupSummary>, scale| row.map_or_else(Vec::new, |r| six(&r.figures, scale));
    Some(
        Subject::new(PRODUCT, &b""[..])
            .with("presence", presence(any))
            .with(memory, numbers(by_memory, 1.0))
            .with("cpu_percent", numbers(by_cpu, PERCENT)),
    )
}

fn presence(row: &GroupSummary) -> Vec<Number> {
    counts(&[
        ("processes_at_most", row.processes),
        ("seen_ticks", row.seen),
    ])
}

/// Milli-percent as percent.
pub(crate) const PERCENT: f64 = 0.001;

/// Whether a figure of this name is a percentage.
pub(crate) fn is_percent(figure: &str) -> bool {
    figure.ends_with("_percent")
}

fn machine(run: &Run) -> Subject<'_> {
    let mut machine = Subject::new("machine", &b""[..]);
    for (_, figure, summary, _) in FIGURES {
        let scale = if is_percent(figure) { PERCENT } else { 1.0 };
        let numbers = summary(run).map(|summary| six(summary, scale));
        machine.figures.push((figure, numbers.unwrap_or_default()));
    }
    let health = &run.health;
    let (strain, board) = (&health.strain, &health.board);
    let spread = |spread: Option<Spread>| spread.map_or_else(Vec::new, three);
    let swap = strain.swap.map_or_else(Vec::new, |swap| {
        counts(&[("total", swap.total), ("used_at_most", swap.at_most)])
    });
    let gained = strain.vmstat.iter().flatten();
    let gained = gained.zip(vmstat::NAMES);
    let gained = gained.map(|(count, name)| (name, count.map(|count| count as f64)));
    let alarm = board.undervoltage.map_or_else(Vec::new, |(low, known)| {
        counts(&[("known", known), ("low", low)])
    });
    machine.figures.extend(vec![
        ("load", load(strain)),
        ("swap_kib", swap),
        ("vmstat_gained", gained.collect()),
        ("temperature_celsius", spread(board.temperature)),
        ("requested_mhz", spread(board.requested_mhz)),
        ("throttled_readings", throttled(board)),
        ("supply_alarm_readings", alarm),
        ("storage_begin", stored(run, false)),
        ("storage_end", stored(run, true)),
        ("cpu_time_s", cpu_time(run)),
        ("recorder", recorder(run)),
        ("quality", quality(run)),
        ("remarks", remarks(run)),
    ]);
    machine
}

fn remarks(run: &Run) -> Vec<Number> {
    let [invalid, cautions, notes] = Grade::ALL.map(|grade| {
        let findings = run.findings.iter();
        findings.filter(|finding| finding.grade == grade).count() as u64
    });
    counts(&[
        ("warnings", invalid + cautions),
        ("notes", notes),
        ("invalid", invalid),
        ("cautions", cautions),
    ])
}

fn load(strain: &Strain) -> Vec<Number> {
    let Some(load) = &strain.load else {
        return Vec::new();
    };
    let [one, five, fifteen] = load.end.map(Some);
    vec![
        ("mean", Some(load.mean)),
        ("max", Some(load.max)),
        ("end_1_min", one),
        ("end_5_min", five),
        ("end_15_min", fifteen),
    ]
}

fn throttled(board: &Board) -> Vec<Number> {
    let Some(throttled) = &board.throttled else {
        return Vec::new();
    };
    let [under_voltage, capped, slowed, soft] = throttled.now;
    counts(&[
        ("known", throttled.known),
        ("under_voltage", under_voltage),
        ("frequency_capped", capped),
        ("throttled", slowed),
        ("soft_temperature_limit", soft),
        ("bits_before", throttled.before),
        ("bits_during", throttled.during),
    ])
}

/// Findings are subjects too, so that csv can be filtered by them.
fn finding(finding: &Finding) -> Subject<'_> {
    Subject::new(FINDINGS, finding.name.as_bytes())
        .with(finding.grade.name(), counts(&[("count", 1)]))
}

fn counts(all: &[(&'static str, u64)]) -> Vec<Number> {
    let number = |(name, count): &(_, u64)| (*name, Some(*count as f64));
    all.iter().map(number).collect()
}

fn six(summary: &Summary, scale: f64) -> Vec<Number> {
    let scaled = |value: f64| Some(value * scale);
    vec![
        ("count", Some(summary.count as f64)),
        ("min", scaled(summary.min)),
        ("median", scaled(summary.median)),
        ("mean", scaled(summary.mean)),
        ("p95", scaled(summary.p95)),
        ("max", scaled(summary.max)),
    ]
}

fn three(spread: Spread) -> Vec<Number> {
    vec![
        ("min", Some(spread.min)),
        ("median", Some(spread.median)),
        ("max", Some(spread.max)),
    ]
}

/// The file systems; which disks they are on, by their numbers, says nothing here.
fn stored(run: &Run, end: bool) -> Vec<Number> {
    let Some(storage) = &run.health.storage else {
        return Vec::new();
    };
    let value = |field| match end {
        true => storage.last(field),
        false => storage.first(field),
    };
    let names = storage::NAMES.iter().enumerate();
    let names = names.filter(|(at, _)| !matches!(*at, storage::ROOT_DISK | storage::LOG_DISK));
    let number = |(at, name): (usize, &&'static str)| (*name, value(at).map(|n| n as f64));
    names.map(number).collect()
}

fn cpu_time(run: &Run) -> Vec<Number> {
    let account = &run.account;
    if run.header.clk_tck == 0 {
        return Vec::new();
    }
    let seconds = |ticks: f64| Some(ticks / run.header.clk_tck as f64);
    let unattributed = account.busy as f64 - account.accounted() as f64;
    let named = [
        ("busy", account.busy),
        ("sampled", account.sampled),
        ("reaped", account.reaped),
        ("orphans", account.orphans),
        ("irq", account.irq),
        ("softirq", account.softirq),
        ("steal", account.steal),
    ];
    let named = named.map(|(name, ticks)| (name, seconds(ticks as f64)));
    let rest = [("unattributed", seconds(unattributed))];
    let mut all: Vec<Number> = named.into_iter().chain(rest).collect();
    if run.ended.is_told() {
        all.push(("ended", seconds(account.ended as f64)));
        all.push(("ending", seconds(account.ending as f64)));
    }
    all
}

fn recorder(run: &Run) -> Vec<Number> {
    let cost = &run.quality.cost;
    let numbers = [
        ("cpu_us", cost.cpu.map(|cpu| cpu.used_us)),
        ("cpu_over_us", cost.cpu.map(|cpu| cpu.over_us)),
        ("pss_kib", cost.pss_kib),
        ("descriptors", cost.descriptors),
        ("written_bytes", cost.written_bytes),
    ];
    let exits = run.ended.is_told().then_some(("exits_kib", cost.exits_kib));
    let number = |(name, number): (_, Option<u64>)| (name, number.map(|n| n as f64));
    numbers.into_iter().chain(exits).map(number).collect()
}

fn quality(run: &Run) -> Vec<Number> {
    let quality = &run.quality;
    let losses = &quality.losses;
    let mut numbers = counts(&[
        ("ended", u64::from(quality.footer.is_some())),
        ("damaged_places", losses.damaged),
        ("damaged_bytes", losses.damaged_bytes),
        ("lost_samples", losses.lost),
        ("unwritten_samples", losses.unwritten),
        ("write_errno", losses.write_errno),
        ("repeated_samples", losses.repeated),
        ("headless_samples", losses.headless),
        ("overwritten_samples", losses.overwritten),
        ("missed_deadlines", quality.missed),
        ("unreadable_processes", quality.unreadable),
        ("left_out_processes", quality.left_out),
        ("not_read_processes", quality.not_read),
        ("never_sampled_tasks", run.account.never_sampled()),
        ("implausible_cpu_intervals", quality.implausible_cpu),
        ("dropped_temperatures", run.health.board.temp_dropped),
        ("dropped_clocks", run.health.board.khz_dropped),
        ("dropped_throttled", run.health.board.throttled_dropped),
        ("clock_set_times", quality.clock_set),
        ("suspended_times", quality.suspends),
        ("suspended_ms", quality.suspended_ms),
        ("pss_figures", quality.pss_figures),
        ("pss_estimates", quality.pss_estimates),
        ("pss_stale", quality.pss_stale),
    ]);
    numbers.push(("clock_stepped_ms", Some(quality.stepped_ms as f64)));
    numbers.push(("clock_farthest_ms", Some(quality.farthest_ms as f64)));
    numbers
}

/// As many decimals as say something: CPU is known to the thousandth of a percent.
pub(crate) fn rounded(value: f64) -> f64 {
    let thousandths = (value * 1000.0).round() / 1000.0;
    // No -0.
    thousandths + 0.0
}
