//! Bytes -> samples: finds the frames, passes over damage, and never applies a
//! difference to anything but what it was taken from.

use super::fields::page_kib;
use super::frame::{self, Fault, MAX_FRAME};
use super::record::{Footer, Header, Record};
use super::result::Footprint;
use super::sample::Sample;
use std::ffi::CStr;
use std::io::{self, Read};

/// A part of the file that was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    pub fault: Fault,
    /// Where it begins, and how long it is, bytes.
    pub offset: u64,
    pub len: u64,
}

/// The long text of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub pid: u32,
    pub starttime: u64,
    pub cut: bool,
    pub cmdline: Vec<u8>,
    pub cgroup: Vec<u8>,
}

/// What a log says next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A run begins, or goes on (it is the same `run` then).
    Header(Box<Header<String>>),
    /// A sample is complete: see [`Reader::sample`].
    Sample,
    Identity(Identity),
    Footer(Footer),
    /// A footprint, or a part of one.
    Footprint(Box<Footprint<String, Vec<u8>>>),
    Damage(Damage),
}

/// What came of one frame.
enum Step {
    Event(Event),
    /// Nothing to tell: a part of a sample, or one that may not be applied.
    Quiet,
    Fault(Fault),
}

const CHUNK: usize = 1 << 16;

/// Reads one log.
pub struct Reader<R> {
    input: R,
    buffer: Vec<u8>,
    /// The part of the buffer that was not looked at yet.
    start: usize,
    end: usize,
    /// Where `start` lies in the file.
    offset: u64,
    eof: bool,
    run: Option<u32>,
    page_kib: u64,
    /// The sequence number that the next delta must have.
    next_seq: Option<u64>,
    lost: bool,
    sample: Sample,
    frames: u64,
    discarded: u64,
}

impl<R: Read> Reader<R> {
    pub fn new(input: R) -> Self {
        Self {
            input,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            offset: 0,
            eof: false,
            run: None,
            page_kib: 4,
            next_seq: None,
            lost: false,
            sample: Sample::default(),
            frames: 0,
            discarded: 0,
        }
    }

    /// The sample that [`Event::Sample`] spoke of.
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Whole frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Samples whose frames are whole, but that could not be applied, because
    /// what they are the difference from was lost.
    pub fn discarded(&self) -> u64 {
        self.discarded
    }

    /// Where the next frame begins, bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What the log says next; `None` at its end.
    ///
    /// # Errors
    /// Those of the input. Damage is an event, not an error.
    pub fn next_event(&mut self) -> io::Result<Option<Event>> {
        loop {
            let Some((from, len, terminated)) = self.find_frame()? else {
                return Ok(None);
            };
            let offset = self.offset;
            let taken = len + usize::from(terminated);
            self.start += taken;
            self.offset += taken as u64;
            let step = match terminated {
                true => self.frame(from, len),
                false if self.eof => Step::Fault(Fault::Torn),
                false => Step::Fault(Fault::TooLong),
            };
            match step {
                Step::Event(event) => return Ok(Some(event)),
                Step::Quiet => {}
                Step::Fault(fault) => {
                    self.next_seq = None;
                    let more = match fault {
                        Fault::Empty => self.skip(|byte| byte == 0)?,
                        Fault::TooLong if !terminated => self.skip_line()?,
                        _ => 0,
                    };
                    return Ok(Some(Event::Damage(Damage {
                        fault,
                        offset,
                        len: taken as u64 + more,
                    })));
                }
            }
        }
    }

    /// Where the next frame lies in the buffer, its length without the 0x00,
    /// and whether that is there; it is not looked for past any frame's length.
    fn find_frame(&mut self) -> io::Result<Option<(usize, usize, bool)>> {
        let mut seen = 0;
        loop {
            let unseen = &self.buffer[self.start + seen..self.end];
            // Several bytes at a time, which `position` does not do.
            if let Ok(frame) = CStr::from_bytes_until_nul(unseen) {
                let at = frame.to_bytes().len();
                return Ok(Some((self.start, seen + at, true)));
            }
            seen = self.end - self.start;
            if self.eof || seen >= 2 * MAX_FRAME {
                return Ok((seen > 0).then_some((self.start, seen, false)));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.eof = true,
                Ok(len) => self.end += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    /// Passes over bytes while they are of a kind, and says how many.
    fn skip(&mut self, kind: impl Fn(u8) -> bool) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            let rest = &self.buffer[self.start..self.end];
            let len = rest.iter().take_while(|byte| kind(**byte)).count();
            self.start += len;
            self.offset += len as u64;
            skipped += len as u64;
            if self.start < self.end || self.eof {
                return Ok(skipped);
            }
            self.fill()?;
        }
    }

    /// Passes over bytes up to and with the next 0x00, and says how many.
    fn skip_line(&mut self) -> io::Result<u64> {
        let skipped = self.skip(|byte| byte != 0)?;
        let end = usize::from(self.start < self.end);
        self.start += end;
        self.offset += end as u64;
        Ok(skipped + end as u64)
    }

    fn frame(&mut self, from: usize, len: usize) -> Step {
        if len >= MAX_FRAME {
            return Step::Fault(Fault::TooLong);
        }
        let (seq, record) = match frame::decode(&mut self.buffer[from..from + len]) {
            Ok(decoded) => decoded,
            Err(fault) => return Step::Fault(fault),
        };
        self.frames += 1;
        let follows = self.next_seq == Some(seq);
        let applied = match record {
            Record::Header(header) => {
                if self.run != Some(header.run) {
                    self.run = Some(header.run);
                    self.page_kib = page_kib(header.page_size);
                    self.sample.reset();
                    self.lost = false;
                    self.next_seq = seq.checked_add(1);
                } else if follows {
                    self.next_seq = seq.checked_add(1);
                }
                let owned = header.map(|text| (*text).to_owned());
                return Step::Event(Event::Header(Box::new(owned)));
            }
            Record::Identity(run, identity) if self.run == Some(run) => {
                if follows {
                    self.next_seq = seq.checked_add(1);
                }
                return Step::Event(Event::Identity(Identity {
                    pid: identity.pid,
                    starttime: identity.starttime,
                    cut: identity.cut,
                    cmdline: identity.cmdline.to_vec(),
                    cgroup: identity.cgroup.to_vec(),
                }));
            }
            Record::Device(run, device) if self.run == Some(run) => {
                if follows {
                    self.next_seq = seq.checked_add(1);
                }
                self.sample.name_device(&device);
                return Step::Quiet;
            }
            Record::Footprint(_, footprint) if !footprint.makes_sense() => {
                return Step::Fault(Fault::Malformed);
            }
            Record::Footprint(run, footprint) if self.run == Some(run) => {
                if follows {
                    self.next_seq = seq.checked_add(1);
                }
                let owned = footprint.map(|text| (*text).to_owned(), |rows| rows.to_vec());
                return Step::Event(Event::Footprint(Box::new(owned)));
            }
            Record::Footer(run, footer) if self.run == Some(run) => {
                self.next_seq = None;
                return Step::Event(Event::Footer(footer));
            }
            Record::Key(key) if self.run == Some(key.run) => {
                self.lost |= !follows;
                self.sample.key(&key, self.page_kib)
            }
            Record::Delta(delta) if follows && self.sample.is_whole() => {
                self.sample.delta(&delta, self.page_kib)
            }
            Record::More(more) if follows && self.sample.is_open() => self.sample.more(&more),
            Record::Key(_) | Record::Delta(_) => {
                self.discarded += 1;
                self.next_seq = None;
                return Step::Quiet;
            }
            // A part of a sample that was lost, or of a run whose header was.
            Record::More(_)
            | Record::Identity(..)
            | Record::Footer(..)
            | Record::Device(..)
            | Record::Footprint(..) => {
                self.next_seq = None;
                return Step::Quiet;
            }
        };
        match applied {
            Ok(complete) => {
                self.next_seq = seq.checked_add(1);
                if !complete {
                    return Step::Quiet;
                }
                self.sample.after_loss = std::mem::take(&mut self.lost);
                Step::Event(Event::Sample)
            }
            Err(_) => Step::Fault(Fault::Malformed),
        }
    }
}
