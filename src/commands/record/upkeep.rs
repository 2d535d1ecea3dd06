//! The log of a recording through all that happens to it: full disks, failed syncs,
//! segments, others who truncate, move or remove it.

use super::display::Display;
use super::product::Product;
use crate::commands::output::push;
use crate::log::record::{End, Footer, Header, Record};
use crate::log::writer::{older, OpenError, Standing, Writer};
use crate::log::{Encoder, Instant};
use crate::sampler::Sampler;
use std::io;
use std::time::Duration;

/// What is gathered is written out after this time at the latest, and what failed is
/// tried again.
const EVERY_NS: u64 = 10_000_000_000;
/// A segment of fewer samples would hold little but what stands at its head.
const SEGMENT_SAMPLES: u64 = 10;

pub(crate) struct Upkeep {
    encoder: Encoder,
    writer: Writer,
    header: Header<String>,
    /// Of command lines the first argument alone is kept.
    redacts: bool,
    product: Product,
    interval_ns: u64,
    sync_ns: u64,
    /// When what is gathered is written out, when it is synced, and when a rotation that
    /// failed is tried again, on CLOCK_BOOTTIME.
    write_at: u64,
    sync_at: u64,
    rotate_at: u64,
    /// Samples that were encoded, and how many they were when the segment was begun.
    samples: u64,
    segment_at: u64,
    /// Samples for which there was no room while nothing could be written.
    passed_over: u64,
    /// There is no room for more until something is written.
    no_room: bool,
    /// Writing, syncing, rotating: it fails, and that was said.
    said: Said,
    /// The file no longer holds all that was written to it.
    parted: bool,
}

#[derive(Default)]
struct Said {
    failing: bool,
    doubtful: bool,
    unrotated: bool,
    unopened: bool,
}

impl Upkeep {
    pub(crate) fn new(
        encoder: Encoder,
        writer: Writer,
        header: Header<String>,
        redacts: bool,
    ) -> Self {
        Self {
            encoder,
            writer,
            interval_ns: header.interval_us.saturating_mul(1000),
            sync_ns: 0,
            write_at: header.start_boottime_ns + EVERY_NS,
            sync_at: 0,
            rotate_at: 0,
            header,
            redacts,
            product: Product::default(),
            samples: 0,
            segment_at: 0,
            passed_over: 0,
            no_room: false,
            said: Said::default(),
            parted: false,
        }
    }

    /// Which processes the product is.
    pub(crate) fn define(&mut self, product: Product) {
        self.product = product;
    }

    /// The first sample is synced at once, and what follows after this time.
    pub(crate) fn sync_every(&mut self, time: Duration) {
        self.sync_ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    }

    pub(crate) fn writer(&self) -> &Writer {
        &self.writer
    }

    pub(crate) fn into_writer(self) -> Writer {
        self.writer
    }

    /// Samples that are known to be lost.
    pub(crate) fn unwritten(&self) -> u64 {
        self.passed_over + self.writer.lost()
    }

    /// Writes the first sample. A log that cannot even be begun is not worth waiting for.
    ///
    /// # Errors
    /// Those of writing.
    pub(crate) fn begin(
        &mut self,
        sampler: &mut Sampler,
        at: Instant,
        display: &mut Display,
    ) -> io::Result<()> {
        self.header.cores = sampler.cores_online();
        self.add(sampler, at)?;
        self.writer.write_out()?;
        let path = self.writer.path().display();
        display.say(&format!("recording into {path}"));
        self.product.announce(display);
        Ok(())
    }

    /// Writes a sample, unless there is no room for it.
    pub(crate) fn sample(
        &mut self,
        sampler: &mut Sampler,
        at: Instant,
        now: u64,
        display: &mut Display,
    ) {
        if self.writer.is_full() && self.samples - self.segment_at >= SEGMENT_SAMPLES {
            self.rotate(now, display);
        }
        if self.no_room || self.add(sampler, at).is_err() {
            self.no_room = true;
            self.passed_over += 1;
            self.encoder.pass_over();
        }
    }

    fn add(&mut self, sampler: &mut Sampler, at: Instant) -> io::Result<()> {
        if self.encoder.identities_are_due() {
            sampler.forget_identities();
        }
        if self.encoder.header_is_due() {
            let header = Record::Header(self.header.map(String::as_str));
            push(&mut self.encoder, &mut self.writer, &header)?;
            let (encoder, writer) = (&mut self.encoder, &mut self.writer);
            self.product.write(self.header.run, encoder, writer)?;
            sampler.forget_devices();
        }
        let run = self.header.run;
        let mut done = Ok(());
        sampler.devices(|device| {
            let record = Record::Device(run, device.clone());
            if done.is_ok() {
                done = push(&mut self.encoder, &mut self.writer, &record);
            }
        });
        sampler.identities(|identity| {
            let mut identity = identity.clone();
            if self.redacts {
                identity.keep_name();
            }
            let record = Record::Identity(run, identity);
            if done.is_ok() {
                done = push(&mut self.encoder, &mut self.writer, &record);
            }
        });
        done?;
        let mut done = Ok(());
        sampler.renames(|slot| self.encoder.rename(slot));
        let (machine, slots) = (sampler.machine(), sampler.slots());
        self.encoder.sample(at, machine, slots, |frame| {
            if done.is_ok() {
                done = self.writer.push(frame);
            }
        });
        done?;
        self.writer.end_sample();
        self.samples += 1;
        Ok(())
    }

    /// Goes on in the old segment where no new one can be begun.
    fn rotate(&mut self, now: u64, display: &mut Display) {
        if now < self.rotate_at || self.writer.is_failing() || self.writer.is_doubtful() {
            return;
        }
        let why = match self.writer.rotate() {
            Ok(()) => {
                self.encoder.resync();
                self.segment_at = self.samples;
                self.said.unrotated = false;
                return;
            }
            Err(why) => why,
        };
        self.rotate_at = now.saturating_add(EVERY_NS);
        // What is wrong with writing, syncing or the name is told by who looks after it.
        let is_told = matches!(&why, OpenError::Io(error) if error.kind() == io::ErrorKind::NotFound)
            || self.writer.is_failing()
            || self.writer.is_doubtful();
        if is_told || std::mem::replace(&mut self.said.unrotated, true) {
            return;
        }
        let path = self.writer.path().display();
        let why = match why {
            OpenError::Io(error) => error.to_string(),
            about_older => format!("{}: {about_older}", older(self.writer.path()).display()),
        };
        display.say(&format!(
            "{path} grows beyond --max-size: no new segment can be begun: {why}; that is tried again"
        ));
    }

    /// Writes out and syncs what is due.
    pub(crate) fn keep(&mut self, now: u64, display: &mut Display) {
        let writes = now >= self.write_at;
        if writes {
            self.write_at = now.saturating_add(EVERY_NS);
        }
        // A failed write is not tried with every sample.
        if self.writer.is_failing() && !writes && self.said.failing {
            return;
        }
        if writes || self.writer.is_failing() {
            let done = self.writer.write_out();
            self.tell_of_writing(&done, now, display);
        }
        // What is due before the next sample is due now.
        if now.saturating_add(self.interval_ns) > self.sync_at && !self.writer.is_failing() {
            self.sync_at = now.saturating_add(self.sync_ns);
            self.look(display);
            self.sync(now, display);
        }
    }

    fn tell_of_writing(&mut self, done: &io::Result<()>, now: u64, display: &mut Display) {
        let Err(error) = done else {
            self.said.failing = false;
            self.no_room = false;
            return;
        };
        self.write_at = now.saturating_add(EVERY_NS);
        if !std::mem::replace(&mut self.said.failing, true) {
            let path = self.writer.path().display();
            display.say(&format!(
                "cannot write {path}: {error}; sampling goes on, and writing is tried again"
            ));
        }
    }

    fn sync(&mut self, now: u64, display: &mut Display) {
        let lost = self.writer.lost();
        let done = self.writer.sync();
        if self.writer.lost() > lost {
            self.encoder.resync();
        }
        if self.writer.is_failing() {
            return self.tell_of_writing(&done, now, display);
        }
        let error = match done {
            Err(error) if self.writer.is_doubtful() => error,
            // That it was removed is told already.
            _ => {
                self.said.doubtful = false;
                return;
            }
        };
        self.sync_at = now.saturating_add(EVERY_NS);
        if !std::mem::replace(&mut self.said.doubtful, true) {
            let path = self.writer.path().display();
            display.say(&format!(
                "cannot sync {path}: {error}; sampling goes on, and what is not safe is written again"
            ));
        }
    }

    /// Looks whether the file is still there, and goes on in another if it is not.
    fn look(&mut self, display: &mut Display) {
        let standing = self.writer.standing().unwrap_or(Standing::Whole);
        let (what, done) = match standing {
            Standing::Whole => return,
            Standing::Truncated(len) => {
                let done = self.writer.go_on().map_err(OpenError::Io);
                (format!("was truncated to {len} bytes"), done)
            }
            Standing::Removed => ("was removed".to_owned(), self.writer.reopen()),
            Standing::Moved => ("was moved or replaced".to_owned(), self.writer.reopen()),
        };
        self.parted = true;
        let path = self.writer.path().display();
        match done {
            Ok(()) => {
                self.encoder.resync();
                self.segment_at = self.samples;
                self.said.unopened = false;
                display.say(&format!("{path} {what}: the log begins anew there"));
            }
            Err(why) if !std::mem::replace(&mut self.said.unopened, true) => {
                let lost = match standing {
                    Standing::Removed => "what is recorded is lost when the recorder ends",
                    _ => "the recording goes on in the file of before",
                };
                display.say(&format!("{path} {what}, and {why}: {lost}"));
            }
            Err(_) => {}
        }
    }

    /// At the end there is nothing to go on with.
    fn look_back(&mut self, display: &mut Display) {
        let what = match self.writer.standing().unwrap_or(Standing::Whole) {
            Standing::Whole => return,
            Standing::Truncated(len) => format!("was truncated to {len} bytes"),
            Standing::Removed => "was removed: what was recorded is lost".to_owned(),
            Standing::Moved => "was moved or replaced".to_owned(),
        };
        self.parted = true;
        if !self.said.unopened {
            let path = self.writer.path().display();
            display.say(&format!("{path} {what}"));
        }
    }

    /// Ends the log, and says whether the file holds all of the run.
    pub(crate) fn finish(&mut self, footer: Footer, display: &mut Display) -> bool {
        // A last attempt makes room for the footer.
        let _ = self.writer.write_out();
        let end = match self.writer.is_failing() {
            true => End::Failure,
            false => footer.end,
        };
        let taken = footer.samples;
        let footer = Record::Footer(self.header.run, Footer { end, ..footer });
        let _ = push(&mut self.encoder, &mut self.writer, &footer);
        let mut done = self.writer.sync();
        if self.writer.is_doubtful() {
            done = self.writer.sync();
        }
        self.look_back(display);
        let (gathered, doubtful) = self.writer.unsafe_samples();
        let lost = self.unwritten();
        let path = self.writer.path().display();
        let why = match done {
            Err(error) => error,
            Ok(()) => io::Error::from_raw_os_error(self.writer.errno()),
        };
        if self.writer.is_failing() {
            let lost = lost + gathered;
            display.say(&format!(
                "the rest of the run is lost: {lost} of {taken} samples are not in {path}: {why}"
            ));
        } else if lost > 0 {
            display.say(&format!(
                "{lost} of {taken} samples are not in {path}: {why}"
            ));
        }
        if self.writer.is_doubtful() {
            display.say(&format!(
                "the last {doubtful} of {taken} samples may not outlive a loss of power: cannot \
                 sync {path}: {why}"
            ));
        }
        let is_whole = !self.writer.is_failing() && !self.writer.is_doubtful();
        is_whole && lost == 0 && !self.parted
    }
}
