//! A result as the records that hold it, and back.

use super::command;
use super::kind::{Kind, Verdict};
use super::measurement::{Mark, Measurement};
use super::ramp::Ramp;
use super::single::{put_mark, put_text, Put, TEXT_BYTES};
use crate::log::fields::NOT_OBSERVABLE;
use crate::log::result::{self, entries, tag, Entry, ResultPart};

/// Entries of so many bytes leave room in a frame for all that stands before them.
const ENTRIES_BYTES: usize = 3900;

/// The records of a result.
// A result has no four billion parts.
#[allow(clippy::cast_possible_truncation)]
pub fn parts(measurement: &Measurement) -> Vec<ResultPart<Vec<u8>>> {
    let mut chunks = vec![Vec::new()];
    let into: &mut Put<'_> = &mut |tag, bytes| put(&mut chunks, tag, bytes);
    put_text(into, tag::SOURCE, &measurement.source, TEXT_BYTES);
    put_text(into, tag::REASON, &measurement.reason, TEXT_BYTES);
    for line in &measurement.evidence {
        put_text(into, tag::EVIDENCE, line, TEXT_BYTES);
    }
    for mark in &measurement.marks {
        put_mark(into, &mark.label, mark.value, &mark.note);
    }
    if let Some(run) = &measurement.command {
        command::entries(run, into);
    }
    if let Some(ramp) = measurement.ramp {
        ramp.put(into);
    }
    let parts = chunks.len() as u32;
    let part = |(part, entries): (usize, Vec<u8>)| ResultPart {
        at_us: measurement.at_us,
        kind: measurement.kind as u32,
        part: part as u32,
        parts,
        verdict: measurement.verdict as u32,
        value: measurement.value.unwrap_or(NOT_OBSERVABLE),
        entries,
    };
    chunks.into_iter().enumerate().map(part).collect()
}

// Lengths of what is in memory.
#[allow(clippy::arithmetic_side_effects)]
fn put(chunks: &mut Vec<Vec<u8>>, tag: u32, bytes: &[u8]) {
    let mut buffer = [0; 2 * TEXT_BYTES + 40];
    let Ok(entry) = postcard::to_slice(&Entry { tag, bytes }, &mut buffer) else {
        return;
    };
    match chunks.last_mut() {
        Some(chunk) if chunk.len() + entry.len() <= ENTRIES_BYTES => {
            chunk.extend_from_slice(entry);
        }
        _ => chunks.push(entry.to_vec()),
    }
}

/// Puts the results of a run together from their parts.
#[derive(Debug, Default)]
pub(crate) struct Assembler {
    results: Vec<Measurement>,
    /// The part that the last result lacks next, and how many it has.
    next: u32,
    parts: u32,
    /// Results, entries and verdicts of a kind that this program does not know.
    unknown: u64,
}

impl Assembler {
    // Records are counted; the reader passes no part whose number is not below that of the
    // parts.
    #[allow(clippy::arithmetic_side_effects)]
    pub(crate) fn add(&mut self, part: &ResultPart<Vec<u8>>) {
        let Some(kind) = Kind::of_number(part.kind) else {
            self.unknown += u64::from(part.part == 0);
            return;
        };
        let continues = self.next > 0 && self.next < self.parts && part.part >= self.next;
        let of_last = |last: &&mut Measurement| (last.kind, last.at_us) == (kind, part.at_us);
        let last = self
            .results
            .last_mut()
            .filter(|_| continues)
            .filter(of_last);
        let parts_missing = match &last {
            Some(_) => part.part > self.next,
            None => part.part > 0,
        };
        let result = match last {
            Some(last) => last,
            None => {
                self.close();
                self.unknown += u64::from(part.verdict as usize >= Verdict::ALL.len());
                // There may be very many: they are not to have twice the room.
                if self.results.len() == self.results.capacity() {
                    self.results.reserve_exact(self.results.len() / 4 + 4);
                }
                self.results.push(empty(kind, part));
                self.results.last_mut().expect("one was pushed")
            }
        };
        result.cut |= parts_missing;
        for entry in entries(&part.entries).flatten() {
            self.unknown += u64::from(!result.take(&entry));
        }
        (self.next, self.parts) = (part.part + 1, part.parts);
    }

    /// The last result gets no more parts.
    fn close(&mut self) {
        if let Some(last) = self.results.last_mut() {
            last.cut |= self.next < self.parts;
        }
    }

    /// The results, and how much is in them that a later version has written.
    pub(crate) fn finish(mut self) -> (Vec<Measurement>, u64) {
        self.close();
        (self.results, self.unknown)
    }
}

fn empty(kind: Kind, part: &ResultPart<Vec<u8>>) -> Measurement {
    let verdict = Verdict::ALL.get(part.verdict as usize).copied();
    Measurement {
        at_us: part.at_us,
        verdict: verdict.unwrap_or(Verdict::NotMeasured),
        value: (part.value != NOT_OBSERVABLE).then_some(part.value),
        ..Measurement::of(kind)
    }
}

impl Measurement {
    /// Takes an entry; whether it is one that this program knows.
    fn take(&mut self, entry: &Entry<'_>) -> bool {
        let text = || String::from_utf8_lossy(entry.bytes).into_owned();
        match entry.tag {
            tag::SOURCE => self.source = text(),
            tag::REASON => self.reason = text(),
            tag::EVIDENCE => self.evidence.push(text()),
            tag::MARK => {
                // The reader has seen that it makes sense.
                if let Ok(mark) = postcard::from_bytes::<result::Mark<'_>>(entry.bytes) {
                    self.marks.push(Mark {
                        label: String::from_utf8_lossy(mark.label).into_owned(),
                        value: (mark.value != NOT_OBSERVABLE).then_some(mark.value),
                        note: String::from_utf8_lossy(mark.note).into_owned(),
                    });
                }
            }
            tag::RAMP => {
                self.ramp = Ramp::read(entry.bytes);
                return self.ramp.is_some();
            }
            _ => return command::take(&mut self.command, entry),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cause, CommandRun, Outcome, Phase};
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![Just(String::new()), "\\PC{0,40}", "[é😀]{900,1200}"]
    }

    fn command_run() -> impl Strategy<Value = Option<CommandRun>> {
        let exit = prop_oneof![
            any::<u8>().prop_map(Outcome::Status),
            any::<u8>().prop_map(Outcome::Signal),
            Just(Outcome::TimedOut),
            Just(Outcome::Stopped),
            any::<u32>().prop_map(Outcome::NotStarted),
        ];
        let run = (exit, any::<u64>(), any::<bool>(), any::<u64>());
        let run = run.prop_map(|(outcome, cpu_us, is_first, missed)| CommandRun {
            outcome: Some(outcome),
            cpu_us,
            is_first,
            missed,
        });
        proptest::option::of(run)
    }

    fn ramp() -> impl Strategy<Value = Option<Ramp>> {
        let phase = prop_oneof![Just(Phase::Begun), Just(Phase::Held), Just(Phase::Finished)];
        let cause = prop_oneof![
            Just(None),
            Just(Some(Cause::Memory)),
            Just(Some(Cause::Signal))
        ];
        let ramp = (phase, any::<u64>(), cause).prop_map(|(phase, ready, cause)| Ramp {
            phase,
            ready,
            cause,
        });
        proptest::option::of(ramp)
    }

    fn measurement() -> impl Strategy<Value = Measurement> {
        let mark = (text(), proptest::option::of(0..u64::MAX), text());
        let mark = mark.prop_map(|(label, value, note)| Mark { label, value, note });
        let head = (0..7usize, any::<u64>(), 0..4usize);
        let value = proptest::option::of(0..u64::MAX);
        let texts = (text(), text(), vec("\\PC{1,300}", 0..40), vec(mark, 0..20));
        let all = (head, value, texts, command_run(), ramp());
        all.prop_map(
            |((kind, at_us, verdict), value, texts, run, ramp)| Measurement {
                kind: Kind::ALL[kind],
                at_us,
                verdict: Verdict::ALL[verdict],
                value,
                source: texts.0,
                reason: texts.1,
                evidence: texts.2,
                marks: texts.3,
                command: run,
                ramp,
                cut: false,
            },
        )
    }

    /// As much of each text as a log keeps.
    fn cut_to_size(mut of: Measurement) -> Measurement {
        let texts = [&mut of.source, &mut of.reason].into_iter();
        let marks = of.marks.iter_mut();
        let texts = texts.chain(marks.flat_map(|mark| [&mut mark.label, &mut mark.note]));
        for text in texts {
            while text.len() > 1000 {
                text.pop();
            }
        }
        of
    }

    fn read(parts: &[ResultPart<Vec<u8>>]) -> (Vec<Measurement>, u64) {
        let mut assembler = Assembler::default();
        for part in parts {
            assembler.add(part);
        }
        assembler.finish()
    }

    #[test]
    fn the_place_of_a_kind_is_its_number() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
        for (number, verdict) in Verdict::ALL.into_iter().enumerate() {
            assert_eq!(verdict as usize, number);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn what_is_put_into_records_is_read_from_them(of in vec(measurement(), 0..4)) {
            let parts: Vec<_> = of.iter().flat_map(parts).collect();
            let mut out = [0; crate::log::frame::MAX_FRAME];
            for part in &parts {
                let record = crate::log::record::Record::Result(u32::MAX, part.map(Vec::as_slice));
                prop_assert!(crate::log::frame::encode(u64::MAX, &record, &mut out).is_ok());
            }
            let expected: Vec<_> = of.into_iter().map(cut_to_size).collect();
            prop_assert_eq!(read(&parts), (expected, 0));
        }

        #[test]
        fn a_result_that_lacks_a_part_stands_with_the_rest(of in measurement(), hit in any::<usize>()) {
            let mut parts = parts(&of);
            prop_assume!(parts.len() > 1);
            parts.remove(hit % parts.len());
            let (read, unknown) = read(&parts);
            prop_assert_eq!((read.len(), unknown), (1, 0));
            prop_assert!(read[0].cut);
            prop_assert_eq!((read[0].kind, read[0].value), (of.kind, of.value));
        }
    }

    #[test]
    fn what_a_later_version_wrote_is_counted_and_passed_over() {
        let part = |kind, part, verdict, entries: &[u8]| ResultPart {
            at_us: 9,
            kind,
            part,
            parts: 2,
            verdict,
            value: 5,
            entries: entries.to_vec(),
        };
        let (read, unknown) = read(&[
            part(7, 0, 0, &[]),
            part(7, 1, 0, &[]),
            part(0, 0, 4, &[9, 1, b'x', 0, 1, b's', 8, 3, 10, 0, 0]),
            part(0, 1, 4, &[10, 0]),
        ]);
        // The kind, the verdict, a tag, a phase, and a tag.
        assert_eq!(unknown, 5);
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].kind, &*read[0].source), (Kind::BootCold, "s"));
        assert_eq!(read[0].verdict, Verdict::NotMeasured);
    }
}
