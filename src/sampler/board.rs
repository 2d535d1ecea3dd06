//! The board: temperature, throttling and the clocks that were asked for, every
//! 10 s.

use crate::log::fields::board::{self, feature};
use crate::log::fields::{core, MAX_CORES, NOT_OBSERVABLE};
use crate::log::model::Machine;
use crate::proc::root::Root;
use crate::proc::text::ParseError;
use crate::proc::{attribute, cgroups};

/// Most clock domains that are looked at; boards have three at most.
const POLICIES: usize = 16;

/// The names of the files; what a board does not have is found out once. They are
/// not kept open: every descriptor costs a page, and 10 s are long.
pub(super) struct Board {
    temp: Option<String>,
    throttled: Option<String>,
    undervoltage: Option<String>,
    policies: Vec<Policy>,
    memory_cgroup: u64,
}

/// Cores that share a clock.
pub(crate) struct Policy {
    pub(crate) cur_freq: String,
    cores: [u64; MAX_CORES / 64],
}

impl Board {
    pub(super) fn open(root: &Root) -> Self {
        let mut buffer = [0; 4096];
        Self {
            temp: temperature(root, &mut buffer),
            throttled: throttled(root, &mut buffer),
            undervoltage: undervoltage(root, &mut buffer),
            policies: policies(root, &mut buffer),
            memory_cgroup: memory_cgroup(root, &mut buffer),
        }
    }

    pub(super) fn sample(&self, root: &Root, buffer: &mut [u8], machine: &mut Machine) {
        let mut value = |file: &Option<String>, parse| value(root, file.as_ref(), buffer, parse);
        let temp = value(&self.temp, |text| {
            let temp = attribute::signed(text)?;
            Ok(if temp == -1 { 0 } else { temp as u64 })
        });
        let throttled = value(&self.throttled, attribute::hexadecimal);
        let undervoltage = value(&self.undervoltage, attribute::number);
        let group = machine.group_mut(board::ID);
        group[board::TEMP_MC] = temp;
        group[board::THROTTLED] = throttled;
        group[board::UNDERVOLTAGE] = undervoltage;
        group[board::MEMORY_CGROUP] = self.memory_cgroup;
        for index in 0..machine.cores().len() {
            if let Some(values) = machine.core_mut(index) {
                values[core::REQUESTED_KHZ] = match values[core::ONLINE] {
                    // It never was there.
                    0 if *values == [0; core::COUNT] => 0,
                    _ => NOT_OBSERVABLE,
                };
            }
        }
        for policy in &self.policies {
            let khz = self::value(root, Some(&policy.cur_freq), buffer, attribute::number);
            for index in 0..machine.cores().len() {
                let among = policy.cores[index / 64] >> (index % 64) & 1 == 1;
                if let (true, Some(values)) = (among, machine.core_mut(index)) {
                    if values[core::ONLINE] == 1 {
                        values[core::REQUESTED_KHZ] = khz;
                    }
                }
            }
        }
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

/// The file, if it can be opened.
fn there(root: &Root, file: String) -> Option<String> {
    root.open_file(&file).ok().map(|_| file)
}

/// The zone of the processor, by what device trees and x86 call it; else the first.
pub(crate) fn temperature(root: &Root, buffer: &mut [u8]) -> Option<String> {
    const DIR: &str = "sys/class/thermal";
    let mut zones = root.list(DIR);
    zones.retain(|name| name.starts_with("thermal_zone"));
    let mut rank = |zone: &String| {
        let kind = root.read(&format!("{DIR}/{zone}/type"), buffer);
        match kind.unwrap_or_default() {
            [b'c', b'p', b'u', ..] => 0,
            [b's', b'o', b'c', ..] => 1,
            b"x86_pkg_temp\n" => 2,
            _ => 3 + u32::from(zone != "thermal_zone0"),
        }
    };
    let zone = zones.iter().min_by_key(|zone| rank(zone))?;
    there(root, format!("{DIR}/{zone}/temp"))
}

/// `get_throttled` of the Raspberry Pi's kernels up to 6.12: below `soc*`, in the
/// firmware's device, which lies there or one level deeper. Its first reader leaves
/// a warning in the kernel's log; so it is not for kernels that panic on that.
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
        let _ = attribute::numbers(text.unwrap_or_default(), |core| {
            if let Some(word) = cores.get_mut((core / 64) as usize) {
                *word |= 1 << (core % 64);
            }
        });
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
    // Where the unified hierarchy lies, by itself or beside the older one.
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
