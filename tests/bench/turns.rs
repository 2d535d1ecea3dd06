//! The floors and the recorder, in turn, on one population.

use super::measure::{Figures, Run};
use super::options::Options;
use super::population::Population;
use super::scratch::Scratch;
use super::table::{self, verdict, Goal};
use super::{growth, roles, Failure};
use nix::unistd::{sysconf, SysconfVar};
use std::fs;
use std::path::Path;
use std::process::Command;

/// A mode of the recorder, its floor, and how often over the floor and the
/// machine's files together it may be.
const MODES: [(&str, &str, f64); 3] = [
    ("auto", "best", 0.75),
    ("exact", "exact", 1.1),
    ("off", "stat", 0.65),
];
const FLOORS: [&str; 4] = ["machine", "stat", "best", "exact"];

/// The best of several runs.
#[derive(Debug, Clone, Copy)]
struct Best {
    name: &'static str,
    figures: Option<Figures>,
}

impl Best {
    /// Noise only ever adds; of the rest, what is most.
    fn note(&mut self, new: Figures) {
        let best = self.figures.get_or_insert(new);
        best.cpu_us_per_sample = best.cpu_us_per_sample.min(new.cpu_us_per_sample);
        best.processes = best.processes.max(new.processes);
        best.pss_kib = best.pss_kib.max(new.pss_kib);
        best.descriptors = best.descriptors.max(new.descriptors);
    }
}

pub fn run(options: &Options) -> Result<(), Failure> {
    let scratch = Scratch::new()?;
    let population = Population::start(options.n, options.prefork)?;
    introduce(options);
    let unmeasured = |name| Best {
        name,
        figures: None,
    };
    let mut floors = FLOORS.map(unmeasured);
    let mut modes = MODES.map(|(mode, ..)| unmeasured(mode));
    for _ in 0..options.reps {
        for floor in &mut floors {
            let run = Run::start(roles::command("floor")?.arg(floor.name))?;
            floor.note(run.measure(options.warm, options.secs)?);
        }
        for mode in &mut modes {
            let log = scratch.fresh("cost.ebl");
            let run = Run::start(&mut record(&options.binary, mode.name, &log))?;
            mode.note(run.measure(options.warm, options.secs)?);
        }
    }
    print_floors(&floors);
    print_modes(&floors, &modes);
    let log = scratch.fresh("growth.ebl");
    let mut run = Run::start(&mut record(&options.binary, "auto", &log))?;
    let bytes = growth::bytes_per_sample(&mut run, &log, options.log_from, options.log_to)?;
    drop(run);
    drop(population);
    let program = std::fs::read(&options.binary);
    print_goals(
        &modes,
        bytes,
        program.map_or(true, |program| is_static(&program)),
    );
    Ok(())
}

/// Longer than it is let run.
fn record(binary: &Path, pss: &str, log: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["record", "-q", "--duration", "10h", "--interval", "1s"])
        .args(["--pss", pss, "--output"])
        .arg(log);
    command
}

fn introduce(options: &Options) {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let runs = (FLOORS.len() + MODES.len()) * options.reps;
    let seconds = runs as u64 * (options.secs + 1) + options.log_to + 15;
    println!("{}", options.binary.display());
    println!(
        "Linux {} {}, {cores} cores, load {}; {} processes; best of {} runs, seconds {} to {} of \
         each; this takes {} min",
        kernel.trim(),
        std::env::consts::ARCH,
        load.split(' ').next().unwrap_or_default(),
        options.n + options.prefork,
        options.reps,
        options.warm,
        options.secs,
        seconds.div_ceil(60)
    );
}

/// us a sample, and that over the processes.
fn cost(best: &Best) -> (f64, f64) {
    let Some(figures) = best.figures else {
        return (f64::NAN, f64::NAN);
    };
    let us = figures.cpu_us_per_sample;
    (us, us / figures.processes as f64)
}

fn print_floors(floors: &[Best]) {
    println!(
        "\n{:<14} {:>14} {:>10}",
        "floor", "us/process-smp", "% of core"
    );
    for floor in floors {
        let (us, each) = cost(floor);
        println!("{:<14} {each:>14.2} {:>10.3}", floor.name, us / 1e4);
    }
}

fn print_modes(floors: &[Best], modes: &[Best]) {
    let floor = |name| {
        let found = floors.iter().find(|floor| floor.name == name);
        found.map_or(f64::NAN, |floor| cost(floor).0)
    };
    println!(
        "\n{:<14} {:>14} {:>10}  {:<16} {:>9} {:>7} {:>6}",
        "record", "us/process-smp", "% of core", "floor", "ratio", "goal", ""
    );
    for (mode, (_, name, most)) in modes.iter().zip(MODES) {
        let (us, each) = cost(mode);
        let ratio = us / (floor(name) + floor("machine"));
        println!(
            "{:<14} {each:>14.2} {:>10.3}  {:<16} {ratio:>9.2} {most:>7.2} {:>6}",
            format!("--pss {}", mode.name),
            us / 1e4,
            format!("{name} + machine"),
            verdict(ratio, most)
        );
    }
}

/// Bytes of the log for a process and sample.
const LOG_BYTES: f64 = 1.15;

fn print_goals(modes: &[Best], bytes: f64, is_static: bool) {
    let Some(figures) = modes[0].figures else {
        return;
    };
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
    let page_kib = page.map_or(4, |page| page as usize / 1024);
    let pss = figures.pss_kib as f64;
    // The same memory is touched, but each larger page that holds some of it counts whole:
    // of an x86_64 program, page by page (/proc/PID/pagemap), 556 KiB lay in 752 KiB of
    // pages of 16 KiB. Of the 196 more, 168 are the process table and the buffers, the rest
    // code, data, heap and stack. The descriptors kept are fewer there: their pages stay
    // within 1 MiB.
    let own_pss = if page_kib > 4 { 960.0 } else { 720.0 };
    let kept = (figures.descriptors * page_kib) as f64;
    let processes = figures.processes as f64;
    let with_pages = format!(
        "with a page for each of {} descriptors",
        figures.descriptors
    );
    let of_static = |what: &str, value, most| Goal {
        compared: is_static,
        ..Goal::new(what, value, most, "kB")
    };
    println!();
    table::print(&[
        of_static("own PSS (of the static build)", pss, own_pss),
        of_static(&with_pages, pss + kept, 2.5 * 1024.0),
        Goal::new(
            &format!("log, a sample of {processes} processes"),
            bytes,
            LOG_BYTES * processes + 64.0,
            "bytes",
        ),
        Goal::new(
            "log, a process and sample, beyond 64 bytes a sample",
            (bytes - 64.0) / processes,
            LOG_BYTES,
            "bytes",
        ),
    ]);
}

/// Whether an ELF file of 64 bits asks for no interpreter (PT_INTERP), elf(5).
fn is_static(program: &[u8]) -> bool {
    const INTERP: u64 = 3;
    let number = |at: usize, len: usize| {
        let bytes = program.get(at..at + len).unwrap_or_default();
        bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    };
    let (begin, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).all(|nth| number((begin + nth * size) as usize, 4) != INTERP)
}
