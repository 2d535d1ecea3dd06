//! Reads processes and their memory from `/proc`.

use super::{MemoryFigures, Process, ProcessMemory, Snapshot};
use crate::log::fields::memory::MEM_TOTAL;
use crate::log::fields::Values;
use crate::proc::capabilities::Privilege;
use crate::proc::cgroup;
use crate::proc::meminfo;
use crate::proc::pid_stat::{self, PidStat};
use crate::proc::root::{read_once, Root};
use crate::proc::smaps_rollup::Rollup;
use crate::sampler::memory_source::{may_be_borrowed, MemoryReading, MemorySource};
use crate::sampler::task::{has_ended, living_thread, Task};
use crate::sampler::Error;
use crate::system::process::share_memory;
use nix::errno::Errno;
use std::time::Instant;

/// Enough of a command line: the name of a Java or node program may come after thousands
/// of bytes.
const BUFFER: usize = 1 << 16;

pub(crate) struct LiveReader<'r> {
    root: &'r Root,
    source: MemorySource,
    buffer: Box<[u8]>,
    page_kib: u64,
    clk_tck: u64,
    /// By pid, a living thread of each process whose leader has ended.
    threads: Vec<Task>,
    mem_total_kib: Option<u64>,
}

impl<'r> LiveReader<'r> {
    /// `page_size` in bytes, `clk_tck` USER_HZ.
    pub(crate) fn new(root: &'r Root, page_size: u64, clk_tck: u64) -> Self {
        let mut buffer = vec![0; BUFFER].into_boxed_slice();
        let mut memory = Values::default();
        let text = root.read_proc("meminfo", &mut buffer).ok();
        let known = text.and_then(|text| meminfo::parse(text, &mut memory).ok());
        Self {
            mem_total_kib: known.map(|()| memory[MEM_TOTAL]),
            root,
            source: MemorySource::default(),
            buffer,
            page_kib: crate::log::fields::page_kib(page_size),
            clk_tck,
            threads: Vec::new(),
        }
    }

    /// Everything but memory, of every process, with or without `cgroups`. `cpu_ticks` is
    /// all CPU time since the process started.
    ///
    /// # Errors
    /// If `/proc` cannot be listed.
    pub(crate) fn processes(&mut self, cgroups: bool) -> Result<Snapshot, Error> {
        let failed = |errno| Error::Read(self.root.proc_path(""), errno);
        let pids = self.root.pids().map_err(failed)?;
        let mut moment = Snapshot {
            clk_tck: self.clk_tck,
            hidden: self.root.hides_processes(),
            enclosed: !self.root.is_first_pid_namespace(),
            privilege: Privilege::own(self.root),
            ..Snapshot::default()
        };
        self.threads.clear();
        for pid in pids {
            match self.process(pid, cgroups) {
                Ok(process) => moment.processes.push(process),
                Err(Errno::ENOENT | Errno::ESRCH) => moment.vanished += 1,
                Err(Errno::EACCES | Errno::EPERM) => moment.hidden = true,
                Err(_) => moment.failed += 1,
            }
        }
        Ok(moment)
    }

    fn process(&mut self, pid: u32, cgroups: bool) -> nix::Result<Process> {
        let file = Task::of(pid).file("stat");
        let text = self.root.read_proc(&file, &mut self.buffer)?;
        let stat = pid_stat::parse(text).map_err(|_| Errno::EIO)?;
        let mut process = of(pid, &stat, self.page_kib);
        let most_kib = self.mem_total_kib.unwrap_or(u64::MAX);
        if process.stat_rss_kib > most_kib.max(process.vsize_kib) {
            return Err(Errno::EIO);
        }
        if has_ended(stat.state) && stat.num_threads > 1 {
            self.look_at_thread(&mut process);
        }
        if !process.kernel_thread {
            process.cmdline = self.text(pid, "cmdline").to_vec();
            if cgroups {
                let text = self.text(pid, "cgroup");
                process.cgroup = cgroup::of(text).unwrap_or_default().to_vec();
            }
        }
        Ok(process)
    }

    /// The stat of a leader that has ended shows no memory; another thread's does.
    fn look_at_thread(&mut self, process: &mut Process) {
        if let Some(thread) = living_thread(self.root, process.pid, &mut self.buffer) {
            self.threads.push(Task {
                pid: process.pid,
                tid: thread.tid,
            });
            process.vsize_kib = thread.vsize / 1024;
            process.stat_rss_kib = thread.rss.saturating_mul(self.page_kib);
            process.memory = ProcessMemory::Unread;
        }
    }

    /// The thread whose files show the process's memory.
    fn task(&self, pid: u32) -> Task {
        let known = self.threads.iter().find(|thread| thread.pid == pid);
        known.copied().unwrap_or(Task::of(pid))
    }

    fn text(&mut self, pid: u32, file: &str) -> &[u8] {
        let name = self.task(pid).file(file);
        self.root
            .read_proc(&name, &mut self.buffer)
            .unwrap_or_default()
    }

    fn reading(&mut self, task: Task) -> MemoryReading {
        let reading = self.source.read(self.root, task, &mut self.buffer);
        reading.within(self.mem_total_kib)
    }

    /// Reads the memory of those processes whose index is `wanted`, without a pause.
    /// Processes that have ended meanwhile are removed.
    pub(crate) fn read_memory(&mut self, moment: &mut Snapshot, wanted: impl Fn(usize) -> bool) {
        let mut rollups: Vec<(u32, Rollup)> = Vec::new();
        let mut ended = Vec::new();
        let start = Instant::now();
        for (at, process) in moment.processes.iter_mut().enumerate() {
            if process.memory != ProcessMemory::Unread || !wanted(at) {
                continue;
            }
            let task = self.task(process.pid);
            match self.reading(task) {
                MemoryReading::Known(rollup) => {
                    process.memory = ProcessMemory::Known(figures(&rollup));
                    rollups.push((process.pid, rollup));
                }
                MemoryReading::Denied => process.memory = ProcessMemory::Denied,
                MemoryReading::Failed => process.memory = ProcessMemory::Failed,
                MemoryReading::None => ended.push(process.pid),
            }
        }
        // A captured tree's files were read long before.
        if self.root.is_live() {
            moment.took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        }
        let rollup_of = |pid: u32| {
            let known = rollups.iter().find(|(of, _)| *of == pid)?;
            Some(&known.1)
        };
        for process in &mut moment.processes {
            let Some(rollup) = rollup_of(process.pid) else {
                continue;
            };
            // The pid may have been reused before its memory was read.
            if !self.is_still(process) {
                ended.push(process.pid);
                continue;
            }
            let parent = rollup_of(process.ppid).filter(|_| process.ppid != process.pid);
            let lender = parent.filter(|parent| may_be_borrowed(parent, rollup));
            if let (true, Some(lender)) = (self.root.is_live(), lender) {
                process.memory = self.settled(process, lender);
            }
        }
        let before = moment.processes.len();
        moment
            .processes
            .retain(|process| !ended.contains(&process.pid));
        let gone = before - moment.processes.len();
        moment.vanished = moment.vanished.saturating_add(gone as u64);
    }

    /// The memory of a child that showed its parent's: none of its own, or its own by now.
    fn settled(&mut self, process: &Process, parent: &Rollup) -> ProcessMemory {
        let shared = share_memory(process.ppid, process.pid);
        if shared == Some(true) {
            return ProcessMemory::None;
        }
        let task = self.task(process.pid);
        match self.reading(task) {
            // Without kcmp in the kernel, a child like its parent stays in doubt.
            MemoryReading::Known(rollup)
                if shared.is_none() && may_be_borrowed(parent, &rollup) =>
            {
                ProcessMemory::Failed
            }
            MemoryReading::Known(rollup) => ProcessMemory::Known(figures(&rollup)),
            MemoryReading::Denied => ProcessMemory::Denied,
            MemoryReading::Failed => ProcessMemory::Failed,
            MemoryReading::None => ProcessMemory::None,
        }
    }

    fn is_still(&mut self, process: &Process) -> bool {
        let text = self.text(process.pid, "stat");
        pid_stat::parse(text).is_ok_and(|stat| stat.starttime == process.starttime)
    }
}

fn of(pid: u32, stat: &PidStat<'_>, page_kib: u64) -> Process {
    let without = stat.is_kernel_thread() || has_ended(stat.state);
    Process {
        pid,
        ppid: stat.ppid,
        starttime: stat.starttime,
        kernel_thread: stat.is_kernel_thread(),
        comm: stat.comm.to_vec(),
        cmdline: Vec::new(),
        cgroup: Vec::new(),
        vsize_kib: stat.vsize / 1024,
        stat_rss_kib: stat.rss.saturating_mul(page_kib),
        cpu_ticks: stat.utime.saturating_add(stat.stime),
        memory: match without {
            true => ProcessMemory::None,
            false => ProcessMemory::Unread,
        },
    }
}

fn figures(rollup: &Rollup) -> MemoryFigures {
    MemoryFigures {
        pss: rollup.pss,
        shared: rollup.shared(),
        rss: rollup.rss,
        swap_pss: rollup.swap_pss,
        hugetlb: rollup.hugetlb(),
        estimated: false,
    }
}

/// Reads a process's whole smaps, which may take hundreds of kB.
///
/// # Errors
/// openat(2)'s and read(2)'s.
pub(crate) fn smaps(root: &Root, pid: u32, text: &mut Vec<u8>) -> nix::Result<()> {
    text.clear();
    let file = root.open_proc(&format!("{pid}/smaps"))?;
    let mut piece = [0; 16384];
    loop {
        match read_once(&file, &mut piece)? {
            [] => return Ok(()),
            more => text.extend_from_slice(more),
        }
    }
}

/// Replaces `cpu_ticks`, all CPU time until then, by the time since `before`.
pub(crate) fn cpu_since(before: &Snapshot, now: &mut Snapshot, seconds: f64) {
    for process in &mut now.processes {
        let id = (process.pid, process.starttime);
        let then = (before.processes.iter()).find(|p| (p.pid, p.starttime) == id);
        process.cpu_ticks = (process.cpu_ticks).saturating_sub(then.map_or(0, |p| p.cpu_ticks));
    }
    now.interval_s = Some(seconds);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn capture(name: &str) -> Root {
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
        Root::open(&captures.join(name)).unwrap()
    }

    fn all(name: &str, page_size: u64) -> Snapshot {
        let root = capture(name);
        let mut reader = LiveReader::new(&root, page_size, 100);
        let mut moment = reader.processes(true).unwrap();
        reader.read_memory(&mut moment, |_| true);
        moment
    }

    fn get(moment: &Snapshot, pid: u32) -> &Process {
        moment.processes.iter().find(|p| p.pid == pid).unwrap()
    }

    #[test]
    fn a_new_kernel() {
        let moment = all("x86_64-6.18", 4096);
        assert_eq!((moment.vanished, moment.hidden), (0, false));
        let threads = get(&moment, 8009);
        let expected = MemoryFigures {
            pss: 828,
            shared: 4,
            rss: 832,
            ..MemoryFigures::default()
        };
        assert_eq!(threads.memory, ProcessMemory::Known(expected));
        assert_eq!(get(&moment, 8005).cmdline, b"/bin/sleep\x00100000\x00");
        assert_eq!(get(&moment, 8005).cgroup, b"/session/1");
        assert_eq!(get(&moment, 8008).memory, ProcessMemory::None);
        let worker = get(&moment, 23);
        assert!(worker.kernel_thread && worker.memory == ProcessMemory::None);
    }

    #[test]
    fn an_old_kernel_has_only_smaps() {
        let moment = all("handmade-4.9", 4096);
        let expected = MemoryFigures {
            pss: 517,
            shared: 1060,
            rss: 1184,
            swap_pss: 12,
            hugetlb: 2048,
            estimated: false,
        };
        assert_eq!(get(&moment, 812).memory, ProcessMemory::Known(expected));
    }

    #[test]
    fn only_the_wanted_are_read() {
        let root = capture("aarch64-raspi3b");
        let mut reader = LiveReader::new(&root, 4096, 100);
        let mut moment = reader.processes(false).unwrap();
        let at = moment.processes.iter().position(|p| p.pid == 117).unwrap();
        reader.read_memory(&mut moment, |wanted| wanted == at);
        assert!(matches!(get(&moment, 117).memory, ProcessMemory::Known(_)));
        assert_eq!(get(&moment, 118).memory, ProcessMemory::Unread);
        assert!(get(&moment, 117).cgroup.is_empty());
    }

    #[test]
    fn cpu_of_those_that_stayed_and_those_that_came() {
        let process = |pid, starttime, cpu_ticks| {
            Process {
                cpu_ticks,
                starttime,
                ..get(&all("x86_64-6.18", 4096), 8005).clone()
            }
            .with_pid(pid)
        };
        let moment = |processes| Snapshot {
            processes,
            clk_tck: 100,
            ..Snapshot::default()
        };
        let before = moment(vec![process(1, 5, 70), process(2, 5, 9)]);
        let mut now = moment(vec![process(1, 5, 100), process(2, 6, 4)]);
        cpu_since(&before, &mut now, 2.0);
        assert_eq!(
            (now.processes[0].cpu_ticks, now.processes[1].cpu_ticks),
            (30, 4)
        );
        assert_eq!((now.interval_s, before.interval_s), (Some(2.0), None));
    }

    impl Process {
        fn with_pid(self, pid: u32) -> Self {
            Self { pid, ..self }
        }
    }
}
