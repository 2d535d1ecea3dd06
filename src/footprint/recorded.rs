//! A moment of a log.

use super::machine_memory::MachineMemory;
use super::stored::Parts;
use super::summary::{Footprint, Source};
use super::{MemoryFigures, Process, ProcessMemory, Snapshot};
use crate::log::fields::process::{self, flag};
use crate::log::fields::{memory, page_kib, recorder};
use crate::log::model;
use crate::log::record::{Header, PssMode};
use crate::log::sample::Sample;
use crate::proc::capabilities::Privilege;
use crate::products::Key;
use crate::series::counter::TaskTime;
use crate::series::interval::{most_ticks, Interval};
use crate::series::slots::{forget_ended, id_of, ProcessId};
use crate::series::stage::Stage;
use crate::series::{commands, walk, Error, LogItem, Standalone};
use std::collections::HashMap;
use std::io::{self, Read};
use std::time::Duration;

/// CPU is measured over the last minute before the moment.
const CPU_OVER_US: u64 = 60_000_000;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecordedSample {
    pub(crate) source: Source,
    pub(crate) moment: Snapshot,
    pub(crate) machine: MachineMemory,
    /// The processes that make up the product, if the log has them.
    pub(crate) product: Vec<Key>,
}

/// The last record up to the moment.
#[derive(Debug)]
pub(crate) enum Recorded {
    Sample(Box<RecordedSample>),
    Footprint(Box<Footprint>),
}

/// Its command line and its cgroup.
type Texts = (Vec<u8>, Vec<u8>);

/// The tick of a sample, and the CPU time of each process then.
type CpuTimes = (u64, Vec<(ProcessId, u64)>);

/// The place of a sample.
struct Target {
    /// The number of its run, from 1.
    run: u64,
    tick: u64,
}

enum Last {
    Sample(Target),
    Footprint(Box<Footprint>),
}

/// Reads the last run of a log that has samples or footprints, `at` a time after its start
/// or at its end. The log is opened twice, so that only one moment is held in memory.
///
/// # Errors
/// Those of the input; and if the log has nothing of that moment.
pub(crate) fn read<R: Read>(
    open: impl Fn() -> io::Result<R>,
    at: Option<Duration>,
) -> Result<(Recorded, bool), Error> {
    let at_us = at.map_or(u64::MAX, |at| {
        u64::try_from(at.as_micros()).unwrap_or(u64::MAX)
    });
    let (last, damaged, end_us) = find(open().map_err(Error::Io)?, at_us)?;
    let recorded = match last {
        Last::Footprint(mut footprint) => {
            footprint.source.set_damaged(damaged);
            Recorded::Footprint(footprint)
        }
        Last::Sample(target) => {
            let mut sample = read_sample(open().map_err(Error::Io)?, &target)?;
            sample.source.set_damaged(damaged);
            Recorded::Sample(Box::new(sample))
        }
    };
    Ok((recorded, at.is_some() && at_us > end_us))
}

/// The last sample or footprint up to the moment, the damaged places of the log, and when
/// the interval after its last sample, or its last footprint, ends.
fn find<R: Read>(input: R, at_us: u64) -> Result<(Last, u64, u64), Error> {
    let (mut run, mut interval_us, mut damaged, mut end_us) = (0, 0, 0, 0);
    // The run of the last footprint.
    let mut of = None;
    let mut parts = Parts::default();
    let mut last = None;
    let walked = walk(input, &mut |item| {
        match item {
            LogItem::Begin(header) => {
                (run, interval_us) = (run + 1, header.interval_us);
                last = None;
            }
            LogItem::Sample(sample) => {
                let begin_us = sample.tick.saturating_mul(interval_us);
                end_us = begin_us.saturating_add(interval_us);
                if begin_us <= at_us {
                    last = Some(Last::Sample(Target {
                        run,
                        tick: sample.tick,
                    }));
                }
            }
            LogItem::Standalone(header, Standalone::Footprint(part)) => {
                if of.replace(header.run) != Some(header.run) {
                    last = None;
                }
                end_us = part.at_us;
                let source = Source::log(header, false, part.at_us);
                let whole = parts.add(part, source);
                if let Some(mut footprint) = whole.filter(|_| part.at_us <= at_us) {
                    footprint.circumstances.privilege.euid = header.euid;
                    last = Some(Last::Footprint(Box::new(footprint)));
                }
            }
            LogItem::Damage => damaged += 1,
            _ => {}
        }
        Ok(())
    });
    match (walked, last) {
        (Ok(()) | Err(Error::OnlyStandalone), Some(last)) => Ok((last, damaged, end_us)),
        (Ok(()) | Err(Error::OnlyStandalone), None) => Err(Error::NoSample),
        (Err(error), _) => Err(error),
    }
}

fn read_sample<R: Read>(input: R, target: &Target) -> Result<RecordedSample, Error> {
    let mut run = 0;
    let mut of = None;
    let mut identities = HashMap::new();
    let mut product: Vec<Key> = Vec::new();
    let mut before: Option<CpuTimes> = None;
    let mut found = None;
    walk(input, &mut |item| {
        if let LogItem::Begin(header) = item {
            run += 1;
            of = Some(header.clone()).filter(|_| run == target.run);
        }
        let Some(header) = of.as_ref().filter(|_| found.is_none()) else {
            return Ok(());
        };
        let time_us = |ticks: u64| ticks.saturating_mul(header.interval_us);
        match item {
            LogItem::Identity(identity) => {
                let texts = (identity.cmdline.clone(), identity.cgroup.clone());
                identities.insert((identity.pid, identity.starttime), texts);
            }
            LogItem::Product(key) => {
                product.extend(Key::logged(key).filter(|key| !product.contains(key)));
            }
            LogItem::Sample(sample) if sample.tick >= target.tick => {
                found = Some(RecordedSample {
                    source: Source::log(header, true, time_us(sample.tick)),
                    moment: moment(sample, header, &identities, before.take()),
                    machine: machine(sample, header),
                    product: std::mem::take(&mut product),
                });
            }
            LogItem::Sample(sample) => {
                if before.is_none() && time_us(target.tick - sample.tick) <= CPU_OVER_US {
                    let times = sample.processes().map(|p| (id_of(p), p.cpu_time()));
                    before = Some((sample.tick, times.collect()));
                }
                // An identity comes before its process's first sample: one without a
                // process has ended.
                forget_ended(&mut identities, sample);
            }
            _ => {}
        }
        Ok(())
    })?;
    // The first pass has seen it.
    found.ok_or(Error::Changed)
}

fn moment(
    sample: &Sample,
    header: &Header<String>,
    identities: &HashMap<ProcessId, Texts>,
    before: Option<CpuTimes>,
) -> Snapshot {
    let (since, times) = before.unwrap_or((sample.tick, Vec::new()));
    let ticks = sample.tick.saturating_sub(since);
    let interval_us = ticks.saturating_mul(header.interval_us);
    let between = Interval::between(0, interval_us.saturating_mul(1000), header.clk_tck);
    let most = most_ticks(&sample.machine, header.cores.into(), Some(&between));
    // Of a ramp they are what is measured.
    let commands = match Stage::of(&header.stage) {
        Stage::Ramp => Vec::new(),
        _ => commands(sample),
    };
    let others = |of: &&model::Process| !commands.contains(&of.pid);
    let processes = sample.processes().filter(others).map(|process| {
        let id = id_of(process);
        let then = times.iter().find(|(of, _)| *of == id);
        let mut time = TaskTime::from(then.map_or(0, |(_, ticks)| *ticks));
        let values = &process.values;
        let (cmdline, cgroup) = identities.get(&id).cloned().unwrap_or_default();
        Process {
            pid: process.pid,
            ppid: u32::try_from(values[process::PPID]).unwrap_or(0),
            starttime: process.starttime,
            kernel_thread: process.has(flag::KERNEL_THREAD),
            comm: process.comm.to_vec(),
            cmdline,
            cgroup,
            vsize_kib: values[process::VSIZE],
            stat_rss_kib: values[process::RSS].saturating_mul(page_kib(header.page_size)),
            cpu_ticks: time.read(process.cpu_time(), most).unwrap_or(0),
            memory: process_memory(process, sample.tick, header.pss),
        }
    });
    let own = |field| sample.machine.value(recorder::ID, field).unwrap_or(0);
    Snapshot {
        processes: processes.collect(),
        interval_s: (ticks > 0).then_some(interval_us as f64 / 1e6),
        clk_tck: header.clk_tck,
        hidden: own(recorder::HIDDEN) == 1,
        privilege: Privilege {
            euid: header.euid,
            cap_eff: own(recorder::CAP_EFF),
        },
        ..Snapshot::default()
    }
}

fn process_memory(process: &model::Process, tick: u64, mode: PssMode) -> ProcessMemory {
    let values = &process.values;
    if process.has(flag::HAS_PSS) {
        return ProcessMemory::Known(MemoryFigures {
            pss: values[process::PSS],
            shared: values[process::SHARED],
            // stat's resident set is not exact before Linux 6.2; this is as of the last
            // reading. The log counts huge pages of hugetlb in it.
            rss: values[process::PRIVATE].saturating_add(values[process::SHARED]),
            swap_pss: values[process::SWAP_PSS],
            hugetlb: 0,
            estimated: values[process::PSS_AT] < tick,
        });
    }
    if process.has(flag::UNREADABLE) {
        return ProcessMemory::Denied;
    }
    if process.has(flag::STALE) {
        return ProcessMemory::Failed;
    }
    match mode == PssMode::Off && !process.has(flag::KERNEL_THREAD) {
        true => ProcessMemory::Unread,
        false => ProcessMemory::None,
    }
}

fn machine(sample: &Sample, header: &Header<String>) -> MachineMemory {
    let value = |field| sample.machine.value(memory::ID, field);
    MachineMemory {
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
