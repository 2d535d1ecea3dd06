//! What a log lacks is counted exactly, told of the run that it lies in, and what is
//! there twice counts once.

#[path = "support/log.rs"]
mod support;

use edgebench_lite::log::fields::process;
use edgebench_lite::log::losses::Losses;
use edgebench_lite::log::reader::{Event, Reader};
use support::{board_that_says_missed, losses_of, Run, Truth, What};

fn board(run: u32, samples: u64) -> Truth {
    let mut log = board_that_says_missed(run, samples, 12);
    log.true_footer();
    log.truth
}

/// The samples that are told, and the losses of a log of one run.
fn read(bytes: &[u8]) -> (Vec<u64>, Losses) {
    let mut reader = Reader::new(bytes);
    let (mut ticks, mut losses) = (Vec::new(), Losses::default());
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        match event {
            Event::Sample => ticks.push(reader.sample().tick),
            Event::End(of_run) => losses.add(&of_run),
            _ => {}
        }
    }
    (ticks, losses)
}

/// The bytes without those of some frames.
fn without(truth: &Truth, is_left_out: impl Fn(usize) -> bool) -> Vec<u8> {
    let left = truth.frames.iter().enumerate();
    let left = left.filter(|(index, _)| !is_left_out(*index));
    let bytes = left.flat_map(|(_, frame)| &truth.bytes[frame.range.clone()]);
    bytes.copied().collect()
}

/// A bit of frame `index` is not as it was written.
fn flipped(truth: &Truth, index: usize) -> Vec<u8> {
    let mut bytes = truth.bytes.clone();
    bytes[truth.frames[index].range.start + 5] ^= 2;
    bytes
}

#[test]
fn a_whole_log_lacks_nothing() {
    let truth = board(7, 130);
    let (ticks, losses) = read(&truth.bytes);
    assert_eq!(ticks.len(), 130);
    assert_eq!(losses, Losses::default());
}

/// One frame that is not there, and one that is damaged: every sample that is not
/// read is counted, whichever frame it was.
#[test]
fn every_sample_that_is_not_read_is_counted() {
    let truth = board(7, 130);
    for index in 0..truth.frames.len() {
        let missing = read(&without(&truth, |at| at == index));
        let damaged = read(&flipped(&truth, index));
        for (places, (ticks, losses)) in [(0, missing), (1, damaged)] {
            let what = format!("{:?}, {places}", truth.frames[index].what);
            assert_eq!(losses.lost, 130 - ticks.len() as u64, "{what}");
            assert_eq!(losses.damaged, places, "{what}");
            // Without its first frame a log is as one whose older half was dropped; the
            // deadline that was missed then is all that is not counted otherwise.
            let overwritten = u64::from(index == 0 && places == 0);
            assert_eq!(losses.overwritten, overwritten, "{what}");
            assert_eq!(losses.repeated, 0, "{what}");
            assert_eq!(losses.headless, 0, "{what}");
        }
    }
}

#[test]
fn a_delta_that_is_missing_and_the_last_one() {
    let mut log = Run::new(7, 4096, 4);
    log.birth(0, 300, 17, b"init");
    for _ in 0..100 {
        log.introduction();
        log.sample(1, 0, false);
    }
    log.true_footer();
    let truth = log.truth;
    let part = |tick| {
        let is =
            |frame: &support::Frame| matches!(frame.what, What::Part { tick: t, .. } if t == tick);
        truth.frames.iter().position(is).expect("it was written")
    };
    // 30 of the samples 31 to 60 cannot be applied; after 60 there is a Key.
    let (ticks, losses) = read(&without(&truth, |at| at == part(31)));
    assert_eq!((ticks.len(), losses.lost, losses.damaged), (70, 30, 0));
    assert!(!losses.none());
    let (ticks, losses) = read(&without(&truth, |at| at == part(100)));
    assert_eq!((ticks.len(), losses.lost), (99, 1));
    // Cut off: nobody knows of a last one, but the frames behind a gap are there.
    let end = truth.frames.len() - 1;
    let (ticks, losses) = read(&without(&truth, |at| at == part(91) || at == end));
    assert_eq!((ticks.len(), losses.lost), (90, 10));
    let (ticks, losses) = read(&without(&truth, |at| at == part(100) || at == end));
    assert_eq!((ticks.len(), losses.lost), (99, 0));
}

#[test]
fn damage_is_told_of_the_run_that_it_lies_in() {
    let (first, second) = (board(7, 130), board(5, 70));
    let both = first.followed_by(&second);
    let header = first.frames.len();
    assert_eq!(both.frames[header].what, What::Header);

    // The second run's header, without which its first 60 samples are of no use.
    let told = losses_of(&flipped(&both, header));
    assert_eq!(told[0], (7, Losses::default()));
    let losses = &told[1].1;
    assert_eq!((told[1].0, losses.damaged, losses.lost), (5, 1, 60));
    assert_eq!((losses.overwritten, losses.headless), (0, 0));

    // The first run's footer.
    let told = losses_of(&flipped(&both, header - 1));
    assert_eq!((told[0].1.damaged, told[0].1.lost), (1, 0));
    assert_eq!(told[1], (5, Losses::default()));

    // The first is cut off in a frame; whoever appended has ended that.
    let mut cut = first.cut(first.frames[header - 4].range.end - 3);
    cut.bytes.push(0);
    let told = losses_of(&cut.followed_by(&second).bytes);
    assert_eq!((told[0].0, told[0].1.damaged), (7, 1));
    assert_eq!(told[1], (5, Losses::default()));
}

#[test]
fn a_run_of_which_no_header_is_left() {
    let (first, second) = (board(7, 130), board(5, 40));
    let both = first.followed_by(&second);
    let told = losses_of(&flipped(&both, first.frames.len()));
    assert_eq!(told.len(), 1);
    let losses = &told[0].1;
    assert_eq!((losses.damaged, losses.lost, losses.headless), (1, 0, 40));

    let alone = losses_of(&flipped(&second, 0));
    assert_eq!((alone[0].1.damaged, alone[0].1.headless), (1, 40));
}

/// As the second of two segments, of which the older was dropped.
#[test]
fn what_was_overwritten_is_not_lost() {
    let truth = board(7, 130);
    let is_header = |frame: &support::Frame| frame.what == What::Header;
    let second = truth.frames.iter().rposition(is_header).expect("a second");
    let tick = truth.frames[second..]
        .iter()
        .find_map(|frame| match frame.what {
            What::Part { tick, .. } => Some(tick),
            _ => None,
        });
    let (ticks, losses) = read(&without(&truth, |at| at < second));
    assert_eq!(Some(ticks[0]), tick);
    let expected = Losses {
        overwritten: ticks[0],
        ..Losses::default()
    };
    assert_eq!(losses, expected);
}

#[test]
fn what_could_not_be_written_has_its_cause() {
    let lost = |losses: &Losses| (losses.lost, losses.unwritten, losses.write_errno);
    let (ticks, losses) = read(&support::on_a_full_disk(true).bytes);
    assert_eq!(ticks.len(), 15);
    assert_eq!(lost(&losses), (200, 200, 28));
    assert_eq!((losses.lost_in_the_log(), losses.damaged), (0, 0));
    // A recorder that does not say so; and one whose file lost three more samples.
    let (_, losses) = read(&support::on_a_full_disk(false).bytes);
    assert_eq!(lost(&losses), (200, 0, 0));
    let truth = support::on_a_full_disk(true);
    let from = |tick| {
        let is =
            |frame: &support::Frame| matches!(frame.what, What::Part { tick: t, .. } if t == tick);
        truth.frames.iter().position(is).expect("it was written")
    };
    let (_, losses) = read(&without(&truth, |at| (from(7)..=from(9)).contains(&at)));
    assert_eq!(lost(&losses), (203, 200, 28));
    assert_eq!(losses.lost_in_the_log(), 3);
}

#[test]
fn what_the_disk_had_no_room_for_until_the_end_has_its_cause() {
    let (truth, second) = support::full_to_the_end();
    let lost = Losses {
        lost: 12,
        unwritten: 12,
        write_errno: 28,
        ..Losses::default()
    };
    let (ticks, losses) = read(&truth.bytes);
    assert_eq!((ticks.len(), losses), (70, lost.clone()));
    // The first segment was dropped.
    let (ticks, losses) = read(&truth.bytes[second..]);
    let overwritten = 40;
    let expected = Losses {
        overwritten,
        ..lost
    };
    assert_eq!((ticks.len(), losses), (30, expected));
}

/// What is told of these bytes is what is told of the log itself, and this many
/// samples and footprints are told to come twice.
fn assert_once(truth: &Truth, bytes: &[u8], repeated: u64) {
    let once = support::read(&truth.bytes, truth);
    let out = support::read(bytes, truth);
    assert_eq!(out.samples, once.samples);
    assert_eq!(out.footprints, once.footprints);
    let mut losses = Losses::default();
    losses_of(bytes)
        .iter()
        .for_each(|(_, of_run)| losses.add(of_run));
    let expected = Losses {
        repeated,
        ..Losses::default()
    };
    assert_eq!(losses, expected);
    let mut reader = Reader::new(bytes);
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        assert!(event != Event::Sample || !reader.sample().after_loss);
    }
}

#[test]
fn a_run_that_comes_twice_counts_once() {
    let mut log = board_that_says_missed(7, 130, 12);
    log.footer();
    let truth = log.truth;
    // 130 samples and two footprints.
    assert_once(&truth, &[&truth.bytes[..], &truth.bytes].concat(), 132);
    let thrice = [&truth.bytes[..], &truth.bytes, &truth.bytes].concat();
    assert_once(&truth, &thrice, 264);

    // A copy of what there was then, and the log as it grew.
    for index in 0..truth.frames.len() - 1 {
        let copy = &truth.bytes[..truth.frames[index].range.end];
        let whole = truth.frames[index].what;
        let is_whole = !matches!(whole, What::Part { last: false, .. });
        let part = truth.frames[..=index].iter();
        let told = part.filter(|frame| match frame.what {
            What::Part { last, .. } => last,
            _ => false,
        });
        let told = told.count() as u64;
        let footprints = truth.frames[..=index].iter();
        let first_part = |frame: &&support::Frame| frame.what == What::Footprint;
        let footprints = footprints.filter(first_part).count() as u64;
        if is_whole && footprints % 2 == 0 {
            let bytes = [copy, &truth.bytes].concat();
            assert_once(&truth, &bytes, told + footprints / 2);
        }
    }
}

#[test]
fn a_run_that_comes_again_after_another() {
    let (first, second) = (board(7, 70), board(5, 40));
    let bytes = [&first.bytes[..], &second.bytes, &first.bytes].concat();
    let told = losses_of(&bytes);
    let runs: Vec<u32> = told.iter().map(|(run, _)| *run).collect();
    assert_eq!(runs, [7, 5, 7]);
    assert_eq!(
        (&told[0].1, &told[1].1),
        (&Losses::default(), &Losses::default())
    );
    assert_eq!(told[2].1.repeated, 71);
    assert_eq!(read(&bytes).0.len(), 110);
}

/// A process that is not in an old copy yet keeps its place, and its numbers.
#[test]
fn who_is_born_within_what_is_repeated() {
    let mut log = Run::new(7, 4096, 8);
    log.birth(0, 300, 17, b"init");
    for sample in 0..70u64 {
        if sample == 65 {
            log.birth(1, 301, 18, b"sh");
        }
        log.values(0)[process::UTIME] += sample;
        log.introduction();
        log.sample(1, 0, false);
    }
    let truth = log.truth;
    let mut reader = Reader::new(&truth.bytes[..]);
    while reader.next_event().expect("it can be read").is_some() {}
    let place = |reader: &Reader<'_>| {
        let is = |p: &Option<edgebench_lite::log::model::Process>| {
            p.as_ref().is_some_and(|p| p.pid == 301)
        };
        reader.sample().slots.iter().position(is)
    };
    let once = place(&reader);
    let twice = [&truth.bytes[..], &truth.bytes].concat();
    let mut reader = Reader::new(&twice[..]);
    while reader.next_event().expect("it can be read").is_some() {}
    assert_eq!((once, place(&reader)), (Some(1), Some(1)));
}
