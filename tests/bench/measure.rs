//! One run of a recorder or of a floor, measured from outside.

use super::{raw, Failure};
use nix::sys::signal::{kill, Signal};
use nix::unistd::Pid;
use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What a run took, between the end of its warm-up and its end.
#[derive(Debug, Clone, Copy)]
pub struct Figures {
    pub cpu_us_per_sample: f64,
    /// At the end; the one that was measured is among them.
    pub processes: usize,
    pub pss_kib: u64,
    pub descriptors: usize,
}

/// A program that is running, and ended when dropped.
pub struct Run {
    child: Child,
    started: Instant,
    name: String,
}

impl Run {
    pub fn start(command: &mut Command) -> Result<Self, Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let started = Instant::now();
        command.stdin(Stdio::null()).stdout(Stdio::null());
        // A line or two: the pipe holds them until they are asked for.
        let child = command.stderr(Stdio::piped()).spawn();
        let child = child.map_err(|error| format!("cannot run {name}: {error}"))?;
        Ok(Self {
            child,
            started,
            name,
        })
    }

    /// Waits until it has run so long.
    pub fn wait_for(&mut self, age: Duration) -> Result<(), Failure> {
        sleep(age.saturating_sub(self.started.elapsed()));
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            _ => {
                let mut said = String::new();
                if let Some(stderr) = &mut self.child.stderr {
                    // What is no text is no explanation.
                    let _ = stderr.read_to_string(&mut said);
                }
                Err(format!("{} ended too soon: {}", self.name, said.trim()))
            }
        }
    }

    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// Measures it from the `warm`th second to the `secs`th. It samples at whole
    /// seconds; the halves lie apart from that.
    pub fn measure(mut self, warm: u64, secs: u64) -> Result<Figures, Failure> {
        const HALF: Duration = Duration::from_millis(500);
        self.wait_for(Duration::from_secs(warm) + HALF)?;
        let before = self.cpu_ns()?;
        self.wait_for(Duration::from_secs(secs) + HALF)?;
        let spent = self.cpu_ns()?.saturating_sub(before);
        let pid = self.child.id();
        Ok(Figures {
            cpu_us_per_sample: spent as f64 / 1000.0 / (secs - warm) as f64,
            processes: count("/proc", |name| name.bytes().all(|b| b.is_ascii_digit())),
            pss_kib: pss_kib(pid),
            descriptors: count(&format!("/proc/{pid}/fd"), |_| true),
        })
    }

    fn cpu_ns(&self) -> Result<u64, Failure> {
        raw::cpu_ns(self.child.id()).map_err(|error| format!("{}: CPU time: {error}", self.name))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // A recorder writes the end of its log; whatever does not end is made to.
        let _ = kill(Pid::from_raw(self.child.id() as i32), Signal::SIGINT);
        for _ in 0..300 {
            match self.child.try_wait() {
                Ok(None) => sleep(Duration::from_millis(10)),
                _ => return,
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn count(directory: &str, counts: impl Fn(&str) -> bool) -> usize {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_str().is_some_and(&counts))
        .count()
}

/// 0 where it may not be read.
fn pss_kib(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    let value = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    value.unwrap_or(0)
}
