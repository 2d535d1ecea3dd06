//! Whether all processes are visible.

use super::check::{Check, Findings, View};
use crate::proc::capabilities::Privilege;
use crate::proc::mounts::{self, HidePid};
use crate::render::counted;
use crate::render::escaped;
use crate::sampler::exits::availability;
use crate::words::exits::lack;
use crate::words::privilege::remedy;

pub(crate) fn checks(view: &View<'_>, findings: &mut Findings) {
    findings.add("processes", seen(view).needed());
    findings.add("hidepid", hidepid(view));
    findings.live(view, "whole machine", || whole_machine(view).needed());
}

/// Whether the kernel tells of the processes that end.
pub(crate) fn ended(view: &View<'_>) -> Check {
    match lack(availability(view.root)) {
        None => Check::ok("the kernel tells of each (taskstats): name, CPU, peak memory, failure"),
        Some(why) => Check::no(why),
    }
}

fn seen(view: &View<'_>) -> Check {
    let all = &view.processes;
    let count = all.processes.len();
    let threads = counted(all.kernel_threads as u64, "kernel thread");
    let found = format!("{count}, and {threads}");
    match view.root.hides_processes() {
        true => Check::no(format!(
            "{count}; those of other users are hidden: {}, or remount /proc with hidepid=0",
            remedy(Privilege::own(view.root))
        )),
        false if all.denied > 0 => Check::no(format!(
            "{found}; {} cannot be read: {}",
            all.denied,
            remedy(Privilege::own(view.root))
        )),
        false => Check::ok(found),
    }
}

fn hidepid(view: &View<'_>) -> Check {
    let text = view.file("proc/mounts");
    let how = match mounts::hidepid(&text) {
        HidePid::Off => return Check::ok("off: /proc shows every user's processes"),
        HidePid::NoAccess => "noaccess",
        HidePid::Invisible => "invisible",
        HidePid::Ptraceable => "ptraceable",
    };
    match (view.root.is_live(), view.root.hides_processes()) {
        (true, false) => Check::ok(format!("{how}, which does not affect this user")),
        (true, true) => Check::no(format!(
            "{how}: {}, or mount -o remount,hidepid=0 /proc",
            remedy(Privilege::own(view.root))
        )),
        (false, _) => Check::part(format!(
            "{how}: users other than root cannot see each other's processes"
        )),
    }
}

fn whole_machine(view: &View<'_>) -> Check {
    let comm = escaped(&view.text("proc/1/comm"));
    let first = match comm.as_str() {
        "" => "process 1 cannot be seen".to_owned(),
        comm => format!("process 1 is `{comm}`"),
    };
    match view.root.is_first_pid_namespace() {
        true => Check::ok(format!("the first PID namespace; {first}")),
        false => Check::no(format!(
            "a PID namespace, such as a container's; {first}: only its processes are visible, \
                 but CPU and memory are the machine's. Run outside, or with --pid=host"
        )),
    }
}
