//! The log of a recording through all that happens to it: full disks, failed syncs,
//! segments, a file that is truncated, moved or removed.

use super::notice::{Listener, Notice};
use super::plan::Plan;
use super::segment::Segment;
use crate::log::reader::ProductKey;
use crate::log::record::{End, Footer, Header, Product, Record};
use crate::log::result::{ResultPart, EXITS_KIND};
use crate::log::writer::{OpenError, Standing, Writer};
use crate::log::{Encoder, Instant};
use crate::results;
use crate::sampler::Sampler;
use std::io;

/// What is gathered is written out after this time at the latest, and what failed is
/// tried again.
const EVERY_NS: u64 = 10_000_000_000;

pub(super) struct RunLog {
    encoder: Encoder,
    writer: Writer,
    header: Header<String>,
    redacts: bool,
    product: Vec<ProductKey>,
    interval_ns: u64,
    sync_ns: u64,
    /// When what is gathered is written out, when it is synced, and when a rotation that
    /// failed is tried again, on CLOCK_BOOTTIME.
    write_at: u64,
    sync_at: u64,
    rotate_at: u64,
    segment: Segment,
    /// Samples for which there was no room while nothing could be written.
    passed_over: u64,
    /// There is no room for more until something is written.
    no_room: bool,
    reported: Reported,
    /// The file no longer holds all that was written to it.
    parted: bool,
    /// Everybody's identity was written, or the log synced.
    did_more: bool,
}

/// Failures that last, and that the listener knows of.
#[derive(Default)]
struct Reported {
    write: bool,
    sync: bool,
    rotate: bool,
    reopen: bool,
}

impl RunLog {
    pub(super) fn new(encoder: Encoder, writer: Writer, plan: Plan) -> Self {
        let header = plan.header;
        Self {
            encoder,
            writer,
            interval_ns: header.interval_us.saturating_mul(1000),
            sync_ns: plan.sync_ns,
            write_at: header.start_boottime_ns + EVERY_NS,
            sync_at: 0,
            rotate_at: 0,
            header,
            redacts: plan.redacts,
            product: plan.product,
            segment: Segment::default(),
            passed_over: 0,
            no_room: false,
            reported: Reported::default(),
            parted: false,
            did_more: true,
        }
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }

    pub(super) fn into_writer(self) -> Writer {
        self.writer
    }

    /// Samples that are known to be lost.
    pub(super) fn unwritten(&self) -> u64 {
        self.passed_over + self.writer.lost()
    }

    /// Writes the first sample. A log that cannot even be begun is not worth waiting for.
    ///
    /// # Errors
    /// Those of writing.
    pub(super) fn begin(&mut self, sampler: &mut Sampler, at: Instant) -> io::Result<()> {
        self.header.cores = sampler.cores_online();
        self.add(sampler, at, None)?;
        self.write_out()
    }

    pub(super) fn write_out(&mut self) -> io::Result<()> {
        self.writer.write_out()
    }

    /// The header, the identities and a keyframe come with the next sample.
    pub(super) fn begin_anew(&mut self) {
        self.encoder.resync();
        self.segment.begin();
    }

    /// Writes a sample, and the run of the probe that ended before it, unless there is no
    /// room for it.
    pub(super) fn sample(
        &mut self,
        sampler: &mut Sampler,
        at: Instant,
        ended: Option<results::Ended<'_>>,
        now: u64,
        notify: &mut Listener<'_>,
    ) {
        let brings_all = self.encoder.identities_are_due();
        if self.segment.is_full(brings_all, &self.writer) {
            self.rotate(now, notify);
        }
        if self.no_room || self.add(sampler, at, ended).is_err() {
            self.no_room = true;
            self.passed_over += 1;
            self.encoder.pass_over();
        }
    }

    /// Writes the run of a probe.
    pub(super) fn result(&mut self, ended: &results::Ended<'_>) {
        write_result(ended, self.header.run, &mut self.encoder, &mut self.writer);
    }

    /// Writes a result, and syncs the log.
    pub(super) fn sync_result(
        &mut self,
        part: ResultPart<&[u8]>,
        now: u64,
        notify: &mut Listener<'_>,
    ) {
        let record = Record::Result(self.header.run, part);
        let _ = self.encoder.write(&record, &mut self.writer);
        self.sync(now, notify);
    }

    fn add(
        &mut self,
        sampler: &mut Sampler,
        at: Instant,
        ended: Option<results::Ended<'_>>,
    ) -> io::Result<()> {
        let begin = self.writer.pushed();
        let brings_all = self.encoder.identities_are_due();
        if brings_all {
            self.did_more = true;
            sampler.forget_identities();
        }
        self.introduce(sampler, ended)?;
        let mut before = begin;
        if brings_all {
            before = self.writer.pushed();
            self.segment.identities(before.saturating_sub(begin));
        }
        let (encoder, writer) = (&mut self.encoder, &mut self.writer);
        let run = self.header.run;
        sampler.renames(|slot| encoder.rename(slot));
        let at_us = sampler.since_us();
        sampler.exits(encoder.key_is_due(), &mut |entries, value| {
            let part = ResultPart {
                at_us,
                kind: EXITS_KIND,
                part: 0,
                parts: 1,
                verdict: 0,
                value,
                entries,
            };
            encoder.write(&Record::Result(run, part), writer)
        })?;
        let mut done = Ok(());
        encoder.sample(at, sampler.machine(), sampler.slots(), |frame| {
            if done.is_ok() {
                done = writer.push(frame);
            }
        });
        done?;
        writer.end_sample();
        self.segment.sample(writer.pushed().saturating_sub(before));
        Ok(())
    }

    /// Writes what comes before a sample: who and what is new, or all where that is due.
    fn introduce(
        &mut self,
        sampler: &mut Sampler,
        ended: Option<results::Ended<'_>>,
    ) -> io::Result<()> {
        let (encoder, writer) = (&mut self.encoder, &mut self.writer);
        let run = self.header.run;
        if encoder.header_is_due() {
            encoder.write(&Record::Header(self.header.map(String::as_str)), writer)?;
            for key in &self.product {
                let key = Product {
                    kind: key.kind,
                    label: key.label.as_str(),
                    pattern: key.pattern.as_str(),
                };
                encoder.write(&Record::Product(run, key), writer)?;
            }
            sampler.forget_devices();
        }
        sampler.devices(|device| encoder.write(&Record::Device(run, device), writer))?;
        if let Some(ended) = ended {
            write_result(&ended, run, encoder, writer);
        }
        let redacts = self.redacts;
        sampler.identities(|mut identity| {
            if redacts {
                identity.keep_name();
            }
            encoder.write(&Record::Identity(run, identity), writer)
        })
    }

    /// Begins a new segment; where that fails, the old one goes on.
    fn rotate(&mut self, now: u64, notify: &mut Listener<'_>) {
        if now < self.rotate_at || self.writer.is_failing() || self.writer.is_doubtful() {
            return;
        }
        let why = match self.writer.rotate() {
            Ok(()) => {
                self.begin_anew();
                self.reported.rotate = false;
                return;
            }
            Err(why) => why,
        };
        self.rotate_at = now.saturating_add(EVERY_NS);
        // Failures of writing, of syncing and of the name have notices of their own.
        let is_told = matches!(&why, OpenError::Io(error) if error.kind() == io::ErrorKind::NotFound)
            || self.writer.is_failing()
            || self.writer.is_doubtful();
        if !is_told && !std::mem::replace(&mut self.reported.rotate, true) {
            notify(Notice::CannotRotate(&why));
        }
    }

    /// Whether more was done, since this was last asked, than to write samples.
    pub(super) fn did_more(&mut self) -> bool {
        std::mem::take(&mut self.did_more)
    }

    /// Writes out and syncs what is due.
    pub(super) fn keep(&mut self, now: u64, notify: &mut Listener<'_>) {
        let writes = now >= self.write_at;
        if writes {
            self.write_at = now.saturating_add(EVERY_NS);
        }
        // A failed write is not tried with every sample.
        if self.writer.is_failing() && !writes && self.reported.write {
            return;
        }
        if writes || self.writer.is_failing() {
            let done = self.writer.write_out();
            self.tell_of_writing(&done, now, notify);
        }
        // What is due before the next sample is due now.
        if now.saturating_add(self.interval_ns) > self.sync_at && !self.writer.is_failing() {
            self.sync_at = now.saturating_add(self.sync_ns);
            self.did_more = true;
            self.look(notify);
            self.sync(now, notify);
        }
    }

    fn tell_of_writing(&mut self, done: &io::Result<()>, now: u64, notify: &mut Listener<'_>) {
        let Err(error) = done else {
            self.reported.write = false;
            self.no_room = false;
            return;
        };
        self.write_at = now.saturating_add(EVERY_NS);
        if !std::mem::replace(&mut self.reported.write, true) {
            notify(Notice::CannotWrite(error));
        }
    }

    fn sync(&mut self, now: u64, notify: &mut Listener<'_>) {
        let lost = self.writer.lost();
        let done = self.writer.sync();
        if self.writer.lost() > lost {
            self.encoder.resync();
        }
        if self.writer.is_failing() {
            return self.tell_of_writing(&done, now, notify);
        }
        let error = match done {
            Err(error) if self.writer.is_doubtful() => error,
            // That it was removed is told already.
            _ => {
                self.reported.sync = false;
                return;
            }
        };
        self.sync_at = now.saturating_add(EVERY_NS);
        if !std::mem::replace(&mut self.reported.sync, true) {
            notify(Notice::CannotSync(&error));
        }
    }

    /// Looks whether the file is still there, and goes on in another if it is not.
    fn look(&mut self, notify: &mut Listener<'_>) {
        let standing = self.writer.standing().unwrap_or(Standing::Whole);
        let done = match standing {
            Standing::Whole => return,
            Standing::Truncated(_) => self.writer.go_on().map_err(OpenError::Io),
            Standing::Removed | Standing::Moved => self.writer.reopen(),
        };
        self.parted = true;
        match done {
            Ok(()) => {
                self.begin_anew();
                self.reported.reopen = false;
                notify(Notice::BegunAnew(standing));
            }
            Err(why) if !std::mem::replace(&mut self.reported.reopen, true) => {
                notify(Notice::NotBegunAnew(standing, &why));
            }
            Err(_) => {}
        }
    }

    /// At the end there is nothing to go on with.
    fn look_back(&mut self, notify: &mut Listener<'_>) {
        let standing = self.writer.standing().unwrap_or(Standing::Whole);
        if standing != Standing::Whole {
            self.parted = true;
            if !self.reported.reopen {
                notify(Notice::Parted(standing));
            }
        }
    }

    /// Ends the log; returns whether the file holds all of the run.
    pub(super) fn finish(&mut self, footer: Footer, notify: &mut Listener<'_>) -> bool {
        let taken = footer.samples;
        // A last attempt.
        let _ = self.writer.write_out();
        let is_rest = self.writer.is_failing();
        self.passed_over += self.writer.use_room();
        let mut end = footer.end;
        if is_rest {
            end = End::Unwritten {
                unwritten: self.unwritten(),
                write_errno: self.writer.errno().unsigned_abs().into(),
            };
        }
        let footer = Record::Footer(self.header.run, Footer { end, ..footer });
        let _ = self.encoder.write(&footer, &mut self.writer);
        let mut done = self.writer.sync();
        if self.writer.is_doubtful() {
            done = self.writer.sync();
        }
        self.look_back(notify);
        let (gathered, doubtful) = self.writer.unsafe_samples();
        let lost = self.unwritten() + if is_rest { gathered } else { 0 };
        let why = match done {
            Err(error) => error,
            Ok(()) => io::Error::from_raw_os_error(self.writer.errno()),
        };
        if is_rest || lost > 0 {
            notify(Notice::Lost {
                samples: lost,
                taken,
                is_rest,
                why: &why,
            });
        }
        if self.writer.is_doubtful() {
            notify(Notice::Unsafe {
                samples: doubtful,
                taken,
                why: &why,
            });
        }
        let is_whole = !is_rest && !self.writer.is_failing() && !self.writer.is_doubtful();
        is_whole && lost == 0 && !self.parted
    }
}

/// Where there is no room for it, neither is there for the sample behind it, which is told
/// of.
fn write_result(ended: &results::Ended<'_>, run: u32, encoder: &mut Encoder, writer: &mut Writer) {
    let mut room = [0; results::ROOM];
    let record = Record::Result(run, results::part(ended, &mut room));
    let _ = encoder.write(&record, writer);
}
