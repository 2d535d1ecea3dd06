//! What holds a shutdown up, as systemd tells it on the console.

use super::line::Line;
use std::collections::VecDeque;

/// More than so many are not told apart: the first are those that take longest.
const MOST: usize = 32;
const STOP_JOB: &[u8] = b"A stop job is running for ";
/// systemd 250 and later, where it names units: `Job k3s.service/stop running (5s / 10s)`.
const JOB: &[u8] = b" Job ";
const STOP: &[u8] = b"/stop running";
const SHUTDOWN: &[u8] = b"systemd-shutdown[1]: ";

/// A unit that is being stopped, or processes that are waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holdup {
    pub(crate) name: Vec<u8>,
    from_ns: u64,
    to_ns: u64,
}

impl Holdup {
    pub(crate) fn took_ns(&self) -> u64 {
        self.to_ns.saturating_sub(self.from_ns)
    }
}

/// All that held it up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holdups {
    all: Vec<Holdup>,
    /// What has begun to stop, and when: those that came last.
    stopping: VecDeque<(Vec<u8>, u64)>,
    /// When systemd-shutdown asked what is left to end.
    asked_ns: Option<u64>,
    /// It waits for processes.
    waits: bool,
}

impl Holdups {
    /// The one that took longest.
    pub(crate) fn longest(&self) -> Option<&Holdup> {
        self.all.iter().max_by_key(|holdup| holdup.took_ns())
    }

    /// Takes a line that ended, and began at `time_ns`.
    pub(crate) fn take(&mut self, line: &Line, time_ns: u64) {
        let job = line.behind(JOB).filter(|_| line.find(STOP).is_some());
        if let Some(job) = line.behind(STOP_JOB).or(job) {
            // `k3s (1min 12s / 1min 30s)`
            let open = job.windows(2).rposition(|pair| pair == b" (");
            let (name, times) = job.split_at(open.unwrap_or(job.len()));
            let name = name.strip_suffix(STOP).unwrap_or(name);
            // Whole seconds; on a busy machine they began to count before the line said so.
            let since_ns = span_s(times.get(2..).unwrap_or_default()).saturating_mul(1_000_000_000);
            let mut stopping = self.stopping.iter().rev();
            let begun = stopping.find(|(said, _)| is_of(said, name));
            let from_ns = begun.map_or(time_ns.saturating_sub(since_ns), |(_, from_ns)| *from_ns);
            self.add(name, from_ns, time_ns);
        } else if let Some(said) = line.behind(SHUTDOWN) {
            self.shutdown(said, time_ns);
        } else if let Some(name) = line.behind(b"Stopping ") {
            if self.stopping.len() == MOST {
                self.stopping.pop_front();
            }
            self.stopping.push_back((name.to_vec(), time_ns));
        } else if let Some(name) = line.behind(b"Stopped ").or(line.behind(b"Failed to stop ")) {
            if let Some(holdup) = self.all.iter_mut().find(|of| is_of(name, &of.name)) {
                holdup.to_ns = time_ns;
            }
        }
    }

    fn shutdown(&mut self, said: &[u8], time_ns: u64) {
        if let Some(processes) = said.strip_prefix(b"Waiting for process: ") {
            self.waits = true;
            self.add(processes, self.asked_ns.unwrap_or(time_ns), time_ns);
            return;
        }
        if self.waits {
            self.waits = false;
            if let Some(last) = self.all.last_mut() {
                last.to_ns = time_ns;
            }
        }
        self.asked_ns = Some(time_ns).filter(|_| said.starts_with(b"Sending SIG"));
    }

    fn add(&mut self, name: &[u8], from_ns: u64, to_ns: u64) {
        let has_room = self.all.len() < MOST;
        match self.all.iter_mut().find(|holdup| holdup.name == name) {
            Some(holdup) => {
                holdup.from_ns = holdup.from_ns.min(from_ns);
                holdup.to_ns = holdup.to_ns.max(to_ns);
            }
            None if has_room => self.all.push(Holdup {
                name: name.to_vec(),
                from_ns,
                to_ns,
            }),
            None => {}
        }
    }
}

/// Whether `Stopped ` or `Stopping ` is said of a unit: `k3s.`, `k3s.service - Kubernetes.`,
/// and where that was too long `systemd-network…ice - Network.`
fn is_of(said: &[u8], name: &[u8]) -> bool {
    const CUT: &[u8] = "\u{2026}".as_bytes();
    let rest = said.strip_prefix(name);
    let cut = said.windows(CUT.len()).position(|part| part == CUT);
    let begins = cut.filter(|at| *at > 0).and_then(|at| said.get(..at));
    rest.is_some_and(|rest| matches!(rest, b"" | b"." | b"...") || rest.starts_with(b" - "))
        || begins.is_some_and(|begins| name.starts_with(begins))
}

/// `1min 12s / 1min 30s)`: the seconds up to the slash. What is no span counts nothing.
fn span_s(text: &[u8]) -> u64 {
    let mut seconds = 0_u64;
    for word in text
        .split(|&byte| byte == b' ')
        .take_while(|word| word != b"/")
    {
        let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (number, unit) = word.split_at(digits);
        let factor = match unit {
            b"s" => 1,
            b"min" => 60,
            b"h" => 3600,
            _ => 0,
        };
        let number = crate::proc::number::decimal(number).unwrap_or(0);
        seconds = seconds.saturating_add(number.saturating_mul(factor));
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Lines, each at so many tenths of a second.
    fn holdups(lines: &[(u64, &str)]) -> Holdups {
        let mut holdups = Holdups::default();
        for (tenths, text) in lines {
            let mut line = Line::default();
            text.bytes().for_each(|byte| line.push(byte, 0));
            holdups.take(&line, tenths * 100_000_000);
        }
        holdups
    }

    fn longest(lines: &[(u64, &str)]) -> Option<(String, u64)> {
        let holdups = holdups(lines);
        let longest = holdups.longest()?;
        let name = String::from_utf8_lossy(&longest.name).into_owned();
        Some((name, longest.took_ns() / 100_000_000))
    }

    #[test]
    fn a_unit_that_is_stopped_at_last() {
        let expected = Some(("Lightweight Kubernetes".to_owned(), 902));
        // The job began at 10.0 s; what systemd prints is cut to seconds.
        assert_eq!(
            longest(&[
                (153, "[***   ] A stop job is running for Lightweight Kubernetes (5s / 1min 30s)"),
                (160, "[  *** ] (1 of 2) A stop job is running for Lightweight Kubernetes (6s / 1min 30s)"),
                (170, "[*     ] (2 of 2) A stop job is running for User Manager (7s / 2min)"),
                (990, "[ ***  ] A stop job is running for Lightweight Kubernetes (1min 29s / 1min 30s)"),
                (995, "[  OK  ] Stopped User Manager."),
                (1002, "[  OK  ] Stopped Lightweight Kubernetes."),
                (1010, "[  OK  ] Stopped target Network."),
            ]),
            expected
        );
    }

    #[test]
    fn a_unit_that_is_told_by_its_name() {
        // As systemd 252 writes it, whose colours are no text.
        let lines = |end| {
            [
                (130, "[  *** ] Job stubborn.service/stop running (3s / 10s)"),
                (
                    133,
                    "[ ***  ] (1 of 2) Job stubborn.service/stop running (3s / 10s)",
                ),
                (
                    141,
                    "[***   ] (2 of 2) Job dev-sda1.device/start running (9s / 10s)",
                ),
                (199, "[***   ] Job stubborn.service/stop running (9s / 10s)"),
                (201, end),
            ]
        };
        for end in [
            "[  OK  ] Stopped stubborn.service - A unit that will not stop.",
            "[FAILED] Failed to stop stubborn.service.",
            "[  OK  ] Stopped stubborn\u{2026}ice - A unit that will not stop.",
        ] {
            let expected = Some(("stubborn.service".to_owned(), 101));
            assert_eq!(longest(&lines(end)), expected, "{end}");
        }
        // By systemd's own count it began 1.4 s before it says so.
        let mut late =
            lines("[  OK  ] Stopped stubborn.service - A unit that will not stop.").to_vec();
        late.insert(
            0,
            (
                114,
                "         Stopping stubborn.service - A unit that will not stop...",
            ),
        );
        late.insert(
            1,
            (115, "         Stopping stubborn.service-2 - Another..."),
        );
        assert_eq!(longest(&late), Some(("stubborn.service".to_owned(), 87)));
        // Another unit's end.
        let expected = Some(("stubborn.service".to_owned(), 99));
        assert_eq!(longest(&lines("Stopped stubborn.service-2.")), expected);
    }

    #[test]
    fn a_unit_without_an_end_or_a_limit() {
        assert_eq!(
            longest(&[(
                600,
                "A stop job is running for x (y) (1h 2min 3s / no limit)"
            )]),
            Some(("x (y)".to_owned(), 600))
        );
        assert_eq!(
            longest(&[(600, "A stop job is running for x"), (650, "Stopped x")]),
            Some(("x".to_owned(), 50))
        );
    }

    #[test]
    fn processes_that_are_left() {
        let expected = Some(("812 (containerd-shim)".to_owned(), 900));
        assert_eq!(
            longest(&[
                (
                    100,
                    "[   40.1] systemd-shutdown[1]: Syncing filesystems and block devices."
                ),
                (
                    101,
                    "[   40.1] systemd-shutdown[1]: Sending SIGTERM to remaining processes..."
                ),
                (
                    201,
                    "[   50.1] systemd-shutdown[1]: Waiting for process: 812 (containerd-shim)"
                ),
                (
                    1001,
                    "[  130.1] systemd-shutdown[1]: Sending SIGKILL to remaining processes..."
                ),
                (
                    1002,
                    "[  130.2] systemd-shutdown[1]: Unmounting file systems."
                ),
            ]),
            expected
        );
    }

    #[test]
    fn spans() {
        for (text, seconds) in [
            ("5s / 1min 30s)", 5),
            ("1min 29s / 1min 30s)", 89),
            ("2h / no limit)", 7200),
            ("no limit", 0),
            ("99999999999999999999s", 0),
        ] {
            assert_eq!(span_s(text.as_bytes()), seconds, "{text}");
        }
    }

    #[test]
    fn memory_is_bounded() {
        let lines: Vec<(u64, String)> = (0..1000)
            .map(|n| (n, format!("A stop job is running for unit {n} (1s / 9s)")))
            .collect();
        let lines: Vec<(u64, &str)> = lines.iter().map(|(n, line)| (*n, &**line)).collect();
        assert_eq!(holdups(&lines).all.len(), MOST);
        let stopping: Vec<(u64, &str)> = (0..1000).map(|n| (n, "Stopping a unit...")).collect();
        assert_eq!(holdups(&stopping).stopping.len(), MOST);
    }

    proptest! {
        #[test]
        fn hostile_lines_never_panic(
            text in "(A stop job is running for |systemd-shutdown\\[1\\]: |Stopped |Waiting for process: )?[ -~]{0,40}",
            time in any::<u64>(),
        ) {
            let mut holdups = Holdups::default();
            let mut line = Line::default();
            text.bytes().for_each(|byte| line.push(byte, 0));
            holdups.take(&line, time);
            holdups.take(&line, 0);
            let _ = holdups.longest();
        }
    }
}
