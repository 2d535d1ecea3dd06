//! Where the files of a process lie. A process whose leader has ended while other
//! threads go on shows no memory in /proc/PID; /proc/PID/task/TID of a living
//! thread does.

use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::system::directory;
use nix::errno::Errno;

/// A process, or one of its threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) pid: u32,
    /// 0: the process itself.
    pub(crate) tid: u32,
}

/// The name of a file of a task: "4294967295/task/4294967295/smaps_rollup" has 39
/// bytes.
pub(crate) type TaskFile = heapless::String<48>;

impl Task {
    pub(crate) const fn of(pid: u32) -> Self {
        Self { pid, tid: 0 }
    }

    /// How its `file` is called, in `/proc`.
    pub(crate) fn file(self, file: &str) -> TaskFile {
        let mut name = TaskFile::new();
        push_decimal(&mut name, self.pid);
        let folder = if self.tid == 0 { "" } else { "/task/" };
        let _ = name.push_str(folder);
        if self.tid != 0 {
            push_decimal(&mut name, self.tid);
        }
        let _ = name.push('/').and_then(|()| name.push_str(file));
        name
    }
}

/// At a fraction of what formatting costs: a name is made for each reading.
fn push_decimal(name: &mut TaskFile, mut number: u32) {
    let mut digits = [b'0'; 10];
    let mut at = digits.len();
    while at == digits.len() || number > 0 {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let _ = name.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// A number by which neighbouring pids lie far apart: Knuth's multiplicative hash.
pub(super) const fn scattered(pid: u32) -> u32 {
    pid.wrapping_mul(2_654_435_761) >> 8
}

/// State Z or X of proc_pid_stat(5): the task has ended.
pub(crate) const fn has_ended(state: u8) -> bool {
    matches!(state, b'Z' | b'X')
}

/// The errors that say that this user may not, as against: it is not there.
pub(super) fn is_denied(errno: Errno) -> bool {
    matches!(errno, Errno::EACCES | Errno::EPERM)
}

/// The errors that say that the process is no more.
pub(super) fn is_gone(errno: Errno) -> bool {
    matches!(errno, Errno::ENOENT | Errno::ESRCH)
}

/// A thread, and the address space that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Thread {
    pub(crate) tid: u32,
    /// Bytes.
    pub(crate) vsize: u64,
    /// Pages.
    pub(crate) rss: u64,
}

/// So many threads are tried: they may end meanwhile.
const TRIED: usize = 8;

/// A living thread of `pid` other than its leader. This does not allocate.
pub(crate) fn living_thread(root: &Root, pid: u32, buffer: &mut [u8]) -> Option<Thread> {
    let mut tids = heapless::Vec::<u32, TRIED>::new();
    let dir = root.open_proc(&Task::of(pid).file("task")).ok()?;
    let listed = directory::names(&dir, buffer, |name| {
        if let Some(tid) = pid_stat::pid(name).filter(|tid| *tid != pid) {
            let _ = tids.push(tid);
        }
    });
    listed.ok()?;
    tids.into_iter().find_map(|tid| {
        let text = root.read_proc(&Task { pid, tid }.file("stat"), buffer);
        let stat = pid_stat::parse(text.ok()?).ok()?;
        (!has_ended(stat.state)).then_some(Thread {
            tid,
            vsize: stat.vsize,
            rss: stat.rss,
        })
    })
}

/// Whether `pid` has no memory of its own, or is no more: a kernel thread, a zombie,
/// a process that is just ending. It is not, where that cannot be told.
pub(crate) fn is_without_memory(root: &Root, pid: u32, buffer: &mut [u8]) -> bool {
    match root.read_proc(&Task::of(pid).file("stat"), buffer) {
        Ok(text) => pid_stat::parse(text)
            .is_ok_and(|stat| stat.is_kernel_thread() || has_ended(stat.state) || stat.vsize == 0),
        Err(errno) => is_gone(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        assert_eq!(Task::of(1).file("stat"), "1/stat");
        assert_eq!(Task::of(40_960).file("exe"), "40960/exe");
        let longest = Task {
            pid: u32::MAX,
            tid: u32::MAX,
        };
        let expected = "4294967295/task/4294967295/smaps_rollup";
        assert_eq!(longest.file("smaps_rollup"), expected);
    }
}
