//! The processes that are recorded: a board's, as far as the kernel's work for a
//! recorder goes.

use super::{roles, Failure};
use std::fs;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Name, MiB and mappings of those that are many pages.
const HEAVY: [(&str, usize, usize); 3] = [
    ("k3s-server", 200, 1500),
    ("dockerd", 100, 900),
    ("containerd", 50, 500),
];
const SERVICE_MIB: usize = 8;
const SERVICE_MAPPINGS: usize = 120;
/// Names that a careless reader of /proc/PID/stat falls over.
const ODD: [&str; 4] = ["tmux: server", "(sd-pam)", "a) R 1 (b", "x) Z"];

/// Ended when dropped.
pub struct Population(Vec<Child>);

impl Population {
    /// Starts `n` processes, and a server with `workers` beside them.
    pub fn start(n: usize, workers: usize) -> Result<Self, Failure> {
        let mut population = Self(Vec::with_capacity(n + 1));
        for index in 0..n {
            let seed = index + 1;
            if let Some((name, mib, mappings)) = HEAVY.get(index) {
                population.service(name, *mib, *mappings, seed)?;
            } else if index % 10 == 0 {
                let seed = if index % 20 == 0 { seed } else { 0 };
                let name = format!("svc-{index}");
                population.service(&name, SERVICE_MIB, SERVICE_MAPPINGS, seed)?;
            } else {
                let name = match ODD.get(index / 10).filter(|_| index % 10 == 5) {
                    Some(odd) => (*odd).to_owned(),
                    None => format!("sleeper-{index}"),
                };
                population.spawn("sleeper", &[name])?;
            }
        }
        if workers > 0 {
            population.spawn(
                "prefork",
                &["prefork-master".to_owned(), workers.to_string()],
            )?;
        }
        population.wait()?;
        Ok(population)
    }

    fn service(
        &mut self,
        name: &str,
        mib: usize,
        mappings: usize,
        seed: usize,
    ) -> Result<(), Failure> {
        let numbers = [mib, mappings, seed].map(|number| number.to_string());
        let arguments: Vec<String> = [name.to_owned()].into_iter().chain(numbers).collect();
        self.spawn("service", &arguments)
    }

    fn spawn(&mut self, role: &str, arguments: &[String]) -> Result<(), Failure> {
        let child = roles::command(role)?
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn();
        let child = child.map_err(|error| format!("cannot start a process: {error}"))?;
        self.0.push(child);
        Ok(())
    }

    /// Until all have their names, and are as they will be.
    fn wait(&mut self) -> Result<(), Failure> {
        let name = |pid: u32| fs::read_to_string(format!("/proc/{pid}/comm"));
        let unnamed = name(std::process::id()).map_err(|error| error.to_string())?;
        for child in &mut self.0 {
            let mut polls = 0;
            while name(child.id()).map_or(true, |name| name == unnamed) {
                polls += 1;
                if polls > 3000 || child.try_wait().map_or(true, |ended| ended.is_some()) {
                    return Err("a process of the population did not come up".to_owned());
                }
                sleep(Duration::from_millis(10));
            }
        }
        sleep(Duration::from_secs(1));
        Ok(())
    }
}

impl Drop for Population {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // Who is gone already cannot be ended.
            let _ = child.kill();
        }
        for child in &mut self.0 {
            let _ = child.wait();
        }
    }
}
