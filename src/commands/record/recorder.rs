//! The loop: a deadline, a sample, its frames, and the wait for the next.

use super::display::Display;
use super::{Error, Pss, Record};
use crate::commands::clocks::now;
use crate::commands::facts::{kept_descriptors, page_size, Facts, Said};
use crate::commands::output::push;
use crate::log::model::Process;
use crate::log::record::{End, Footer, Header, Record as LogRecord};
use crate::log::writer::Writer;
use crate::log::{Encoder, Instant};
use crate::proc::root::Root;
use crate::render::progress::Progress;
use crate::sampler::{Errors, Now, Options, Own, Sampler, Verdict, CAPACITY};
use crate::system::signals::Ending;
use crate::system::{clock, code};
use std::io;
use std::time::Duration;

/// What is gathered is written out after this time at the latest, and a failed
/// write is tried again.
const WRITE_EVERY: Duration = Duration::from_secs(10);
/// A segment of fewer samples would hold little but what stands at its head.
const SEGMENT_SAMPLES: u64 = 10;
/// A sample is late when it begins after more than this part of the interval.
const LATE: u64 = 10;

pub struct Recorder {
    sampler: Sampler,
    encoder: Encoder,
    writer: Writer,
    header: Header<String>,
    start: Now,
    interval_ns: u64,
    /// 0: until a signal.
    duration_ns: u64,
    sync_ns: u64,
    samples: u64,
    /// The number of samples when the segment was begun.
    segment_at: u64,
    missed: u64,
    late: u64,
    latest_us: u64,
    /// The most at one time: unreadable, left out.
    shortfall: (u64, u64),
    /// When what is gathered is to be written out, and when it is to be synced,
    /// on CLOCK_BOOTTIME.
    write_at: u64,
    sync_at: u64,
    begun: bool,
    /// Writing failed, and is tried again at `write_at`.
    failing: bool,
    /// Writing failed at least once.
    failed: bool,
    /// In verify mode.
    errors: Option<Errors>,
    /// The file has no name any more, and that was said.
    removed: bool,
    display: Display,
}

impl Recorder {
    pub fn new(record: &Record, root: Root, facts: &Facts, writer: Writer) -> Result<Self, Error> {
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
        Ok(Self {
            encoder: Encoder::new(header.run, page_size(), capacity),
            sampler,
            writer,
            header,
            start,
            interval_ns: interval.as_micros() as u64 * 1000,
            duration_ns: nanoseconds(record.duration.0),
            sync_ns: nanoseconds(record.sync.0),
            samples: 0,
            segment_at: 0,
            missed: 0,
            late: 0,
            latest_us: 0,
            shortfall: (0, 0),
            write_at: start.boottime_ns + nanoseconds(WRITE_EVERY),
            sync_at: start.boottime_ns.saturating_add(nanoseconds(record.sync.0)),
            begun: false,
            failing: false,
            failed: false,
            errors: matches!(record.pss, Pss::Verify).then(Errors::new),
            removed: false,
            display: Display::new(record.quiet),
        })
    }

    /// Records until the time is over or a signal comes.
    ///
    /// # Errors
    /// Where the machine cannot be sampled, or the very beginning of the log not
    /// be written.
    pub fn run(&mut self, ending: &Ending) -> Result<End, Error> {
        let mut tick = 0;
        loop {
            let now = now();
            let late_ns = now.boottime_ns.saturating_sub(self.deadline(tick));
            self.sample(&now, tick, late_ns / 1000)?;
            if tick == 0 {
                code::release();
            }
            self.draw(&now);
            let end = self.deadline(0).saturating_add(self.duration_ns);
            if self.duration_ns > 0 && self.deadline(tick + 1) > end {
                return Ok(End::Duration);
            }
            match self.wait(tick, ending) {
                Some(next) => tick = next,
                None => return Ok(End::Signal),
            }
        }
    }

    /// Waits for the deadline after `tick`, and says which tick it is then; `None`
    /// for a signal.
    fn wait(&mut self, tick: u64, ending: &Ending) -> Option<u64> {
        // Where samples take longer than the interval, there is no other wait.
        if ending.within(Duration::ZERO) {
            return None;
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
                self.missed += (next - tick - 1).saturating_sub(slept);
                return Some(next);
            }
            if ending.within(Duration::from_nanos(end - now)) {
                return None;
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

    fn sample(&mut self, now: &Now, tick: u64, late_us: u64) -> Result<(), Error> {
        let own = Own {
            written_bytes: self.writer.written(),
            missed: self.missed,
        };
        self.sampler
            .sample(now, tick, own)
            .map_err(|error| Error::new(error.to_string()))?;
        if let Some(errors) = &mut self.errors {
            self.sampler.verify(errors);
        }
        let (unreadable, left_out) = self.sampler.shortfall();
        self.shortfall.0 = self.shortfall.0.max(unreadable);
        self.shortfall.1 = self.shortfall.1.max(left_out);
        self.latest_us = self.latest_us.max(late_us);
        self.late += u64::from(late_us * 1000 > self.interval_ns / LATE);
        self.samples += 1;
        let write = now.boottime_ns >= self.write_at;
        if self.failing && !write {
            return Ok(());
        }
        let done = self.write_sample(tick, late_us).and_then(|()| {
            if write {
                self.write_at = now.boottime_ns + nanoseconds(WRITE_EVERY);
                self.writer.write_out()?;
            }
            if now.boottime_ns >= self.sync_at {
                self.sync_at = now.boottime_ns.saturating_add(self.sync_ns);
                self.sync()?;
            }
            Ok(())
        });
        if self.samples == 1 {
            return self.begin(done);
        }
        if let Some(why) = self.settle(done, now.boottime_ns) {
            self.complain(&format!(
                "{why}; sampling goes on, and writing is tried again"
            ));
        }
        Ok(())
    }

    fn draw(&mut self, now: &Now) {
        let known = Progress {
            duration_s: (self.duration_ns > 0).then_some(self.duration_ns / 1_000_000_000),
            samples: self.samples,
            written_bytes: self.writer.written(),
            late: self.late,
            missed: self.missed,
            ..Progress::default()
        };
        let machine = self.sampler.machine();
        self.display.draw(now, &self.start, machine, &known);
    }

    fn write_sample(&mut self, tick: u64, late_us: u64) -> io::Result<()> {
        if self.samples == 1 {
            self.header.cores = self.sampler.cores_online();
        }
        let in_segment = self.samples - self.segment_at;
        if self.writer.is_full() && in_segment >= SEGMENT_SAMPLES {
            self.writer.rotate()?;
            self.encoder.resync();
            self.segment_at = self.samples;
        }
        if self.encoder.identities_are_due() {
            self.sampler.forget_identities();
        }
        if self.encoder.header_is_due() {
            let header = LogRecord::Header(self.header.map(String::as_str));
            push(&mut self.encoder, &mut self.writer, &header)?;
            self.sampler.forget_devices();
        }
        let run = self.header.run;
        let mut done = Ok(());
        self.sampler.devices(|device| {
            let record = LogRecord::Device(run, device.clone());
            if done.is_ok() {
                done = push(&mut self.encoder, &mut self.writer, &record);
            }
        });
        self.sampler.identities(|identity| {
            let record = LogRecord::Identity(run, identity.clone());
            if done.is_ok() {
                done = push(&mut self.encoder, &mut self.writer, &record);
            }
        });
        done?;
        let at = Instant {
            tick,
            late_us,
            all_read: self.sampler.all_read(),
        };
        let (machine, slots) = self.sampler.slots_mut();
        let mut done = Ok(());
        self.encoder.sample(at, machine, slots, |frame| {
            if done.is_ok() {
                done = self.writer.push(frame);
            }
        });
        done
    }

    /// A file that was removed can still be written to, and be read for the summary.
    fn sync(&mut self) -> io::Result<()> {
        match self.writer.sync() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.failed = true;
                if !std::mem::replace(&mut self.removed, true) {
                    let path = self.writer.path().display();
                    self.display.say(&format!(
                        "{path} was removed: what is recorded is lost when the recorder ends"
                    ));
                }
                Ok(())
            }
            done => done,
        }
    }

    /// After a failure the log is begun anew, with all that stands alone. Why
    /// writing failed, where it did not fail before.
    fn settle(&mut self, done: io::Result<()>, now: u64) -> Option<String> {
        let Err(error) = done else {
            self.failing = false;
            return None;
        };
        self.failed = true;
        self.write_at = now.saturating_add(nanoseconds(WRITE_EVERY));
        self.encoder.resync();
        if std::mem::replace(&mut self.failing, true) {
            return None;
        }
        Some(match error.kind() {
            io::ErrorKind::NotFound => "it was removed".to_owned(),
            _ => error.to_string(),
        })
    }

    fn complain(&mut self, why: &str) {
        let path = self.writer.path().display();
        self.display.say(&format!("cannot write {path}: {why}"));
    }

    /// A log that cannot even be begun is not worth waiting for.
    fn begin(&mut self, done: io::Result<()>) -> Result<(), Error> {
        let done = done.and_then(|()| self.writer.write_out());
        let path = self.writer.path().display();
        match done {
            Ok(()) => {
                self.begun = true;
                self.display.say(&format!("recording into {path}"));
                Ok(())
            }
            Err(error) => Err(Error::new(format!("cannot write {path}: {error}"))),
        }
    }

    /// Ends the log, and says whether all of it was written.
    pub fn finish(&mut self, end: End) -> bool {
        let footer = Footer {
            end: if self.failing { End::Failure } else { end },
            samples: self.samples,
            missed: self.missed,
            latest_us: self.latest_us,
            unreadable: self.shortfall.0,
            left_out: self.shortfall.1,
            cpu_us: clock::cpu_ns().saturating_sub(self.start.cpu_ns) / 1000,
            written_bytes: self.writer.written(),
        };
        let footer = LogRecord::Footer(self.header.run, footer);
        let done = push(&mut self.encoder, &mut self.writer, &footer).and_then(|()| self.sync());
        if let Some(why) = self.settle(done, 0) {
            self.complain(&format!("{why}; the end of the log is lost"));
        }
        !self.failed
    }

    /// Takes the progress line away, and tells what could not be told before. This
    /// waits for a terminal that is stopped.
    pub fn leave_terminal(&mut self) {
        self.display.end();
    }

    /// How good the estimates were, in verify mode.
    pub fn verdict(&self) -> Option<Verdict> {
        self.errors.as_ref().map(Errors::verdict)
    }

    /// Something was written that is worth keeping.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// The log alone: what sampling kept open is closed.
    pub fn into_log(self) -> Writer {
        self.writer
    }

    /// The most at one time: processes whose memory may not be read, one of these,
    /// and processes left out.
    pub fn shortfall(&mut self) -> (u64, Option<&Process>, u64) {
        let one = self.sampler.unreadable_process();
        (self.shortfall.0, one, self.shortfall.1)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX / 4)
}
