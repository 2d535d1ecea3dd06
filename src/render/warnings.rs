//! What must be known to take the figures of a run for what they are: each a
//! sentence or two, with its figures. A warning says that the run may not be valid,
//! a note that something is not as one may think.

mod circumstances;

use super::escape::escaped;
use super::figures::{counted, percent, share, span};
use super::style::{wrapped, Style};
use crate::log::record::{End, PssMode, Synchronised};
use crate::proc::release::under_reports_smaps_rollup;
use crate::series::{Memory, Options, Run};
use std::io::{self, Write};

/// So many samples are a run.
const LEAST_SAMPLES: u64 = 60;
/// A part of the deadlines, or of the PSS figures, that may be missed, or stale,
/// before the figures suffer, in percent.
const FEW: u64 = 1;

#[derive(Debug, Default)]
pub struct Remarks {
    pub warnings: Vec<String>,
    pub notes: Vec<String>,
}

impl Remarks {
    pub fn of(run: &Run, options: &Options) -> Self {
        let mut remarks = Self::default();
        if run.samples == 0 {
            remarks.warn("No figures: the run has no sample that can be read.");
        } else {
            remarks.length(run);
            circumstances::remark(run, &mut remarks);
            remarks.processes(run, options);
        }
        remarks.completeness(run);
        remarks.clocks(run);
        remarks
    }

    fn warn(&mut self, sentence: impl Into<String>) {
        self.warnings.push(sentence.into());
    }

    fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    /// As a warning or as a note.
    fn say(&mut self, grave: bool, sentence: impl Into<String>) {
        match grave {
            true => self.warn(sentence),
            false => self.note(sentence),
        }
    }

    /// Writes them, the warnings first.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if !(self.warnings.is_empty() && self.notes.is_empty()) {
            writeln!(out)?;
        }
        for (kind, all) in [("warning: ", &self.warnings), ("note: ", &self.notes)] {
            for sentence in all {
                wrapped(out, style.width, kind, 2, sentence)?;
            }
        }
        Ok(())
    }

    fn length(&mut self, run: &Run) {
        if run.samples < LEAST_SAMPLES {
            let samples = counted(run.samples, "sample", "samples");
            self.warn(format!(
                "The run is short: {samples} in {}; {LEAST_SAMPLES} at least are needed for figures \
                 that repeat.",
                span(run.duration_us)
            ));
        }
        let health = &run.health;
        if let Some(trend) = health.cpu_trend {
            self.warn(format!(
                "CPU had not settled: median {} % in the first third of the run, {} % in the last, \
                 where either moves by {} % (interquartile range). Wait, or record longer.",
                percent(trend.first),
                percent(trend.last),
                percent(trend.range)
            ));
        }
        if let Some(trend) = health.memory_trend {
            let mib = |kib: f64| super::figures::mib(kib);
            self.warn(format!(
                "Memory had not settled: median {} MiB in the first third of the run, {} MiB in the \
                 last, where either moves by {} MiB (interquartile range). Wait, or record longer.",
                mib(trend.first),
                mib(trend.last),
                mib(trend.range)
            ));
        }
        self.implausible(run);
        if run.samples == 1 {
            self.note("No CPU figure: one sample has no interval.");
        } else if run.cpu.is_none() {
            self.note("No CPU figure: no interval has one.");
        }
        if run.memory_kib.is_none() {
            self.note("No memory figure: the kernel did not say what is available.");
        }
    }

    /// What the kernel said and cannot be.
    fn implausible(&mut self, run: &Run) {
        let cpu = run.quality.implausible_cpu;
        if cpu > 0 {
            let intervals = run.samples.saturating_sub(1);
            let all = counted(intervals, "interval", "intervals");
            self.say(
                percent_of(cpu, intervals) >= FEW,
                format!(
                    "The kernel's CPU times fell, or grew faster than the clock, in {cpu} of {all}: \
                     the cores concerned are left out of these."
                ),
            );
        }
    }

    /// What is not there of the processes, or is not what it is taken for.
    fn processes(&mut self, run: &Run, options: &Options) {
        let quality = &run.quality;
        if options.memory == Memory::Pss && run.memory == Memory::Rss {
            let why = match run.header.pss {
                PssMode::Off => "PSS was not recorded",
                PssMode::Exact | PssMode::Auto => "PSS could not be read of any process",
            };
            self.note(format!(
                "{why}: processes are shown with RSS, in which shared pages count for each."
            ));
        }
        if run.memory == Memory::Pss {
            let release = run.header.release.as_bytes();
            if under_reports_smaps_rollup(release) {
                self.warn(format!(
                    "Linux {} may report too little PSS for a process that maps memory while it is \
                     read, unless the distribution has mended it (commit 6d065f507d82, in 6.6.34, \
                     6.9.5 and 6.10).",
                    escaped(release)
                ));
            }
        }
        if quality.unreadable > 0 {
            let count = counted(quality.unreadable, "process", "processes");
            // Root may lack the capability, in a container for one.
            let how = match run.header.euid {
                0 => "run with CAP_SYS_PTRACE",
                _ => "run as root, or with CAP_SYS_PTRACE",
            };
            self.note(format!(
                "The memory of {count} could not be read: {how}, to see it."
            ));
        }
        if quality.left_out > 0 {
            let were = counted(quality.left_out, "process was", "processes were");
            self.warn(format!(
                "{were} left out, at most at one time: the recorder's table was full \
                 (the largest are followed)."
            ));
        }
        let left_out = run.health.devices.left_out;
        if left_out > 0 {
            let were = counted(left_out, "device was", "devices were");
            self.note(format!(
                "{were} left out: no more disks and interfaces are recorded than 64."
            ));
        }
        if run.memory == Memory::Pss {
            let part = |figures| share(figures, quality.pss_figures);
            if quality.pss_stale > 0 {
                let many = percent_of(quality.pss_stale, quality.pss_figures) >= FEW;
                self.say(
                    many,
                    format!(
                        "{} % of the PSS figures are stale: they were due to be read, and the \
                         recorder's budget was used up (--pss-budget).",
                        part(quality.pss_stale)
                    ),
                );
            }
            if quality.pss_estimates > 0 {
                self.note(format!(
                    "{} % of the PSS figures are estimates: PSS when last read, and what RSS grew \
                     by since.",
                    part(quality.pss_estimates)
                ));
            }
        }
        if run.uncertain {
            self.note(
                "So many processes came and went that the tables may lack a name that came again.",
            );
        }
    }

    /// What of the run is not in the log.
    fn completeness(&mut self, run: &Run) {
        let quality = &run.quality;
        match quality.footer.as_ref().map(|footer| footer.end) {
            None => self.note("The run was cut off: its end is not in the log."),
            Some(End::Signal) => self.note("The run was ended by a signal."),
            Some(End::Failure) => self.warn("The recorder failed before the run's end."),
            Some(End::Duration) => {}
        }
        if quality.missed > 0 {
            let due = run.samples.saturating_add(quality.missed);
            let many = percent_of(quality.missed, due) >= FEW;
            let deadlines = counted(due, "deadline", "deadlines");
            self.say(
                many,
                format!(
                    "{} of {deadlines} passed without a sample: the machine was too busy, or \
                     slept.",
                    quality.missed
                ),
            );
        }
        if quality.damaged > 0 {
            let places = counted(quality.damaged, "place", "places");
            let bytes = counted(quality.damaged_bytes, "byte", "bytes");
            let samples = counted(quality.lost, "sample", "samples");
            let torn = if quality.torn {
                "; it ends in the middle of a record"
            } else {
                ""
            };
            self.warn(format!(
                "The log is damaged in {places}, {bytes}: {samples} lost{torn}."
            ));
        } else if quality.lost > 0 {
            let were = counted(quality.lost, "sample was", "samples were");
            self.warn(format!("{were} lost: the log has a gap."));
        }
        if let Some(version) = quality.newer {
            self.warn(format!(
                "A part of the log is in version {version} of the format, and was passed over."
            ));
        }
        if quality.overwritten > 0 {
            let count = counted(quality.overwritten, "interval", "intervals");
            self.note(format!(
                "The first {count} of the run were overwritten: the log was bounded in size."
            ));
        }
    }

    fn clocks(&mut self, run: &Run) {
        let quality = &run.quality;
        if run.header.synchronised == Synchronised::No {
            self.note(
                "The kernel says that the clock was unsynchronised at the start: the start time may \
                 be wrong.",
            );
        }
        if quality.clock_set > 0 {
            let times = counted(quality.clock_set, "time", "times");
            let sign = if quality.stepped_ms < 0 { "-" } else { "+" };
            let far = span(quality.stepped_ms.unsigned_abs().saturating_mul(1000));
            self.note(format!(
                "The clock was set during the run, {times}, {sign}{far} in all: no figure depends \
                 on it."
            ));
        }
        if quality.suspends > 0 {
            let times = counted(quality.suspends, "time", "times");
            let long = span(quality.suspended_ms.saturating_mul(1000));
            self.warn(format!(
                "The board slept {times}, {long} in all, which no interval includes."
            ));
        }
    }
}

/// A part of a whole in percent, rounded down.
fn percent_of(part: u64, whole: u64) -> u64 {
    let percent = (u128::from(part) * 100).checked_div(u128::from(whole));
    percent.map_or(0, |percent| u64::try_from(percent).unwrap_or(u64::MAX))
}
