//! The login prompt, as the board itself sees it: by the program that writes it.
//!
//! systemd forks a getty early, as `(agetty)`, and holds it back until the boot has
//! finished, 5 s at most, and 1 s more: systemd.service(5), Type=idle. So its start is
//! a lower bound, and the prompt lies in a bracket. agetty sleeps for a second before it
//! writes to a serial line, so that what was typed before is not taken for a name.

use super::systemd::Marks;
use crate::attribution::place;
use crate::footprint::Process;
use crate::proc::root::Root;

/// What a getty that is held back waits at most.
const IDLE_US: u64 = 6_000_000;
/// How long agetty sleeps.
const SLEEP_US: u64 = 1_000_000;
/// From when it is not held back any more to the prompt, that sleep included.
const BEGIN_US: u64 = 2_000_000;
pub(crate) const GETTIES: [&[u8]; 6] = [
    b"agetty",
    b"getty",
    b"mingetty",
    b"mgetty",
    b"fgetty",
    b"login",
];
/// What a getty is called until it runs.
pub(crate) const HELD_BACK: &[u8] = b"(agetty)";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// It came in this bracket, microseconds since the kernel began.
    Between {
        pid: u32,
        tty: String,
        from_us: u64,
        to_us: u64,
    },
    /// The getty is still held back.
    Awaited { tty: String },
    /// It began so long after the boot that it is not that boot's first.
    Again { tty: String, from_us: u64 },
    /// Somebody is logged in without being asked.
    Autologin { tty: String },
    /// No program that writes one runs.
    None,
}

/// Finds the prompt of the console, or else the first; `stdin` gives the terminal that a
/// process reads.
// It is never divided by 0.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn find(
    processes: &[Process],
    stdin: impl Fn(u32) -> Option<String>,
    clk_tck: u64,
    console: &str,
    marks: Option<&Marks>,
    now_us: u64,
) -> Prompt {
    let mut first: Option<(&Process, String)> = None;
    for process in processes {
        if !GETTIES.contains(&&*process.comm) && process.comm != HELD_BACK {
            continue;
        }
        let told = || tty(&process.cgroup, &process.cmdline).map(str::to_owned);
        let tty = stdin(process.pid).or_else(told);
        let tty = tty.unwrap_or_else(|| "a console".to_owned());
        let is_first = first.as_ref().map_or(true, |(before, other)| {
            match (tty == console, other == console) {
                (true, false) => true,
                (false, true) => false,
                _ => process.starttime < before.starttime,
            }
        });
        if is_first && !tty.starts_with("pts/") {
            first = Some((process, tty));
        }
    }
    let Some((process, tty)) = first else {
        return Prompt::None;
    };
    let from_us = process.starttime.saturating_mul(1_000_000) / clk_tck.max(1);
    if is_autologin(process) {
        return Prompt::Autologin { tty };
    }
    if process.comm == HELD_BACK {
        return Prompt::Awaited { tty };
    }
    let finish_us = marks.and_then(|marks| marks.finish_us);
    if finish_us.is_some_and(|finish| from_us > finish.saturating_add(IDLE_US)) {
        return Prompt::Again { tty, from_us };
    }
    let latest = from_us.saturating_add(IDLE_US);
    let released_us = match finish_us {
        // What comes behind the end of the boot is held back no more.
        Some(finish) if finish > from_us => latest.min(finish),
        _ => latest,
    };
    let sleeps = process.comm == b"agetty" && is_serial(&tty);
    let from_us = from_us.saturating_add(if sleeps { SLEEP_US } else { 0 });
    Prompt::Between {
        pid: process.pid,
        tty,
        from_us,
        to_us: released_us
            .saturating_add(BEGIN_US)
            .min(now_us)
            .max(from_us),
    }
}

/// `ttyAMA0`, `hvc0`; not `tty1`, nor `console`, which may be either.
fn is_serial(tty: &str) -> bool {
    let kind = tty.strip_prefix("tty").unwrap_or(tty);
    kind.starts_with(|first: char| first.is_ascii_alphabetic()) && kind != "console"
}

/// The terminal that a process reads; one that is held back has none yet.
pub(crate) fn stdin(root: &Root, pid: u32) -> Option<String> {
    let link = root.read_link(&format!("proc/{pid}/fd/0")).ok()?;
    let tty = link.to_str()?.strip_prefix("/dev/")?;
    (tty != "null").then(|| tty.to_owned())
}

/// Which terminal a getty is on, by its unit or its arguments.
// The place was found in the name.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn tty<'p>(cgroup: &'p [u8], cmdline: &'p [u8]) -> Option<&'p str> {
    let unit = place(cgroup).unit.map(|unit| unit.name);
    if let Some(name) = unit.and_then(|name| name.strip_suffix(b".service")) {
        let at = name.iter().position(|&byte| byte == b'@');
        let instance = at.and_then(|at| name.get(at + 1..));
        let is_getty = name.windows(6).any(|part| part == b"getty@");
        if let Some(tty) = instance.filter(|_| is_getty) {
            return std::str::from_utf8(tty).ok();
        }
    }
    let arguments = cmdline.split(|&byte| byte == 0).skip(1);
    let mut names = arguments.filter_map(|argument| {
        let argument = std::str::from_utf8(argument).ok()?;
        Some(argument.strip_prefix("/dev/").unwrap_or(argument))
    });
    let kinds = ["tty", "hvc", "console", "pts/"];
    names.find(|name| kinds.iter().any(|kind| name.starts_with(kind)))
}

/// `agetty --autologin USER`, `login -f USER`.
fn is_autologin(process: &Process) -> bool {
    let mut arguments = process.cmdline.split(|&byte| byte == 0).skip(1);
    match &*process.comm {
        b"login" => arguments.any(|argument| argument == b"-f"),
        _ => arguments.any(|argument| argument == b"-a" || argument.starts_with(b"--autologin")),
    }
}

/// The terminal that the kernel's console is: the last of `/sys/class/tty/console/active`.
pub(crate) fn console(active: &[u8]) -> &str {
    let active = std::str::from_utf8(active).unwrap_or_default();
    active.split_ascii_whitespace().last().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::footprint::ProcessMemory;

    fn process(comm: &str, cmdline: &str, cgroup: &str, starttime: u64) -> Process {
        Process {
            pid: 7,
            ppid: 1,
            starttime,
            kernel_thread: false,
            comm: comm.into(),
            cmdline: cmdline.replace(' ', "\0").into_bytes(),
            cgroup: cgroup.into(),
            vsize_kib: 0,
            stat_rss_kib: 0,
            cpu_ticks: 0,
            memory: ProcessMemory::Unread,
        }
    }

    const SERIAL: &str = "/system.slice/system-serial\\x2dgetty.slice/serial-getty@ttyAMA0.service";
    const SCREEN: &str = "/system.slice/system-getty.slice/getty@tty1.service";

    fn found(processes: &[Process], finish_us: Option<u64>) -> Prompt {
        let marks = Marks {
            finish_us,
            ..Marks::default()
        };
        find(
            processes,
            |_| None,
            100,
            "ttyAMA0",
            finish_us.map(|_| &marks),
            600_000_000,
        )
    }

    fn between(tty: &str, from_us: u64, to_us: u64) -> Prompt {
        Prompt::Between {
            pid: 7,
            tty: tty.into(),
            from_us,
            to_us,
        }
    }

    #[test]
    fn systemd_holds_a_getty_back() {
        let serial = process(
            "agetty",
            "/sbin/agetty -o - --keep-baud 115200,57600 - vt220",
            SERIAL,
            2100,
        );
        let screen = process(
            "agetty",
            "/sbin/agetty -o - --noclear - linux",
            SCREEN,
            2099,
        );
        let both = [screen.clone(), serial.clone()];
        // The console's, though the other began first; the boot finished after 24 s.
        assert_eq!(
            found(&both, Some(24_000_000)),
            between("ttyAMA0", 22_000_000, 26_000_000)
        );
        // It was not held back any longer than that.
        assert_eq!(
            found(&both, Some(40_000_000)),
            between("ttyAMA0", 22_000_000, 29_000_000)
        );
        assert_eq!(
            found(&both, None),
            between("ttyAMA0", 22_000_000, 29_000_000)
        );
        assert_eq!(
            found(&[screen], Some(24_000_000)),
            between("tty1", 20_990_000, 26_000_000)
        );
        // Logged out, long after.
        let again = Prompt::Again {
            tty: "ttyAMA0".into(),
            from_us: 21_000_000,
        };
        assert_eq!(
            found(std::slice::from_ref(&serial), Some(14_999_999)),
            again
        );
        assert_eq!(
            found(std::slice::from_ref(&serial), Some(15_000_000)),
            between("ttyAMA0", 22_000_000, 29_000_000)
        );
        let held = Process {
            comm: b"(agetty)".to_vec(),
            ..serial
        };
        assert_eq!(
            found(&[held], None),
            Prompt::Awaited {
                tty: "ttyAMA0".into()
            }
        );
    }

    #[test]
    fn busybox_and_a_login_on_the_console() {
        let getty = process("getty", "/sbin/getty -L ttyAMA0 115200 vt100", "/", 412);
        assert_eq!(
            found(&[getty], None),
            between("ttyAMA0", 4_120_000, 12_120_000)
        );
        let login = process("login", "/bin/login -p --", SERIAL, 412);
        assert_eq!(
            found(&[login], None),
            between("ttyAMA0", 4_120_000, 12_120_000)
        );
        let shell = process("sh", "-sh", "/", 412);
        assert_eq!(found(&[shell], None), Prompt::None);
        let telnet = process("login", "login -h pc /dev/pts/3", "/", 412);
        assert_eq!(found(&[telnet], None), Prompt::None);
        let unknown = process("login", "login", "/", 412);
        let somewhere = between("a console", 4_120_000, 12_120_000);
        assert_eq!(found(&[unknown], None), somewhere);
    }

    #[test]
    fn nobody_is_asked() {
        for (comm, cmdline) in [
            ("agetty", "/sbin/agetty --autologin pi --noclear tty1 linux"),
            ("agetty", "/sbin/agetty -a pi tty1"),
            ("login", "/bin/login -f"),
        ] {
            let process = process(comm, cmdline, SCREEN, 5);
            assert_eq!(
                found(&[process], None),
                Prompt::Autologin { tty: "tty1".into() }
            );
        }
    }

    #[test]
    fn the_terminal_that_it_reads_goes_first() {
        let login = process("login", "login", "/", 412);
        let read = |_| Some("ttyS0".to_owned());
        let found = find(&[login], read, 100, "ttyAMA0", None, 600_000_000);
        assert_eq!(found, between("ttyS0", 4_120_000, 12_120_000));
    }

    #[test]
    fn which_terminal_is_the_console() {
        assert_eq!(console(b"tty1 ttyAMA0\n"), "ttyAMA0");
        assert_eq!(console(b"ttyS0\n"), "ttyS0");
        assert_eq!((console(b""), console(b"\xff")), ("", ""));
    }
}
