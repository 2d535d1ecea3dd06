//! Damage: whatever becomes of the bytes of a log, nothing wrong is read from it,
//! and no more is lost than its specification says.

#[path = "support/log.rs"]
mod support;

use edgebench_lite::log::fields::process;
use edgebench_lite::log::frame::{self, Fault, MAX_FRAME};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::KEY_EVERY;
use std::io::{self, Read};
use support::{board_at_work, read, Dice, Hit, Outcome, Run, Truth, What};

/// 130 samples of 12 processes: two blocks of 60, and the beginning of a third.
fn long_log(run: u32) -> Truth {
    let mut log = board_at_work(run, 130, 12);
    log.footer();
    log.truth
}

/// As small as it can be with everything in it: three Keys, two headers, a birth, a
/// death, a rename, a slot taken over, a footer.
fn short_log(run: u32) -> Truth {
    let mut log = Run::new(run, 4096, 7);
    for slot in 0..3 {
        log.birth(slot, 300 + slot as u32, 17, b"init");
        log.values(slot)[process::RSS] = 700;
        log.values(slot)[process::FLAGS] = process::flag::HAS_PSS;
    }
    for sample in 0..18 {
        log.machine.group_mut(0)[3] += 101 + sample;
        if let Some(values) = log.machine.core_mut(1) {
            values[8] = sample % 2;
        }
        log.values(1)[process::UTIME] += sample;
        match sample {
            2 => log.slots[2] = None,
            3 => log.birth(2, 901, 20, b"sh"),
            4 => log.birth(2, 902, 21, b"sh -c"),
            5 => log.rename(2, b"busybox"),
            8 => (4..7).for_each(|slot| {
                log.birth(slot, 1000 + slot as u32, 30, &[b'x'; 60]);
                *log.values(slot) = [u64::MAX / 3; process::COUNT];
            }),
            7 => [2, 7].into_iter().for_each(|kind| log.result(kind)),
            9 => (3..7).for_each(|slot| log.slots[slot] = None),
            6 | 12 => log.encoder.resync(),
            _ => {}
        }
        if sample == 0 || sample == 6 {
            log.header();
            log.identity(301);
        }
        log.sample(1, 5, sample % 3 == 1);
    }
    log.result(3);
    log.footer();
    log.truth
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// What must be read where one bit is not as it was written.
fn expected_flipped(truth: &Truth, bit: usize) -> Outcome {
    let at = bit / 8;
    truth.expected(|index| {
        let range = &truth.frames[index].range;
        // The 0x00 before a frame is as much a part of it as the one behind.
        let whole = at < range.start.saturating_sub(1) || at >= range.end;
        if whole {
            Hit::None
        } else {
            Hit::Broken
        }
    })
}

fn assert_survives_flip(truth: &Truth, bit: usize) {
    let out = read(&flipped(&truth.bytes, bit), truth);
    assert_eq!(out.whole(), expected_flipped(truth, bit), "bit {bit}");
    let hit =
        |range: &std::ops::Range<usize>| range.contains(&(bit / 8)) || range.start == bit / 8 + 1;
    let broken = truth.frames.iter().filter(|frame| hit(&frame.range));
    let len: usize = broken.map(|frame| frame.range.len()).sum();
    assert_eq!(out.damaged_bytes(), len as u64, "bit {bit}");
}

#[test]
fn undamaged_logs_are_read_whole() {
    for truth in [short_log(5), long_log(7)] {
        let out = read(&truth.bytes, &truth);
        assert_eq!(out, truth.expected(|_| Hit::None));
        assert_eq!(out.samples.len(), truth.states.len());
    }
}

#[test]
fn short_log_with_any_bit_flipped() {
    let truth = short_log(5);
    for bit in 0..8 * truth.bytes.len() {
        assert_survives_flip(&truth, bit);
    }
}

/// What a reader makes of a flipped bit hangs on what becomes of the frame it lies
/// in: it is refused by itself; split by a new 0x00; or joined to the next.
#[test]
fn long_log_with_a_bit_of_each_sort_flipped() {
    let truth = long_log(7);
    for frame in &truth.frames {
        let range = frame.range.clone();
        let mut bits = vec![8 * range.start, 8 * range.end - 20, 8 * range.end - 1];
        let single = |at: &usize| truth.bytes[*at].is_power_of_two();
        if let Some(at) = range.clone().find(single) {
            bits.push(8 * at + truth.bytes[at].trailing_zeros() as usize);
        }
        for bit in bits {
            assert_survives_flip(&truth, bit);
            let lost = truth.states.len() - expected_flipped(&truth, bit).samples.len();
            assert!(lost <= KEY_EVERY as usize + 1, "bit {bit}: {lost} samples");
        }
    }
}

#[test]
fn no_frame_passes_with_a_bit_flipped() {
    let truth = long_log(7);
    for frame in &truth.frames {
        let body = &truth.bytes[frame.range.start..frame.range.end - 1];
        for bit in 0..8 * body.len() {
            let mut bytes = flipped(body, bit);
            for piece in bytes.split_mut(|byte| *byte == 0) {
                let fault = frame::decode(piece).map(|(seq, _)| seq);
                let wanted = if piece.is_empty() {
                    Fault::Empty
                } else {
                    Fault::Checksum
                };
                assert_eq!(fault, Err(wanted), "{:?}, bit {bit}", frame.what);
            }
        }
    }
}

fn assert_survives_cut(truth: &Truth, len: usize) {
    let out = read(&truth.bytes[..len], truth);
    let part = truth.cut(len);
    assert_eq!(out.whole(), part.expected(|_| Hit::None), "cut at {len}");
    let whole = part.frames.last().map_or(0, |frame| frame.range.end);
    let torn = if whole == len {
        vec![]
    } else {
        vec![Fault::Torn]
    };
    assert_eq!(out.faults(), torn, "cut at {len}");
    assert_eq!(out.damaged_bytes(), (len - whole) as u64, "cut at {len}");
}

#[test]
fn short_log_cut_at_any_byte() {
    let truth = short_log(5);
    for len in 0..=truth.bytes.len() {
        assert_survives_cut(&truth, len);
    }
}

#[test]
fn long_log_cut_in_and_between_any_frames() {
    let truth = long_log(7);
    for frame in &truth.frames {
        let (start, end) = (frame.range.start, frame.range.end);
        for len in [start, start + 1, (start + end) / 2, end - 1] {
            assert_survives_cut(&truth, len);
        }
    }
}

#[test]
fn tails_of_zeros() {
    let truth = short_log(5);
    for len in 0..=truth.bytes.len() {
        let mut bytes = truth.bytes[..len].to_vec();
        bytes.resize(len + 4096, 0);
        let out = read(&bytes, &truth);
        // The first of the zeros may be the very one that was cut off.
        let whole = |end: usize| end <= len + 1;
        let expected = truth.expected(|index| {
            if whole(truth.frames[index].range.end) {
                Hit::None
            } else {
                Hit::Broken
            }
        });
        assert_eq!(out.whole(), expected, "cut at {len}");
        assert_eq!(out.faults().last(), Some(&Fault::Empty), "cut at {len}");
    }
}

#[test]
fn blocks_of_zeros_and_of_ones() {
    let truth = long_log(7);
    for (size, step, fill) in [
        (512, 97, 0),
        (64, 131, 0),
        (3, 91, 0),
        (1, 29, 0),
        (512, 171, 0xFF),
    ] {
        for from in (0..truth.bytes.len() - size).step_by(step) {
            let block = from..from + size;
            let mut bytes = truth.bytes.clone();
            bytes[block.clone()].fill(fill);
            let changed = |at: usize| bytes[at] != truth.bytes[at];
            // A frame is whole where its bytes are, and a 0x00 stands before it.
            let expected = truth.expected(|index| {
                let range = &truth.frames[index].range;
                let before = range.start.saturating_sub(1);
                if (before..range.end).any(changed) {
                    Hit::Broken
                } else {
                    Hit::None
                }
            });
            let out = read(&bytes, &truth);
            assert_eq!(out.whole(), expected, "{size} bytes of {fill} at {from}");
        }
    }
}

/// Two runs on one board: the same processes and numbers, another run.
#[test]
fn two_logs_one_after_the_other() {
    let (first, second) = (long_log(7), short_log(5));
    let both = first.followed_by(&second);
    assert_eq!(read(&both.bytes, &both), both.expected(|_| Hit::None));
    let twice = second.followed_by(&second);
    let out = read(&twice.bytes, &twice);
    assert_eq!(out.samples, second.expected(|_| Hit::None).samples);
    assert_eq!((out.damage.len(), out.headers.len()), (0, 4));
}

#[test]
fn cut_log_and_another_behind_it() {
    let (first, second) = (short_log(5), short_log(6));
    for len in (0..first.bytes.len())
        .step_by(31)
        .chain(first.bytes.len() - 60..first.bytes.len())
    {
        let part = first.cut(len);
        let both = part.followed_by(&second);
        let torn = part.frames.last().map_or(0, |frame| frame.range.end) != len;
        let joined = part.frames.len();
        let expected = both.expected(|index| {
            if torn && index == joined {
                Hit::Broken
            } else {
                Hit::None
            }
        });
        assert_eq!(read(&both.bytes, &both).whole(), expected, "cut at {len}");

        // As it is appended to: with a 0x00 between.
        let mut ended = part.clone();
        ended.bytes.push(0);
        let both = ended.followed_by(&second);
        let out = read(&both.bytes, &both);
        let runs = |samples: &[(u32, u64)]| samples.iter().filter(|(run, _)| *run == 6).count();
        assert_eq!(runs(&out.samples), second.states.len(), "cut at {len}");
        let whole = ended.expected(|_| Hit::None).samples.len();
        // One more where nothing but the 0x00 was cut off.
        assert!([whole, whole + 1].contains(&(out.samples.len() - second.states.len())));
    }
}

/// The worst of neighbours: its numbers go on where the other's end.
#[test]
fn second_log_with_any_bit_of_its_beginning_flipped() {
    let first = board_at_work(5, 8, 3).truth;
    let second = short_log(5 + first.frames.len() as u32);
    for len in [
        first.bytes.len(),
        first.bytes.len() - 1,
        first.bytes.len() - 9,
    ] {
        let part = first.cut(len);
        let both = part.followed_by(&second);
        let torn = part.frames.len() != first.frames.len();
        let header = part.frames.len();
        // The 0x00 before it is as good as its own.
        let from = len - usize::from(!torn);
        let step = if torn { 5 } else { 1 };
        for bit in (8 * from..8 * both.frames[header + 2].range.end).step_by(step) {
            let expected = both.expected(|index| {
                let range = &both.frames[index].range;
                let hit = bit / 8 >= range.start.saturating_sub(1) && bit / 8 < range.end;
                if hit || (torn && index == header) {
                    Hit::Broken
                } else {
                    Hit::None
                }
            });
            let out = read(&flipped(&both.bytes, bit), &both);
            assert_eq!(out.whole(), expected, "cut at {len}, bit {bit}");
        }
    }
}

#[test]
fn garbage_between_frames() {
    let truth = short_log(5);
    let mut dice = Dice(99);
    for round in 0..400 {
        let mut bytes = Vec::new();
        let mut hits = vec![Hit::None; truth.frames.len()];
        let mut expected_damage = 0;
        for (index, frame) in truth.frames.iter().enumerate() {
            if dice.below(12) == 0 {
                let len = 1 + dice.below([3, 40, 9000][round % 3]);
                let at = bytes.len();
                bytes.extend((0..len).map(|_| dice.roll() as u8));
                let ended = bytes.last() == Some(&0);
                hits[index] = if ended { Hit::Before } else { Hit::Broken };
                expected_damage += bytes.len() - at;
                if !ended {
                    expected_damage += frame.range.len();
                }
            }
            bytes.extend_from_slice(&truth.bytes[frame.range.clone()]);
        }
        let out = read(&bytes, &truth);
        assert_eq!(
            out.whole(),
            truth.expected(|index| hits[index]),
            "round {round}"
        );
        assert_eq!(out.damaged_bytes(), expected_damage as u64, "round {round}");
    }
}

/// What ends in 0x00 leaves the frame behind it whole, but not the difference in it.
#[test]
fn an_end_of_a_frame_between_any_two() {
    let truth = short_log(5);
    for between in [&[0][..], &[0, 0, 0], &[7, 0], &[1, 1, 1, 1, 1, 0]] {
        for (index, frame) in truth.frames.iter().enumerate() {
            let (before, after) = truth.bytes.split_at(frame.range.start);
            let out = read(&[before, between, after].concat(), &truth);
            let hit = |at: usize| if at == index { Hit::Before } else { Hit::None };
            assert_eq!(out.whole(), truth.expected(hit), "before frame {index}");
            assert_eq!(out.damaged_bytes(), between.len() as u64);
        }
    }
}

/// A Key and a Delta in many frames each: none may be left out.
#[test]
fn parts_of_long_samples_missing() {
    let mut log = Run::new(5, 4096, 90);
    for slot in 0..90 {
        log.birth(slot, 300 + slot as u32, 17, &[b'x'; 60]);
    }
    for sample in 0..5 {
        if sample == 3 {
            log.encoder.resync();
        }
        for slot in 0..90 {
            *log.values(slot) = [u64::MAX / (3 + sample); process::COUNT];
        }
        log.introduction();
        log.sample(1, 0, false);
    }
    let truth = log.truth;
    let parts = |tick| {
        let of =
            |frame: &&support::Frame| matches!(frame.what, What::Part { tick: t, .. } if t == tick);
        truth.frames.iter().filter(of).count()
    };
    assert_eq!([parts(1), parts(2), parts(4)], [5, 4, 5]);
    for (index, frame) in truth.frames.iter().enumerate() {
        let (before, after) = (
            &truth.bytes[..frame.range.start],
            &truth.bytes[frame.range.end..],
        );
        let expected = truth.expected(|at| if at == index { Hit::Broken } else { Hit::None });
        let zeros = vec![0; frame.range.len()];
        assert_eq!(
            read(&[before, after].concat(), &truth),
            expected,
            "frame {index}"
        );
        let out = read(&[before, &zeros, after].concat(), &truth);
        assert_eq!(out.whole(), expected, "frame {index}");
    }
}

#[test]
fn frames_missing_doubled_and_swapped() {
    let truth = short_log(5);
    let frame = |index: usize| &truth.bytes[truth.frames[index].range.clone()];
    for index in 0..truth.frames.len() - 1 {
        let range = truth.frames[index].range.clone();
        let (before, after) = (&truth.bytes[..range.start], &truth.bytes[range.end..]);
        let without = read(&[before, after].concat(), &truth);
        let expected = truth.expected(|at| if at == index { Hit::Broken } else { Hit::None });
        assert_eq!(without, expected, "without frame {index}");

        let next = &after[frame(index + 1).len()..];
        let swapped = read(
            &[before, frame(index + 1), frame(index), next].concat(),
            &truth,
        );
        assert!(swapped.samples.len() <= truth.states.len());
        assert_eq!(swapped.damage, [], "frame {index} swapped");
        read(
            &[before, frame(index), frame(index), after].concat(),
            &truth,
        );
    }
}

/// Counts what is asked of it: a reader must not ask for a file at once.
struct Source<R> {
    inner: R,
    longest: usize,
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.longest = self.longest.max(out.len());
        self.inner.read(out)
    }
}

#[test]
fn files_of_one_byte_over_and_over() {
    const LEN: u64 = 10 << 20;
    for (byte, fault) in [(0, Fault::Empty), (0xFF, Fault::Torn), (b'a', Fault::Torn)] {
        let mut source = Source {
            inner: io::repeat(byte).take(LEN),
            longest: 0,
        };
        let mut reader = Reader::new(&mut source);
        let mut damage = Vec::new();
        while let Some(event) = reader.next_event().expect("it can be read") {
            match event {
                Event::Damage(one) => damage.push((one.fault, one.offset, one.len)),
                Event::End(losses) => assert_eq!((losses.damaged, losses.lost), (1, 0)),
                other => panic!("{other:?} in {byte}"),
            }
        }
        let fault = if byte == 0 { fault } else { Fault::TooLong };
        assert_eq!(damage, [(fault, 0, LEN)]);
        assert_eq!(reader.frames(), 0);
        drop(reader);
        assert!(source.longest <= 1 << 16, "{}", source.longest);
    }
}

#[test]
fn what_is_too_long_ends_with_its_0x00() {
    let truth = short_log(5);
    for len in [
        MAX_FRAME - 1,
        MAX_FRAME,
        2 * MAX_FRAME,
        65_535,
        65_536,
        200_000,
    ] {
        let mut bytes = vec![7; len];
        bytes.push(0);
        bytes.extend_from_slice(&truth.bytes);
        let out = read(&bytes, &truth);
        assert_eq!(out.whole(), truth.expected(|_| Hit::None), "{len}");
        let fault = if len < MAX_FRAME {
            Fault::Checksum
        } else {
            Fault::TooLong
        };
        assert_eq!(out.faults(), [fault], "{len}");
        assert_eq!(out.damaged_bytes(), len as u64 + 1);
    }
}

/// A pipe gives what it has; a frame may come byte by byte.
#[test]
fn bytes_that_come_in_pieces() {
    struct Pieces<'a>(&'a [u8], Dice);
    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if self.1.below(5) == 0 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let len = (1 + self.1.below(90) as usize)
                .min(self.0.len())
                .min(out.len());
            out[..len].copy_from_slice(&self.0[..len]);
            self.0 = &self.0[len..];
            Ok(len)
        }
    }
    let truth = long_log(7);
    let mut reader = Reader::new(Pieces(&truth.bytes, Dice(3)));
    let mut ticks = Vec::new();
    while let Some(event) = reader.next_event().expect("interruptions are no errors") {
        assert!(!matches!(event, Event::Damage(_)));
        if event == Event::Sample {
            let tick = reader.sample().tick;
            support::assert_shows(reader.sample(), &truth.states[&(7, tick)]);
            ticks.push((7, tick));
        }
    }
    assert_eq!(ticks, truth.expected(|_| Hit::None).samples);
}

#[test]
fn loss_is_told_with_the_sample_after_it() {
    let truth = short_log(5);
    for lost in 1..truth.frames.len() - 1 {
        let range = truth.frames[lost].range.clone();
        let bytes = [&truth.bytes[..range.start], &truth.bytes[range.end..]].concat();
        let mut reader = Reader::new(&bytes[..]);
        let mut told = 0;
        while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
            told += usize::from(event == Event::Sample && reader.sample().after_loss);
        }
        let later = |frame: &support::Frame| {
            matches!(
                frame.what,
                What::Part {
                    key: true,
                    first: true,
                    ..
                }
            )
        };
        let comes = truth.frames[lost + 1..].iter().any(later);
        assert_eq!(told, usize::from(comes), "without frame {lost}");
    }
}
