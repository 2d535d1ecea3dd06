//! The board every 10 s: temperature, throttling and requested CPU frequencies.

use super::thermometer::{there, Fault, Thermometer};
use crate::log::fields::board::{self, feature};
use crate::log::fields::{core, MAX_CORES, NOT_OBSERVABLE};
use crate::log::model::Machine;
use crate::proc::root::Root;
use crate::proc::text::ParseError;
use crate::proc::{attribute, cgroups};

/// The most clock domains that are read; boards have up to three.
const POLICIES: usize = 16;

/// The paths of the files that this board has. They are opened for each reading: a
/// descriptor costs a page, and 10 s are long.
pub(super) struct Board {
    temp: Option<Thermometer>,
    /// Implausible readings so far, which are not recorded.
    temp_dropped: u64,
    khz_dropped: u64,
    throttled: Option<String>,
    undervoltage: Option<String>,
    policies: Vec<Policy>,
    /// Cores that exist, online or not; none if the kernel does not list them.
    present: Cores,
    memory_cgroup: u64,
}

/// Cores that share a clock.
pub(crate) struct Policy {
    pub(crate) cur_freq: String,
    cores: Cores,
}

/// A bit for each core.
type Cores = [u64; MAX_CORES / 64];

fn is_among(cores: &Cores, core: usize) -> bool {
    cores[core / 64] >> (core % 64) & 1 == 1
}

fn put_among(cores: &mut Cores, core: u64) {
    if let Some(word) = cores.get_mut((core / 64) as usize) {
        *word |= 1 << (core % 64);
    }
}

impl Board {
    pub(super) fn open(root: &Root) -> Self {
        let mut buffer = [0; 4096];
        Self {
            temp: Thermometer::find(root, &mut buffer),
            temp_dropped: 0,
            khz_dropped: 0,
            throttled: throttled(root, &mut buffer),
            undervoltage: undervoltage(root, &mut buffer),
            policies: policies(root, &mut buffer),
            present: present(root, &mut buffer),
            memory_cgroup: memory_cgroup(root, &mut buffer),
        }
    }

    pub(super) fn sample(&mut self, root: &Root, buffer: &mut [u8], machine: &mut Machine) {
        let temp = self.temp.as_mut().map(|temp| temp.read(root, buffer));
        if let Some(Err(Fault::Implausible(_))) = temp {
            self.temp_dropped += 1;
        }
        let mut value = |file: &Option<String>, parse| value(root, file.as_ref(), buffer, parse);
        let throttled = value(&self.throttled, attribute::hexadecimal);
        let undervoltage = value(&self.undervoltage, attribute::number);
        let group = machine.group_mut(board::ID);
        group[board::TEMP_MC] = match temp {
            // NOT_OBSERVABLE.
            Some(Ok(-1)) => 0,
            Some(Ok(milli)) => milli as u64,
            Some(Err(_)) | None => NOT_OBSERVABLE,
        };
        group[board::TEMP_DROPPED] = self.temp_dropped;
        group[board::THROTTLED] = throttled;
        group[board::UNDERVOLTAGE] = undervoltage;
        group[board::MEMORY_CGROUP] = self.memory_cgroup;
        for index in 0..MAX_CORES {
            let present = is_among(&self.present, index);
            if !present && index >= machine.cores().len() {
                continue;
            }
            if let Some(values) = machine.core_mut(index) {
                values[core::REQUESTED_KHZ] = match values[core::ONLINE] {
                    // This core never existed.
                    0 if !present && *values == [0; core::COUNT] => 0,
                    _ => NOT_OBSERVABLE,
                };
            }
        }
        for policy in &self.policies {
            let khz = self::value(root, Some(&policy.cur_freq), buffer, attribute::number);
            let khz = match khz {
                NOT_OBSERVABLE => khz,
                khz if core::CLOCKS_KHZ.contains(&khz) => khz,
                _ => {
                    self.khz_dropped += 1;
                    NOT_OBSERVABLE
                }
            };
            for index in 0..machine.cores().len() {
                let among = is_among(&policy.cores, index);
                if let (true, Some(values)) = (among, machine.core_mut(index)) {
                    if values[core::ONLINE] == 1 {
                        values[core::REQUESTED_KHZ] = khz;
                    }
                }
            }
        }
        machine.group_mut(board::ID)[board::KHZ_DROPPED] = self.khz_dropped;
    }
}

fn value(
    root: &Root,
    file: Option<&String>,
    buffer: &mut [u8],
    parse: fn(&[u8]) -> Result<u64, ParseError>,
) -> u64 {
    file.and_then(|file| root.read(file, buffer).ok())
        .and_then(|text| parse(text).ok())
        .unwrap_or(NOT_OBSERVABLE)
}

/// `get_throttled` of the Raspberry Pi's kernels up to 6.12, in the firmware's device
/// directly below `soc*` or one level deeper. The first read makes the kernel log a
/// warning, so it is left alone where a warning is a panic.
pub(crate) fn throttled(root: &Root, buffer: &mut [u8]) -> Option<String> {
    const DIR: &str = "sys/devices/platform";
    if root.read("proc/sys/kernel/panic_on_warn", buffer) == Ok(b"1\n") {
        return None;
    }
    let open = |dir: &str, name: &str| {
        let named = name.contains("firmware");
        let path = || format!("{dir}/{name}/get_throttled");
        named.then(|| there(root, path())).flatten()
    };
    let mut socs = root.list(DIR);
    socs.retain(|name| name.starts_with("soc"));
    for soc in socs {
        let dir = format!("{DIR}/{soc}");
        let names = root.list(&dir);
        if let Some(file) = names.iter().find_map(|name| open(&dir, name)) {
            return Some(file);
        }
        for name in names {
            let dir = format!("{dir}/{name}");
            if let Some(file) = root.list(&dir).iter().find_map(|name| open(&dir, name)) {
                return Some(file);
            }
        }
    }
    None
}

pub(crate) fn undervoltage(root: &Root, buffer: &mut [u8]) -> Option<String> {
    const DIR: &str = "sys/class/hwmon";
    root.list(DIR).iter().find_map(|hwmon| {
        let name = root.read(&format!("{DIR}/{hwmon}/name"), buffer);
        if name != Ok(b"rpi_volt\n") {
            return None;
        }
        there(root, format!("{DIR}/{hwmon}/in0_lcrit_alarm"))
    })
}

/// The numbers of the cores that exist, which may have gaps.
fn present(root: &Root, buffer: &mut [u8]) -> Cores {
    let mut cores = [0; MAX_CORES / 64];
    let text = root.read("sys/devices/system/cpu/present", buffer);
    let listed = attribute::ranges(text.unwrap_or_default(), MAX_CORES as u64, |core| {
        put_among(&mut cores, core);
    });
    match listed {
        Ok(()) => cores,
        Err(_) => [0; MAX_CORES / 64],
    }
}

pub(crate) fn policies(root: &Root, buffer: &mut [u8]) -> Vec<Policy> {
    const DIR: &str = "sys/devices/system/cpu/cpufreq";
    let mut found = Vec::with_capacity(POLICIES);
    for name in root.list(DIR) {
        let file = there(root, format!("{DIR}/{name}/scaling_cur_freq"));
        let (true, Some(cur_freq)) = (name.starts_with("policy"), file) else {
            continue;
        };
        let mut cores = [0; MAX_CORES / 64];
        let text = root.read(&format!("{DIR}/{name}/related_cpus"), buffer);
        let text = text.unwrap_or_default();
        let _ = attribute::numbers(text, |core| put_among(&mut cores, core));
        if found.len() < POLICIES {
            found.push(Policy { cur_freq, cores });
        }
    }
    found
}

/// One of [`feature`].
pub(crate) fn memory_cgroup(root: &Root, buffer: &mut [u8]) -> u64 {
    let text = root.read("proc/cgroups", buffer).unwrap_or_default();
    let enabled = cgroups::enabled(text, b"memory");
    if enabled == Some(true) {
        return feature::ON;
    }
    // The unified hierarchy alone, or beside the older one.
    for dir in ["sys/fs/cgroup", "sys/fs/cgroup/unified"] {
        let text = root.read(&format!("{dir}/cgroup.controllers"), buffer);
        if cgroups::is_listed(text.unwrap_or_default(), b"memory") {
            return feature::ON;
        }
    }
    match enabled {
        Some(_) => feature::OFF,
        None => feature::ABSENT,
    }
}
