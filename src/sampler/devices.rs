//! Disks and network interfaces, every 10 s.

use crate::log::fields::device::{self, kind};
use crate::log::fields::{recorder, MAX_DEVICES};
use crate::log::model::{device_name, Device, Machine};
use crate::log::record;
use crate::proc::root::Root;
use crate::proc::{diskstats, net_dev};

/// Numbers for interfaces; the rest is for disks.
const FOR_INTERFACES: usize = 48;
/// Of these, numbers for veth(4): a container engine makes and drops hundreds, and the
/// bridge counts their traffic as well.
const FOR_VETHS: usize = 32;

/// The devices that have a number, which is their place. None is ever removed: a
/// number stays its device's.
///
/// The kernel's lists are not kept open: every descriptor costs a page, and 10 s are long.
pub(super) struct Devices {
    entries: Vec<Entry>,
    /// Where the next is likely to be: the kernel's lists keep their order.
    next: usize,
    /// Those in use that no number is left for.
    left_out: u64,
}

struct Entry {
    device: Device,
    /// Its name was told.
    named: bool,
    /// It is in the list that is being read.
    seen: bool,
}

impl Devices {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::with_capacity(MAX_DEVICES),
            next: 0,
            left_out: 0,
        }
    }

    /// The number of a device that has one.
    pub(super) fn number(&self, kind: u8, name: &[u8]) -> Option<usize> {
        self.find(0, kind, name)
    }

    /// A list that cannot be read this time leaves its devices as they were.
    pub(super) fn sample(&mut self, root: &Root, buffer: &mut [u8], machine: &mut Machine) {
        self.begin();
        let listed = root.read("proc/diskstats", buffer).is_ok_and(|text| {
            let listed = diskstats::disks(text, |name, counts| {
                self.put(kind::DISK, name, counts, machine);
            });
            listed.is_ok()
        });
        if listed {
            self.end(kind::DISK, machine);
        }
        let listed = root.read("proc/net/dev", buffer).is_ok_and(|text| {
            let listed = net_dev::interfaces(text, |name, counts| {
                self.put(kind::NET, name, counts, machine);
            });
            listed.is_ok()
        });
        if listed {
            self.end(kind::NET, machine);
        }
        machine.group_mut(recorder::ID)[recorder::DEVICES_LEFT_OUT] = self.left_out;
    }

    fn find(&self, first: usize, kind: u8, name: &[u8]) -> Option<usize> {
        let count = self.entries.len();
        let kept = &name[..name.len().min(device::NAME_BYTES)];
        let mut places = (first..count).chain(0..first.min(count));
        places.find(|&at| {
            let device = &self.entries[at].device;
            device.kind == kind && device.name == *kept
        })
    }

    fn begin(&mut self) {
        self.next = 0;
        self.left_out = 0;
        for entry in &mut self.entries {
            entry.seen = false;
        }
    }

    /// A device that was never used gets no number: most boards have a dozen loop and ram
    /// disks.
    fn put(&mut self, kind: u8, name: &[u8], counts: &[u64], machine: &mut Machine) {
        let found = self.find(self.next, kind, name);
        let place = match found {
            Some(place) => place,
            None if counts.iter().all(|count| *count == 0) => return,
            None => match self.add(kind, name) {
                Some(place) => place,
                None => {
                    self.left_out += 1;
                    return;
                }
            },
        };
        self.next = place + 1;
        self.entries[place].seen = true;
        if let Some(values) = machine.device_mut(place) {
            values[..counts.len()].copy_from_slice(counts);
            values[device::PRESENT] = 1;
        }
    }

    fn add(&mut self, kind: u8, name: &[u8]) -> Option<usize> {
        let most = match kind {
            kind::DISK => MAX_DEVICES,
            _ if name.starts_with(b"veth") => FOR_VETHS,
            _ => FOR_INTERFACES,
        };
        let place = self.entries.len();
        if place >= most {
            return None;
        }
        self.entries.push(Entry {
            device: Device {
                kind,
                name: device_name(name),
            },
            named: false,
            seen: false,
        });
        Some(place)
    }

    /// The list is complete: a device that is not in it is gone.
    fn end(&mut self, kind: u8, machine: &mut Machine) {
        for (place, entry) in self.entries.iter().enumerate() {
            if entry.device.kind == kind && !entry.seen {
                if let Some(values) = machine.device_mut(place) {
                    *values = [0; device::COUNT];
                }
            }
        }
    }

    /// Hands `sink` the name of each device that it was not told yet.
    ///
    /// # Errors
    /// Those of `sink`.
    pub(super) fn tell<E>(
        &mut self,
        mut sink: impl FnMut(record::Device<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (id, entry) in self.entries.iter_mut().enumerate() {
            if !std::mem::replace(&mut entry.named, true) {
                sink(record::Device {
                    id: id as u8,
                    kind: entry.device.kind,
                    name: &entry.device.name,
                })?;
            }
        }
        Ok(())
    }

    /// Has the names of all devices told again.
    pub(super) fn forget(&mut self) {
        for entry in &mut self.entries {
            entry.named = false;
        }
    }
}
