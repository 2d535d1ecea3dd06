//! The floors: loops that do nothing but the system calls that a recorder cannot
//! do without, once a second. What a recorder costs beyond them is its own doing.

use super::Failure;
use nix::dir::Dir;
use nix::fcntl::{open, OFlag};
use nix::sys::resource::{getrlimit, setrlimit, Resource};
use nix::sys::stat::Mode;
use nix::sys::time::TimeSpec;
use nix::sys::uio::pread;
use nix::time::{clock_gettime, clock_nanosleep, ClockId, ClockNanosleepFlags};
use nix::unistd::read;
use std::os::fd::OwnedFd;

/// The machine's files: the first so many in every round, all in every tenth.
const MACHINE: [&str; 11] = [
    "/proc/stat",
    "/proc/meminfo",
    "/proc/loadavg",
    "/proc/vmstat",
    "/proc/pressure/cpu",
    "/proc/pressure/memory",
    "/proc/pressure/io",
    "/proc/diskstats",
    "/proc/net/dev",
    "/sys/class/thermal/thermal_zone0/temp",
    "/proc/self/smaps_rollup",
];
const EACH_ROUND: usize = 7;

/// Rounds after which PSS is read again: of a process of less than so many pages
/// that runs; of a larger one so many more, of a quiet one so many times later.
const AGE: u64 = 10;
const BIG_PAGES_LOG2: u32 = 14;
const QUIET: u64 = 6;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// The machine's files alone.
    Machine,
    /// stat of every process, by a kept descriptor.
    Stat,
    /// stat, and smaps_rollup freshly opened, of every process.
    Exact,
    /// schedstat; stat of those that ran; smaps_rollup of those whose resident set
    /// moved, or that were not read for long.
    Best,
}

/// A process, as far as a floor knows it.
#[derive(Default)]
struct Process {
    pid: u32,
    stat: Option<OwnedFd>,
    gate: Option<OwnedFd>,
    seen: Vec<u8>,
    threads: u64,
    rss: u64,
    read_rss: u64,
    age: u64,
    was_read: bool,
}

/// Samples until it is ended.
pub fn run(name: &str) -> Result<(), Failure> {
    let kind = match name {
        "machine" => Kind::Machine,
        "stat" => Kind::Stat,
        "exact" => Kind::Exact,
        "best" => Kind::Best,
        _ => return Err(format!("{name} is no floor")),
    };
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Where it may not be raised, opening fails, and says so.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
    rounds(kind).map_err(|errno| format!("floor {name}: {}", errno.desc()))
}

fn rounds(kind: Kind) -> nix::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    let machine = MACHINE.map(|path| open_file(path).ok());
    let mut listing = Dir::open("/proc", OFlag::O_DIRECTORY, Mode::empty())?;
    let mut processes = Vec::new();
    let start = clock_gettime(ClockId::CLOCK_MONOTONIC)?;
    for round in 0.. {
        let deadline = TimeSpec::new(start.tv_sec() + round, start.tv_nsec());
        clock_nanosleep(
            ClockId::CLOCK_MONOTONIC,
            ClockNanosleepFlags::TIMER_ABSTIME,
            &deadline,
        )?;
        if kind == Kind::Machine {
            let files = if round % 10 == 0 {
                MACHINE.len()
            } else {
                EACH_ROUND
            };
            for file in machine[..files].iter().flatten() {
                pread(file, &mut buffer, 0)?;
            }
            continue;
        }
        list(&mut listing, &mut processes);
        processes.retain_mut(|process| look_at(kind, process, &mut buffer).is_some());
    }
    Ok(())
}

fn open_file(path: &str) -> nix::Result<OwnedFd> {
    open(path, OFlag::O_RDONLY | OFlag::O_CLOEXEC, Mode::empty())
}

/// Those that are there now, by pid, as the kernel lists them.
fn list(listing: &mut Dir, processes: &mut Vec<Process>) {
    let mut index = 0;
    for entry in listing.iter().flatten() {
        let name = entry.file_name().to_bytes();
        let digits = name.iter().map(|byte| byte.wrapping_sub(b'0'));
        if digits.clone().any(|digit| digit > 9) {
            continue;
        }
        let pid = digits.fold(0, |pid, digit| pid * 10 + u32::from(digit));
        while processes.get(index).is_some_and(|known| known.pid < pid) {
            processes.remove(index);
        }
        if processes.get(index).map_or(true, |known| known.pid != pid) {
            let new = Process {
                pid,
                ..Process::default()
            };
            processes.insert(index, new);
        }
        index += 1;
    }
    processes.truncate(index);
}

/// One round of one process; `None` where it is gone.
fn look_at(kind: Kind, process: &mut Process, buffer: &mut [u8]) -> Option<()> {
    let quiet = kind == Kind::Best && is_quiet(process, buffer)?;
    if !quiet {
        let stat = kept(&mut process.stat, process.pid, "stat")?;
        let len = pread(stat, buffer, 0).ok()?;
        (process.threads, process.rss) = threads_and_rss(&buffer[..len])?;
    }
    let due = match kind {
        Kind::Machine | Kind::Stat => false,
        Kind::Exact => true,
        Kind::Best => is_due(process, quiet),
    };
    // A thread of the kernel and a zombie have no memory.
    if due && process.rss > 0 {
        let path = format!("/proc/{}/smaps_rollup", process.pid);
        // What may not be read costs a floor nothing more.
        let file = open_file(&path).ok();
        let len = file.and_then(|file| read(&file, buffer).ok()).unwrap_or(0);
        std::hint::black_box(pss(&buffer[..len]));
    }
    Some(())
}

fn kept<'a>(file: &'a mut Option<OwnedFd>, pid: u32, name: &str) -> Option<&'a OwnedFd> {
    if file.is_none() {
        *file = Some(open_file(&format!("/proc/{pid}/{name}")).ok()?);
    }
    file.as_ref()
}

fn is_quiet(process: &mut Process, buffer: &mut [u8]) -> Option<bool> {
    if process.threads != 1 {
        return Some(false);
    }
    let gate = kept(&mut process.gate, process.pid, "schedstat")?;
    let len = pread(gate, buffer, 0).ok()?;
    let now = &buffer[..len];
    let quiet = process.seen == now && now != b"0 0 0\n";
    if !quiet {
        process.seen.clear();
        process.seen.extend_from_slice(now);
    }
    Some(quiet)
}

fn is_due(process: &mut Process, quiet: bool) -> bool {
    let factor = if quiet { QUIET } else { 1 };
    let patience = (AGE + AGE * (process.read_rss >> BIG_PAGES_LOG2)) * factor;
    let moved = process.rss.abs_diff(process.read_rss);
    process.age += 1;
    if process.was_read && moved <= (process.read_rss / 50).max(64) && process.age < patience {
        return false;
    }
    process.read_rss = process.rss;
    process.age = 0;
    if !process.was_read {
        process.was_read = true;
        // So that they do not grow old together.
        let patience = (AGE + AGE * (process.rss >> BIG_PAGES_LOG2)) * QUIET;
        process.age = u64::from(process.pid.wrapping_mul(2_654_435_761) >> 8) % patience;
    }
    true
}

/// num_threads and rss, the 20th and the 24th field.
fn threads_and_rss(stat: &[u8]) -> Option<(u64, u64)> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    // After the name's parenthesis comes the third field.
    let mut fields = stat[end..].split(|byte| *byte == b' ').skip(1);
    let threads = number(fields.nth(17)?);
    Some((threads, number(fields.nth(3)?)))
}

fn pss(rollup: &[u8]) -> u64 {
    let mut lines = rollup.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.starts_with(b"Pss:"));
    number(line.unwrap_or_default())
}

/// Of all the digits that there are.
fn number(text: &[u8]) -> u64 {
    let digits = text.iter().filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |value, digit| {
        value.wrapping_mul(10) + u64::from(digit - b'0')
    })
}
