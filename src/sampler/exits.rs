//! The processes that end between two samples: the kernel tells of each, with its name and
//! what it used (taskstats, by generic netlink).
//!
//! A process that was sampled before its end is told of with its whole CPU time: what the
//! samples have of that is taken off here, where the last sample is known.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

#[cfg(fuzzing)]
#[path = "../../tests/fuzz/targets/exits.rs"]
pub(crate) mod fuzz;
mod message;
mod tally;

use super::table::Table;
use crate::log::exits::Ended;
use crate::log::fields::recorder::listening;
use crate::proc::root::Root;
use crate::system::clock;
use crate::system::netlink::message::{
    acknowledged, attributes, messages, put, put_message, u16_at,
};
use crate::system::netlink::Netlink;
use message::{exit, numbers, tells_processes, Exit, HEAD};
use nix::errno::Errno;
use nix::unistd::{sysconf, SysconfVar};
use tally::Tally;

/// The kernel doubles it: 2,800 processes between two samples (1.5 KiB each), or half as many
/// of several threads each. It is memory only while messages wait.
const ROOM: i32 = 1 << 21;
/// In a sample no more are taken.
const MOST: usize = 8192;

/// `linux/genetlink.h`: the family of families, its request for one by name, and the
/// attributes for its number and name.
const CONTROL: u16 = 16;
const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;
/// `linux/taskstats.h`: the request, and its attributes.
const GET: u8 = 1;
const OF_PID: u16 = 1;
const LISTEN: u16 = 3;
const OF_TASK: u16 = 4;

// Flags and kinds have 16 bits in a message.
#[allow(clippy::cast_possible_truncation)]
const REQUEST: u16 = (libc::NLM_F_REQUEST | libc::NLM_F_ACK) as u16;
#[allow(clippy::cast_possible_truncation)]
const ERROR: u16 = libc::NLMSG_ERROR as u16;

/// Listens.
pub(super) struct Exits {
    socket: Netlink,
    family: u16,
    pub(super) tally: Tally,
    /// Of USER_HZ.
    tick_us: u64,
    /// When the kernel was asked last, on CLOCK_MONOTONIC.
    asked_ns: u64,
    /// Tasks that the kernel could not tell of; and its memory in which ends waited, when
    /// they were taken last.
    pub(super) lost: u64,
    pub(super) waiting_kib: u64,
}

/// Why the kernel does not tell: one of [`listening`].
type Lack = u64;

/// Whether the kernel tells of the processes that end: one of [`listening`].
pub(crate) fn availability(root: &Root) -> u64 {
    match register(root) {
        Ok(_) => listening::ON,
        Err(lack) => lack,
    }
}

/// Opens a socket, and has the kernel tell it of each task that ends, on all cores.
fn register(root: &Root) -> Result<(Netlink, u16), Lack> {
    if !root.is_live() {
        return Err(listening::NOT_ASKED);
    }
    let mut buffer = [0; 4096];
    let cores = root.read("sys/devices/system/cpu/possible", &mut buffer);
    let mut cores = cores.unwrap_or(b"0\n").to_vec();
    // The text ends in NUL there, and in a newline here.
    cores.pop();
    cores.push(0);
    let socket = Netlink::generic().map_err(|errno| match errno {
        Errno::EAFNOSUPPORT | Errno::EPERM => listening::DENIED,
        _ => listening::ABSENT,
    })?;
    let family = ask(&socket, CONTROL, GET_FAMILY, FAMILY_NAME, b"TASKSTATS\0");
    let family = family.map_err(|_| listening::ABSENT)?;
    let family = u16::try_from(family).map_err(|_| listening::ABSENT)?;
    let why = |errno| match errno {
        Errno::EPERM => listening::DENIED,
        Errno::EINVAL => listening::CONTAINED,
        _ => listening::FAILED,
    };
    let own = std::process::id().to_ne_bytes();
    if ask(&socket, family, GET, OF_PID, &own).map_err(why)? == 0 {
        return Err(listening::OLD);
    }
    // Without the capability for it, the room is smaller.
    let _ = socket.make_room(ROOM);
    ask(&socket, family, GET, LISTEN, &cores).map_err(why)?;
    Ok((socket, family))
}

/// Asks the kernel something, with an attribute: for the number of a family, or whether the
/// numbers of a task tell a process from a thread.
fn ask(socket: &Netlink, family: u16, what: u8, kind: u16, value: &[u8]) -> nix::Result<u32> {
    let (mut request, mut message, mut said) = (vec![what, 1, 0, 0], Vec::new(), 0);
    put(&mut request, kind, value);
    put_message(&mut message, family, REQUEST, 1, &request);
    socket.send(&message)?;
    let mut buffer = [0; 4096];
    loop {
        // The kernel has answered when the request is handed over.
        for answer in messages(socket.receive(&mut buffer)?) {
            match answer.kind {
                ERROR => return acknowledged(&answer).map(|()| said),
                CONTROL => {
                    let all = answer.payload.get(HEAD..).unwrap_or_default();
                    let id = attributes(all).find(|(kind, _)| *kind == FAMILY_ID);
                    let id = id.and_then(|(_, id)| u16_at(id, 0));
                    said = id.ok_or(Errno::ENOENT)?.into();
                }
                _ if what == GET && kind == OF_PID => {
                    let numbers = numbers(answer.payload, OF_TASK);
                    said = u32::from(numbers.is_some_and(tells_processes));
                }
                _ => {}
            }
        }
    }
}

impl Exits {
    /// Begins to listen; else says why not.
    // It is never divided by 0.
    #[allow(clippy::arithmetic_side_effects)]
    pub(super) fn open(root: &Root) -> Result<Box<Self>, Lack> {
        let (socket, family) = register(root)?;
        let hz = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100);
        Ok(Box::new(Self {
            socket,
            family,
            tally: Tally::new(),
            tick_us: 1_000_000 / u64::try_from(hz).unwrap_or(100).max(1),
            asked_ns: clock::monotonic_ns(),
            lost: 0,
            waiting_kib: 0,
        }))
    }

    /// Takes what the kernel tells since the last sample, whose processes are in the
    /// `table`.
    pub(super) fn drain(&mut self, table: &mut Table, buffer: &mut [u8]) {
        let now_ns = clock::monotonic_ns();
        let since_us = now_ns.saturating_sub(std::mem::replace(&mut self.asked_ns, now_ns)) / 1000;
        let mut is_first = true;
        self.waiting_kib = 0;
        for _ in 0..MOST {
            let piece = match self.socket.receive(buffer) {
                Ok(piece) => piece,
                Err(Errno::ENOBUFS) => {
                    // What waits is what was told before.
                    self.look_at_room();
                    continue;
                }
                Err(_) => break,
            };
            if std::mem::take(&mut is_first) {
                self.look_at_room();
            }
            let family = self.family;
            for message in messages(piece).filter(|message| message.kind == family) {
                if let Some(exit) = exit(message.payload) {
                    self.take(&exit, table, since_us);
                }
            }
        }
    }

    fn look_at_room(&mut self) {
        if let Some((waiting, lost)) = self.socket.waiting() {
            self.lost = self.lost.max(lost.into());
            self.waiting_kib = self.waiting_kib.max(u64::from(waiting) / 1024);
        }
    }

    // A tick is some microseconds, and never 0: a part of the time since the boot.
    #[allow(clippy::arithmetic_side_effects)]
    fn take(&mut self, exit: &Exit<'_>, table: &mut Table, since_us: u64) {
        // It began no later, apart from rounding.
        let began_us = (clock::boottime_ns() / 1000).saturating_sub(exit.elapsed_us);
        let last = table.last_of(exit.pid, began_us / self.tick_us + 2);
        let cpu_us = match &last {
            Some(last) => {
                let had = last.cpu_time.saturating_mul(self.tick_us);
                exit.cpu_us.saturating_sub(had)
            }
            None if exit.elapsed_us <= since_us.saturating_mul(2) => exit.cpu_us,
            // It was left out of the samples: when it used its time is not known.
            None => 0,
        };
        let ended = Ended {
            exits: 1,
            failures: exit.failed.into(),
            cpu_us,
            peak_rss_kib: exit.peak_rss_kib,
        };
        let name = match &last {
            Some(last) if !exit.by_leader => &last.name[..],
            _ => exit.comm,
        };
        let parent = table.name_of(exit.parent);
        self.tally.add(name, parent, &ended);
    }
}
