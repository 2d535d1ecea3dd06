//! The loop: a deadline, a sample, and the wait for the next.

use super::display::Display;
use super::messages::message;
use super::options::Record;
use super::probe::PreparedProbe;
use super::product::Product;
use crate::commands::header::{kept_descriptors, page_size, MachineHeader, RunHeader};
use crate::commands::outcome::Error;
use crate::log::model::Process;
use crate::log::record::End;
use crate::log::writer::Writer;
use crate::proc::root::Root;
use crate::recording::{Listener, Notice, Plan, Recording};
use crate::render::progress::Progress;
use crate::sampler::forks::are_counted;
use crate::sampler::{Clocks, Options, CAPACITY};
use crate::system::signals::{EndSignals, Wake};
use crate::system::{clock, resident};
use std::path::PathBuf;
use std::time::Duration;

const SECOND_NS: u64 = 1_000_000_000;

/// What goes on beside the sampling, apart from a probe.
pub(crate) trait Beside {
    /// The first sample was taken; returns whether the program's code stays in memory.
    fn begin(&mut self, recorder: &mut Recorder<'_>) -> bool;

    /// A sample was taken.
    fn sampled(&mut self, recorder: &mut Recorder<'_>);

    /// Looks after what runs; returns whether there may be more to do at once.
    fn look(&mut self, recorder: &mut Recorder<'_>) -> bool;

    /// When it must be looked after at the latest, on CLOCK_BOOTTIME.
    fn wakes_ns(&self) -> Option<u64>;

    /// A signal came that ends a recording; returns whether this one goes on nevertheless.
    fn outlives_signal(&mut self, recorder: &mut Recorder<'_>) -> bool;

    /// With it the recording is over.
    fn is_over(&self) -> bool;
}

/// Nothing.
impl Beside for () {
    fn begin(&mut self, _: &mut Recorder<'_>) -> bool {
        false
    }

    fn sampled(&mut self, _: &mut Recorder<'_>) {}

    fn look(&mut self, _: &mut Recorder<'_>) -> bool {
        false
    }

    fn wakes_ns(&self) -> Option<u64> {
        None
    }

    fn outlives_signal(&mut self, _: &mut Recorder<'_>) -> bool {
        false
    }

    fn is_over(&self) -> bool {
        false
    }
}

pub(crate) struct Recorder<'c> {
    recording: Recording<'c>,
    path: PathBuf,
    start: Clocks,
    interval_ns: u64,
    /// The deadline at which it ends; `None`: a signal ends it.
    last_tick: Option<u64>,
    duration_s: Option<u64>,
    /// Which processes the product is, where that was found out.
    found: Option<String>,
    display: Display,
}

impl<'c> Recorder<'c> {
    /// Not inlined: its stack is released, and its caller's is not.
    #[inline(never)]
    pub(crate) fn new(
        record: &Record,
        root: Root,
        machine: &MachineHeader,
        writer: Writer,
    ) -> Result<Self, Error> {
        // Before the buffers are there, whose page tables would be copied, and before the
        // recorder's own CPU time counts.
        let forks_are_counted = are_counted(&root);
        let start = Clocks::now();
        let interval = record.interval.0;
        let run = RunHeader {
            product: &record.product.0,
            stage: &record.stage.0,
            interval_us: interval.as_micros() as u64,
            pss: record.pss.0,
            cores: 0,
        };
        let header = machine.header(&run, &start);
        let clk_tck = header.clk_tck;
        let product = Product::of(record, &root);
        let plan = Plan {
            sampler: options(record),
            header,
            product: product.keys,
            redacts: record.redact,
            sync_ns: nanoseconds(record.sync.0),
        };
        let interval_ns = interval.as_micros() as u64 * 1000;
        let duration_ns = Some(nanoseconds(record.duration.0)).filter(|&time| time > 0);
        let path = writer.path().to_path_buf();
        let mut recording = Recording::new(root, plan, start, writer)
            .map_err(|error| Error::new(error.to_string()))?;
        if forks_are_counted {
            recording.sampler().forks_are_counted();
        }
        let last_tick = duration_ns.map(|time| time / interval_ns);
        if let Some(last) = last_tick {
            // The last sample has its time.
            let over_ns = recording
                .deadline(last)
                .saturating_add(interval_ns.max(SECOND_NS));
            recording.sampler().ends_at(over_ns);
        }
        Ok(Self {
            recording,
            path,
            start,
            interval_ns,
            last_tick,
            duration_s: duration_ns.map(|time| time / SECOND_NS),
            found: product.found,
            display: Display::new(record.quiet, clk_tck),
        })
    }

    /// Runs this probe beside the sampling.
    pub(crate) fn probe_with(&mut self, prepared: &'c PreparedProbe<'_>) {
        let probe = prepared.probe(self.start.boottime_ns);
        self.recording.probe_with(probe);
    }

    pub(crate) fn recording(&mut self) -> &mut Recording<'c> {
        &mut self.recording
    }

    /// Records until the time is over or a signal comes.
    ///
    /// # Errors
    /// Where the machine cannot be sampled even once, or the very beginning of the log
    /// not be written.
    ///
    /// Not inlined: the loop stays in memory, which what is done once does not.
    #[inline(never)]
    pub(crate) fn run(
        &mut self,
        signals: &EndSignals,
        beside: &mut dyn Beside,
    ) -> Result<End, Error> {
        let mut tick = 0;
        // What the start, a sync and identities need is not needed in between.
        let mut releases = false;
        loop {
            let now = Clocks::now();
            let (display, path, found) = (&mut self.display, &self.path, &self.found);
            let ticked = self.recording.tick(&now, tick, &mut |notice| {
                display.say(&message(&notice, path));
                if let (Notice::Begun, Some(found)) = (notice, found) {
                    display.say(found);
                }
            });
            ticked.map_err(|error| Error::new(error.to_string()))?;
            releases = match tick {
                0 => !beside.begin(self),
                _ => releases,
            };
            if self.recording.did_more() && releases {
                resident::release();
            }
            beside.sampled(self);
            if self.last_tick != Some(tick) {
                self.telling(Recording::begin_probe);
            }
            self.draw(&now);
            match self.wait(tick, signals, beside) {
                Ok(next) => tick = next,
                Err(end) => return Ok(end),
            }
        }
    }

    /// Waits for the deadline after `tick`, and says which tick it is then; else why
    /// there is none.
    fn wait(
        &mut self,
        tick: u64,
        signals: &EndSignals,
        beside: &mut dyn Beside,
    ) -> Result<u64, End> {
        let last = self.last_tick.unwrap_or(u64::MAX);
        if tick >= last {
            return Err(End::Duration);
        }
        signals.forget_stop();
        // Where samples take longer than the interval, there is no other wait.
        if signals.within(Duration::ZERO) && !beside.outlives_signal(self) {
            return Err(End::Signal);
        }
        let mut is_more = self.look(beside)?;
        let asleep = asleep_ns();
        loop {
            let now = clock::boottime_ns();
            // Deadlines that are over are not made up for.
            let next = self.recording.tick_at(now).max(tick + 1);
            let end = self.recording.deadline(next);
            if now >= end {
                let slept = asleep_ns().saturating_sub(asleep) / self.interval_ns;
                // Nor is the last, and those behind it are none.
                let over = next.min(last.saturating_add(1)) - tick - 1;
                let missed = over.saturating_sub(slept);
                self.recording
                    .miss(missed, missed > 0 && signals.was_stopped());
                return if next <= last {
                    Ok(next)
                } else {
                    Err(End::Duration)
                };
            }
            let wakes = [self.recording.probe_wakes_ns(), beside.wakes_ns()];
            let wake = wakes.into_iter().flatten().fold(end, u64::min);
            let time = if is_more { 0 } else { wake.saturating_sub(now) };
            match signals.wait(Duration::from_nanos(time)) {
                Wake::End if !beside.outlives_signal(self) => return Err(End::Signal),
                Wake::End | Wake::Command | Wake::Time => is_more = self.look(beside)?,
            }
        }
    }

    /// Looks after all that runs; returns whether there may be more to read at once.
    fn look(&mut self, beside: &mut dyn Beside) -> Result<bool, End> {
        let more = [self.telling(Recording::look_after_probe), beside.look(self)];
        match beside.is_over() {
            true => Err(End::Duration),
            false => Ok(more.contains(&true)),
        }
    }

    /// Does something with the recording, of which the user is told.
    pub(crate) fn telling<T>(
        &mut self,
        what: impl FnOnce(&mut Recording<'c>, &mut Listener<'_>) -> T,
    ) -> T {
        let (display, path) = (&mut self.display, &self.path);
        what(&mut self.recording, &mut |notice| {
            display.say(&message(&notice, path));
        })
    }

    fn draw(&mut self, now: &Clocks) {
        let so_far = self.recording.so_far();
        let known = Progress {
            duration_s: self.duration_s,
            samples: so_far.samples,
            missed: so_far.missed,
            late: self.recording.late(),
            written_bytes: self.recording.writer().written(),
            ..Progress::default()
        };
        let machine = self.recording.sampler().machine();
        self.display.draw(now, &self.start, machine, &known);
    }

    /// Ends the log, and says whether all of the run was sampled and written.
    pub(crate) fn finish(&mut self, end: End) -> bool {
        self.telling(|recording, notify| recording.finish(end, notify))
    }

    /// The messages, which go on while the summary is printed.
    pub(crate) fn display(&mut self) -> &mut Display {
        &mut self.display
    }

    pub(crate) fn writer(&self) -> &Writer {
        self.recording.writer()
    }

    /// The log and the messages alone: what sampling kept open is closed.
    pub(crate) fn into_parts(self) -> (Writer, Display) {
        (self.recording.into_writer(), self.display)
    }

    /// The most at one time: processes whose memory may not be read, one of these,
    /// and processes left out.
    pub(crate) fn shortfall(&mut self) -> (u64, Option<&Process>, u64) {
        let so_far = self.recording.so_far();
        let (unreadable, left_out) = (so_far.unreadable, so_far.left_out);
        let one = self.recording.sampler().unreadable_process();
        (unreadable, one, left_out)
    }
}

fn options(record: &Record) -> Options {
    Options {
        pss: record.pss.0,
        capacity: record.capacity.clamp(1, CAPACITY),
        interval_ns: nanoseconds(record.interval.0),
        page_size: page_size(),
        pss_budget_ns: nanoseconds(record.pss_budget.0),
        kept_descriptors: kept_descriptors(),
    }
}

/// How long the board has slept since it was booted.
fn asleep_ns() -> u64 {
    let monotonic = clock::monotonic_ns();
    clock::boottime_ns().saturating_sub(monotonic)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 4)
}
