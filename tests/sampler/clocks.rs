//! What becomes of the clocks.

use crate::tree::{at, Made, Recording, Seen, Tree, SECOND};
use edgebench_lite::log::fields::clock;
use edgebench_lite::log::record::PssMode;
use edgebench_lite::system::clock::boottime_ns;
use nix::sys::stat::Mode;

fn clocks(seen: &Seen) -> (i64, u64) {
    let value = |field| seen.machine.group(clock::ID).unwrap()[field];
    (value(clock::STEPPED_MS) as i64, value(clock::SUSPENDED_MS))
}

#[test]
fn a_clock_that_is_set_back_by_an_hour() {
    let tree = Tree::new();
    let mut recording = Recording::of(&tree, PssMode::Off);
    assert_eq!(clocks(&recording.next()), (0, 0));
    let mut now = at(1);
    now.realtime_ns -= 3600 * SECOND;
    assert_eq!(clocks(&recording.next_at(&now)), (-3_600_000, 0));
    let mut now = at(2);
    now.realtime_ns -= 3600 * SECOND;
    assert_eq!(
        clocks(&recording.next_at(&now)),
        (-3_600_000, 0),
        "it stays"
    );
    assert_eq!(
        clocks(&recording.next_at(&at(3))),
        (0, 0),
        "set right again"
    );
}

#[test]
fn a_clock_that_is_set_from_1970() {
    let tree = Tree::new();
    let mut recording = Recording::of(&tree, PssMode::Off);
    // Boards without an RTC start there, and are set by NTP.
    let mut now = at(0);
    now.realtime_ns += 1_000_000_000 * SECOND;
    assert_eq!(clocks(&recording.next_at(&now)), (1_000_000_000_000, 0));
}

#[test]
fn a_suspend_of_30_seconds() {
    let tree = Tree::new();
    let mut recording = Recording::of(&tree, PssMode::Off);
    assert_eq!(clocks(&recording.next()), (0, 0));
    // The monotonic clock stood still; the other two did not.
    let mut now = at(31);
    now.monotonic_ns = at(1).monotonic_ns;
    assert_eq!(clocks(&recording.next_at(&now)), (0, 30_000));
}

#[test]
fn noise_of_5_ms_between_the_clocks_is_nothing() {
    let tree = Tree::new();
    let mut recording = Recording::of(&tree, PssMode::Off);
    for (tick, noise_ms) in [(0, 0), (1, 5), (2, -5), (3, 5), (4, 0)] {
        let mut now = at(tick);
        now.realtime_ns = now.realtime_ns.wrapping_add_signed(noise_ms * 1_000_000);
        now.boottime_ns = now.boottime_ns.wrapping_add_signed(-noise_ms * 500_000);
        assert_eq!(clocks(&recording.next_at(&now)), (0, 0), "tick {tick}");
    }
}

/// A stat that is a FIFO is read when there is a writer: the scan waits for it, as it
/// does when the recorder is preempted.
#[test]
fn a_sample_is_of_the_time_when_cpu_time_was_read() {
    let mut tree = Tree::new();
    tree.process(&Made::new(5));
    let stat = tree.path().join("proc/5/stat");
    let text = std::fs::read(&stat).unwrap();
    std::fs::remove_file(&stat).unwrap();
    nix::unistd::mkfifo(&stat, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    let mut recording = Recording::of(&tree, PssMode::Off);
    let begun = boottime_ns();
    let writer = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        let before = boottime_ns();
        std::fs::write(&stat, text).unwrap();
        before
    });
    assert_eq!(recording.next().pids(), [5]);
    let ended = boottime_ns();
    let written = writer.join().unwrap();
    // Reading began after `begun`, and ended between `written` and `ended`.
    let read_at = recording.sampler().read_at_ns();
    assert!(read_at >= (begun + written) / 2, "{read_at}");
    assert!(read_at <= ended, "{read_at}");
}
