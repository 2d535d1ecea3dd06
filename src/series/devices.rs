//! What disks and interfaces carried over a run.

use crate::log::fields::device::{self, PRESENT};
use crate::log::fields::recorder;
use crate::log::model::{Device, Machine};
use crate::log::sample::Sample;

/// A device, and what the run added to each of its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Its number in the run.
    pub id: usize,
    /// What it is called; one whose name was lost is not told of.
    pub device: Device,
    /// The fields of its kind, see [`device`].
    pub counts: [u64; PRESENT],
    /// It was not there at the last reading.
    pub gone: bool,
}

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub struct Observer {
    last: Vec<[u64; device::COUNT]>,
    counts: Vec<[u64; PRESENT]>,
    names: Vec<Option<Device>>,
    begun: bool,
    /// Some had no number at the last reading: one that gets one later has done
    /// something before.
    left_out: bool,
    pub most_left_out: u64,
}

impl Observer {
    /// Whether something changed, which is so when it was read.
    pub fn sample(&mut self, sample: &Sample) -> bool {
        let machine: &Machine = &sample.machine;
        let now = machine.devices();
        if self.begun && self.last == now {
            return false;
        }
        let left_out = machine.value(recorder::ID, recorder::DEVICES_LEFT_OUT);
        let left_out = left_out.unwrap_or(0);
        self.most_left_out = self.most_left_out.max(left_out);
        for (id, values) in now.iter().enumerate() {
            if self.counts.len() <= id {
                self.counts.push([0; PRESENT]);
                self.names.push(None);
            }
            let before = self.last.get(id).filter(|before| before[PRESENT] != 0);
            for field in 0..PRESENT {
                let begin = match before {
                    // A count that fell began anew, and so did one of a device that was gone.
                    Some(before) if before[field] <= values[field] => before[field],
                    Some(_) => 0,
                    None if !self.begun || self.left_out => values[field],
                    None => 0,
                };
                let gained = values[field].saturating_sub(begin);
                let sum = &mut self.counts[id][field];
                *sum = sum.saturating_add(gained);
            }
            if self.names[id].is_none() {
                self.names[id] = sample.device(id).cloned();
            }
        }
        self.begun = true;
        self.left_out = left_out > 0;
        self.last.clear();
        self.last.extend_from_slice(now);
        true
    }

    pub fn finish(self) -> Vec<Carried> {
        let all = self.names.into_iter().zip(self.counts).zip(self.last);
        let carried = |(id, ((device, counts), last)): (usize, ((Option<Device>, _), _))| {
            let last: [u64; device::COUNT] = last;
            Some(Carried {
                id,
                device: device?,
                counts,
                gone: last[PRESENT] == 0,
            })
        };
        all.enumerate().filter_map(carried).collect()
    }
}
