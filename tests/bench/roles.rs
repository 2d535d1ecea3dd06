//! What this program does when it runs itself.

use super::raw::{self, Mapping};
use super::{apart, floor, Failure};
use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The first argument of a process that has a role; the second is the role.
pub const AS: &str = "--as";

/// This program again.
pub fn command(role: &str) -> Result<Command, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| format!("cannot tell where this program is: {error}"))?;
    let mut command = Command::new(program);
    command.args([AS, role]);
    Ok(command)
}

/// Has a role until it is ended.
pub fn play(arguments: &[String]) -> Result<(), Failure> {
    let role = arguments.first().map(String::as_str).unwrap_or_default();
    let rest = arguments.get(1..).unwrap_or_default();
    match role {
        "apart" => return apart::set_apart(rest),
        "inside" => return apart::inside(rest),
        _ => raw::die_with_parent(),
    }
    let failed = |error: std::io::Error| format!("{role}: {error}");
    let number = |index: usize| rest.get(index).and_then(|text| text.parse().ok());
    match (role, number(1), number(2), number(3)) {
        ("sleeper", ..) => sleeper(&rest[0]),
        ("service", Some(mib), Some(mappings), Some(seed)) => {
            service(&rest[0], mib, mappings, seed).map_err(failed)
        }
        ("prefork", Some(workers), ..) => prefork(&rest[0], workers).map_err(failed),
        ("floor", ..) => floor::run(&rest[0]),
        _ => Err(format!("{role} is no role")),
    }
}

/// The name tells that the process is as it will be.
fn become_known(name: &str) {
    // Where /proc cannot be written to, the population waits in vain, and says so.
    let _ = fs::write("/proc/self/comm", name);
}

fn sleeper(name: &str) -> ! {
    become_known(name);
    rest()
}

fn rest() -> ! {
    loop {
        nix::unistd::pause();
    }
}

fn mebibytes(mib: usize) -> std::io::Result<Mapping> {
    Mapping::filled((mib << 20) / raw::PAGE)
}

/// Holds memory in many mappings; with a seed other than 0 it also works, ten
/// times a second, and takes and gives back some pages now and then.
fn service(name: &str, mib: usize, mappings: usize, seed: usize) -> std::io::Result<()> {
    let _memory = mebibytes(mib)?;
    let _many = Mapping::split(mappings)?;
    become_known(name);
    if seed == 0 {
        rest();
    }
    let mut random = seed as u32;
    let mut more = None;
    loop {
        sleep(Duration::from_millis(100));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_micros(500) {}
        // Numerical Recipes' quick and dirty generator: the high bits are random.
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if random >> 16 & 0xff < 26 {
            more = match more {
                Some(_) => None,
                None => Some(Mapping::filled(1 + (random >> 24) as usize)?),
            };
        }
    }
}

/// Holds 32 MB, which its idle children share; every 5 s one is replaced.
fn prefork(name: &str, workers: usize) -> std::io::Result<()> {
    let _memory = mebibytes(32)?;
    let mut pids = std::collections::VecDeque::new();
    loop {
        while pids.len() < workers {
            match raw::fork()? {
                Some(pid) => pids.push_back(pid),
                None => {
                    raw::die_with_parent();
                    sleeper("prefork-worker");
                }
            }
        }
        become_known(name);
        sleep(Duration::from_secs(5));
        if let Some(oldest) = pids.pop_front() {
            raw::end(oldest);
        }
    }
}
