//! Looks for the findings about a run.

use super::finding::{is_percent, ClockFinding, Finding, LogFinding};
use super::finding::{MachineFinding, ProcessFinding, RunFinding, LEAST_SAMPLES};
use super::run::{Memory, Options, Run};
use super::stage::Stage;
use crate::log::fields::board::{feature, throttled};
use crate::log::fields::device::disk::{SECTORS_WRITTEN, SECTOR_BYTES};
use crate::log::fields::{storage, vmstat};
use crate::log::record::{End, Synchronised};
use crate::proc::capabilities::Privilege;
use crate::proc::release::under_reports_smaps_rollup;

/// From this median CPU on, milli-percent of all cores, a baseline leaves no room in
/// which the CPU of the edge software could show.
const BUSY_BASELINE: f64 = 90_000.0;
/// From this mean CPU on, milli-percent of all cores, it matters which processes use it.
const BUSY: f64 = 5_000.0;
/// The share of the busy time, percent, that may remain unattributed.
const UNATTRIBUTED: u64 = 20;

/// All findings about a run, in the order in which they are shown within a grade.
pub(super) fn diagnose(run: &Run, options: &Options) -> Vec<Finding> {
    let mut found = Vec::new();
    if run.samples > 0 {
        found.extend(of_run(run).into_iter().map(Finding::Run));
        found.extend(of_machine(run).into_iter().map(Finding::Machine));
        let processes = of_processes(run, options);
        found.extend(processes.into_iter().map(Finding::Processes));
    } else {
        found.push(Finding::Run(RunFinding::NoSample));
    }
    found.extend(of_log(run).into_iter().map(Finding::Log));
    found.extend(of_clocks(run).into_iter().map(Finding::Clocks));
    found
}

fn of_run(run: &Run) -> Vec<RunFinding> {
    let mut found = Vec::new();
    if run.samples < LEAST_SAMPLES {
        found.push(RunFinding::Short {
            samples: run.samples,
            duration_us: run.duration_us,
        });
    }
    let stage = Stage::of(&run.header.stage);
    // A ramp starts more and more: it is not meant to settle.
    if stage != Stage::Ramp {
        found.extend(run.health.cpu_trend.map(RunFinding::CpuUnsettled));
        found.extend(run.health.memory_trend.map(RunFinding::MemoryUnsettled));
    }
    match &run.cpu {
        None if run.samples == 1 => found.push(RunFinding::OneSample),
        None => found.push(RunFinding::NoCpu),
        Some(cpu) if stage == Stage::Baseline && cpu.median >= BUSY_BASELINE => {
            found.push(RunFinding::BusyBaseline(cpu.median));
        }
        Some(_) => {}
    }
    match run.quality.too_much_available {
        0 if run.memory_kib.is_none() => found.push(RunFinding::NoMemory),
        0 => {}
        samples => found.push(RunFinding::TooMuchAvailable {
            samples,
            of: run.samples,
        }),
    }
    found.extend(RunFinding::of_stage(&run.header.stage));
    found
}

fn of_machine(run: &Run) -> Vec<MachineFinding> {
    let mut found = Vec::new();
    throttling(run, &mut found);
    found.extend(swap(run));
    let counts = run.health.strain.vmstat;
    if let Some(kills @ 1..) = counts.and_then(|counts| counts[vmstat::OOM_KILL]) {
        found.push(MachineFinding::OomKills(kills));
    }
    if run.quality.implausible_cpu > 0 {
        found.push(MachineFinding::ImplausibleCpu {
            intervals: run.quality.implausible_cpu,
            of: run.samples.saturating_sub(1),
        });
    }
    let board = &run.health.board;
    if board.temp_dropped > 0 || board.khz_dropped > 0 || board.throttled_dropped > 0 {
        found.push(MachineFinding::SensorsImplausible {
            temperatures: board.temp_dropped,
            clocks: board.khz_dropped,
            throttled: board.throttled_dropped,
        });
    }
    if run.quality.hugetlb_kib > 0 {
        found.push(MachineFinding::HugePages(run.quality.hugetlb_kib));
    }
    found.extend(log_on_card(run));
    found.extend(others(run));
    if matches!(board.psi, Some(feature::ABSENT | feature::OFF)) {
        found.push(MachineFinding::NoPressure);
    }
    match board.memory_cgroup {
        Some(feature::OFF) => found.push(MachineFinding::MemoryCgroupsOff),
        Some(feature::ABSENT) => found.push(MachineFinding::NoMemoryCgroups),
        _ => {}
    }
    found
}

fn throttling(run: &Run, found: &mut Vec<MachineFinding>) {
    let board = &run.health.board;
    let throttled = board.throttled.unwrap_or_default();
    let happened = (0..4).filter(|bit| throttled.happened(*bit));
    let bits: u64 = happened.map(|bit| 1 << bit).sum();
    if let Some((readings @ 1.., known)) = board.undervoltage {
        if bits & throttled::UNDERVOLTAGE == 0 {
            found.push(MachineFinding::Undervoltage { readings, known });
        }
    }
    if bits != 0 {
        found.push(MachineFinding::HeldBack {
            bits,
            readings: throttled.now.into_iter().max().unwrap_or(0),
            known: throttled.known,
        });
    }
    let before = throttled.before & !bits;
    if before != 0 {
        found.push(MachineFinding::HeldBackBefore { bits: before });
    }
}

fn swap(run: &Run) -> Option<MachineFinding> {
    let strain = &run.health.strain;
    let moved = |field: usize| {
        let pages = strain.vmstat.and_then(|counts| counts[field])?;
        Some(pages.saturating_mul(run.header.page_size))
    };
    let swap = strain.swap.filter(|swap| swap.at_most > 0)?;
    Some(MachineFinding::SwapUsed {
        used_kib: swap.at_most,
        total_kib: swap.total,
        in_bytes: moved(vmstat::PSWPIN),
        out_bytes: moved(vmstat::PSWPOUT),
    })
}

/// Writing the log to the SD card or eMMC that the system runs from adds to what is
/// measured.
fn log_on_card(run: &Run) -> Option<MachineFinding> {
    let health = &run.health;
    let storage = health.storage.as_ref()?;
    let (root, log) = (
        storage.last(storage::ROOT_DISK),
        storage.last(storage::LOG_DISK),
    );
    let in_memory = storage.last(storage::LOG_IN_MEMORY) == Some(1);
    let together = storage.last(storage::LOG_ON_ROOT) == Some(1) || root.is_none() || root == log;
    let card = health.devices.numbered(log?)?;
    let is_card = card.device.name.starts_with(b"mmcblk");
    (is_card && together && !in_memory).then(|| MachineFinding::LogOnCard {
        card: card.device.name.clone(),
        log_bytes: health.devices.own_written_bytes,
        written_bytes: card.counts[SECTORS_WRITTEN].saturating_mul(SECTOR_BYTES),
    })
}

/// Inside a container or a PID namespace, /proc/stat counts the whole machine, but /proc
/// lists only the namespace's own processes.
fn others(run: &Run) -> Option<MachineFinding> {
    let busy = run.account.busy;
    let unattributed = busy.saturating_sub(run.account.accounted());
    let is_busy = run.cpu.as_ref().is_some_and(|cpu| cpu.mean >= BUSY);
    let is_blind = !run.quality.kernel_threads && !run.quality.hidden;
    (is_busy && is_blind && is_percent(unattributed, busy, UNATTRIBUTED))
        .then_some(MachineFinding::OthersUnseen { unattributed, busy })
}

fn of_processes(run: &Run, options: &Options) -> Vec<ProcessFinding> {
    let mut found = Vec::new();
    let quality = &run.quality;
    let failed = quality.not_read > 0;
    let release = &run.header.release;
    let privilege = Privilege {
        euid: run.header.euid,
        cap_eff: quality.cap_eff,
    };
    if options.memory == Memory::Pss && run.memory == Memory::Rss {
        found.push(ProcessFinding::NoPss(run.header.pss));
    }
    if run.memory == Memory::Pss && under_reports_smaps_rollup(release.as_bytes()) {
        found.push(ProcessFinding::UnderReported {
            release: release.clone(),
        });
    }
    if quality.hidden {
        found.push(ProcessFinding::Hidden(privilege));
    } else if quality.unreadable > 0 {
        found.push(ProcessFinding::Unreadable {
            processes: quality.unreadable,
            one: quality.unreadable_process.clone(),
            privilege,
        });
    }
    let (left_out, not_read) = (quality.left_out, quality.not_read);
    let devices = run.health.devices.left_out;
    found.extend((left_out > 0).then_some(ProcessFinding::LeftOut(left_out)));
    found.extend((not_read > 0).then_some(ProcessFinding::NotRead(not_read)));
    found.extend((devices > 0).then_some(ProcessFinding::DevicesLeftOut(devices)));
    let (stale, estimates, of) = (
        quality.pss_stale,
        quality.pss_estimates,
        quality.pss_figures,
    );
    if run.memory == Memory::Pss && stale > 0 {
        found.push(ProcessFinding::StalePss { stale, of, failed });
    }
    if run.memory == Memory::Pss && estimates > 0 {
        found.push(ProcessFinding::EstimatedPss { estimates, of });
    }
    let product = run
        .product
        .as_ref()
        .filter(|product| product.pss_partly > 0);
    found.extend(product.map(|product| ProcessFinding::ProductPartly {
        samples: product.pss_partly,
        of: run.samples,
        denied: product.pss_denied.then_some(privilege),
        failed,
    }));
    found.extend(run.uncertain.then_some(ProcessFinding::TablesUncertain));
    found
}

fn of_log(run: &Run) -> Vec<LogFinding> {
    let quality = &run.quality;
    let losses = &quality.losses;
    let mut found = Vec::new();
    match quality.footer.as_ref().map(|footer| footer.end) {
        None => found.push(LogFinding::CutOff),
        Some(End::Signal) => found.push(LogFinding::EndedBySignal),
        Some(End::Failure) => found.push(LogFinding::RecorderFailed),
        // The losses tell it.
        Some(End::Duration | End::Unwritten { .. }) => {}
    }
    if quality.missed > 0 {
        found.push(LogFinding::Missed {
            deadlines: quality.missed,
            stopped: quality.stopped.min(quality.missed),
            of: run.samples.saturating_add(quality.missed),
        });
    }
    found.extend(LogFinding::of_losses(losses));
    if losses.overwritten > 0 {
        found.push(LogFinding::Overwritten(losses.overwritten));
    }
    found
}

fn of_clocks(run: &Run) -> Vec<ClockFinding> {
    let quality = &run.quality;
    let mut found = Vec::new();
    if run.header.synchronised == Synchronised::No {
        found.push(ClockFinding::Unsynchronised);
    }
    if quality.clock_set > 0 {
        found.push(ClockFinding::Set {
            times: quality.clock_set,
            by_ms: quality.stepped_ms,
            farthest_ms: quality.farthest_ms,
        });
    }
    if quality.suspends > 0 {
        found.push(ClockFinding::Slept {
            times: quality.suspends,
            ms: quality.suspended_ms,
        });
    }
    found
}
