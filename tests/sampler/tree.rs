//! A made-up `/`, and what is recorded of it.

use crate::header::header;
use edgebench_lite::log::fields::device;
use edgebench_lite::log::model::{Machine, Process};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::{Header, PssMode};
use edgebench_lite::log::sample::Fate;
use edgebench_lite::log::writer::Writer;
use edgebench_lite::proc::root::Root;
use edgebench_lite::recording::{self, Plan};
use edgebench_lite::sampler::{Clocks, Options, Sampler};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that takes the place of `/`; removed with this.
pub struct Tree {
    path: PathBuf,
    forks: u64,
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl Tree {
    /// A machine with one core and no processes.
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("edgebench-sampler-{}-{number}", std::process::id());
        let mut tree = Self {
            path: std::env::temp_dir().join(name),
            forks: 1000,
        };
        tree.cores("cpu  10 20 30 40 50 60 70 80 0 0\ncpu0 10 20 30 40 50 60 70 80 0 0\n");
        tree.write(
            "proc/meminfo",
            "MemTotal: 1000000 kB\nMemFree: 600000 kB\nMemAvailable: 700000 kB\nBuffers: 1 kB\nCached: 2 kB\n",
        );
        tree.write("proc/loadavg", "0.12 3.45 67.89 2/110 8026\n");
        tree
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // In its place: a descriptor that is kept must see it, as in the real /proc.
        fs::write(path, text).unwrap();
    }

    pub fn remove(&self, name: &str) {
        let path = self.path.join(name);
        match path.is_dir() {
            true => fs::remove_dir_all(path).unwrap(),
            false => fs::remove_file(path).unwrap(),
        }
    }

    /// /proc/stat with these lines for the cores; something was forked.
    pub fn cores(&mut self, cores: &str) {
        self.forks += 1;
        let forks = self.forks;
        let rest = format!(
            "ctxt 77\nbtime 1700000000\nprocesses {forks}\nprocs_running 3\nprocs_blocked 4\n"
        );
        self.write("proc/stat", format!("{cores}{rest}"));
    }

    /// Something was forked: the sampler has to look who is there.
    pub fn forked(&mut self) {
        self.cores("cpu  10 20 30 40 50 60 70 80 0 0\ncpu0 10 20 30 40 50 60 70 80 0 0\n");
    }

    /// Writes the files of a process, and counts the fork.
    pub fn process(&mut self, process: &Made) {
        let pid = process.pid;
        self.write(&format!("proc/{pid}/stat"), process.stat());
        self.write(&format!("proc/{pid}/cmdline"), process.cmdline);
        self.write(&format!("proc/{pid}/cgroup"), "0::/made.up\n");
        if let Some(pss) = process.pss {
            self.write(&format!("proc/{pid}/smaps_rollup"), rollup(pss));
        }
        self.forked();
    }

    /// Writes the stat of a thread of `pid`.
    pub fn task(&self, pid: u32, thread: &Made) {
        let tid = thread.pid;
        self.write(&format!("proc/{pid}/task/{tid}/stat"), thread.stat());
    }
}

/// A process to be made up; the fields are those of proc_pid_stat(5).
#[derive(Clone, Copy)]
pub struct Made {
    pub pid: u32,
    pub comm: &'static [u8],
    pub state: char,
    pub ppid: u32,
    pub flags: u64,
    pub majflt: u64,
    pub utime: u64,
    pub stime: u64,
    pub cutime: i64,
    pub cstime: i64,
    pub num_threads: u64,
    pub starttime: u64,
    pub vsize: u64,
    pub rss: u64,
    pub startcode: u64,
    pub cmdline: &'static str,
    /// KiB; `None`: no smaps_rollup.
    pub pss: Option<u64>,
}

pub const KERNEL_THREAD: u64 = 0x0020_0000;

impl Made {
    pub const fn new(pid: u32) -> Self {
        Self {
            pid,
            comm: b"made",
            state: 'S',
            ppid: 1,
            flags: 0x0040_0000,
            majflt: 0,
            utime: 0,
            stime: 0,
            cutime: 0,
            cstime: 0,
            num_threads: 1,
            starttime: 500,
            vsize: 4096,
            rss: 100,
            startcode: 4_194_304,
            cmdline: "/bin/made\0",
            pss: Some(300),
        }
    }

    fn stat(&self) -> Vec<u8> {
        let mut text = format!("{} (", self.pid).into_bytes();
        text.extend_from_slice(self.comm);
        let Self {
            state,
            ppid,
            flags,
            majflt,
            utime,
            stime,
            cutime,
            cstime,
            num_threads,
            starttime,
            vsize,
            rss,
            startcode,
            ..
        } = self;
        // The others have numbers that are told apart from all that is asked for.
        let rest = format!(
            ") {state} {ppid} 9001 9002 0 -1 {flags} 9003 9004 {majflt} 9005 {utime} {stime} \
             {cutime} {cstime} 20 0 {num_threads} 0 {starttime} {vsize} {rss} \
             18446744073709551615 {startcode} 9006 9007 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n"
        );
        text.extend_from_slice(rest.as_bytes());
        text
    }
}

/// A smaps_rollup with distinct numbers beside PSS: private 7 + 8 + 64, shared
/// 5 + 6 + 32, swap 9, its proportional part 3.
pub fn rollup(pss: u64) -> String {
    format!(
        "400000-7ffc00000000 ---p 00000000 00:00 0          [rollup]\n\
         Rss: 999 kB\nPss: {pss} kB\nPss_Dirty: 1 kB\nPss_Anon: 2 kB\n\
         Shared_Clean: 5 kB\nShared_Dirty: 6 kB\nPrivate_Clean: 7 kB\nPrivate_Dirty: 8 kB\n\
         Referenced: 10 kB\nAnonymous: 11 kB\nShared_Hugetlb: 32 kB\nPrivate_Hugetlb: 64 kB\n\
         Swap: 9 kB\nSwapPss: 3 kB\nLocked: 12 kB\n"
    )
}

/// A recording, whose log is read back after every sample, and removed with this.
pub struct Recording {
    recording: recording::Recording<'static>,
    path: PathBuf,
    samples: u64,
}

impl Drop for Recording {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// What the log says of the last sample.
pub struct Seen {
    pub machine: Machine,
    pub processes: Vec<Process>,
    /// Pids that were born and died since the sample before.
    pub born: Vec<u32>,
    pub deaths: usize,
    /// Pids and command lines that came with this sample.
    pub identities: Vec<(u32, String)>,
    /// The same pids, and cgroups.
    pub cgroups: Vec<(u32, String)>,
    /// The devices that are there: number, kind, name, and their numbers.
    pub devices: Vec<(usize, u8, String, [u64; 8])>,
}

impl Seen {
    pub fn value(&self, group: usize, field: usize) -> Option<u64> {
        self.machine.value(group, field)
    }

    pub fn device(&self, name: &str) -> Option<(usize, [u64; 8])> {
        let mut named = self.devices.iter().filter(|device| device.2 == name);
        named.next().map(|device| (device.0, device.3))
    }

    pub fn process(&self, pid: u32) -> Option<&Process> {
        self.processes.iter().find(|process| process.pid == pid)
    }

    pub fn pids(&self) -> Vec<u32> {
        let mut pids: Vec<u32> = self.processes.iter().map(|p| p.pid).collect();
        pids.sort_unstable();
        pids
    }
}

pub const SECOND: u64 = 1_000_000_000;

/// The clocks at the start of every recording here.
pub const START: Clocks = Clocks {
    boottime_ns: 5_000 * SECOND,
    monotonic_ns: 4_000 * SECOND,
    realtime_ns: 1_700_000_000 * SECOND,
    cpu_ns: 0,
};

/// The clocks `tick` undisturbed seconds later.
pub fn at(tick: u64) -> Clocks {
    Clocks {
        boottime_ns: START.boottime_ns + tick * SECOND,
        monotonic_ns: START.monotonic_ns + tick * SECOND,
        realtime_ns: START.realtime_ns + tick * SECOND,
        cpu_ns: tick * 1000,
    }
}

impl Recording {
    pub fn of(tree: &Tree, pss: PssMode) -> Self {
        Self::with(tree, pss, 64, 8)
    }

    pub fn with(tree: &Tree, pss: PssMode, capacity: usize, kept_descriptors: usize) -> Self {
        Self::under(tree.path(), pss, capacity, kept_descriptors)
    }

    pub fn of_path(path: &Path, pss: PssMode) -> Self {
        Self::under(path, pss, 64, 8)
    }

    /// Of this machine.
    pub fn of_machine(pss: PssMode) -> Self {
        Self::under(Path::new("/"), pss, 4096, 8)
    }

    /// With no CPU time to read PSS.
    pub fn without_budget(tree: &Tree) -> Self {
        Self::within(tree.path(), PssMode::Auto, 64, 8, 0)
    }

    fn under(path: &Path, pss: PssMode, capacity: usize, kept_descriptors: usize) -> Self {
        Self::within(path, pss, capacity, kept_descriptors, SECOND)
    }

    fn within(
        path: &Path,
        pss: PssMode,
        capacity: usize,
        kept_descriptors: usize,
        pss_budget_ns: u64,
    ) -> Self {
        let root = Root::open(path).unwrap();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("edgebench-sampler-{}-{number}.ebl", std::process::id());
        let log = std::env::temp_dir().join(name);
        let plan = Plan {
            sampler: Options {
                pss,
                capacity,
                interval_ns: SECOND,
                page_size: 4096,
                pss_budget_ns,
                kept_descriptors,
            },
            header: Header {
                start_boottime_ns: START.boottime_ns,
                ..header(1, pss)
            }
            .map(|text| (*text).to_owned()),
            product: Vec::new(),
            redacts: false,
            sync_ns: u64::MAX,
        };
        let writer = Writer::create(&log, None).unwrap();
        Self {
            recording: recording::Recording::new(root, plan, START, writer).unwrap(),
            path: log,
            samples: 0,
        }
    }

    pub fn sampler(&mut self) -> &mut Sampler {
        self.recording.sampler()
    }

    /// The sample of the next tick.
    pub fn next(&mut self) -> Seen {
        let tick = self.samples;
        self.next_at(&at(tick))
    }

    pub fn next_at(&mut self, now: &Clocks) -> Seen {
        let tick = self.samples;
        self.samples += 1;
        self.recording.tick(now, tick, &mut |_| {}).unwrap();
        self.recording.write_out().unwrap();
        self.read_back()
    }

    fn read_back(&self) -> Seen {
        let log = fs::read(&self.path).unwrap();
        let mut reader = Reader::new(&log[..]);
        let (mut identities, mut cgroups) = (Vec::new(), Vec::new());
        let mut samples = 0;
        while samples < self.samples {
            match reader.next_event().unwrap() {
                Some(Event::Sample) => samples += 1,
                Some(Event::Identity(identity)) if samples + 1 == self.samples => {
                    let cmdline = String::from_utf8(identity.cmdline).unwrap();
                    identities.push((identity.pid, cmdline));
                    let cgroup = String::from_utf8(identity.cgroup).unwrap();
                    cgroups.push((identity.pid, cgroup));
                }
                Some(Event::Header(_) | Event::Identity(_)) => {}
                other => panic!("{other:?} in the log"),
            }
        }
        let sample = reader.sample();
        let born = sample
            .changes
            .iter()
            .filter(|(_, fate)| *fate == Fate::Born);
        let pid_in = |slot: usize| sample.slots[slot].as_ref().map_or(0, |p| p.pid);
        let present = sample.machine.devices().iter().enumerate();
        let present = present.filter(|(_, values)| values[device::PRESENT] == 1);
        Seen {
            devices: present
                .map(|(id, values)| {
                    let called = sample.device(id).unwrap();
                    let name = String::from_utf8(called.name.to_vec()).unwrap();
                    (id, called.kind, name, values[..8].try_into().unwrap())
                })
                .collect(),
            machine: sample.machine.clone(),
            processes: sample.processes().cloned().collect(),
            born: born.map(|(slot, _)| pid_in(*slot)).collect(),
            deaths: sample
                .changes
                .iter()
                .filter(|(_, fate)| *fate == Fate::Died)
                .count(),
            identities,
            cgroups,
        }
    }
}
