//! The traffic of disks and interfaces over a run.

use super::counter::Counter;
use crate::log::fields::device::{self, PRESENT};
use crate::log::fields::recorder;
use crate::log::model::{Device, Machine};
use crate::log::sample::Sample;

/// A device, and what the run added to each of its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// Its number in the run.
    pub(crate) id: usize,
    /// Devices whose name was lost are left out.
    pub(crate) device: Device,
    /// The fields of its kind, see [`device`].
    pub(crate) counts: [u64; PRESENT],
    /// It was not there at the last reading.
    pub(crate) gone: bool,
}

/// Gathers it, sample by sample.
#[derive(Debug, Default)]
pub(crate) struct DeviceTally {
    last: Vec<[u64; device::COUNT]>,
    counts: Vec<Option<[Counter; PRESENT]>>,
    names: Vec<Option<Device>>,
    begun: bool,
    /// Some devices had no number at the last reading: a device that gets one later may have
    /// had traffic before.
    left_out: bool,
    pub(crate) most_left_out: u64,
}

impl DeviceTally {
    /// Takes the next sample; returns whether a count changed, and so the devices were read.
    pub(crate) fn sample(&mut self, sample: &Sample) -> bool {
        let machine: &Machine = &sample.machine;
        let now = machine.devices();
        let left_out = machine.value(recorder::ID, recorder::DEVICES_LEFT_OUT);
        let left_out = left_out.unwrap_or(0);
        self.most_left_out = self.most_left_out.max(left_out);
        let were_left_out = std::mem::replace(&mut self.left_out, left_out > 0);
        if self.begun && self.last == now {
            return false;
        }
        self.counts.resize(self.counts.len().max(now.len()), None);
        self.names.resize(self.counts.len(), None);
        // A device that appears during the run had no traffic before.
        let known_before = !self.begun || were_left_out;
        for (id, values) in now.iter().enumerate() {
            if self.names[id].is_none() {
                self.names[id] = sample.device(id).cloned();
            }
            if values[PRESENT] == 0 {
                continue;
            }
            let away = self.last.get(id).map_or(true, |last| last[PRESENT] == 0);
            let first = match known_before {
                true => Counter::default(),
                false => Counter::from(0),
            };
            let counts = self.counts[id].get_or_insert([first; PRESENT]);
            let mut all = counts.iter().zip(values);
            let may_wrap = !away && !all.any(|(count, now)| count.fell(*now));
            for (count, now) in counts.iter_mut().zip(values) {
                count.read(*now, may_wrap);
            }
        }
        self.begun = true;
        self.last.clear();
        self.last.extend_from_slice(now);
        true
    }

    pub(crate) fn finish(self) -> Vec<Traffic> {
        let all = self.names.into_iter().zip(self.counts).zip(self.last);
        let traffic = |(id, ((device, counts), last)): (usize, ((_, Option<_>), _))| {
            let last: [u64; device::COUNT] = last;
            let counts: [Counter; PRESENT] = counts.unwrap_or_default();
            Some(Traffic {
                id,
                device: device?,
                counts: counts.map(|count| count.gained().unwrap_or(0)),
                gone: last[PRESENT] == 0,
            })
        };
        all.enumerate().filter_map(traffic).collect()
    }
}
