//! A ramp by its samples: what was taken with each number of containers.

use super::members::{pss_of, Members};
use super::own::OwnProcesses;
use super::slots::{forget_ended, id_of, ProcessId};
use crate::log::crc32::crc32;
use crate::log::fields::process::flag;
use crate::log::limits::{CGROUPS, STEPS, WINDOW};
use crate::log::reader::Identity;
use crate::log::record::Header;
use crate::log::result::{entries, tag, ResultPart};
use crate::log::sample::Sample;
use crate::results::{Kind, Phase, Ramp};
use crate::stats::{self, Slope};
use std::collections::HashMap;

/// What has a value with each number of containers; the place of each in [`Level`].
pub(crate) mod level {
    /// PSS of the product's processes, and of the workload's: those that are not the
    /// product's in cgroups which the first step found not yet there, and those that
    /// descend from a step. KiB.
    pub(crate) const PRODUCT: usize = 0;
    pub(crate) const WORKLOAD: usize = 1;
    /// MemAvailable, KiB.
    pub(crate) const AVAILABLE: usize = 2;
    /// Milli-percent of all cores.
    pub(crate) const CPU: usize = 3;
    /// Microseconds.
    pub(crate) const PROBE: usize = 4;
    pub(crate) const COUNT: usize = 5;
}

/// The medians of a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Level {
    pub(crate) containers: u64,
    pub(crate) values: [Option<f64>; level::COUNT],
}

/// Name for programs, name, and slope in KiB.
pub(crate) type Cost = (&'static str, &'static str, Slope);

/// What one more container costs: of the product, of the workload, and of the memory
/// that was available; none of what is not known.
pub(crate) fn costs(levels: &[Level]) -> Vec<Cost> {
    let all = [
        ("product", "PSS of the product", level::PRODUCT, 1.0),
        ("workload", "PSS of the workload", level::WORKLOAD, 1.0),
        ("memory", "memory in use", level::AVAILABLE, -1.0),
    ];
    let cost = |(key, name, place, sign): (_, _, usize, f64)| {
        let point = |of: &Level| Some((of.containers as f64, of.values[place]? * sign));
        let points: Vec<_> = levels.iter().filter_map(point).collect();
        stats::slope(&points).map(|slope| (key, name, slope))
    };
    all.into_iter().filter_map(cost).collect()
}

/// Takes the changes of a ramp and the samples, in the order of the log.
#[derive(Debug)]
pub(super) struct RampSeries {
    start_boottime_ns: u64,
    clk_tck: u64,
    /// A container was begun.
    is_begun: bool,
    /// Checksums of the cgroups before, ascending; and the processes that are in others.
    cgroups: Vec<u32>,
    newcomers: HashMap<ProcessId, ()>,
    /// The window that is open, or that waits for its containers to be found ready.
    window: Option<[Vec<f64>; level::COUNT]>,
    is_open: bool,
    levels: Vec<Level>,
    /// Steps so far.
    steps: usize,
}

impl RampSeries {
    pub(super) fn new<T>(header: &Header<T>) -> Self {
        Self {
            start_boottime_ns: header.start_boottime_ns,
            clk_tck: header.clk_tck,
            is_begun: false,
            cgroups: Vec::new(),
            newcomers: HashMap::new(),
            window: None,
            is_open: false,
            levels: Vec::new(),
            steps: 0,
        }
    }

    pub(super) fn identity(&mut self, identity: &Identity) {
        let cgroup = crc32(&identity.cgroup);
        let place = self.cgroups.binary_search(&cgroup);
        let id = (identity.pid, identity.starttime);
        match place {
            Ok(_) => {
                self.newcomers.remove(&id);
            }
            Err(_) if self.is_begun => {
                self.newcomers.insert(id, ());
            }
            Err(at) => self.cgroups.insert(at, cgroup),
        }
    }

    /// What the log has more of than can be kept.
    pub(super) fn excess(&self) -> Option<&'static str> {
        let values = self.window.iter().flatten().map(Vec::len).max();
        match () {
            () if self.cgroups.len() > CGROUPS => Some("65536 cgroups before its first step"),
            () if self.steps.max(self.levels.len()) > STEPS => Some("4096 steps of a ramp"),
            () if values > Some(WINDOW) => Some("131072 samples of one step"),
            () => None,
        }
    }

    pub(super) fn result(&mut self, part: &ResultPart<Vec<u8>>, own: &mut OwnProcesses) {
        if let (Some(window), true) = (&mut self.window, self.is_open) {
            window[level::PROBE].extend(probe_us(part));
        }
        let Some((ramp, value)) = Ramp::of_part(part) else {
            return;
        };
        let since_boot_us = (self.start_boottime_ns / 1000).saturating_add(part.at_us);
        let ticks = since_boot_us.saturating_mul(self.clk_tck) / 1_000_000;
        if ramp.phase == Phase::Step {
            self.is_begun = true;
            own.step_begins(ticks);
            self.steps += 1;
        } else {
            own.step_ends(ticks);
        }
        self.is_open = ramp.phase == Phase::Window;
        match ramp.phase {
            Phase::Window => self.window = Some(Default::default()),
            Phase::Measured => {}
            Phase::Held => {
                let window = self.window.take();
                self.levels.extend(window.map(|window| Level {
                    containers: value,
                    values: window.map(|values| stats::median(&values)),
                }));
            }
            _ => self.window = None,
        }
    }

    /// `cpu`: the machine's since the sample before.
    pub(super) fn sample(
        &mut self,
        sample: &Sample,
        members: Option<&Members>,
        own: &OwnProcesses,
        cpu: Option<u64>,
    ) {
        forget_ended(&mut self.newcomers, sample);
        let Some(window) = self.window.as_mut().filter(|_| self.is_open) else {
            return;
        };
        let mut workload = Some(0);
        for (slot, process) in sample.slots.iter().enumerate() {
            let Some(process) = process else {
                continue;
            };
            let is_new =
                || self.newcomers.contains_key(&id_of(process)) || own.is_workload(process);
            let is_others = own.pids().contains(&process.pid)
                || process.has(flag::KERNEL_THREAD)
                || members.is_some_and(|members| members.has(slot));
            if !is_others && is_new() {
                workload = workload
                    .zip(pss_of(process))
                    .map(|(sum, kib): (u64, u64)| sum + kib);
            }
        }
        let used = sample.machine.memory_used();
        for (place, value) in [
            (level::PRODUCT, members.and_then(Members::pss_kib)),
            (level::WORKLOAD, workload),
            (level::AVAILABLE, used.map(|(used, total)| total - used)),
            (level::CPU, cpu),
        ] {
            window[place].extend(value.map(|value| value as f64));
        }
    }

    pub(super) fn finish(self) -> Vec<Level> {
        self.levels
    }
}

/// The time of a run of the probe that succeeded.
fn probe_us(part: &ResultPart<Vec<u8>>) -> Option<f64> {
    let mut all = entries(&part.entries).flatten();
    let succeeded = all.any(|entry| entry.tag == tag::EXIT && entry.bytes == [0, 0]);
    (part.kind == Kind::Probe as u32 && succeeded).then_some(part.value as f64)
}
