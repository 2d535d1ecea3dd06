//! How far estimated PSS is from PSS that is read at the same moment.

use super::options::Options;
use super::population::Population;
use super::table::{self, Goal};
use super::Failure;
use edgebench_lite::log::fields::process;
use edgebench_lite::log::model::Process;
use edgebench_lite::log::record::PssMode;
use edgebench_lite::proc::root::Root;
use edgebench_lite::sampler::{self, Clocks, RecorderFigures, Sampler};
use edgebench_lite::system::clock::boottime_ns;
use nix::unistd::{sysconf, SysconfVar};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Workers of the server beside the population, the second time.
const WORKERS: usize = 8;
/// Of smaller processes a page or two are several percent. KiB.
const FROM_KIB: u64 = 4 << 10;
const SECOND_NS: u64 = 1_000_000_000;

/// Relative errors, in percent.
#[derive(Default)]
struct Errors {
    /// Of each estimate of a process above 4 MiB.
    processes: Vec<f64>,
    /// Of the sum over all processes, in each sample.
    sums: Vec<f64>,
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let workers = match options.prefork {
        0 => WORKERS,
        workers => workers,
    };
    for workers in [0, workers] {
        let _population = Population::start(options.n, workers)?;
        let mut errors = measure(options.log_to)?;
        println!(
            "{} processes, {workers} workers that share 32 MB; {} estimates, {} samples",
            options.n,
            errors.processes.len(),
            errors.sums.len()
        );
        let [mean, p99, max] = figures(&mut errors.processes);
        let [sum_mean, _, sum_max] = figures(&mut errors.sums);
        let plain = [
            Goal::new("processes above 4 MB, mean error", mean, 0.3, "%"),
            Goal::new("p99", p99, 2.0, "%"),
            Goal::new("max", max, 5.0, "%"),
            Goal::new("sum over all processes, mean error", sum_mean, 0.3, "%"),
        ];
        let shared = [
            Goal::new("sum over all processes, mean error", sum_mean, 2.0, "%"),
            // The goal allows more for one sample after a change.
            Goal::new("max", sum_max, 2.0, "%"),
        ];
        table::print(if workers == 0 { &plain } else { &shared });
        println!();
    }
    Ok(())
}

/// Takes a sample a second, and reads the PSS of every process right behind it.
fn measure(seconds: u64) -> Result<Errors, Failure> {
    let page_size = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
    let page_size = page_size.map_or(4096, |size| size as u64);
    let options = sampler::Options {
        pss: PssMode::Auto,
        capacity: 4096,
        interval_ns: SECOND_NS,
        page_size,
        pss_budget_ns: 10_000_000,
        kept_descriptors: 256,
    };
    let root = Root::open(Path::new("/")).map_err(|error| format!("/proc: {error}"))?;
    let start = boottime_ns();
    let now = |at_ns: u64| Clocks {
        boottime_ns: at_ns,
        monotonic_ns: at_ns,
        ..Clocks::default()
    };
    let mut sampler = Sampler::new(root, options, now(start)).map_err(|e| e.to_string())?;
    let mut errors = Errors::default();
    for tick in 0..=seconds {
        let due = start + tick * SECOND_NS;
        sleep(Duration::from_nanos(due.saturating_sub(boottime_ns())));
        let sampled = sampler.sample(&now(boottime_ns()), tick, RecorderFigures::default());
        sampled.map_err(|error| error.to_string())?;
        let (mut estimated, mut read) = (0, 0);
        for process in sampler.slots().iter().flatten() {
            let Some((estimate, truth)) = compared(process, page_size / 1024) else {
                continue;
            };
            let was_read = process.values[process::PSS_AT] == tick;
            let estimate = if was_read { truth } else { estimate };
            if !was_read && truth > FROM_KIB {
                errors.processes.push(error(estimate, truth));
            }
            estimated += estimate;
            read += truth;
        }
        errors.sums.push(error(estimated, read));
    }
    Ok(errors)
}

/// The PSS that was sampled, and the one that is read now, KiB. In between the resident
/// set may have moved, which is no fault of the estimate.
fn compared(process: &Process, page_kib: u64) -> Option<(u64, u64)> {
    let stat = fs::read(format!("/proc/{}/stat", process.pid)).ok()?;
    let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", process.pid)).ok()?;
    let name_end = stat.iter().rposition(|&byte| byte == b')')?;
    let fields = String::from_utf8_lossy(&stat[name_end + 1..]).into_owned();
    // proc_pid_stat(5): the state, field 3, is the first here, and rss field 24.
    let rss: u64 = fields.split_whitespace().nth(21)?.parse().ok()?;
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let truth = pss.trim().strip_suffix(" kB")?.parse().ok()?;
    let then = process.pss_kib()? + rss * page_kib;
    let moved = then.saturating_sub(process.values[process::RSS] * page_kib);
    Some((moved, truth))
}

fn error(estimate: u64, truth: u64) -> f64 {
    100.0 * estimate.abs_diff(truth) as f64 / truth.max(1) as f64
}

/// Mean, 99th percentile and maximum.
fn figures(errors: &mut [f64]) -> [f64; 3] {
    errors.sort_unstable_by(f64::total_cmp);
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let rank = errors.len() - errors.len() / 100;
    let at = |rank: usize| {
        errors
            .get(rank.wrapping_sub(1))
            .copied()
            .unwrap_or(f64::NAN)
    };
    [mean, at(rank), at(errors.len())]
}
