//! The board: its model, sensors, clocks and limits.

use super::check::{Check, Findings, View};
use crate::commands::header::{kept_descriptors, page_size};
use crate::log::fields::core::CLOCKS_KHZ;
use crate::proc::attribute;
use crate::render::escaped;
use crate::sampler::board::{policies, throttled, undervoltage};
use crate::sampler::thermometer::{Fault, Thermometer};
use crate::system::clock;
use nix::sys::resource::{getrlimit, Resource};

pub(crate) fn sensors(view: &View<'_>, findings: &mut Findings) {
    findings.add("temperature", heat(view));
    findings.add("cpufreq", frequency(view));
    findings.add("throttling", throttling(view));
}

pub(crate) fn checks(view: &View<'_>, findings: &mut Findings) {
    findings.add("board", model(view));
    findings.live(view, "page size", || {
        Check::ok(format!("{} KiB", page_size() / 1024))
    });
    findings.live(view, "open files", open_files);
    findings.live(view, "time since boot", || since_boot(view));
    findings.live(view, "clock", synchronised);
    findings.add("RTC", rtc(view));
}

fn heat(view: &View<'_>) -> Check {
    let mut buffer = [0; 4096];
    let Some(mut zone) = Thermometer::find(view.root, &mut buffer) else {
        return Check::no("this kernel shows no thermal zone");
    };
    let read = zone.read(view.root, &mut buffer);
    let file = escaped(zone.file.as_bytes());
    match read {
        Ok(milli) => Check::ok(format!("{:.1} C, from /{file}", milli as f64 / 1e3)),
        Err(Fault::Unreadable) => Check::no(format!("/{file} is not readable now")),
        Err(Fault::Implausible(degrees)) => Check::no(format!(
            "/{file} shows {degrees} C, which is implausible: such readings are dropped"
        )),
    }
}

fn frequency(view: &View<'_>) -> Check {
    let mut buffer = [0; 4096];
    let asked: Vec<String> = policies(view.root, &mut buffer)
        .iter()
        .filter_map(|policy| {
            let text = view.root.read(&policy.cur_freq, &mut buffer).ok()?;
            let khz = attribute::number(text).ok()?;
            let known = CLOCKS_KHZ.contains(&khz);
            known.then(|| format!("{} MHz", khz / 1000))
        })
        .collect();
    match asked.is_empty() {
        true => Check::no("this kernel shows no core clocks"),
        false => Check::ok(format!(
            "requested: {}; firmware throttling does not show here",
            asked.join(", ")
        )),
    }
}

/// The file is not read: at the first read the kernel warns in its log.
fn throttling(view: &View<'_>) -> Check {
    let mut buffer = [0; 4096];
    if let Some(file) = throttled(view.root, &mut buffer) {
        let file = escaped(file.as_bytes());
        return Check::ok(format!("/{file} is available (not read)"));
    }
    if undervoltage(view.root, &mut buffer).is_some() {
        let remedy = "low voltage only (rpi_volt): the Raspberry Pi's own kernels show more";
        return Check::part(remedy);
    }
    if view.text("proc/sys/kernel/panic_on_warn") == b"1" {
        let why = "not checked: reading it makes the kernel warn, and kernel.panic_on_warn is 1";
        return Check::no(why);
    }
    Check::no("not observable: only the Raspberry Pi's own kernels have get_throttled, up to 6.12")
}

fn model(view: &View<'_>) -> Check {
    match &view.text("proc/device-tree/model")[..] {
        [] => Check::no("not named by a device tree"),
        model => Check::ok(escaped(model)),
    }
}

fn open_files() -> Check {
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| soft);
    let kept = kept_descriptors();
    let text = format!("limit {limit}; {kept} are kept open to save CPU time");
    match kept {
        0 => Check::part(format!("{text}: raise `ulimit -n`")),
        _ => Check::ok(text),
    }
}

fn since_boot(view: &View<'_>) -> Check {
    let source = "sys/devices/system/clocksource/clocksource0/current_clocksource";
    let source = match &view.text(source)[..] {
        [] => String::new(),
        source => format!(", clock source {}", escaped(source)),
    };
    match clock::boottime_ns() {
        0 => Check::no("no CLOCK_BOOTTIME: needs Linux 2.6.39"),
        time => Check::ok(format!(
            "CLOCK_BOOTTIME, {} s{source}",
            time / 1_000_000_000
        )),
    }
}

fn synchronised() -> Check {
    match clock::is_synchronised() {
        Some(true) => Check::ok("the kernel says it is synchronised"),
        Some(false) => Check::part(
            "the kernel says it is unsynchronised: times of day, and restart times, may be wrong; \
             run systemd-timesyncd, ntpd, or chronyd with rtcsync",
        ),
        None => Check::part("the kernel does not say whether it is synchronised"),
    }
}

fn rtc(view: &View<'_>) -> Check {
    match &view.root.list("sys/class/rtc")[..] {
        [] => Check::no("none: after power-up the clock is wrong until it is set from the network"),
        clocks => Check::ok(escaped(clocks.join(", ").as_bytes())),
    }
}
