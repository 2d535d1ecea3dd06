//! The moment as a log has it.

use super::machine::Machine;
use super::stored::{Parts, Stored};
use super::{Figures, Memory, Moment, Process};
use crate::log::fields::process::{self, flag};
use crate::log::fields::{memory, page_kib, recorder};
use crate::log::frame::Fault;
use crate::log::model;
use crate::log::reader::{Event, Identity, Reader};
use crate::log::record::{Header, PssMode};
use crate::log::sample::Sample;
use crate::proc::capabilities::Privilege;
use crate::products::Key;
use crate::series::counter::TaskTime;
use crate::series::interval::{most_ticks, Interval};
use std::collections::HashMap;
use std::io::{self, Read};
use std::time::Duration;

/// CPU is measured over so much of the time before.
const CPU_OVER_US: u64 = 60_000_000;

/// What a log says of a moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) header: Header<String>,
    /// After the run's start, microseconds.
    pub(crate) at_us: u64,
    pub(crate) moment: Moment,
    pub(crate) machine: Machine,
    /// Which processes the product is, where the log says so.
    pub(crate) product: Vec<Key>,
    /// Places of the log that could not be read.
    pub(crate) damaged: u64,
}

/// Why a log says nothing of it.
#[derive(Debug)]
pub(crate) enum Error {
    Io(io::Error),
    Empty,
    NotALog,
    Newer(u16),
    /// The last run has no sample, or none as early as that.
    NoSample,
}

/// CPU time of each process, by pid and starttime, at a tick.
type Ran = (u64, HashMap<(u32, u64), u64>);

/// What a log has of that moment.
#[derive(Debug)]
pub(crate) enum Found {
    Sample(Box<Recorded>),
    /// A footprint that was read then; with the header of its run, and the damaged
    /// places of the log.
    Footprint(Box<Stored>, Box<Header<String>>, u64),
}

/// What of the log is meant.
struct Target {
    /// The run, counted from 1 as they begin.
    run: u64,
    tick: u64,
    damaged: u64,
}

/// Reads the last run of a log, `at` a time after its start, or at its end. The log
/// is opened twice, so that only the moment need be held.
///
/// # Errors
/// Those of the input, and what makes a log say nothing of that moment.
pub(crate) fn read<R: Read>(
    open: impl Fn() -> io::Result<R>,
    at: Option<Duration>,
) -> Result<Found, Error> {
    let at_us = at.map(|at| u64::try_from(at.as_micros()).unwrap_or(u64::MAX));
    match find(open().map_err(Error::Io)?, at_us)? {
        Last::Footprint(stored, header, damaged) => Ok(Found::Footprint(stored, header, damaged)),
        Last::Sample(target) => {
            let recorded = take(open().map_err(Error::Io)?, &target)?;
            Ok(Found::Sample(Box::new(recorded)))
        }
    }
}

/// What comes last of what is early enough.
enum Last {
    Sample(Target),
    Footprint(Box<Stored>, Box<Header<String>>, u64),
}

fn find<R: Read>(input: R, at_us: Option<u64>) -> Result<Last, Error> {
    let mut reader = Reader::new(input);
    let mut runs = Runs::default();
    let mut current = None;
    let mut parts = Parts::default();
    let mut stored = None;
    let mut tick = None;
    let mut damaged = 0;
    let mut newer = None;
    let early = |time: u64| at_us.map_or(true, |at| time <= at);
    while let Some(event) = reader.next_event().map_err(Error::Io)? {
        match event {
            Event::Header(header) if runs.begins(&header) => {
                (tick, stored) = (None, None);
                current = Some(header);
            }
            Event::Sample => {
                let sample = reader.sample();
                if early(sample.tick.saturating_mul(runs.interval_us)) {
                    (tick, stored) = (Some(sample.tick), None);
                }
            }
            Event::Footprint(part) => {
                let whole = parts.add(&part);
                if let Some(footprint) = whole.filter(|whole| early(whole.at_us)) {
                    (tick, stored) = (None, Some(footprint));
                }
            }
            Event::Damage(damage) => {
                damaged += 1;
                if let Fault::Newer(version) = damage.fault {
                    newer = Some(version);
                }
            }
            _ => {}
        }
    }
    if let (Some(stored), Some(header)) = (stored, current) {
        return Ok(Last::Footprint(Box::new(stored), header, damaged));
    }
    match (tick, newer) {
        (Some(tick), _) => Ok(Last::Sample(Target {
            run: runs.count,
            tick,
            damaged,
        })),
        (None, Some(version)) => Err(Error::Newer(version)),
        (None, None) if reader.offset() == 0 => Err(Error::Empty),
        (None, None) if reader.frames() == 0 => Err(Error::NotALog),
        (None, None) => Err(Error::NoSample),
    }
}

/// Counts the runs of a log.
#[derive(Default)]
struct Runs {
    count: u64,
    id: Option<u32>,
    interval_us: u64,
}

impl Runs {
    fn begins(&mut self, header: &Header<String>) -> bool {
        if self.id == Some(header.run) {
            return false;
        }
        self.id = Some(header.run);
        self.count += 1;
        self.interval_us = header.interval_us;
        true
    }
}

fn take<R: Read>(input: R, target: &Target) -> Result<Recorded, Error> {
    let mut reader = Reader::new(input);
    let mut runs = Runs::default();
    let mut current = None;
    let mut identities = HashMap::new();
    let mut product: Vec<Key> = Vec::new();
    let mut before: Option<Ran> = None;
    while let Some(event) = reader.next_event().map_err(Error::Io)? {
        match event {
            Event::Header(header) if runs.begins(&header) => {
                identities.clear();
                product.clear();
                current = Some(header);
            }
            _ if runs.count != target.run => {}
            Event::Identity(identity) => {
                identities.insert((identity.pid, identity.starttime), identity);
            }
            Event::Product(key) => {
                product.extend(Key::logged(&key).filter(|key| !product.contains(key)))
            }
            Event::Sample => {
                let sample = reader.sample();
                if sample.tick >= target.tick {
                    let header = *current.ok_or(Error::NoSample)?;
                    return Ok(Recorded {
                        at_us: sample.tick.saturating_mul(header.interval_us),
                        moment: moment(sample, &header, &identities, before),
                        machine: machine(sample, &header),
                        product,
                        damaged: target.damaged,
                        header,
                    });
                }
                let ago = (target.tick - sample.tick).saturating_mul(runs.interval_us);
                if before.is_none() && ago <= CPU_OVER_US {
                    let ran = sample.processes();
                    let ran = ran.map(|p| ((p.pid, p.starttime), p.cpu_time()));
                    before = Some((sample.tick, ran.collect()));
                }
                // Identities come before the first sample of their process, so
                // who is not there now has ended.
                if identities.len() > 2 * sample.slots.len() + 1024 {
                    let there: std::collections::HashSet<_> =
                        sample.processes().map(|p| (p.pid, p.starttime)).collect();
                    identities.retain(|key, _| there.contains(key));
                }
            }
            _ => {}
        }
    }
    // It was there when the log was read before.
    Err(Error::NoSample)
}

fn moment(
    sample: &Sample,
    header: &Header<String>,
    identities: &HashMap<(u32, u64), Identity>,
    before: Option<Ran>,
) -> Moment {
    let page_kib = page_kib(header.page_size);
    let unread = header.pss == PssMode::Off;
    let (since, ran) = before.unwrap_or((sample.tick, HashMap::new()));
    let ticks = sample.tick.saturating_sub(since);
    let interval_us = ticks.saturating_mul(header.interval_us);
    let between = Interval::between(0, interval_us.saturating_mul(1000), header.clk_tck);
    let most = most_ticks(&sample.machine, header.cores.into(), Some(&between));
    let one = |process: &model::Process| {
        let key = (process.pid, process.starttime);
        let identity = identities.get(&key);
        let cpu = process.cpu_time();
        let mut ran = TaskTime::from(ran.get(&key).copied().unwrap_or(0));
        let values = &process.values;
        let stat_rss = values[process::RSS].saturating_mul(page_kib);
        // Exact when last read, which stat's is not before Linux 6.2. hugetlb pages
        // are in it: the log has them with the others.
        let rss = values[process::PRIVATE].saturating_add(values[process::SHARED]);
        Process {
            pid: process.pid,
            ppid: u32::try_from(values[process::PPID]).unwrap_or(0),
            starttime: process.starttime,
            kernel_thread: process.has(flag::KERNEL_THREAD),
            comm: process.comm.to_vec(),
            cmdline: identity.map(|i| i.cmdline.clone()).unwrap_or_default(),
            cgroup: identity.map(|i| i.cgroup.clone()).unwrap_or_default(),
            vsize_kib: values[process::VSIZE],
            stat_rss_kib: stat_rss,
            cpu_ticks: ran.read(cpu, most).unwrap_or(0),
            memory: if process.has(flag::HAS_PSS) {
                Memory::Known(Figures {
                    pss: values[process::PSS],
                    shared: values[process::SHARED],
                    rss,
                    swap_pss: values[process::SWAP_PSS],
                    hugetlb: 0,
                    estimated: values[process::PSS_AT] < sample.tick,
                })
            } else if process.has(flag::UNREADABLE) {
                Memory::Denied
            } else if process.has(flag::STALE) {
                Memory::Failed
            } else if unread && !process.has(flag::KERNEL_THREAD) {
                Memory::Unread
            } else {
                Memory::None
            },
        }
    };
    let own = |field| sample.machine.value(recorder::ID, field).unwrap_or(0);
    Moment {
        processes: sample.processes().map(one).collect(),
        interval_s: (ticks > 0).then_some(interval_us as f64 / 1e6),
        clk_tck: header.clk_tck,
        hidden: own(recorder::HIDDEN) == 1,
        privilege: Privilege {
            euid: header.euid,
            cap_eff: own(recorder::CAP_EFF),
        },
        ..Moment::default()
    }
}

fn machine(sample: &Sample, header: &Header<String>) -> Machine {
    let value = |field| sample.machine.value(memory::ID, field);
    Machine {
        mem_total: value(memory::MEM_TOTAL).unwrap_or(header.mem_total_kib),
        mem_available: (sample.machine.memory_used()).map(|(used, total)| total - used),
        swap_total: value(memory::SWAP_TOTAL).unwrap_or(header.swap_total_kib),
        swap_free: value(memory::SWAP_FREE).unwrap_or(0),
        anon_pages: value(memory::ANON_PAGES),
        mapped: value(memory::MAPPED),
        volatile: None,
        zram: None,
    }
}
