//! The progress line of a recording: ASCII, and never wider than the terminal.
//! Nothing here allocates: it is drawn while something is measured.

use std::fmt::Write;

/// The state of a recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub elapsed_s: u64,
    /// `None`: until a signal.
    pub duration_s: Option<u64>,
    /// Of all cores together, since the last line.
    pub cpu_permille: Option<u64>,
    /// MemTotal - MemAvailable, and MemTotal.
    pub memory_kib: Option<(u64, u64)>,
    pub samples: u64,
    pub written_bytes: u64,
    /// Samples that were taken late.
    pub late: u64,
    /// Deadlines that passed without a sample.
    pub missed: u64,
}

/// The longest line, bytes.
pub(crate) const LONGEST: usize = 160;
pub(crate) type Line = heapless::String<LONGEST>;

type Text = heapless::String<40>;

/// The parts in the order in which they are shown.
const PARTS: usize = 9;
/// The order in which they are given room. What does not fit is left out whole: a
/// number that lacks digits would be a wrong one.
const RANKS: [usize; PARTS] = [
    ELAPSED, LEFT, TROUBLE, CPU, MEMORY, MIB, SAMPLES, BYTES, BAR,
];
const BAR: usize = 0;
const ELAPSED: usize = 1;
const LEFT: usize = 2;
const CPU: usize = 3;
const MEMORY: usize = 4;
const MIB: usize = 5;
const SAMPLES: usize = 6;
const BYTES: usize = 7;
const TROUBLE: usize = 8;

/// How many signs the bar has between its ends.
const BAR_SIGNS: u64 = 20;
/// The least width with a bar: below, it would come and go with the length of the
/// figures.
const BAR_COLUMNS: usize = 100;

/// The line for a terminal of so many columns. The last column stays free: a
/// terminal that has written there stands between two lines.
pub fn line(progress: &Progress, columns: usize) -> Line {
    let room = columns.saturating_sub(1).min(LONGEST);
    let parts: [Text; PARTS] = std::array::from_fn(|part| text(progress, part));
    let mut shown = [false; PARTS];
    let mut used = 0;
    for part in RANKS {
        let is_too_narrow = part == BAR && columns < BAR_COLUMNS;
        if parts[part].is_empty() || is_too_narrow {
            continue;
        }
        let width = parts[part].len() + if used > 0 { 2 } else { 0 };
        // Something shorter might fit, and would be gone with the next figure.
        if used + width > room {
            break;
        }
        shown[part] = true;
        used += width;
    }
    let mut line = Line::new();
    for (part, text) in parts.iter().enumerate().filter(|(part, _)| shown[*part]) {
        let between = match part {
            MIB => ", ",
            _ if line.is_empty() => "",
            _ => "  ",
        };
        // It was measured before.
        let _ = line.push_str(between).and_then(|()| line.push_str(text));
    }
    line
}

/// The text of a part; may be empty.
fn text(progress: &Progress, part: usize) -> Text {
    let mut text = Text::new();
    // The longest has fewer than 40 bytes, whatever the numbers.
    let _ = match part {
        BAR => bar(&mut text, progress),
        ELAPSED => time(&mut text, progress.elapsed_s),
        LEFT => left(&mut text, progress),
        CPU => match progress.cpu_permille {
            Some(permille) => percent(&mut text, "CPU", permille),
            None => Ok(()),
        },
        MEMORY => match progress.memory_kib {
            Some((used, total)) if total > 0 => {
                percent(&mut text, "mem", used.saturating_mul(1000) / total)
            }
            _ => Ok(()),
        },
        MIB => match progress.memory_kib {
            Some((used, total)) if total > 0 => write!(text, "{} MiB", used / 1024),
            _ => Ok(()),
        },
        SAMPLES => match progress.samples {
            1 => text.write_str("1 sample"),
            many => write!(text, "{many} samples"),
        },
        BYTES => bytes(&mut text, progress.written_bytes),
        _ => trouble(&mut text, progress),
    };
    text
}

fn bar(text: &mut Text, progress: &Progress) -> std::fmt::Result {
    let Some(duration) = progress.duration_s else {
        return Ok(());
    };
    let done = u128::from(progress.elapsed_s) * u128::from(BAR_SIGNS);
    let done = done / u128::from(duration.max(1));
    text.write_str("[")?;
    for sign in 0..BAR_SIGNS {
        text.write_str(if u128::from(sign) < done { "#" } else { "." })?;
    }
    text.write_str("]")
}

fn left(text: &mut Text, progress: &Progress) -> std::fmt::Result {
    match progress.duration_s {
        None => text.write_str("until a signal"),
        Some(duration) => {
            time(text, duration.saturating_sub(progress.elapsed_s))?;
            text.write_str(" left")
        }
    }
}

/// `0:07`, `12:34`, `1:02:03`.
fn time(text: &mut Text, seconds: u64) -> std::fmt::Result {
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    match minutes / 60 {
        0 => write!(text, "{minutes}:{seconds:02}"),
        hours => write!(text, "{hours}:{:02}:{seconds:02}", minutes % 60),
    }
}

fn percent(text: &mut Text, name: &str, permille: u64) -> std::fmt::Result {
    write!(text, "{name} {}.{} %", permille / 10, permille % 10)
}

fn bytes(text: &mut Text, bytes: u64) -> std::fmt::Result {
    let (unit, tenths) = match bytes {
        0..=1023 => return write!(text, "{bytes} B"),
        1024..=1_048_575 => ("KiB", bytes * 10 / 1024),
        _ => ("MiB", bytes / 1024 * 10 / 1024),
    };
    write!(text, "{}.{} {unit}", tenths / 10, tenths % 10)
}

fn trouble(text: &mut Text, progress: &Progress) -> std::fmt::Result {
    match (progress.late, progress.missed) {
        (0, 0) => Ok(()),
        (late, 0) => write!(text, "{late} late"),
        (0, missed) => write!(text, "{missed} missed"),
        // Both numbers at their largest would be too long.
        (late, missed) => write!(
            text,
            "{} late, {} missed",
            late.min(999_999_999),
            missed.min(999_999_999)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RUNNING: Progress = Progress {
        elapsed_s: 83,
        duration_s: Some(300),
        cpu_permille: Some(123),
        memory_kib: Some((295_936, 948_304)),
        samples: 84,
        written_bytes: 42_188,
        late: 0,
        missed: 0,
    };

    #[test]
    fn as_much_as_fits_and_nothing_in_part() {
        for (columns, expected) in [
            (
                200,
                "[#####...............]  1:23  3:37 left  CPU 12.3 %  mem 31.2 %, 289 MiB  \
                 84 samples  41.1 KiB",
            ),
            (
                80,
                "1:23  3:37 left  CPU 12.3 %  mem 31.2 %, 289 MiB  84 samples  41.1 KiB",
            ),
            (
                70,
                "1:23  3:37 left  CPU 12.3 %  mem 31.2 %, 289 MiB  84 samples",
            ),
            (40, "1:23  3:37 left  CPU 12.3 %  mem 31.2 %"),
            (39, "1:23  3:37 left  CPU 12.3 %"),
            (28, "1:23  3:37 left  CPU 12.3 %"),
            (27, "1:23  3:37 left"),
            (20, "1:23  3:37 left"),
            (10, "1:23"),
            (4, ""),
            (0, ""),
        ] {
            assert_eq!(line(&RUNNING, columns), expected, "{columns} columns");
        }
    }

    #[test]
    fn trouble_goes_before_figures() {
        let troubled = Progress {
            late: 2,
            missed: 1,
            ..RUNNING
        };
        assert_eq!(
            line(&troubled, 80),
            "1:23  3:37 left  CPU 12.3 %  mem 31.2 %, 289 MiB  84 samples  2 late, 1 missed"
        );
        assert_eq!(line(&troubled, 40), "1:23  3:37 left  2 late, 1 missed");
        let late = Progress { late: 3, ..RUNNING };
        assert_eq!(line(&late, 30), "1:23  3:37 left  3 late");
        let missed = Progress {
            missed: 3,
            ..RUNNING
        };
        assert_eq!(line(&missed, 30), "1:23  3:37 left  3 missed");
    }

    #[test]
    fn until_a_signal_there_is_no_bar() {
        let endless = Progress {
            elapsed_s: 3723,
            duration_s: None,
            samples: 1,
            written_bytes: 3 << 20,
            cpu_permille: None,
            ..RUNNING
        };
        assert_eq!(
            line(&endless, 200),
            "1:02:03  until a signal  mem 31.2 %, 289 MiB  1 sample  3.0 MiB"
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let unknown = Progress {
            memory_kib: None,
            cpu_permille: None,
            written_bytes: 12,
            ..RUNNING
        };
        assert_eq!(line(&unknown, 80), "1:23  3:37 left  84 samples  12 B");
    }

    proptest! {
        #[test]
        fn whatever_the_numbers_it_fits(
            numbers in proptest::array::uniform8(any::<u64>()),
            columns in 0..300_usize,
            endless in any::<bool>(),
        ) {
            let progress = Progress {
                elapsed_s: numbers[0],
                duration_s: (!endless).then_some(numbers[1]),
                cpu_permille: Some(numbers[2] % 1001),
                memory_kib: Some((numbers[3], numbers[4])),
                samples: numbers[5],
                written_bytes: numbers[6],
                late: numbers[7],
                missed: numbers[0],
            };
            let line = line(&progress, columns);
            prop_assert!(line.len() <= columns.saturating_sub(1));
            prop_assert!(line.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            for part in 0..PARTS {
                prop_assert!(text(&progress, part).len() < 40);
            }
        }
    }
}
