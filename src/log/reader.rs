//! Bytes -> samples: finds the frames, passes over damage, and never applies a
//! difference to anything but what it was taken from.

pub use super::event::{Damage, Event};
use super::fields::page_kib;
use super::frame::{self, Fault, MAX_FRAME};
use super::losses::{Counter, Part};
pub use super::owned::{Identity, ProductKey};
use super::record::{Header, Record};
use super::sample::{Malformed, Sample, Taken};
use std::collections::HashMap;
use std::ffi::CStr;
use std::io::{self, Read};

/// What came of one frame.
enum Step {
    Event(Event),
    /// Nothing to tell: a part of a sample, or one that may not be applied.
    Quiet,
    Fault(Fault),
}

const CHUNK: usize = 1 << 16;

/// Reads one log.
pub struct Reader<'i> {
    input: Box<dyn Read + 'i>,
    buffer: Vec<u8>,
    /// The part of the buffer that was not looked at yet.
    start: usize,
    end: usize,
    /// Where `start` lies in the file.
    offset: u64,
    eof: bool,
    run: Option<Run>,
    /// Of runs that are over, for a run may come twice: the last ticks and numbers, and
    /// what was counted.
    over: HashMap<u32, (Option<u64>, u64, Part)>,
    /// The header that comes after [`Event::End`].
    header: Option<Box<Header<String>>>,
    page_kib: u64,
    /// The sequence number that the next delta must have.
    next_seq: Option<u64>,
    /// The number of the last whole frame, and 1.
    behind_last: u64,
    lost: bool,
    sample: Sample,
    losses: Counter,
    frames: u64,
}

/// Where a frame stands in its run.
struct At {
    seq: u64,
    /// Every frame since the last one that was applied was read.
    follows: bool,
    /// Frames between it and the whole one before it, where the numbers go on.
    missing: Option<u64>,
}

/// The run that is read.
#[derive(Debug, Clone, Copy)]
struct Run {
    number: u32,
    /// The highest number of a frame that names it.
    seq: u64,
}

impl<'i> Reader<'i> {
    pub fn new(input: impl Read + 'i) -> Self {
        Self::of(Box::new(input))
    }

    /// Not generic, for the size of the program: there are logs of many kinds of input.
    fn of(input: Box<dyn Read + 'i>) -> Self {
        Self {
            input,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            offset: 0,
            eof: false,
            run: None,
            over: HashMap::new(),
            header: None,
            page_kib: 4,
            next_seq: None,
            behind_last: 0,
            lost: false,
            sample: Sample::default(),
            losses: Counter::default(),
            frames: 0,
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

    /// The sequence number of the last whole frame.
    pub(crate) fn seq(&self) -> u64 {
        self.behind_last.wrapping_sub(1)
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
        if let Some(header) = self.header.take() {
            return Ok(Some(Event::Header(header)));
        }
        loop {
            let Some((from, len, terminated)) = self.find_frame()? else {
                let losses = self.losses.finish();
                return Ok(losses.map(|losses| Event::End(Box::new(losses))));
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
                    let len = taken as u64 + more;
                    self.losses.damage(fault, len);
                    return Ok(Some(Event::Damage(Damage { fault, offset, len })));
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
        // A pipe may give byte by byte: what is there is not moved for each.
        if self.start == self.end || self.end > CHUNK / 2 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
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
        let at = At {
            seq,
            follows: self.next_seq == Some(seq),
            missing: seq.checked_sub(std::mem::replace(
                &mut self.behind_last,
                seq.wrapping_add(1),
            )),
        };
        let run = self.run.map(|run| run.number);
        let taken = match record {
            Record::Header(header) => {
                let header = Box::new(header.map(|text| (*text).to_owned()));
                return Step::Event(self.header(header, &at));
            }
            Record::Identity(of, identity) if run == Some(of) => {
                let owned = Identity::from(&identity);
                self.named(&at);
                return Step::Event(Event::Identity(owned));
            }
            Record::Device(of, device) if run == Some(of) => {
                self.sample.name_device(&device);
                self.named(&at);
                return Step::Quiet;
            }
            Record::Product(of, product) if run == Some(of) => {
                let owned = ProductKey::from(&product);
                self.named(&at);
                return Step::Event(Event::Product(owned));
            }
            Record::Footprint(_, footprint) if !footprint.makes_sense() => {
                return Step::Fault(Fault::Malformed);
            }
            Record::Footprint(of, footprint) if run == Some(of) => {
                let owned = footprint.map(|text| (*text).to_owned(), |rows| rows.to_vec());
                return self.standalone(&at, owned.part, || Event::Footprint(Box::new(owned)));
            }
            Record::Result(_, outcome) if !outcome.makes_sense() => {
                return Step::Fault(Fault::Malformed);
            }
            Record::Result(of, outcome) if run == Some(of) => {
                let owned = outcome.map(|entries| entries.to_vec());
                return self.standalone(&at, owned.part, || Event::Result(Box::new(owned)));
            }
            Record::Footer(of, footer) if run == Some(of) => {
                self.named(&at);
                self.losses.footer(&footer, at.follows);
                self.next_seq = None;
                return Step::Event(Event::Footer(footer));
            }
            Record::Key(key) if run == Some(key.run) => {
                let shown = self.sample.shown_tick();
                self.lost |= !at.follows && shown.map_or(true, |shown| key.tick > shown);
                let taken = self.sample.key(&key, self.page_kib);
                self.named(&at);
                taken
            }
            Record::Delta(delta) if at.follows && self.sample.is_whole() => {
                self.sample.delta(&delta, self.page_kib)
            }
            Record::More(more) if at.follows && self.sample.is_open() => self.sample.more(&more),
            Record::Key(_) | Record::Delta(_) => {
                let of_another = matches!(record, Record::Key(_));
                self.losses.unused(of_another);
                self.losses.unread(at.missing.filter(|_| !of_another));
                self.next_seq = None;
                return Step::Quiet;
            }
            // A part of a sample that was lost, or of a run whose header was.
            Record::More(_)
            | Record::Identity(..)
            | Record::Footer(..)
            | Record::Device(..)
            | Record::Footprint(..)
            | Record::Result(..)
            | Record::Product(..) => {
                self.losses.unused(!matches!(record, Record::More(_)));
                self.next_seq = None;
                return Step::Quiet;
            }
        };
        self.taken(taken, seq)
    }

    /// A header: one of another run ends the one before.
    fn header(&mut self, header: Box<Header<String>>, at: &At) -> Event {
        if self.run.is_some_and(|run| run.number == header.run) {
            self.named(at);
            return Event::Header(header);
        }
        let part = self.losses.part();
        let losses = self.losses.next(&header, at.seq);
        if let Some(run) = self.run {
            let last = (self.sample.shown_tick(), run.seq, part);
            self.over.insert(run.number, last);
        }
        let known = self.over.get(&header.run).copied();
        let (shown, seq, part) = known.unwrap_or((None, at.seq, Part::default()));
        self.losses.resume(part);
        self.page_kib = page_kib(header.page_size);
        self.sample.reset(shown);
        self.lost = false;
        self.next_seq = at.seq.checked_add(1);
        let (number, seq) = (header.run, seq.max(at.seq));
        match self.run.replace(Run { number, seq }) {
            None => Event::Header(header),
            Some(_) => {
                self.header = Some(header);
                Event::End(Box::new(losses))
            }
        }
    }

    /// A frame names the run that is read; whether it is later than all that did.
    fn named(&mut self, at: &At) -> bool {
        self.losses.own();
        if at.follows {
            self.next_seq = at.seq.checked_add(1);
        }
        match &mut self.run {
            Some(run) if run.seq < at.seq => {
                run.seq = at.seq;
                true
            }
            _ => false,
        }
    }

    /// A part of what stands alone, which a copy of the log may bring again.
    fn standalone(&mut self, at: &At, part: u32, event: impl FnOnce() -> Event) -> Step {
        if self.named(at) {
            return Step::Event(event());
        }
        if part == 0 {
            self.losses.repeated();
        }
        Step::Quiet
    }

    fn taken(&mut self, taken: Result<Taken, Malformed>, seq: u64) -> Step {
        let Ok(taken) = taken else {
            self.losses.unread(None);
            return Step::Fault(Fault::Malformed);
        };
        self.next_seq = seq.checked_add(1);
        match taken {
            Taken::Open => Step::Quiet,
            Taken::Again => {
                self.losses.repeated();
                Step::Quiet
            }
            Taken::Complete => {
                self.sample.after_loss = std::mem::take(&mut self.lost);
                self.losses.sample(&self.sample);
                Step::Event(Event::Sample)
            }
        }
    }
}
