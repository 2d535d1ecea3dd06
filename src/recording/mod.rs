//! A recording: at each tick a sample is taken and written to the log of the run.
//!
//! The caller waits for the ticks, and tells its user of what happens.

mod last_line;
mod notice;
mod plan;
mod probe;
mod run_log;
mod segment;

use crate::log::record::{End, Footer};
use crate::log::result::ResultPart;
use crate::log::writer::Writer;
use crate::log::{Encoder, Instant};
use crate::proc::root::Root;
use crate::sampler::{self, Clocks, RecorderFigures, Sampler};
use crate::system::clock;
use crate::system::errno::why;
pub(crate) use last_line::LastLine;
pub use notice::{Listener, Notice, ProbeNotice};
pub use plan::Plan;
pub(crate) use probe::LastRun;
pub use probe::{Probe, Schedule};
use run_log::RunLog;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A sample is late when it begins after more than this part of the interval.
const LATE: u64 = 10;

/// Why nothing is recorded.
#[derive(Debug)]
pub enum Error {
    Sample(sampler::Error),
    Write(PathBuf, io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sample(error) => error.fmt(f),
            Self::Write(path, error) => {
                write!(f, "cannot write {}: {}", path.display(), why(error))
            }
        }
    }
}

pub struct Recording<'c> {
    sampler: Sampler,
    log: RunLog,
    probe: Option<Box<Probe<'c>>>,
    start: Clocks,
    interval_ns: u64,
    /// What the run comes to so far.
    footer: Footer,
    /// Of the missed deadlines, the ones in which the recorder was stopped.
    stopped: u64,
    late: u64,
    /// Samples that could not be taken, and why the last deadline has none.
    untaken: u64,
    blind: Option<sampler::Error>,
}

impl<'c> Recording<'c> {
    /// Tick 0 is at `start`. A log that was created is removed again where this fails.
    ///
    /// # Errors
    /// As [`Sampler::new`].
    pub fn new(root: Root, plan: Plan, start: Clocks, writer: Writer) -> Result<Self, Error> {
        let mut sampler = Sampler::new(root, plan.sampler, start).map_err(|error| {
            writer.remove_if_created();
            Error::Sample(error)
        })?;
        sampler.log_at(writer.path());
        let (run, page_size) = (plan.header.run, plan.header.page_size);
        let encoder = Encoder::new(run, page_size, plan.sampler.capacity);
        Ok(Self {
            sampler,
            start,
            interval_ns: plan.header.interval_us.saturating_mul(1000),
            log: RunLog::new(encoder, writer, plan),
            probe: None,
            footer: Footer {
                end: End::Failure,
                samples: 0,
                missed: 0,
                latest_us: 0,
                unreadable: 0,
                left_out: 0,
                cpu_us: 0,
                written_bytes: 0,
            },
            stopped: 0,
            late: 0,
            untaken: 0,
            blind: None,
        })
    }

    /// Runs a probe beside the sampling.
    pub fn probe_with(&mut self, probe: Probe<'c>) {
        self.probe = Some(Box::new(probe));
    }

    /// Starts the probe if it is due: best after a sample, when the next is far.
    pub fn begin_probe(&mut self, notify: &mut Listener<'_>) {
        if let Some(probe) = &mut self.probe {
            probe.begin(notify);
        }
    }

    /// Looks after the probe that runs; returns whether it may have written more than was
    /// read.
    pub fn look_after_probe(&mut self, notify: &mut Listener<'_>) -> bool {
        let probe = self.probe.as_mut();
        probe.is_some_and(|probe| probe.look(notify))
    }

    pub fn is_probing(&self) -> bool {
        let probe = self.probe.as_ref();
        probe.is_some_and(|probe| probe.is_running())
    }

    /// When it must be looked after at the latest, on CLOCK_BOOTTIME.
    pub(crate) fn probe_wakes_ns(&self) -> Option<u64> {
        self.probe.as_ref()?.wake_ns()
    }

    /// The pid of the probe that runs.
    pub(crate) fn probe_pid(&self) -> Option<u32> {
        self.probe.as_ref()?.pid()
    }

    /// How the last run of the probe went.
    pub(crate) fn last_probe(&self) -> LastRun {
        let probe = self.probe.as_ref();
        probe.map_or_else(LastRun::default, |probe| probe.last())
    }

    /// Writes a result, which is on the disk when this returns, if the disk can be written.
    pub(crate) fn result(&mut self, part: ResultPart<&[u8]>, notify: &mut Listener<'_>) {
        self.log.sync_result(part, clock::boottime_ns(), notify);
    }

    /// Takes the sample of `tick`, and writes it.
    ///
    /// # Errors
    /// Where the first sample cannot be taken, or not be written.
    pub fn tick(
        &mut self,
        now: &Clocks,
        tick: u64,
        notify: &mut Listener<'_>,
    ) -> Result<(), Error> {
        let writer = self.log.writer();
        let own = RecorderFigures {
            written_bytes: writer.written(),
            missed: self.footer.missed,
            stopped: self.stopped,
            unwritten: self.log.unwritten(),
            write_errno: writer.errno().unsigned_abs().into(),
        };
        match self.sampler.sample(now, tick, own) {
            Err(why) if self.footer.samples == 0 => return Err(Error::Sample(why)),
            // One failed read is not the end of a day.
            Err(why) => {
                self.footer.missed += 1;
                self.untaken += 1;
                if self.blind.is_none() {
                    notify(Notice::NoSample(&why));
                }
                self.blind = Some(why);
            }
            Ok(()) => self.write_sample(now, tick, notify)?,
        }
        self.log.keep(now.boottime_ns, notify);
        Ok(())
    }

    fn write_sample(
        &mut self,
        now: &Clocks,
        tick: u64,
        notify: &mut Listener<'_>,
    ) -> Result<(), Error> {
        let since_due_us = |at_ns: u64| at_ns.saturating_sub(self.deadline(tick)) / 1000;
        let late_us = since_due_us(now.boottime_ns);
        let at = Instant {
            tick,
            late_us: since_due_us(self.sampler.read_at_ns()),
            all_read: self.sampler.all_read(),
        };
        let (unreadable, left_out) = self.sampler.shortfall();
        let footer = &mut self.footer;
        footer.unreadable = footer.unreadable.max(unreadable);
        footer.left_out = footer.left_out.max(left_out);
        footer.latest_us = footer.latest_us.max(late_us);
        footer.samples += 1;
        self.late += u64::from(late_us * 1000 > self.interval_ns / LATE);
        self.blind = None;
        if footer.samples > 1 {
            let probe = self.probe.as_deref_mut();
            let ended = probe.and_then(Probe::take_ended);
            self.log
                .sample(&mut self.sampler, at, ended, now.boottime_ns, notify);
            return Ok(());
        }
        let begun = self.log.begin(&mut self.sampler, at);
        begun.map_err(|error| Error::Write(self.writer().path().to_path_buf(), error))?;
        notify(Notice::Begun);
        Ok(())
    }

    /// When `tick` is due, on CLOCK_BOOTTIME.
    pub(crate) fn deadline(&self, tick: u64) -> u64 {
        let since = tick.saturating_mul(self.interval_ns);
        self.start.boottime_ns.saturating_add(since)
    }

    /// The tick whose deadline is the last at this time, on CLOCK_BOOTTIME.
    pub(crate) fn tick_at(&self, boottime_ns: u64) -> u64 {
        boottime_ns.saturating_sub(self.start.boottime_ns) / self.interval_ns
    }

    /// So many deadlines were missed, for the recorder was stopped or for another reason.
    pub(crate) fn miss(&mut self, deadlines: u64, was_stopped: bool) {
        self.footer.missed += deadlines;
        self.stopped += if was_stopped { deadlines } else { 0 };
    }

    /// Ends the log; returns whether all of the run was sampled and written.
    pub(crate) fn finish(&mut self, end: End, notify: &mut Listener<'_>) -> bool {
        let is_blind = self.blind.is_some();
        self.footer.end = if is_blind { End::Failure } else { end };
        self.footer.cpu_us = clock::cpu_ns().saturating_sub(self.start.cpu_ns) / 1000;
        self.footer.written_bytes = self.writer().written();
        if let Some(why) = self.blind.take().filter(|_| self.untaken > 1) {
            notify(Notice::NoSamples(self.untaken, &why));
        }
        if let Some(probe) = &mut self.probe {
            probe.stop(notify);
            if let Some(ended) = probe.take_ended() {
                self.log.result(&ended);
            }
        }
        self.log.finish(self.footer.clone(), notify) && !is_blind
    }

    /// What the run comes to so far; not its CPU time and bytes, before it is ended.
    pub(crate) fn so_far(&self) -> &Footer {
        &self.footer
    }

    /// Deadlines that were missed while the recorder was not stopped.
    pub(crate) fn missed_running(&self) -> u64 {
        self.footer.missed - self.stopped
    }

    /// Microseconds after the start.
    pub(crate) fn since_us(&self, boottime_ns: u64) -> u64 {
        boottime_ns.saturating_sub(self.start.boottime_ns) / 1000
    }

    /// Samples that were begun late.
    pub(crate) fn late(&self) -> u64 {
        self.late
    }

    /// Whether more was done, since this was last asked, than to take samples.
    pub(crate) fn did_more(&mut self) -> bool {
        self.log.did_more()
    }

    pub fn sampler(&mut self) -> &mut Sampler {
        &mut self.sampler
    }

    pub(crate) fn writer(&self) -> &Writer {
        self.log.writer()
    }

    /// The log alone: what sampling kept open is closed.
    pub(crate) fn into_writer(self) -> Writer {
        self.log.into_writer()
    }

    /// With the next sample the log begins anew, with its header.
    pub fn begin_anew(&mut self) {
        self.log.begin_anew();
    }

    /// Writes out what is gathered.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write_out(&mut self) -> io::Result<()> {
        self.log.write_out()
    }
}
