//! How fast a log grows.

use super::measure::Run;
use super::Failure;
use std::path::Path;
use std::time::Duration;

/// The file is looked at so often.
const POLL: Duration = Duration::from_millis(100);

/// Bytes a sample, of `run` that writes `log` at one sample a second, from the
/// first write after second `from` to the first after second `to`: what is
/// gathered in between is not seen, so that only from write to write is exact.
pub fn bytes_per_sample(run: &mut Run, log: &Path, from: u64, to: u64) -> Result<f64, Failure> {
    let (begin, before) = next_write(run, log, from)?;
    let (end, after) = next_write(run, log, to)?;
    let samples = (end.saturating_sub(begin)).as_secs_f64().round();
    if samples < 1.0 {
        return Err("the log was not written to".to_owned());
    }
    Ok(after.saturating_sub(before) as f64 / samples)
}

/// When the file grows next, and its length then.
fn next_write(run: &mut Run, log: &Path, from: u64) -> Result<(Duration, u64), Failure> {
    let len = || {
        let data = std::fs::metadata(log);
        data.map_or(0, |data| data.len())
    };
    run.wait_for(Duration::from_secs(from))?;
    let before = len();
    let patience = Duration::from_secs(from + 60);
    while run.age() < patience {
        run.wait_for(run.age() + POLL)?;
        // All of a write's pieces.
        if len() > before {
            let at = run.age();
            run.wait_for(run.age() + POLL)?;
            return Ok((at, len()));
        }
    }
    Err(format!("{} does not grow", log.display()))
}
