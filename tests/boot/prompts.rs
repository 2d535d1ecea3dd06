//! Many prompts, in pieces and among what looks like one: none is missed, and none made
//! up. How late they are found depends on the machine, and is printed.

use crate::board::Board;
use crate::support::Folder;
use nix::time::{clock_gettime, ClockId};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::Duration;

/// As many as the machine of CI has the time for, or as asked for.
fn count() -> usize {
    let asked = std::env::var("EDGEBENCH_PROMPTS").ok();
    asked.and_then(|asked| asked.parse().ok()).unwrap_or(40)
}

fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::CLOCK_MONOTONIC).unwrap();
    now.tv_sec() as u64 * 1_000_000_000 + now.tv_nsec() as u64
}

/// Numbers that look random and are the same each time: Marsaglia's xorshift64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

const NOISE: [&str; 6] = [
    "Last login: Mon Nov 23 10:00:00 on ttyAMA0\r\n",
    "[   12.345678] a kernel login: of no host\r\n",
    "my host login: \r\n",
    "login: \r\n",
    "pi login:\r\n",
    "\x1b[0;32m OK \x1b[0m Started pi login service.\r\n",
];

/// Writes it in pieces, and says when the last was written.
fn say(board: &mut Board, dice: &mut Dice, text: &str) -> u64 {
    let mut rest = text.as_bytes();
    let mut written_ns = 0;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(1 + dice.below(rest.len() as u64) as usize);
        std::thread::sleep(Duration::from_micros(dice.below(8000)));
        written_ns = monotonic_ns();
        board.say(piece);
        rest = behind;
    }
    written_ns
}

#[test]
fn none_is_missed_and_none_made_up() {
    let (folder, mut board, mut dice) = (Folder::new(), Board::new(), Dice(2026));
    let runs = count().to_string();
    let tty = board.tty.to_str().unwrap();
    let mut command = folder.edgebench(["boot", "watch", tty, "--runs", &runs]);
    command.args([
        "--start",
        "go",
        "--nudge",
        "0",
        "--timeout",
        "10m",
        "--transcript",
        "raw",
    ]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    board.await_watcher();
    let (mut said, mut written) = (0, Vec::new());
    for number in 1..=count() {
        let noise: String = (0..dice.below(4))
            .map(|_| NOISE[dice.below(6) as usize])
            .collect();
        let text = format!("go\r\n{noise}\r\nboard-{number} login: ");
        let written_ns = say(&mut board, &mut dice, &text);
        said += text.len();
        written.push((said - 1, written_ns));
        let line = told.next().unwrap().unwrap();
        assert!(line.starts_with(&format!("Run {number}: ")), "{line}");
        // What the shell or the getty does next is of another line.
        board.say("\r\n");
        said += 2;
    }
    let last = told.next().unwrap().unwrap();
    assert!(last.ends_with(&format!(", n {})", count())), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // Of each prompt's last byte: when it was read, less when it was written.
    let times = fs::read_to_string(folder.file("raw.times")).unwrap();
    let reads: Vec<Vec<u64>> = times
        .lines()
        .map(|line| line.split(' ').map(|word| word.parse().unwrap()).collect())
        .collect();
    let mut late_us: Vec<u64> = written
        .iter()
        .map(|(offset, written_ns)| {
            let mut reads = reads.iter();
            let read = reads
                .find(|read| (*offset as u64) < read[1] + read[2])
                .unwrap();
            // Not before it was written.
            read[0].checked_sub(*written_ns).unwrap() / 1000
        })
        .collect();
    late_us.sort_unstable();
    let at = |permille: usize| late_us[(late_us.len() - 1) * permille / 1000];
    let _ = writeln!(
        std::io::stderr(),
        "{} prompts were read {} us (median), {} us (p99) after they were written",
        late_us.len(),
        at(500),
        at(990)
    );
}
