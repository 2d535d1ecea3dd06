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
use nix::errno::Errno;
use std::fmt::Display;

/// Enough for `/proc/stat` and `/proc/vmstat` of large machines.
const BUFFER: usize = 1 << 17;

pub(crate) fn needed(view: &View<'_>, findings: &mut Findings) {
    findings.add(cpu(view).needed());
    findings.add(memory(view).needed());
}

pub(crate) fn checks(view: &View<'_>, findings: &mut Findings) {
    findings.add(pressure(view));
    findings.add(memory_cgroups(view));
    findings.add(cgroups(view));
    findings.add(reclaim(view));
    findings.add(disks(view));
    findings.add(network(view));
}

fn wrong(name: &'static str, file: &str, why: impl Display) -> Check {
    Check::no(name, format!("/{file}: {why}"))
}

fn cpu(view: &View<'_>) -> Check {
    let (name, file) = ("CPU", "proc/stat");
    let mut buffer = vec![0; BUFFER];
    let mut cores = 0;
    let opened = view.root.open_proc("stat");
    let read = opened.and_then(|file| read_stat(&file, &mut buffer, |_, _| cores += 1));
    match read {
        Ok(Ok(_)) => Check::ok(name, format!("{} online", counted(cores, "core"))),
        Ok(Err(error)) => wrong(name, file, error),
        Err(errno) => unreadable(view, name, file, errno),
    }
}

fn unreadable(view: &View<'_>, name: &'static str, file: &str, errno: Errno) -> Check {
    match errno {
        Errno::ENOENT if shows_processes_only(view.root) => wrong(name, file, SUBSET_PID),
        _ => wrong(name, file, errno.desc()),
    }
}

fn memory(view: &View<'_>) -> Check {
    let (name, file) = ("memory", "proc/meminfo");
    let mut buffer = vec![0; BUFFER];
    let text = match view.root.read(file, &mut buffer) {
        Ok(text) => text,
        Err(errno) => return unreadable(view, name, file, errno),
    };
    let mut info = Values::default();
    match meminfo::parse(text, &mut info) {
        Ok(()) if info[memory::MEM_AVAILABLE] == NOT_OBSERVABLE => wrong(
            name,
            file,
            "no MemAvailable, so memory in use is not observable: needs Linux 3.14",
        ),
        Ok(()) if memory::available(&info).is_none() => wrong(
            name,
            file,
            "more MemAvailable than MemTotal (lxcfs), so memory in use is not observable: record \
             on the host, or with an lxcfs that shows both of the container",
        ),
        Ok(()) => {
            let swap = match info[memory::SWAP_TOTAL] {
                0 => "no swap".to_owned(),
                swap => format!("{} MiB of swap", swap / 1024),
            };
            Check::ok(
                name,
                format!("{} MiB, {swap}", info[memory::MEM_TOTAL] / 1024),
            )
        }
        Err(error) => wrong(name, file, error),
    }
}

fn pressure(view: &View<'_>) -> Check {
    let name = "PSI";
    match PressureFiles::open(view.root).psi() {
        feature::ON => Check::ok(name, "/proc/pressure: waits for CPU, memory and disk"),
        feature::OFF => Check::no(name, "switched off: boot with psi=1"),
        feature::ABSENT => Check::no(
            name,
            "no /proc/pressure: boot with psi=1; else a kernel since 4.20 with CONFIG_PSI",
        ),
        _ => Check::no(name, "/proc/pressure is not readable: run as root"),
    }
}

fn memory_cgroups(view: &View<'_>) -> Check {
    let name = "memory cgroup";
    let mut buffer = vec![0; BUFFER];
    match memory_cgroup(view.root, &mut buffer) {
        feature::ON => Check::ok(name, "on"),
        feature::OFF => Check::no(
            name,
            "switched off: boot with cgroup_enable=memory cgroup_memory=1 (k3s needs it)",
        ),
        _ => Check::no(
            name,
            "not seen: mount cgroup2 on /sys/fs/cgroup; else a kernel with CONFIG_MEMCG",
        ),
    }
}

fn cgroups(view: &View<'_>) -> Check {
    let name = "cgroups";
    let mut buffer = vec![0; BUFFER];
    let text = view
        .root
        .read("proc/mounts", &mut buffer)
        .unwrap_or_default();
    let has = |fstype: &[u8]| mounts::all(text).any(|mount| mount.fstype == fstype);
    match (has(b"cgroup"), has(b"cgroup2")) {
        (false, true) => Check::ok(name, "v2"),
        (true, true) => Check::ok(name, "v1 and v2 side by side"),
        (true, false) => Check::ok(name, "v1"),
        (false, false) => Check::part(
            name,
            "not mounted: no container engine has set the processes' cgroups",
        ),
    }
}

fn reclaim(view: &View<'_>) -> Check {
    let (name, file) = ("vmstat", "proc/vmstat");
    let mut buffer = vec![0; BUFFER];
    let text = match view.root.read(file, &mut buffer) {
        Ok(text) => text,
        Err(errno) => return wrong(name, file, errno.desc()),
    };
    let mut counts = Values::default();
    if let Err(error) = vmstat::parse(text, &mut counts) {
        return wrong(name, file, error);
    }
    let needed = [PGSTEAL, PSWPIN, PSWPOUT, PGMIGRATE_SUCCESS, OOM_KILL];
    let missing = needed
        .iter()
        .filter(|field| counts[**field] == NOT_OBSERVABLE);
    let missing: Vec<&str> = missing.map(|field| NAMES[*field]).collect();
    match missing.is_empty() {
        true => Check::ok(name, "pages reclaimed, swapped and moved; OOM kills"),
        false => Check::part(
            name,
            format!("this kernel does not count: {}", missing.join(", ")),
        ),
    }
}

fn disks(view: &View<'_>) -> Check {
    let (name, file) = ("disks", "proc/diskstats");
    let mut buffer = vec![0; BUFFER];
    let text = match view.root.read(file, &mut buffer) {
        Ok(text) => text,
        Err(errno) => return wrong(name, file, errno.desc()),
    };
    let mut used = Vec::new();
    let listed = diskstats::disks(text, |name, counts| {
        if counts.iter().any(|sectors| *sectors > 0) {
            used.push(escaped(name));
        }
    });
    match listed {
        Err(error) => wrong(name, file, error),
        Ok(()) if used.is_empty() => Check::part(name, "none used since boot"),
        Ok(()) => Check::ok(name, used.join(", ")),
    }
}

fn network(view: &View<'_>) -> Check {
    let (name, file) = ("network", "proc/net/dev");
    let mut buffer = vec![0; BUFFER];
    let text = match view.root.read(file, &mut buffer) {
        Ok(text) => text,
        Err(errno) => return wrong(name, file, errno.desc()),
    };
    let mut names = Vec::new();
    match net_dev::interfaces(text, |name, _| names.push(escaped(name))) {
        Err(error) => wrong(name, file, error),
        Ok(()) if names.is_empty() => Check::part(name, "no interface"),
        Ok(()) if names.len() > 6 => Check::ok(
            name,
            format!("{} and {} more", names[..5].join(", "), names.len() - 5),
        ),
        Ok(()) => Check::ok(name, names.join(", ")),
    }
}
