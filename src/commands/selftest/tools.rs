//! The needs of other commands than `record`: boot, survive, ramp, bench, footprint.

use super::check::{Check, Findings, View};
use super::listing::Process;
use crate::boot::board;
use crate::boot::lack::Lack;
use crate::boot::prompt::{self, GETTIES, HELD_BACK};
use crate::boot::tree;
use crate::commands::bench::init::Init;
use crate::proc::{capabilities, cgroup};
use crate::render::escaped;
use crate::survive::refuge;
use crate::system::errno::reason;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::{access, geteuid, AccessFlags};

pub(crate) fn checks(view: &View<'_>, findings: &mut Findings) {
    findings.live(view, "/dev/mem", device_memory);
    findings.add("system timer", system_timer(view));
    findings.live(view, "kernel's log", kernel_log);
    findings.add("systemd", systemd(view));
    findings.add("login prompt", login_prompt(view));
    findings.live(view, "serial port", || serial_port(view));
    findings.add("resumption", resumption(view));
    findings.live(view, "roll-back", || roll_back(view));
    findings.section("Capabilities and what they are for");
    let held = capabilities::effective(&view.file("proc/self/status")).ok();
    for (name, number, allows) in CAPABILITIES {
        findings.live(view, name, || capability(held, number, allows));
    }
}

const CAPABILITIES: [(&str, u32, &str); 8] = [
    (
        "SYS_PTRACE",
        capabilities::SYS_PTRACE,
        "record, footprint: other users' memory",
    ),
    (
        "DAC_READ_SEARCH",
        capabilities::DAC_READ_SEARCH,
        "boot: which terminal a login prompt is on",
    ),
    (
        "NET_ADMIN",
        capabilities::NET_ADMIN,
        "survive ip-change: to change addresses and routes",
    ),
    (
        "NET_RAW",
        capabilities::NET_RAW,
        "survive ip-change: to ask the link who has an address",
    ),
    (
        "SYS_ADMIN",
        capabilities::SYS_ADMIN,
        "survive: to rehearse it in a network namespace (unshare -n)",
    ),
    (
        "SYS_BOOT",
        capabilities::SYS_BOOT,
        "boot restart: to restart this machine",
    ),
    (
        "IPC_LOCK",
        capabilities::IPC_LOCK,
        "ramp: to keep its memory where others run out of it",
    ),
    (
        "SYS_RESOURCE",
        capabilities::SYS_RESOURCE,
        "ramp: to be killed last for want of memory",
    ),
];

fn capability(held: Option<u64>, number: u32, allows: &str) -> Check {
    match held.map(|set| set >> number & 1 == 1) {
        Some(true) => Check::ok(allows),
        Some(false) if geteuid().is_root() => Check::no(format!(
            "{allows}; this root lacks it, as in a container: add it"
        )),
        Some(false) => Check::no(format!("{allows}; run as root")),
        None => Check::no("/proc/self/status does not show it"),
    }
}

/// Opened, and neither read nor mapped.
fn device_memory() -> Check {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    match nix::fcntl::open("/dev/mem", flags, Mode::empty()) {
        Ok(_) => Check::ok("boot: time before the kernel, if it lets the timer be mapped"),
        Err(Errno::ENOENT | Errno::ENXIO | Errno::ENODEV) => {
            Check::no("missing: boot cannot see the time before the kernel (CONFIG_DEVMEM)")
        }
        Err(Errno::EACCES) if !geteuid().is_root() => Check::no("boot: run as root"),
        Err(errno) => Check::no(format!("{}: lockdown, or no CAP_SYS_RAWIO", reason(errno))),
    }
}

fn system_timer(view: &View<'_>) -> Check {
    match tree::system_timer(view.root) {
        Ok(address) => Check::ok(format!("boot: the Raspberry Pi's, at {address:#x}")),
        Err(lack) => Check::no(format!(
            "{}: boot cannot see the time before the kernel",
            Lack::Tree(lack)
        )),
    }
}

fn kernel_log() -> Check {
    match board::kernel_log() {
        Ok(_) => Check::ok("boot: when the kernel started init"),
        Err(lack) => Check::no(format!("{lack}: boot cannot see when init was started")),
    }
}

/// Ports that a board's console can be on; this machine's own is none.
fn serial_port(view: &View<'_>) -> Check {
    const TTYS: &str = "sys/class/tty";
    let consoles = view.text(&format!("{TTYS}/console/active"));
    let is_port = |tty: &String| {
        // Of a PC's ports most are names without hardware.
        view.text(&format!("{TTYS}/{tty}/type")) != b"0"
            && !view.root.list(&format!("{TTYS}/{tty}/device")).is_empty()
            && consoles
                .split(|&b| b == b' ')
                .all(|console| console != tty.as_bytes())
    };
    let mut ports = view.root.list(TTYS);
    ports.retain(is_port);
    let flags = AccessFlags::R_OK | AccessFlags::W_OK;
    let refused = ports
        .iter()
        .find(|port| access(format!("/dev/{port}").as_str(), flags).is_err());
    let all = escaped(ports.join(", ").as_bytes());
    match refused {
        _ if ports.is_empty() => {
            Check::no("none: boot watch needs one, on a host that a board's console is wired to")
        }
        Some(_) => Check::no(format!(
            "{all}: boot watch: no permission; run as root, or join the port's group"
        )),
        None => Check::ok(format!("boot watch: {all}")),
    }
}

fn systemd(view: &View<'_>) -> Check {
    let is_there = view.root.open_file("run/systemd/system").is_ok();
    match is_there || view.text("proc/1/comm") == b"systemd" {
        true => Check::ok("boot: its timestamps of the start"),
        false => Check::no("not running: boot sees only the kernel's start and the login prompt"),
    }
}

/// Whether the process that rolls back a change of address outlives this one's unit.
fn roll_back(view: &View<'_>) -> Check {
    match refuge::can_leave(view.root) {
        Ok(()) => Check::ok("survive ip-change: by a process that no cgroup takes with it"),
        Err(why) => Check::no(format!("survive ip-change: {why}; it takes --force")),
    }
}

fn resumption(view: &View<'_>) -> Check {
    match Init::here(view.root) {
        Ok(what) => Check::ok(format!("bench: after a restart, by {what}")),
        Err(why) => Check::no(format!("{why}: bench --resume is run by hand")),
    }
}

fn login_prompt(view: &View<'_>) -> Check {
    let consoles = escaped(&view.text("sys/class/tty/console/active"));
    let consoles = match consoles.as_str() {
        "" => String::new(),
        consoles => format!("; the console is {consoles}"),
    };
    let all = view.processes.processes.iter();
    let gettys = all.filter(|p| GETTIES.contains(&&p.comm[..]) || p.comm == HELD_BACK);
    let mut gettys: Vec<String> = gettys.map(|getty| of(view, getty)).collect();
    gettys.dedup();
    match gettys.is_empty() {
        false => Check::ok(format!("boot: {}{consoles}", gettys.join(", "))),
        true => Check::no(format!(
            "no getty{consoles}: boot cannot see when login is possible"
        )),
    }
}

/// Such as `agetty on ttyAMA0`: from its standard input, else from its unit's name.
fn of(view: &View<'_>, getty: &Process) -> String {
    let comm = escaped(&getty.comm);
    let text = view.file(&format!("proc/{}/cgroup", getty.pid));
    let cgroup = cgroup::of(&text).unwrap_or_default();
    let told = || prompt::tty(cgroup, &[]).map(str::to_owned);
    match prompt::stdin(view.root, getty.pid).or_else(told) {
        Some(tty) => format!("{comm} on {}", escaped(tty.as_bytes())),
        None => comm,
    }
}
