//! What the kernel shows of the machine.

use super::check::{Check, Findings, View};
use crate::log::fields::board::feature;
use crate::log::fields::vmstat::{NAMES, OOM_KILL, PGMIGRATE_SUCCESS, PGSTEAL, PSWPIN, PSWPOUT};
use crate::log::fields::{memory, Values, NOT_OBSERVABLE};
use crate::proc::{diskstats, meminfo, mounts, net_dev, vmstat};
use crate::render::counted;
use crate::render::escaped;
use crate::sampler::board::memory_cgroup;
use crate::sampler::machine::{read_stat, shows_processes_only};
use crate::sampler::pressure_files::PressureFiles;
use crate::sampler::SUBSET_PID;
use crate::system::errno::reason;
use nix::errno::Errno;
use std::fmt::Display;

/// Enough for `/proc/stat` and `/proc/vmstat` of large machines.
const BUFFER: usize = 1 << 17;

pub(crate) fn needed(view: &View<'_>, findings: &mut Findings) {
    findings.add("CPU", cpu(view).needed());
    let memory = of_file(view, "proc/meminfo", memory);
    findings.add("memory", memory.needed());
}

pub(crate) fn checks(view: &View<'_>, findings: &mut Findings) {
    findings.add("PSI", pressure(view));
    findings.add("memory cgroup", memory_cgroups(view));
    findings.add("cgroups", cgroups(view));
    findings.add("vmstat", of_file(view, "proc/vmstat", reclaim));
    findings.add("disks", of_file(view, "proc/diskstats", disks));
    findings.add("network", of_file(view, "proc/net/dev", network));
}

/// Checks a file's text; an error is what is wrong with it.
fn of_file(view: &View<'_>, file: &str, check: fn(&[u8]) -> Result<Check, String>) -> Check {
    let mut buffer = vec![0; BUFFER];
    match view.root.read(file, &mut buffer) {
        Ok(text) => check(text).unwrap_or_else(|why| wrong(file, why)),
        Err(errno) => unreadable(view, file, errno),
    }
}

fn wrong(file: &str, why: impl Display) -> Check {
    Check::no(format!("/{file}: {why}"))
}

fn unreadable(view: &View<'_>, file: &str, errno: Errno) -> Check {
    match errno {
        Errno::ENOENT if shows_processes_only(view.root) => wrong(file, SUBSET_PID),
        _ => wrong(file, reason(errno)),
    }
}

fn cpu(view: &View<'_>) -> Check {
    let file = "proc/stat";
    let mut buffer = vec![0; BUFFER];
    let mut cores = 0;
    let opened = view.root.open_proc("stat");
    let read = opened.and_then(|file| read_stat(&file, &mut buffer, |_, _| cores += 1));
    match read {
        Ok(Ok(_)) => Check::ok(format!("{} online", counted(cores, "core"))),
        Ok(Err(error)) => wrong(file, error),
        Err(errno) => unreadable(view, file, errno),
    }
}

fn memory(text: &[u8]) -> Result<Check, String> {
    let mut info = Values::default();
    meminfo::parse(text, &mut info).map_err(|error| error.to_string())?;
    if info[memory::MEM_AVAILABLE] == NOT_OBSERVABLE {
        let why = "no MemAvailable, so memory in use is not observable: needs Linux 3.14";
        return Err(why.to_owned());
    }
    if memory::available(&info).is_none() {
        let why = "more MemAvailable than MemTotal (lxcfs), so memory in use is not observable: \
                   record on the host, or with an lxcfs that shows both of the container";
        return Err(why.to_owned());
    }
    let swap = match info[memory::SWAP_TOTAL] {
        0 => "no swap".to_owned(),
        swap => format!("{} MiB of swap", swap / 1024),
    };
    let total = info[memory::MEM_TOTAL] / 1024;
    Ok(Check::ok(format!("{total} MiB, {swap}")))
}

fn pressure(view: &View<'_>) -> Check {
    match PressureFiles::open(view.root).psi() {
        feature::ON => Check::ok("/proc/pressure: waits for CPU, memory and disk"),
        feature::OFF => Check::no("switched off: boot with psi=1"),
        feature::ABSENT => Check::no(
            "no /proc/pressure: boot with psi=1; else a kernel since 4.20 with CONFIG_PSI",
        ),
        _ => Check::no("/proc/pressure is not readable: run as root"),
    }
}

fn memory_cgroups(view: &View<'_>) -> Check {
    let mut buffer = vec![0; BUFFER];
    match memory_cgroup(view.root, &mut buffer) {
        feature::ON => Check::ok("on"),
        feature::OFF => {
            Check::no("switched off: boot with cgroup_enable=memory cgroup_memory=1 (k3s needs it)")
        }
        _ => {
            Check::no("not seen: mount cgroup2 on /sys/fs/cgroup; else a kernel with CONFIG_MEMCG")
        }
    }
}

fn cgroups(view: &View<'_>) -> Check {
    let text = view.file("proc/mounts");
    let has = |fstype: &[u8]| mounts::all(&text).any(|mount| mount.fstype == fstype);
    match (has(b"cgroup"), has(b"cgroup2")) {
        (false, true) => Check::ok("v2"),
        (true, true) => Check::ok("v1 and v2 side by side"),
        (true, false) => Check::ok("v1"),
        (false, false) => {
            Check::part("not mounted: no container engine has set the processes' cgroups")
        }
    }
}

fn reclaim(text: &[u8]) -> Result<Check, String> {
    let mut counts = Values::default();
    vmstat::parse(text, &mut counts).map_err(|error| error.to_string())?;
    let needed = [PGSTEAL, PSWPIN, PSWPOUT, PGMIGRATE_SUCCESS, OOM_KILL];
    let missing = needed
        .iter()
        .filter(|field| counts[**field] == NOT_OBSERVABLE);
    let missing: Vec<&str> = missing.map(|field| NAMES[*field]).collect();
    Ok(match missing.is_empty() {
        true => Check::ok("pages reclaimed, swapped and moved; OOM kills"),
        false => Check::part(format!(
            "this kernel does not count: {}",
            missing.join(", ")
        )),
    })
}

fn disks(text: &[u8]) -> Result<Check, String> {
    let mut used = Vec::new();
    let listed = diskstats::disks(text, |name, counts| {
        if counts.iter().any(|sectors| *sectors > 0) {
            used.push(escaped(name));
        }
    });
    listed.map_err(|error| error.to_string())?;
    Ok(match used.is_empty() {
        true => Check::part("none used since boot"),
        false => Check::ok(used.join(", ")),
    })
}

fn network(text: &[u8]) -> Result<Check, String> {
    let mut names = Vec::new();
    let listed = net_dev::interfaces(text, |name, _| names.push(escaped(name)));
    listed.map_err(|error| error.to_string())?;
    Ok(match names.len() {
        0 => Check::part("no interface"),
        1..=6 => Check::ok(names.join(", ")),
        all => Check::ok(format!("{} and {} more", names[..5].join(", "), all - 5)),
    })
}
