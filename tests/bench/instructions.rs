//! Instructions of user space that one process costs in one sample, counted by
//! valgrind: the same on every day and under every load.

use super::options::Options;
use super::scratch::Scratch;
use super::{tree, Failure};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The difference between two runs leaves out what is done once. It holds one
/// keyframe and one listing, as each minute at one sample a second does.
const SHORT_MS: u64 = 4_000;
const LONG_MS: u64 = 10_000;
const INTERVAL_MS: u64 = 100;
const PROCESSES: u32 = 150;
const REPEATED: usize = 2;
const TRIES: usize = 3;

pub fn run(options: &Options) -> Result<(), Failure> {
    let valgrind = Command::new("valgrind").arg("--version").output();
    let Ok(valgrind) = valgrind else {
        println!("no valgrind here, and nothing counted: apt-get install valgrind");
        return Ok(());
    };
    let version = String::from_utf8_lossy(&valgrind.stdout).into_owned();
    let scratch = Scratch::new()?;
    let root = scratch.path().join("root");
    tree::write(&root, PROCESSES)?;
    println!("{}, {}", options.binary.display(), version.trim());
    println!(
        "instructions of user space, {PROCESSES} made-up processes of which a tenth is busy\n"
    );
    println!(
        "{:<14} {:>14} {:>16} {:>16}",
        "record", "a sample", "a process-smp", "spread of two"
    );
    for pss in ["auto", "exact", "off"] {
        let mut counts = Vec::new();
        for _ in 0..REPEATED {
            let (short, few) = count(options, &scratch, pss, SHORT_MS)?;
            let (long, many) = count(options, &scratch, pss, LONG_MS)?;
            if many <= few {
                return Err("too slow under valgrind: hardly any samples".to_owned());
            }
            counts.push(long.saturating_sub(short) as f64 / (many - few) as f64);
        }
        let least = counts.iter().copied().fold(f64::INFINITY, f64::min);
        let most = counts.iter().copied().fold(0.0, f64::max);
        println!(
            "{:<14} {least:>14.0} {:>16.1} {:>15.3}%",
            format!("--pss {pss}"),
            least / f64::from(PROCESSES),
            100.0 * (most - least) / least
        );
    }
    Ok(())
}

/// All instructions of one recording, and its samples. On a busy machine it
/// misses deadlines under valgrind: then it is tried again, and at last taken as
/// it is.
fn count(options: &Options, scratch: &Scratch, pss: &str, ms: u64) -> Result<(u64, u64), Failure> {
    let mut counted = (0, 0);
    for _ in 0..TRIES {
        counted = record(options, scratch, pss, ms)?;
        if counted.1 == ms / INTERVAL_MS + 1 {
            break;
        }
    }
    Ok(counted)
}

fn record(options: &Options, scratch: &Scratch, pss: &str, ms: u64) -> Result<(u64, u64), Failure> {
    let out = scratch.fresh("callgrind.out");
    let log = scratch.fresh("instructions.ebl");
    let mut out_file = std::ffi::OsString::from("--callgrind-out-file=");
    out_file.push(&out);
    let mut child = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(out_file)
        .arg(&options.binary)
        .arg("--proc-root")
        .arg(scratch.path().join("root"))
        // Time under valgrind is another: what may be read must not depend on it.
        .args([
            "record",
            "-q",
            "--pss",
            pss,
            "--pss-budget",
            "1h",
            "--interval",
        ])
        .args([format!("{INTERVAL_MS}ms"), "--duration".to_owned()])
        .args([format!("{ms}ms"), "--output".to_owned()])
        .arg(&log)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("valgrind: {error}"))?;
    // The log is begun with the first sample.
    let begun = || fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    while !begun() && matches!(child.try_wait(), Ok(None)) {
        std::thread::sleep(Duration::from_millis(10));
    }
    tree::fork(&scratch.path().join("root"))?;
    let output = child.wait_with_output();
    let output = output.map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let profile = fs::read_to_string(&out).unwrap_or_default();
    let totals = profile
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    let total = totals.and_then(|total| total.trim().parse().ok());
    let total = total.ok_or_else(|| format!("callgrind tells no total: {said}"))?;
    Ok((total, samples(&options.binary, &log)?))
}

/// How many samples a log holds.
fn samples(binary: &Path, log: &Path) -> Result<u64, Failure> {
    let output = Command::new(binary).args(["log", "cat"]).arg(log).output();
    let output = output.map_err(|error| format!("{}: {error}", binary.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let samples = text
        .lines()
        .filter(|line| line.starts_with(r#"{"record":"sample""#));
    Ok(samples.count() as u64)
}
