//! Bytes -> samples: decodes the frames, skips damage, and applies a difference only to the
//! state that it was taken from.

pub use super::event::{Damage, Event, Identity, ProductKey};
use super::fields::page_kib;
use super::frame::{self, Fault, MAX_FRAME};
use super::input::{End, Input};
use super::limits::{exceeded, RUNS};
use super::losses::{Counter, Part};
use super::record::{Header, Record};
use super::sample::{Malformed, Progress, Sample};
use std::collections::HashMap;
use std::io::{self, Read};

/// The outcome of one frame.
enum Step {
    Event(Event),
    /// No event: a part of a sample, or a frame that must not be applied.
    Quiet,
    Fault(Fault),
}

/// Reads one log.
pub struct Reader<'i> {
    input: Input<'i>,
    run: Option<Run>,
    /// The last tick, the highest `seq` and the losses of runs that are over: a run may come
    /// twice.
    over: HashMap<u32, (Option<u64>, u64, Part)>,
    /// The header that comes after [`Event::End`].
    header: Option<Box<Header<String>>>,
    page_kib: u64,
    /// The sequence number that the next delta must have.
    next_seq: Option<u64>,
    /// The `seq` of the last whole frame, plus 1.
    behind_last: u64,
    lost: bool,
    sample: Sample,
    losses: Counter,
    frames: u64,
    /// Where the last frame began, bytes.
    begin: u64,
    skims: bool,
}

/// The position of a frame in its run.
struct Position {
    seq: u64,
    /// Every frame since the last one that was applied was read.
    follows: bool,
    /// Frames missing between it and the whole one before it, where `seq` grows.
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
        Self::of(Input::new(Box::new(input)))
    }

    /// Not generic, to keep the program small: there are many kinds of input.
    fn of(input: Input<'i>) -> Self {
        Self {
            input,
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
            begin: 0,
            skims: false,
        }
    }

    /// Passes over what comes before the next header: that takes a tenth of the time.
    pub(super) fn skim(&mut self) {
        self.skims = true;
    }

    /// The sample of the last [`Event::Sample`].
    pub fn sample(&self) -> &Sample {
        &self.sample
    }

    /// Whole frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Different runs so far.
    pub(crate) fn runs(&self) -> usize {
        let is_new = |run: &Run| !self.over.contains_key(&run.number);
        let new = self.run.as_ref().is_some_and(is_new);
        self.over.len().saturating_add(usize::from(new))
    }

    /// The sequence number of the last whole frame.
    pub(crate) fn seq(&self) -> u64 {
        self.behind_last.wrapping_sub(1)
    }

    /// Where the last frame begins, that of the last event, bytes.
    pub(crate) fn begin(&self) -> u64 {
        self.begin
    }

    /// Where the next frame begins, bytes.
    pub fn offset(&self) -> u64 {
        self.input.offset
    }

    /// The next event; `None` at the end of the log.
    ///
    /// # Errors
    /// Those of the input, and more runs than can be kept apart. Damage is an event, not an
    /// error.
    // Bytes of a file: of 64 bits, and what was taken is no more than lies before.
    #[allow(clippy::arithmetic_side_effects)]
    pub fn next_event(&mut self) -> io::Result<Option<Event>> {
        if self.over.len() > RUNS {
            return Err(exceeded("4096 runs"));
        }
        if let Some(header) = self.header.take() {
            return Ok(Some(Event::Header(header)));
        }
        loop {
            let Some((from, len, end)) = self.input.next_frame()? else {
                let losses = self.losses.finish();
                return Ok(losses.map(|losses| Event::End(Box::new(losses))));
            };
            let taken = len + usize::from(end == End::Terminated);
            let offset = self.input.offset - taken as u64;
            self.begin = offset;
            let step = match end {
                End::Terminated => self.frame(from, len),
                End::Torn => Step::Fault(Fault::Torn),
                End::TooFar => Step::Fault(Fault::TooLong),
            };
            match step {
                Step::Event(event) => return Ok(Some(event)),
                Step::Quiet => {}
                Step::Fault(fault) => {
                    self.next_seq = None;
                    let more = match fault {
                        Fault::Empty => self.input.skip(|byte| byte == 0)?,
                        Fault::TooLong if end == End::TooFar => self.input.skip_line()?,
                        _ => 0,
                    };
                    let len = taken as u64 + more;
                    self.losses.damage(fault, len);
                    return Ok(Some(Event::Damage(Damage { fault, offset, len })));
                }
            }
        }
    }

    // Where the frame lies the input has just said; frames are counted one by one.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    fn frame(&mut self, from: usize, len: usize) -> Step {
        if len >= MAX_FRAME {
            return Step::Fault(Fault::TooLong);
        }
        let bytes = &self.input.buffer[from..from + len];
        if std::mem::replace(&mut self.skims, false) && !frame::begins_header(bytes) {
            self.skims = true;
            return Step::Quiet;
        }
        // The record borrows from it.
        let mut buffer = std::mem::take(&mut self.input.buffer);
        let step = match frame::decode(&mut buffer[from..from + len]) {
            Ok((seq, record)) => {
                self.frames += 1;
                let follows = self.next_seq == Some(seq);
                let behind_last = std::mem::replace(&mut self.behind_last, seq.wrapping_add(1));
                let missing = seq.checked_sub(behind_last);
                let at = Position {
                    seq,
                    follows,
                    missing,
                };
                self.record(&record, &at)
            }
            Err(fault) => Step::Fault(fault),
        };
        self.input.buffer = buffer;
        step
    }

    fn record(&mut self, record: &Record<'_>, at: &Position) -> Step {
        let run = self.run.map(|run| run.number);
        let taken = match record {
            Record::Key(key) if run == Some(key.run) => {
                let shown = self.sample.shown_tick();
                self.lost |= !at.follows && shown.map_or(true, |shown| key.tick > shown);
                let taken = self.sample.key(key, self.page_kib);
                self.named(at);
                taken
            }
            Record::Delta(delta) if at.follows && self.sample.is_whole() => {
                self.sample.delta(delta, self.page_kib)
            }
            Record::More(more) if at.follows && self.sample.is_open() => self.sample.more(more),
            // A sample that must not be applied.
            Record::Key(_) | Record::Delta(_) => {
                let of_another = matches!(record, Record::Key(_));
                self.losses.unread(at.missing.filter(|_| !of_another));
                return self.unused(of_another);
            }
            // A part of a sample that was lost.
            Record::More(_) => return self.unused(false),
            Record::Header(header) => {
                let header = Box::new(header.map(|text| (*text).to_owned()));
                return Step::Event(self.header(header, at));
            }
            record => return self.record_of_run(record, at),
        };
        self.step_of(taken, at.seq)
    }

    /// A record that names its run and is no sample.
    fn record_of_run(&mut self, record: &Record<'_>, at: &Position) -> Step {
        let run = self.run.map(|run| run.number);
        match record {
            Record::Identity(of, identity) if run == Some(*of) => {
                self.named(at);
                Step::Event(Event::Identity(identity.to_owned()))
            }
            Record::Device(of, device) if run == Some(*of) => {
                self.sample.name_device(device);
                self.named(at);
                Step::Quiet
            }
            Record::Product(of, key) if run == Some(*of) => {
                self.named(at);
                Step::Event(Event::Product(ProductKey {
                    kind: key.kind,
                    label: key.label.to_owned(),
                    pattern: key.pattern.to_owned(),
                }))
            }
            Record::Footprint(_, footprint) if !footprint.makes_sense() => {
                Step::Fault(Fault::Malformed)
            }
            Record::Footprint(of, footprint) if run == Some(*of) => {
                let owned = footprint.map(|text| (*text).to_owned(), |rows| rows.to_vec());
                self.standalone(at, owned.part, || Event::Footprint(Box::new(owned)))
            }
            Record::Result(_, part) if !part.makes_sense() => Step::Fault(Fault::Malformed),
            Record::Result(of, part) if run == Some(*of) => {
                let owned = part.map(|entries| entries.to_vec());
                self.standalone(at, owned.part, || Event::Result(Box::new(owned)))
            }
            Record::Footer(of, footer) if run == Some(*of) => {
                self.named(at);
                self.losses.footer(footer, at.follows);
                self.next_seq = None;
                Step::Event(Event::Footer(footer.clone()))
            }
            // Its header was lost.
            _ => self.unused(true),
        }
    }

    /// A frame is whole but cannot be used.
    fn unused(&mut self, of_another: bool) -> Step {
        self.losses.unused(of_another);
        self.next_seq = None;
        Step::Quiet
    }

    /// Takes a header: one of another run ends the run before.
    fn header(&mut self, header: Box<Header<String>>, at: &Position) -> Event {
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

    /// Notes that a frame names the run; returns whether it is later than all that did.
    fn named(&mut self, at: &Position) -> bool {
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

    /// A part of a record that stands alone; a copy of the log may repeat it.
    fn standalone(&mut self, at: &Position, part: u32, event: impl FnOnce() -> Event) -> Step {
        if self.named(at) {
            return Step::Event(event());
        }
        if part == 0 {
            self.losses.repeated();
        }
        Step::Quiet
    }

    fn step_of(&mut self, progress: Result<Progress, Malformed>, seq: u64) -> Step {
        let Ok(progress) = progress else {
            self.losses.unread(None);
            return Step::Fault(Fault::Malformed);
        };
        self.next_seq = seq.checked_add(1);
        match progress {
            Progress::Open => Step::Quiet,
            Progress::Again => {
                self.losses.repeated();
                Step::Quiet
            }
            Progress::Complete => {
                self.sample.after_loss = std::mem::take(&mut self.lost);
                self.losses.sample(&self.sample);
                Step::Event(Event::Sample)
            }
        }
    }
}
