//! Which processes are seen, and whether these are all that there are.

use super::super::outcome::Error;
use super::{Check, Findings, View};
use crate::proc::capabilities::Privilege;
use crate::proc::mounts::{self, HidePid};
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::render::counted;
use crate::render::escaped;
use crate::render::privilege::remedy;
use crate::sampler::task::has_ended;
use crate::system::directory::Directory;
use nix::errno::Errno;

/// What `/proc` lists.
pub(crate) struct Processes {
    pub(crate) processes: Vec<Process>,
    /// Those that may not even be looked at.
    pub(crate) denied: usize,
    pub(crate) kernel_threads: usize,
}

/// A process that is no kernel thread.
pub(crate) struct Process {
    pub pid: u32,
    pub comm: Vec<u8>,
    /// It has memory of its own, as far as its state tells.
    pub(crate) is_alive: bool,
}

impl Processes {
    /// # Errors
    /// Where `/proc` cannot be listed.
    pub(crate) fn look(root: &Root) -> Result<Self, Error> {
        let path = root.proc_path("");
        let failed = |why: &str| Error::new(format!("cannot list {}: {why}", path.display()));
        let dir = root.list_proc().map_err(|errno| failed(errno.desc()))?;
        let mut pids: Vec<u32> = Vec::new();
        Directory::new(dir)
            .names(|name| pids.extend(pid_stat::pid(name)))
            .map_err(|error| failed(&error.to_string()))?;
        pids.sort_unstable();
        let mut found = Self {
            processes: Vec::new(),
            denied: 0,
            kernel_threads: 0,
        };
        let mut buffer = [0; 4096];
        for pid in pids {
            match root.read_proc(&format!("{pid}/stat"), &mut buffer) {
                Ok(text) => found.put(pid, text),
                Err(Errno::EACCES | Errno::EPERM) => found.denied += 1,
                // It has ended.
                Err(_) => {}
            }
        }
        Ok(found)
    }

    fn put(&mut self, pid: u32, text: &[u8]) {
        match pid_stat::parse(text) {
            Ok(stat) if stat.is_kernel_thread() => self.kernel_threads += 1,
            Ok(stat) => self.processes.push(Process {
                pid,
                comm: stat.comm.to_vec(),
                is_alive: !has_ended(stat.state),
            }),
            Err(_) => {}
        }
    }
}

pub(crate) fn checks(view: &View<'_>, findings: &mut Findings) {
    findings.add(seen(view).needed());
    findings.add(hidepid(view));
    findings.live(view, "whole machine", || whole_machine(view).needed());
}

fn seen(view: &View<'_>) -> Check {
    let name = "processes";
    let all = &view.processes;
    let count = all.processes.len();
    let threads = counted(all.kernel_threads as u64, "kernel thread");
    let found = format!("{count}, and {threads}");
    match view.root.hides_processes() {
        true => Check::no(
            name,
            format!(
                "{count}; those of other users are hidden: {}, or remount /proc with hidepid=0",
                remedy(Privilege::own(view.root))
            ),
        ),
        false if all.denied > 0 => Check::no(
            name,
            format!(
                "{found}; {} may not be looked at: {}",
                all.denied,
                remedy(Privilege::own(view.root))
            ),
        ),
        false => Check::ok(name, found),
    }
}

fn hidepid(view: &View<'_>) -> Check {
    let name = "hidepid";
    let text = view.file("proc/mounts");
    let how = match mounts::hidepid(&text) {
        HidePid::Off => return Check::ok(name, "off: /proc shows every user's processes"),
        HidePid::NoAccess => "noaccess",
        HidePid::Invisible => "invisible",
        HidePid::Ptraceable => "ptraceable",
    };
    match (view.root.is_live(), view.root.hides_processes()) {
        (true, false) => Check::ok(name, format!("{how}, which does not concern this user")),
        (true, true) => Check::no(
            name,
            format!(
                "{how}: {}, or mount -o remount,hidepid=0 /proc",
                remedy(Privilege::own(view.root))
            ),
        ),
        (false, _) => Check::part(
            name,
            format!("{how}: users who are not root do not see each other's processes"),
        ),
    }
}

/// The kernel's PROC_PID_INIT_INO: the first PID namespace has it in every kernel
/// since 3.8.
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

fn whole_machine(view: &View<'_>) -> Check {
    let name = "whole machine";
    let comm = escaped(&view.text("proc/1/comm"));
    let first = match comm.as_str() {
        "" => "process 1 cannot be seen".to_owned(),
        comm => format!("process 1 is `{comm}`"),
    };
    // A kernel without namespaces has no such link.
    let is_first = match view.root.read_link("proc/self/ns/pid") {
        Ok(namespace) => namespace == FIRST_NAMESPACE,
        Err(_) => true,
    };
    match is_first {
        true => Check::ok(name, format!("the first PID namespace; {first}")),
        false => Check::no(
            name,
            format!(
                "a PID namespace, as a container has; {first}: only its processes are seen, \
                 while CPU and memory are the machine's. Run outside, or with --pid=host"
            ),
        ),
    }
}
