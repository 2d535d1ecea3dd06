//! How far estimated PSS is from PSS that is read at the same moment: the
//! recorder itself tells, by `--pss verify`.

use super::options::Options;
use super::population::Population;
use super::scratch::Scratch;
use super::table::{self, Goal};
use super::Failure;
use std::process::{Command, Stdio};

/// Workers of the server beside the population, the second time.
const WORKERS: usize = 8;

pub fn run(options: &Options) -> Result<(), Failure> {
    let workers = match options.prefork {
        0 => WORKERS,
        workers => workers,
    };
    for workers in [0, workers] {
        let said = record(options, workers)?;
        let [mean, p99, max, sum, sum_max] = percentages(&said)
            .ok_or_else(|| format!("`--pss verify` does not tell of errors: {said}"))?;
        println!(
            "{} processes, {workers} workers that share 32 MB",
            options.n
        );
        let plain = [
            Goal::new("processes above 4 MB, mean error", mean, 0.3, "%"),
            Goal::new("p99", p99, 2.0, "%"),
            Goal::new("max", max, 5.0, "%"),
            Goal::new("sum over all processes, mean error", sum, 0.3, "%"),
        ];
        let shared = [
            Goal::new("sum over all processes, mean error", sum, 2.0, "%"),
            // The goal allows more for one sample after a change.
            Goal::new("max", sum_max, 2.0, "%"),
        ];
        table::print(if workers == 0 { &plain } else { &shared });
        println!();
    }
    Ok(())
}

fn record(options: &Options, workers: usize) -> Result<String, Failure> {
    let scratch = Scratch::new()?;
    let _population = Population::start(options.n, workers)?;
    let output = Command::new(&options.binary)
        .args(["record", "-q", "--pss", "verify", "--interval", "1s"])
        .args(["--duration", &format!("{}s", options.log_to), "--output"])
        .arg(scratch.fresh("verify.ebl"))
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|error| format!("{}: {error}", options.binary.display()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    Ok(said.into_owned())
}

/// Mean, p99 and max of the processes, and mean and max of the sum.
fn percentages(said: &str) -> Option<[f64; 5]> {
    let numbers = said.split(',').flat_map(|part| part.split(';'));
    let mut found = numbers.filter_map(|part| {
        let words = part.trim().strip_suffix(" %")?;
        words.rsplit(' ').next()?.parse().ok()
    });
    let mut next = || found.next();
    Some([next()?, next()?, next()?, next()?, next()?])
}
