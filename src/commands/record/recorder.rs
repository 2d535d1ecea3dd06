//! The loop: a deadline, a sample, and the wait for the next.

use super::display::Display;
use super::product::Product;
use super::upkeep::Upkeep;
use super::{Error, Pss, Record};
use crate::commands::clocks::now;
use crate::commands::facts::{kept_descriptors, page_size, Facts, Said};
use crate::log::model::Process;
use crate::log::record::{End, Footer};
use crate::log::writer::Writer;
use crate::log::{Encoder, Instant};
use crate::proc::root::Root;
use crate::render::progress::Progress;
use crate::sampler::{Errors, Now, Options, Own, Sampler, Verdict, CAPACITY};
use crate::system::signals::Ending;
use crate::system::{clock, code};
use std::time::Duration;

/// A sample is late when it begins after more than this part of the interval.
const LATE: u64 = 10;

pub(crate) struct Recorder {
    sampler: Sampler,
    upkeep: Upkeep,
    start: Now,
    interval_ns: u64,
    /// The deadline at which it ends; `None`: a signal ends it.
    last_tick: Option<u64>,
    duration_s: Option<u64>,
    samples: u64,
    missed: u64,
    /// Of those missed, the ones in which the recorder was stopped.
    stopped: u64,
    late: u64,
    latest_us: u64,
    /// The most at one time: unreadable, left out.
    shortfall: (u64, u64),
    /// Samples that could not be taken, and why the last deadline has none.
    untaken: u64,
    blind: Option<String>,
    /// In verify mode.
    errors: Option<Errors>,
    display: Display,
}

impl Recorder {
    pub(crate) fn new(
        record: &Record,
        root: Root,
        facts: &Facts,
        writer: Writer,
    ) -> Result<Self, Error> {
        let start = now();
        let capacity = record.capacity.clamp(1, CAPACITY);
        let options = Options {
            pss: record.pss.mode(),
            capacity,
            interval_ns: nanoseconds(record.interval.0),
            page_size: page_size(),
            pss_budget_ns: nanoseconds(record.pss_budget.0),
            kept_descriptors: kept_descriptors(),
        };
        let product = Product::of(record, &root);
        let mut sampler = match Sampler::new(root, options, start) {
            Ok(sampler) => sampler,
            Err(error) => {
                writer.remove_if_created();
                return Err(Error::new(error.to_string()));
            }
        };
        sampler.log_at(writer.path());
        let interval = record.interval.0;
        let said = Said {
            product: &record.product.0,
            stage: &record.stage.0,
            interval_us: interval.as_micros() as u64,
            pss: record.pss.mode(),
            cores: 0,
        };
        let header = facts.header(&said, &start);
        let clk_tck = header.clk_tck;
        let encoder = Encoder::new(header.run, page_size(), capacity);
        let mut upkeep = Upkeep::new(encoder, writer, header, record.redact);
        upkeep.define(product);
        upkeep.sync_every(record.sync.0);
        let interval_ns = interval.as_micros() as u64 * 1000;
        let duration_ns = Some(nanoseconds(record.duration.0)).filter(|&time| time > 0);
        Ok(Self {
            sampler,
            upkeep,
            start,
            interval_ns,
            last_tick: duration_ns.map(|time| time / interval_ns),
            duration_s: duration_ns.map(|time| time / 1_000_000_000),
            samples: 0,
            missed: 0,
            stopped: 0,
            late: 0,
            latest_us: 0,
            shortfall: (0, 0),
            untaken: 0,
            blind: None,
            errors: matches!(record.pss, Pss::Verify).then(Errors::new),
            display: Display::new(record.quiet, clk_tck),
        })
    }

    /// Records until the time is over or a signal comes.
    ///
    /// # Errors
    /// Where the machine cannot be sampled even once, or the very beginning of the log
    /// not be written.
    pub(crate) fn run(&mut self, ending: &Ending) -> Result<End, Error> {
        let mut tick = 0;
        loop {
            let now = now();
            self.sample(&now, tick)?;
            if tick == 0 {
                code::release();
            }
            self.draw(&now);
            match self.wait(tick, ending) {
                Ok(next) => tick = next,
                Err(end) => return Ok(end),
            }
        }
    }

    /// Waits for the deadline after `tick`, and says which tick it is then; else why
    /// there is none.
    fn wait(&mut self, tick: u64, ending: &Ending) -> Result<u64, End> {
        let last = self.last_tick.unwrap_or(u64::MAX);
        if tick >= last {
            return Err(End::Duration);
        }
        ending.forget_stop();
        // Where samples take longer than the interval, there is no other wait.
        if ending.within(Duration::ZERO) {
            return Err(End::Signal);
        }
        let asleep = self.asleep_ns();
        loop {
            let now = clock::boottime_ns();
            let since = now.saturating_sub(self.start.boottime_ns);
            // Deadlines that are over are not made up for.
            let next = (since / self.interval_ns).max(tick + 1);
            let end = self.deadline(next);
            if now >= end {
                let slept = self.asleep_ns().saturating_sub(asleep) / self.interval_ns;
                // Nor is the last, and those behind it are none.
                let over = next.min(last.saturating_add(1)) - tick - 1;
                let missed = over.saturating_sub(slept);
                self.missed += missed;
                if missed > 0 && ending.was_stopped() {
                    self.stopped += missed;
                }
                return if next <= last {
                    Ok(next)
                } else {
                    Err(End::Duration)
                };
            }
            if ending.within(Duration::from_nanos(end - now)) {
                return Err(End::Signal);
            }
        }
    }

    /// How long the board has slept since it was booted.
    fn asleep_ns(&self) -> u64 {
        let monotonic = clock::monotonic_ns();
        clock::boottime_ns().saturating_sub(monotonic)
    }

    fn deadline(&self, tick: u64) -> u64 {
        let since = tick.saturating_mul(self.interval_ns);
        self.start.boottime_ns.saturating_add(since)
    }

    fn sample(&mut self, now: &Now, tick: u64) -> Result<(), Error> {
        let writer = self.upkeep.writer();
        let own = Own {
            written_bytes: writer.written(),
            missed: self.missed,
            stopped: self.stopped,
            unwritten: self.upkeep.unwritten(),
            write_errno: writer.errno().unsigned_abs().into(),
        };
        let late_us = now.boottime_ns.saturating_sub(self.deadline(tick)) / 1000;
        match self.sampler.sample(now, tick, own) {
            Err(why) if self.samples == 0 => return Err(Error::new(why.to_string())),
            Err(why) => self.pass_over(why.to_string()),
            Ok(()) => self.write_sample(now, tick, late_us)?,
        }
        self.upkeep.keep(now.boottime_ns, &mut self.display);
        Ok(())
    }

    fn write_sample(&mut self, now: &Now, tick: u64, late_us: u64) -> Result<(), Error> {
        if let Some(errors) = &mut self.errors {
            self.sampler.verify(errors);
        }
        let (unreadable, left_out) = self.sampler.shortfall();
        self.shortfall.0 = self.shortfall.0.max(unreadable);
        self.shortfall.1 = self.shortfall.1.max(left_out);
        self.latest_us = self.latest_us.max(late_us);
        self.late += u64::from(late_us * 1000 > self.interval_ns / LATE);
        self.blind = None;
        self.samples += 1;
        let read_at_ns = self.sampler.read_at_ns();
        let at = Instant {
            tick,
            late_us: read_at_ns.saturating_sub(self.deadline(tick)) / 1000,
            all_read: self.sampler.all_read(),
        };
        let (sampler, display) = (&mut self.sampler, &mut self.display);
        if self.samples > 1 {
            self.upkeep.sample(sampler, at, now.boottime_ns, display);
            return Ok(());
        }
        let begun = self.upkeep.begin(sampler, at, display);
        begun.map_err(|error| {
            let path = self.upkeep.writer().path().display();
            Error::new(format!("cannot write {path}: {error}"))
        })
    }

    /// One failed read is not the end of a day.
    fn pass_over(&mut self, why: String) {
        self.missed += 1;
        self.untaken += 1;
        if self.blind.is_none() {
            self.display.say(&format!(
                "{why}; that deadline is counted as missed, and sampling goes on"
            ));
        }
        self.blind = Some(why);
    }

    fn draw(&mut self, now: &Now) {
        let known = Progress {
            duration_s: self.duration_s,
            samples: self.samples,
            written_bytes: self.upkeep.writer().written(),
            late: self.late,
            missed: self.missed,
            ..Progress::default()
        };
        let machine = self.sampler.machine();
        self.display.draw(now, &self.start, machine, &known);
    }

    /// Ends the log, and says whether all of the run was sampled and written.
    pub(crate) fn finish(&mut self, end: End) -> bool {
        let is_blind = self.blind.is_some();
        let footer = Footer {
            end: if is_blind { End::Failure } else { end },
            samples: self.samples,
            missed: self.missed,
            latest_us: self.latest_us,
            unreadable: self.shortfall.0,
            left_out: self.shortfall.1,
            cpu_us: clock::cpu_ns().saturating_sub(self.start.cpu_ns) / 1000,
            written_bytes: self.upkeep.writer().written(),
        };
        if let Some(why) = self.blind.take().filter(|_| self.untaken > 1) {
            self.display.say(&format!(
                "{} samples could not be taken, the last among them: {why}",
                self.untaken
            ));
        }
        self.upkeep.finish(footer, &mut self.display) && !is_blind
    }

    /// The messages, which go on while the summary is printed.
    pub(crate) fn display(&mut self) -> &mut Display {
        &mut self.display
    }

    /// How good the estimates were, in verify mode.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.errors.as_ref().map(Errors::verdict)
    }

    pub(crate) fn writer(&self) -> &Writer {
        self.upkeep.writer()
    }

    /// The log and the messages alone: what sampling kept open is closed.
    pub(crate) fn into_parts(self) -> (Writer, Display) {
        (self.upkeep.into_writer(), self.display)
    }

    /// The most at one time: processes whose memory may not be read, one of these,
    /// and processes left out.
    pub(crate) fn shortfall(&mut self) -> (u64, Option<&Process>, u64) {
        let one = self.sampler.unreadable_process();
        (self.shortfall.0, one, self.shortfall.1)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 4)
}
