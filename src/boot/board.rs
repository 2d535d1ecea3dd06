//! What the board itself tells of its boot: the marks of firmware, kernel, init and
//! systemd, its key processes, the login prompt.

use super::kmsg::{self, Log};
use super::lack::Lack;
use super::prompt::{self, Prompt};
use super::systemd::{self, Marks};
use super::timer::{before_kernel_us, counter_us, unslewed_ns};
use super::tree::{self, Start};
use crate::attribution::place;
use crate::footprint::rows::{assign, running};
use crate::footprint::{Process, Snapshot};
use crate::proc::root::Root;
use crate::products::{self, Definition, Key};
use crate::system::clock;
use crate::system::command::{Command, Exit};
use crate::system::registers::Registers;
use nix::errno::Errno;
use nix::fcntl::{open, OFlag};
use nix::sys::stat::Mode;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

/// What is asked of systemd is answered so soon, or not at all.
const PATIENCE: Duration = Duration::from_secs(5);
/// A command that asks systemctl about units has so many words at most.
const MOST_WORDS: usize = 64;

/// When the kernel started init.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Init {
    /// By the log's stamp.
    pub(crate) stamp_us: u64,
    /// By so much the kernel's clock is ahead of the stamps.
    pub(crate) offset_us: Result<i64, Lack>,
    pub(crate) program: Vec<u8>,
}

impl Init {
    /// After the kernel began; `None` where the two clocks cannot be held against each
    /// other.
    pub(crate) fn at_us(&self) -> Option<u64> {
        let offset_us = *self.offset_us.as_ref().ok()?;
        self.stamp_us.checked_add_signed(offset_us)
    }
}

/// A key process of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyStart {
    pub(crate) label: String,
    /// The oldest instance's pid and start; `None`: none runs.
    pub(crate) oldest: Option<(u32, u64)>,
    pub(crate) since: Since,
}

/// Whether the process is the one that the boot started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    Boot,
    /// systemd has restarted its unit so often.
    Restarted(u64),
    /// The boot had finished.
    Later,
}

/// All that is seen.
#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) start: Option<Start>,
    pub(crate) before_kernel_us: Result<u64, Lack>,
    pub(crate) init: Result<Init, Lack>,
    pub(crate) systemd: Result<Marks, Lack>,
    pub(crate) keys: Vec<KeyStart>,
    pub(crate) prompt: Prompt,
}

impl Board {
    /// Looks at the machine; `processes` are those of `snapshot`.
    pub(crate) fn look(root: &Root, snapshot: &Snapshot, definition: &Definition) -> Self {
        let now_us = clock::boottime_ns() / 1000;
        let marks = manager(root);
        let known = marks.as_ref().ok();
        let mut buffer = [0; 256];
        let active = root.read("sys/class/tty/console/active", &mut buffer);
        let console = prompt::console(active.unwrap_or_default());
        let own = root.is_live().then(std::process::id);
        let keys = match definition.is_known() {
            true => definition.keys(),
            false => products::keys(&running(&snapshot.processes, own), &[]),
        };
        Self {
            start: tree::start(root),
            before_kernel_us: before_kernel(root),
            init: init(root),
            keys: key_starts(root, snapshot, &keys, own, known),
            prompt: prompt::find(
                &snapshot.processes,
                |pid| prompt::stdin(root, pid),
                snapshot.clk_tck,
                console,
                known,
                now_us,
            ),
            systemd: marks,
        }
    }
}

fn before_kernel(root: &Root) -> Result<u64, Lack> {
    const MEMORY: &str = "/dev/mem";
    let address = tree::system_timer(root).map_err(Lack::Tree)?;
    if !root.is_live() {
        return Err(Lack::Captured);
    }
    let registers =
        Registers::map(Path::new(MEMORY), address).map_err(|errno| Lack::Os(MEMORY, errno))?;
    let counter = || counter_us(|offset| registers.load(offset));
    before_kernel_us(counter, unslewed_ns).ok_or(Lack::Apart)
}

const LOG: &str = "/dev/kmsg";

/// The kernel's log, and when it says that init was started, and what that is.
pub(crate) fn kernel_log() -> Result<(OwnedFd, u64, Vec<u8>), Lack> {
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    let lack = |errno| Lack::Os(LOG, errno);
    let file = open(LOG, flags, Mode::empty()).map_err(lack)?;
    let mut log = Log::default();
    kmsg::read_all(&mut reader(&file), |record| log.take(record)).map_err(lack)?;
    match (log.init, log.first) {
        (Some((stamp_us, program)), _) => Ok((file, stamp_us, program)),
        (None, Some(first @ 1..)) => Err(Lack::Overwritten(first)),
        (None, _) => Err(Lack::Unsaid),
    }
}

fn reader(file: &OwnedFd) -> impl FnMut(&mut [u8]) -> nix::Result<usize> + '_ {
    move |buffer| nix::unistd::read(file, buffer)
}

fn init(root: &Root) -> Result<Init, Lack> {
    if !root.is_live() {
        return Err(Lack::Captured);
    }
    let (file, stamp_us, program) = kernel_log()?;
    // Nobody else writes the same.
    let line = format!("edgebench-lite: boot, {} ns", clock::monotonic_raw_ns());
    let write = |line: &[u8]| {
        let file = open(LOG, OFlag::O_WRONLY | OFlag::O_CLOEXEC, Mode::empty())?;
        nix::unistd::write(&file, line).map(drop)
    };
    let clock = clock::monotonic_raw_ns;
    let offset = kmsg::offset_us(line.as_bytes(), write, &mut reader(&file), clock);
    Ok(Init {
        stamp_us,
        program,
        offset_us: match offset {
            Ok(Some(offset)) => Ok(offset),
            Ok(None) => Err(Lack::Os("a line written to /dev/kmsg", Errno::ENOENT)),
            Err(errno) => Err(Lack::Os(LOG, errno)),
        },
    })
}

fn manager(root: &Root) -> Result<Marks, Lack> {
    if !root.is_live() {
        return Err(Lack::Captured);
    }
    if root.open_file("run/systemd/system").is_err() {
        return Err(Lack::NoSystemd);
    }
    let command = ["systemctl", "show", "-p", systemd::MANAGER];
    let text = systemctl(&command).ok_or(Lack::Systemctl)?;
    systemd::marks(&text).ok_or(Lack::Systemctl)
}

/// What `systemctl show` prints.
fn systemctl(command: &[&str]) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let command = Command::new(command).ok()?;
    let ended = command.run(PATIENCE, &mut |piece| text.extend_from_slice(piece));
    let is_done = ended.is_ok_and(|ended| ended.exit == Exit::Status(0));
    is_done.then_some(text)
}

fn key_starts(
    root: &Root,
    snapshot: &Snapshot,
    keys: &[Key],
    own: Option<u32>,
    marks: Option<&Marks>,
) -> Vec<KeyStart> {
    let assigned = assign(&snapshot.processes, keys, own);
    let oldest = |key: usize| {
        let assigned = snapshot.processes.iter().zip(&assigned);
        let own = assigned.filter(|(_, assigned)| **assigned == Some(key));
        own.map(|(process, _)| process)
            .min_by_key(|process| process.starttime)
    };
    let mut starts: Vec<(&Key, Option<&Process>)> = Vec::new();
    let mut command = vec!["systemctl", "show", "-p", systemd::UNIT, "--"];
    for (number, key) in keys.iter().enumerate() {
        let oldest = oldest(number);
        if oldest.is_none() && key.rare {
            continue;
        }
        starts.push((key, oldest));
        let name = oldest.and_then(unit).unwrap_or("--");
        if !command.contains(&name) && command.len() < MOST_WORDS {
            command.push(name);
        }
    }
    let units = match root.is_live() && marks.is_some() && command.last() != Some(&"--") {
        true => systemctl(&command).unwrap_or_default(),
        false => Vec::new(),
    };
    let start = |(key, oldest): (&Key, Option<&Process>)| {
        let start = oldest.map(|process| (process, started_us(process, snapshot.clk_tck)));
        KeyStart {
            label: key.label.clone(),
            oldest: start.map(|(process, at_us)| (process.pid, at_us)),
            since: start.map_or(Since::Boot, |(process, at_us)| {
                since(process, at_us, &units, marks)
            }),
        }
    };
    starts.into_iter().map(start).collect()
}

fn since(process: &Process, at_us: u64, units: &[u8], marks: Option<&Marks>) -> Since {
    /// What starts a little later was asked for by the boot.
    const MARGIN_US: u64 = 1_000_000;
    let finish_us = marks.and_then(|marks| marks.finish_us);
    match unit(process).map_or(0, |name| systemd::restarts(units, name.as_bytes())) {
        0 if finish_us.is_some_and(|finish| at_us > finish.saturating_add(MARGIN_US)) => {
            Since::Later
        }
        0 => Since::Boot,
        restarts => Since::Restarted(restarts),
    }
}

fn unit(process: &Process) -> Option<&str> {
    let unit = place(&process.cgroup).unit?;
    std::str::from_utf8(unit.name).ok()
}

// It is never divided by 0.
#[allow(clippy::arithmetic_side_effects)]
fn started_us(process: &Process, clk_tck: u64) -> u64 {
    process.starttime.saturating_mul(1_000_000) / clk_tck.max(1)
}
