//! The moment as `/proc` shows it.

use super::{Figures, Memory, Moment, Process};
use crate::proc::capabilities::Privilege;
use crate::proc::cgroup;
use crate::proc::pid_stat::{self, PidStat};
use crate::proc::root::{read_once, Root};
use crate::proc::smaps_rollup::Rollup;
use crate::sampler::memory::{Reading, Source};
use crate::sampler::Error;
use crate::system::directory::Directory;
use crate::system::process::share_memory;
use nix::errno::Errno;
use std::collections::HashMap;
use std::time::Instant;

/// A command line is read so far: what tells a Java or node program may stand
/// thousands of bytes behind its beginning.
const BUFFER: usize = 1 << 16;

/// Reads processes.
pub struct Reader<'r> {
    root: &'r Root,
    source: Source,
    buffer: Box<[u8]>,
    page_kib: u64,
    clk_tck: u64,
}

impl<'r> Reader<'r> {
    /// `page_size` in bytes, `clk_tck` USER_HZ.
    pub fn new(root: &'r Root, page_size: u64, clk_tck: u64) -> Self {
        Self {
            root,
            source: Source::default(),
            buffer: vec![0; BUFFER].into_boxed_slice(),
            page_kib: crate::log::fields::page_kib(page_size),
            clk_tck,
        }
    }

    /// Everything but memory, of every process. `cpu_ticks` is all CPU time since
    /// the process began. Where the cgroup tells nothing that is asked for, it need
    /// not be read.
    ///
    /// # Errors
    /// Where `/proc` cannot be listed.
    pub fn processes(&mut self, cgroups: bool) -> Result<Moment, Error> {
        let failed = |errno| Error::Read(self.root.proc_path(""), errno);
        let mut dir = Directory::new(self.root.list_proc().map_err(failed)?);
        let mut pids: Vec<u32> = Vec::new();
        dir.names(|name| pids.extend(pid(name))).map_err(failed)?;
        let mut moment = Moment {
            clk_tck: self.clk_tck,
            hidden: self.root.hides_processes(),
            privilege: Privilege::own(self.root),
            ..Moment::default()
        };
        pids.sort_unstable();
        for pid in pids {
            match self.process(pid, cgroups) {
                Ok(Some(process)) => moment.processes.push(process),
                Ok(None) => moment.vanished += 1,
                Err(()) => moment.hidden = true,
            }
        }
        Ok(moment)
    }

    /// `Err` for a process that this user may not look at.
    fn process(&mut self, pid: u32, cgroups: bool) -> Result<Option<Process>, ()> {
        let text = match self
            .root
            .read_proc(&format!("{pid}/stat"), &mut self.buffer)
        {
            Ok(text) => text,
            Err(Errno::EACCES | Errno::EPERM) => return Err(()),
            Err(_) => return Ok(None),
        };
        let Ok(stat) = pid_stat::parse(text) else {
            return Ok(None);
        };
        let mut process = of(pid, &stat, self.page_kib);
        if !process.kernel_thread {
            process.cmdline = self.text(pid, "cmdline").to_vec();
            if cgroups {
                let text = self.text(pid, "cgroup");
                process.cgroup = cgroup::of(text).unwrap_or_default().to_vec();
            }
        }
        Ok(Some(process))
    }

    fn text(&mut self, pid: u32, file: &str) -> &[u8] {
        let name = format!("{pid}/{file}");
        self.root
            .read_proc(&name, &mut self.buffer)
            .unwrap_or_default()
    }

    /// Reads the memory of those that are `wanted`, by their place, one right after
    /// the other. Who ended meanwhile is taken out.
    pub fn read_memory(&mut self, moment: &mut Moment, wanted: impl Fn(usize) -> bool) {
        let mut rollups: HashMap<u32, Rollup> = HashMap::new();
        let mut ended = Vec::new();
        let start = Instant::now();
        for (at, process) in moment.processes.iter_mut().enumerate() {
            if process.memory != Memory::Unread || !wanted(at) {
                continue;
            }
            match self.source.read(self.root, process.pid, &mut self.buffer) {
                Reading::Known(rollup) => {
                    process.memory = Memory::Known(figures(&rollup));
                    rollups.insert(process.pid, rollup);
                }
                Reading::Denied => process.memory = Memory::Denied,
                Reading::None => ended.push(process.pid),
            }
        }
        // A captured tree's files were read long before.
        if self.root.is_live() {
            moment.took_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        }
        for process in &mut moment.processes {
            let Some(rollup) = rollups.get(&process.pid) else {
                continue;
            };
            // The pid may have been another's by the time that it was read.
            if !self.is_still(process) {
                ended.push(process.pid);
                continue;
            }
            let parent = rollups
                .get(&process.ppid)
                .filter(|_| process.ppid != process.pid);
            if self.root.is_live() && parent.is_some_and(|parent| may_be_lent(parent, rollup)) {
                let now = self.settled(process);
                process.memory = now;
            }
        }
        let before = moment.processes.len();
        moment
            .processes
            .retain(|process| !ended.contains(&process.pid));
        let gone = before - moment.processes.len();
        moment.vanished = moment.vanished.saturating_add(gone as u64);
    }

    /// The memory of a child that showed its parent's: none of its own, or by now
    /// another.
    fn settled(&mut self, process: &Process) -> Memory {
        match share_memory(process.ppid, process.pid) {
            Some(true) => Memory::None,
            Some(false) => match self.source.read(self.root, process.pid, &mut self.buffer) {
                Reading::Known(rollup) => Memory::Known(figures(&rollup)),
                _ => Memory::None,
            },
            None => process.memory,
        }
    }

    fn is_still(&mut self, process: &Process) -> bool {
        let text = self.text(process.pid, "stat");
        pid_stat::parse(text).is_ok_and(|stat| stat.starttime == process.starttime)
    }
}

fn of(pid: u32, stat: &PidStat<'_>, page_kib: u64) -> Process {
    let without = stat.is_kernel_thread() || matches!(stat.state, b'Z' | b'X');
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
            true => Memory::None,
            false => Memory::Unread,
        },
    }
}

fn figures(rollup: &Rollup) -> Figures {
    Figures {
        pss: rollup.pss,
        shared: rollup.shared(),
        rss: rollup.rss,
        swap_pss: rollup.swap_pss,
        estimated: false,
    }
}

/// Whether a child may have its parent's memory, and none of its own: between
/// vfork(2) and execve(2) it runs in it, and smaps shows the parent's for both.
/// After fork(2) the two share pages instead, which then are not private.
fn may_be_lent(parent: &Rollup, child: &Rollup) -> bool {
    parent == child && child.private_dirty > child.shared_dirty
}

/// The whole of a process's smaps, which is hundreds of kB for some.
///
/// # Errors
/// openat(2)'s and read(2)'s.
pub fn smaps(root: &Root, pid: u32, text: &mut Vec<u8>) -> nix::Result<()> {
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

/// What each process of `now` has run since `before`: it stands in `cpu_ticks`
/// then, where all CPU time stood.
pub fn cpu_since(before: &Moment, now: &mut Moment, seconds: f64) {
    let ran = before.processes.iter();
    let ran: HashMap<(u32, u64), u64> = ran.map(|p| ((p.pid, p.starttime), p.cpu_ticks)).collect();
    for process in &mut now.processes {
        let then = ran.get(&(process.pid, process.starttime)).copied();
        process.cpu_ticks = process.cpu_ticks.saturating_sub(then.unwrap_or(0));
    }
    now.interval_s = Some(seconds);
}

fn pid(name: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(name).ok()?;
    let first = text.bytes().next()?;
    (b'1'..=b'9').contains(&first).then_some(())?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn capture(name: &str) -> Root {
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
        Root::open(&captures.join(name)).unwrap()
    }

    fn all(name: &str, page_size: u64) -> Moment {
        let root = capture(name);
        let mut reader = Reader::new(&root, page_size, 100);
        let mut moment = reader.processes(true).unwrap();
        reader.read_memory(&mut moment, |_| true);
        moment
    }

    fn get(moment: &Moment, pid: u32) -> &Process {
        moment.processes.iter().find(|p| p.pid == pid).unwrap()
    }

    #[test]
    fn a_new_kernel() {
        let moment = all("x86_64-6.18", 4096);
        assert_eq!((moment.vanished, moment.hidden), (0, false));
        let threads = get(&moment, 8009);
        let expected = Figures {
            pss: 828,
            shared: 4,
            rss: 832,
            ..Figures::default()
        };
        assert_eq!(threads.memory, Memory::Known(expected));
        assert_eq!(get(&moment, 8005).cmdline, b"/bin/sleep\x00100000\x00");
        assert_eq!(get(&moment, 8005).cgroup, b"/session/1");
        assert_eq!(get(&moment, 8008).memory, Memory::None);
        let worker = get(&moment, 23);
        assert!(worker.kernel_thread && worker.memory == Memory::None);
    }

    #[test]
    fn an_old_kernel_has_only_smaps() {
        let moment = all("handmade-4.9", 4096);
        let expected = Figures {
            pss: 517,
            shared: 1060,
            rss: 1184,
            swap_pss: 12,
            estimated: false,
        };
        assert_eq!(get(&moment, 812).memory, Memory::Known(expected));
    }

    #[test]
    fn only_the_wanted_are_read() {
        let root = capture("aarch64-raspi3b");
        let mut reader = Reader::new(&root, 4096, 100);
        let mut moment = reader.processes(false).unwrap();
        let at = moment.processes.iter().position(|p| p.pid == 117).unwrap();
        reader.read_memory(&mut moment, |wanted| wanted == at);
        assert!(matches!(get(&moment, 117).memory, Memory::Known(_)));
        assert_eq!(get(&moment, 118).memory, Memory::Unread);
        assert!(get(&moment, 117).cgroup.is_empty());
    }

    #[test]
    fn memory_lent_to_a_child_counts_once() {
        let parent = Rollup {
            rss: 900,
            pss: 880,
            private_dirty: 800,
            shared_clean: 100,
            ..Rollup::default()
        };
        assert!(may_be_lent(&parent, &parent));
        // After fork, what neither has written to is shared.
        let forked = Rollup {
            private_dirty: 20,
            shared_dirty: 780,
            ..parent
        };
        assert!(!may_be_lent(&forked, &forked));
        assert!(!may_be_lent(&parent, &forked));
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
        let moment = |processes| Moment {
            processes,
            clk_tck: 100,
            ..Moment::default()
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

    #[test]
    fn pids() {
        assert_eq!(pid(b"812"), Some(812));
        for name in [
            &b"+1"[..],
            b"0",
            b"self",
            b"",
            b"\xff",
            b"99999999999",
            b"1a",
        ] {
            assert_eq!(pid(name), None);
        }
    }
}
