//! Samples -> frames: keeps what was written last, writes what changed.

use super::entries::{put_group, put_process, Kind, Sheet, MAX_ENTRY};
use super::fields::process::{self, When};
use super::fields::{page_kib, FIRST_CORE, FIRST_DEVICE, GROUPS};
use super::frame::{self, MAX_FRAME, MAX_PAYLOAD};
use super::model::{Machine, Process};
use super::record::{flag, Delta, Key, More, Record};
use super::writer::Writer;
use std::io;

/// Samples from one keyframe to the next.
pub const KEY_EVERY: u64 = 60;
/// Samples from one header, with the identities, to the next.
pub const HEADER_EVERY: u64 = 600;

/// Room for entries in a frame: the rest is for what stands before them.
const ENTRIES: usize = MAX_PAYLOAD - 60;

/// The process in a slot as a reader has it.
#[derive(Debug, Clone)]
struct Written {
    pid: u32,
    /// Its name has changed since.
    renamed: bool,
    starttime: u64,
    values: [u64; process::COUNT],
}

/// When a sample was due and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instant {
    pub tick: u64,
    pub late_us: u64,
    /// The memory of every process was read.
    pub all_read: bool,
}

/// Writes the frames of one run, one after another.
pub struct Encoder {
    run: u32,
    seq: u64,
    page_kib: u64,
    last_tick: u64,
    /// The next sample must stand alone.
    resync: bool,
    since_key: u64,
    /// Headers since the beginning, or since the last `resync`; 2 is two or more.
    headers: u8,
    since_header: u64,
    machine: Machine,
    /// By slot.
    written: Vec<Option<Written>>,
    sheets: Box<Sheets>,
}

struct Sheets {
    machine: Sheet<ENTRIES>,
    processes: Sheet<ENTRIES>,
    entry: Sheet<MAX_ENTRY>,
    frame: [u8; MAX_FRAME],
}

impl Encoder {
    /// `run` tells this run from all others; the sequence numbers begin with its
    /// low 20 bits, so that the frames of one run do not continue another's.
    pub fn new(run: u32, page_size: u64, capacity: usize) -> Self {
        Self {
            run,
            seq: u64::from(run & 0xF_FFFF),
            page_kib: page_kib(page_size),
            last_tick: 0,
            resync: true,
            since_key: 0,
            headers: 0,
            since_header: 0,
            machine: Machine::with_room(),
            written: Vec::with_capacity(capacity),
            sheets: Box::new(Sheets {
                machine: Sheet::new(),
                processes: Sheet::new(),
                entry: Sheet::new(),
                frame: [0; MAX_FRAME],
            }),
        }
    }

    /// Goes on behind a frame that another encoder wrote for this run.
    pub(crate) fn follow(&mut self, seq: u64) {
        self.seq = seq.wrapping_add(1);
    }

    /// Makes the next sample stand alone: after frames were lost, at the
    /// beginning of a segment.
    pub fn resync(&mut self) {
        self.resync = true;
        self.headers = 0;
    }

    /// A sample is not written, and its place in the sequence stays empty, so that a
    /// reader sees that one is missing. The next one stands alone.
    pub(crate) fn pass_over(&mut self) {
        self.seq = self.seq.wrapping_add(1);
        self.resync();
    }

    /// A header must be written before the next sample: at the beginning, again
    /// before the second Key, so that damage to the first costs no more than
    /// damage to a Key does, and from then on every [`HEADER_EVERY`] samples.
    pub fn header_is_due(&self) -> bool {
        self.key_is_due()
            && match self.headers {
                0 => true,
                1 => self.since_header > 0,
                _ => self.since_header >= HEADER_EVERY,
            }
    }

    /// After the header that is due, all identities must be written again: after
    /// each header but the second.
    pub fn identities_are_due(&self) -> bool {
        self.header_is_due() && self.headers != 1
    }

    /// The next sample will stand alone.
    pub fn key_is_due(&self) -> bool {
        self.resync || self.since_key >= KEY_EVERY
    }

    /// Frames one record that is no sample.
    ///
    /// # Errors
    /// Where it is too long for a frame.
    pub fn record(&mut self, record: &Record<'_>) -> postcard::Result<&[u8]> {
        let frame = frame::encode(self.seq, record, &mut self.sheets.frame)?;
        // Only now: a number that never comes is a loss to a reader.
        self.seq = self.seq.wrapping_add(1);
        if matches!(record, Record::Header(_)) {
            self.headers = self.headers.saturating_add(1).min(2);
            self.since_header = 0;
        }
        Ok(frame)
    }

    /// Frames one record that is no sample, into the log.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write(&mut self, record: &Record<'_>, writer: &mut Writer) -> io::Result<()> {
        let done = match self.record(record) {
            Ok(frame) => writer.push(frame),
            Err(_) => return Err(io::ErrorKind::InvalidData.into()),
        };
        if done.is_err() {
            // A gap would take the samples behind it, for which there may be room.
            self.seq = self.seq.wrapping_sub(1);
        }
        done
    }

    /// The process in `slot` was renamed: the next sample has its new name.
    pub fn rename(&mut self, slot: usize) {
        if let Some(Some(written)) = self.written.get_mut(slot) {
            written.renamed = true;
        }
    }

    /// Frames one sample, with the process in each slot; `sink` gets the frames in
    /// their order.
    pub fn sample(
        &mut self,
        at: Instant,
        machine: &Machine,
        slots: &[Option<Process>],
        mut sink: impl FnMut(&[u8]),
    ) {
        let key = self.key_is_due();
        let mut out = Chunks {
            head: Some((key, self.run, at, at.tick.wrapping_sub(self.last_tick))),
            seq: &mut self.seq,
            sheets: &mut self.sheets,
            last: (None, None),
            flags: if at.all_read { flag::ALL_READ } else { 0 },
            sink: &mut sink,
        };
        if key {
            self.machine.clear();
            self.written.clear();
        }
        out.machine(&mut self.machine, machine);
        let when = When {
            tick: at.tick,
            all_read: at.all_read,
            page_kib: self.page_kib,
        };
        if self.written.len() < slots.len() {
            self.written.resize(slots.len(), None);
        }
        for (index, written) in self.written.iter_mut().enumerate() {
            let process = slots.get(index).and_then(Option::as_ref);
            out.slot(index, written, process, &when);
        }
        out.flush(0);
        self.last_tick = at.tick;
        self.resync = false;
        self.since_key = if key {
            1
        } else {
            self.since_key.saturating_add(1)
        };
        self.since_header = self.since_header.saturating_add(1);
    }
}

/// The frames of one sample in the making.
struct Chunks<'a, S> {
    /// What the first frame begins with; `None` once that is written.
    head: Option<(bool, u32, Instant, u64)>,
    seq: &'a mut u64,
    sheets: &'a mut Sheets,
    /// The last group and the last slot in the frame.
    last: (Option<usize>, Option<usize>),
    flags: u8,
    sink: &'a mut S,
}

impl<S: FnMut(&[u8])> Chunks<'_, S> {
    /// Writes what differs from `written`, and brings that up to date.
    // There are `MAX_CORES` and `MAX_DEVICES` at most.
    #[allow(clippy::arithmetic_side_effects)]
    fn machine(&mut self, written: &mut Machine, machine: &Machine) {
        for id in 0..GROUPS {
            let Some(after) = machine.group(id) else {
                continue;
            };
            let new = written.group(id).is_none();
            self.group(id, new, written.group_mut(id), after);
        }
        for (core, after) in machine.cores().iter().enumerate() {
            let new = written.cores().len() <= core;
            if let Some(before) = written.core_mut(core) {
                self.group(FIRST_CORE + core, new, before, after);
            }
        }
        for (device, after) in machine.devices().iter().enumerate() {
            let new = written.devices().len() <= device;
            if let Some(before) = written.device_mut(device) {
                self.group(FIRST_DEVICE + device, new, before, after);
            }
        }
    }

    fn group(&mut self, id: usize, new: bool, before: &mut [u64], after: &[u64]) {
        if !new && !differ(before, after) {
            return;
        }
        put_group(&mut self.sheets.entry, self.last.0, id, before, after);
        if self.is_full() {
            self.flush(flag::MORE);
            self.sheets.entry.clear();
            put_group(&mut self.sheets.entry, None, id, before, after);
        }
        self.last.0 = Some(id);
        move_entry(&mut self.sheets.entry, &mut self.sheets.machine);
        before.copy_from_slice(after);
    }

    fn slot(
        &mut self,
        index: usize,
        written: &mut Option<Written>,
        process: Option<&Process>,
        when: &When,
    ) {
        let Some(process) = process else {
            if written.take().is_some() {
                let nobody = Process::nobody();
                self.process(index, Kind::Death, &nobody, &nobody.values, when);
            }
            return;
        };
        let same = |w: &Written| w.pid == process.pid && w.starttime == process.starttime;
        let known = written.as_ref().is_some_and(same);
        if !known {
            *written = Some(Written {
                pid: process.pid,
                renamed: false,
                starttime: process.starttime,
                values: [0; process::COUNT],
            });
        }
        let Some(written) = written else {
            return;
        };
        let kind = match known {
            false => Kind::Birth,
            true if written.renamed => Kind::Rename,
            true => Kind::Change,
        };
        process::begin_sample(&mut written.values, when);
        if kind != Kind::Change || differ(&written.values, &process.values) {
            self.process(index, kind, process, &written.values, when);
            written.renamed = false;
            written.values = process.values;
        }
    }

    fn process(
        &mut self,
        index: usize,
        kind: Kind,
        after: &Process,
        before: &[u64; process::COUNT],
        when: &When,
    ) {
        let entry = &mut self.sheets.entry;
        put_process(entry, self.last.1, index, kind, after, before, when);
        if self.is_full() {
            self.flush(flag::MORE);
            let entry = &mut self.sheets.entry;
            entry.clear();
            put_process(entry, None, index, kind, after, before, when);
        }
        self.last.1 = Some(index);
        move_entry(&mut self.sheets.entry, &mut self.sheets.processes);
    }

    // Three sheets of some kB.
    #[allow(clippy::arithmetic_side_effects)]
    fn is_full(&self) -> bool {
        let len = |bytes: Option<&[u8]>| bytes.map_or(ENTRIES, <[u8]>::len);
        len(self.sheets.machine.written())
            + len(self.sheets.processes.written())
            + len(self.sheets.entry.written())
            > ENTRIES
    }

    fn flush(&mut self, more: u8) {
        let flags = self.flags | more;
        let machine = self.sheets.machine.written().unwrap_or_default();
        let processes = self.sheets.processes.written().unwrap_or_default();
        let record = match self.head.take() {
            Some((true, run, at, _)) => Record::Key(Key {
                run,
                flags,
                tick: at.tick,
                late_us: at.late_us,
                machine,
                processes,
            }),
            Some((false, _, at, ticks)) => Record::Delta(Delta {
                flags,
                ticks,
                late_us: at.late_us,
                machine,
                processes,
            }),
            None => Record::More(More {
                flags,
                machine,
                processes,
            }),
        };
        let seq = *self.seq;
        *self.seq = seq.wrapping_add(1);
        // It always fits: ENTRIES leaves room for the rest of a record.
        if let Ok(frame) = frame::encode(seq, &record, &mut self.sheets.frame) {
            (self.sink)(frame);
        }
        self.sheets.machine.clear();
        self.sheets.processes.clear();
        self.last = (None, None);
    }
}

/// As `!=`, which musl's memcmp does byte by byte.
fn differ(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).fold(0, |bits, (a, b)| bits | (a ^ b)) != 0
}

fn move_entry(entry: &mut Sheet<MAX_ENTRY>, to: &mut Sheet<ENTRIES>) {
    to.extend(entry.written().unwrap_or_default());
    entry.clear();
}
