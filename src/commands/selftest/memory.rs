//! Whether PSS can be read, of which processes, and how accurately.

use super::check::{Check, Findings, View};
use crate::proc::capabilities::Privilege;
use crate::proc::release::under_reports_smaps_rollup;
use crate::proc::schedstat::run_time_ns;
use crate::render::escaped;
use crate::sampler::memory_source::{MemoryReading, MemorySource};
use crate::sampler::task::Task;
use crate::words::privilege::remedy;
use nix::errno::Errno;

const BUFFER: usize = 1 << 16;

pub(crate) fn checks(view: &View<'_>, findings: &mut Findings) {
    let mut source = MemorySource::default();
    findings.live(view, "own PSS", || own(view, &mut source).needed());
    let found = read_all(view, &mut source);
    findings.add("PSS of all", of_all(view, &found).needed());
    findings.add("smaps_rollup", rollup(&found, source));
    findings.add("PSS is right", under_reporting(view));
    findings.add("schedstat", gate(view));
}

fn own(view: &View<'_>, source: &mut MemorySource) -> Check {
    // As this /proc has it, which may be another namespace's.
    let pid = view.root.read_link("proc/self").ok();
    let pid = pid.and_then(|pid| pid.to_str()?.parse().ok());
    let mut buffer = vec![0; BUFFER];
    match pid.map(|pid| source.read(view.root, Task::of(pid), &mut buffer)) {
        Some(MemoryReading::Known(rollup)) => Check::ok(format!("{} KiB", rollup.pss)),
        Some(MemoryReading::Denied) => Check::no("not readable: a security module denies it"),
        Some(MemoryReading::None | MemoryReading::Failed) | None => {
            Check::no("neither smaps_rollup nor smaps: a kernel with CONFIG_PROC_PAGE_MONITOR")
        }
    }
}

/// How many processes gave which answer.
#[derive(Default)]
struct Found {
    known: usize,
    denied: usize,
    /// The first of those denied.
    who: Option<(u32, String)>,
    /// They have memory that no file shows.
    silent: usize,
}

fn read_all(view: &View<'_>, source: &mut MemorySource) -> Found {
    let mut found = Found::default();
    let mut buffer = vec![0; BUFFER];
    let alive = view.processes.processes.iter().filter(|p| p.is_alive);
    for process in alive {
        match source.read(view.root, Task::of(process.pid), &mut buffer) {
            MemoryReading::Known(_) => found.known += 1,
            MemoryReading::Denied => {
                found.denied += 1;
                let who = || (process.pid, escaped(&process.comm));
                found.who.get_or_insert_with(who);
            }
            MemoryReading::None => {}
            MemoryReading::Failed => found.silent += 1,
        }
    }
    found
}

fn of_all(view: &View<'_>, found: &Found) -> Check {
    let all = found.known + found.denied + found.silent;
    let of_all = format!("{} of {all} processes", found.known);
    if found.denied > 0 {
        let remedy = remedy(Privilege::own(view.root));
        let not = match &found.who {
            Some((pid, comm)) if found.denied == 1 => format!("not `{comm}` ({pid})"),
            Some((pid, comm)) => format!("not `{comm}` ({pid}) and {} more", found.denied - 1),
            None => String::new(),
        };
        return Check::no(format!("{of_all}, {not}: {remedy}"));
    }
    match (found.known, found.silent) {
        (0, 0) => Check::no("no process has memory of its own"),
        (0, _) => {
            Check::no("none: a kernel with CONFIG_PROC_PAGE_MONITOR has smaps_rollup and smaps")
        }
        (_, 0) => Check::ok(of_all),
        (_, silent) => Check::ok(format!("{of_all}; {silent} not shown by the kernel")),
    }
}

fn rollup(found: &Found, source: MemorySource) -> Check {
    match source {
        MemorySource::Smaps => {
            Check::part("missing (added in Linux 4.14): smaps is read instead, at more CPU time")
        }
        MemorySource::Rollup if found.known > 0 => Check::ok("available"),
        MemorySource::Rollup => Check::no("not readable for any process"),
    }
}

fn under_reporting(view: &View<'_>) -> Check {
    let release = view.text("proc/sys/kernel/osrelease");
    let shown = escaped(&release);
    match under_reports_smaps_rollup(&release) {
        false => Check::ok(format!("no known fault in Linux {shown}")),
        true => Check::part(format!(
            "Linux {shown} may under-report a process whose threads map memory: fixed in \
                 6.6.34, 6.9.5 and 6.10"
        )),
    }
}

/// Looks at the first process that has the file; all are alike.
fn gate(view: &View<'_>) -> Check {
    let mut buffer = [0; 512];
    let (mut is_there, mut tells) = (false, false);
    for process in &view.processes.processes {
        let file = format!("{}/schedstat", process.pid);
        match view.root.read_proc(&file, &mut buffer) {
            Ok(text) => {
                is_there = true;
                tells = run_time_ns(text).is_ok_and(|time| time > 0);
            }
            Err(Errno::ENOENT) => {}
            Err(_) => continue,
        }
        if tells {
            break;
        }
    }
    let costs = "so the stat of every process is read in each sample, at more CPU time";
    match (tells, is_there) {
        (true, _) => Check::ok("available; idle processes are skipped"),
        (false, true) => Check::part(format!("shows 0 0 0, {costs}: boot with delayacct")),
        (false, false) => Check::part(format!(
            "missing, {costs}: needs a kernel with CONFIG_SCHED_INFO"
        )),
    }
}
