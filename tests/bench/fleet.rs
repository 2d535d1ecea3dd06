//! What it costs to read the logs of a fleet: `cargo bench --bench fleet`, and
//! `-- --help` for more. The logs are made up, and seeded: the same everywhere.
//!
//! Nothing here fails because something is slow: the figures are for people.

#![deny(unsafe_code)]

#[path = "../day_log/mod.rs"]
mod day_log;

use day_log::Day;
use nix::sys::resource::{getrusage, UsageWho};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// What went wrong, in words.
type Failure = String;

const HELP: &str = "\
cargo bench --bench fleet -- [OPTION...]: what reading many logs costs

  --logs N          logs of 5 minutes and 150 processes each (default: 1000)
  --into DIR        leave them there: those that are there already are not made
                    again (default: a directory that is removed)
  --binary PATH     the program (default: the one that cargo built)

The logs are of two products, two stages each. The goal is 2 s of CPU time for
1000 logs in one `compare`, and no more memory for ten times as many logs.
Exit status: 0, or 2 where something could not be measured.
";

/// The first argument where this program runs a command, and measures only it.
const MEASURE: &str = "--measure";

struct Options {
    logs: usize,
    into: Option<PathBuf>,
    binary: PathBuf,
}

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().map(String::as_str) == Some(MEASURE) {
        return done(measure(&arguments[1..]));
    }
    // Cargo passes --bench where it is asked for a benchmark, and not where all
    // targets are tested.
    let benched = arguments.iter().any(|a| a == "--bench");
    arguments.retain(|a| a != "--bench" && a != "--test");
    if arguments.iter().any(|a| a == "--help" || a == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    match parse(&arguments) {
        Ok(_) if !benched => {
            println!("nothing is measured in a test: cargo bench --bench fleet");
            ExitCode::SUCCESS
        }
        Ok(options) => done(run(&options)),
        Err(failure) => done(Err(failure)),
    }
}

fn done(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("fleet: {failure}");
            ExitCode::from(2)
        }
    }
}

fn parse(arguments: &[String]) -> Result<Options, Failure> {
    let mut options = Options {
        logs: 1000,
        into: None,
        binary: PathBuf::from(env!("CARGO_BIN_EXE_edgebench-lite")),
    };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest.next();
        let value =
            value.ok_or_else(|| format!("{name} needs a value, or is no option: --help"))?;
        match name.as_str() {
            "--logs" => options.logs = value.parse().map_err(|e| format!("{name} {value}: {e}"))?,
            "--into" => options.into = Some(PathBuf::from(value)),
            "--binary" => options.binary = PathBuf::from(value),
            _ => return Err(format!("{name} is no option: see --help")),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), Failure> {
    if let Some(folder) = &options.into {
        return table(options, folder);
    }
    let own = format!("edgebench-lite-fleet-{}", std::process::id());
    let folder = std::env::temp_dir().join(own);
    let result = table(options, &folder);
    // What stays behind in the temporary directory does no harm.
    let _ = fs::remove_dir_all(&folder);
    result
}

fn table(options: &Options, folder: &Path) -> Result<(), Failure> {
    let few = options.logs / 10;
    let logs = make(folder, options.logs)?;
    println!(
        "{:<10}{:>7}{:>10}{:>10}{:>12}{:>12}",
        "", "logs", "CPU s", "ms a log", "elapsed s", "memory MiB"
    );
    for command in ["report", "compare"] {
        for count in [few, options.logs].into_iter().filter(|count| *count > 0) {
            let figures = measured(&options.binary, command, &logs[..count])?;
            let [cpu_us, elapsed_us, kib] = figures;
            println!(
                "{command:<10}{count:>7}{:>10.2}{:>10.2}{:>12.2}{:>12.1}",
                cpu_us / 1e6,
                cpu_us / 1e3 / count as f64,
                elapsed_us / 1e6,
                kib / 1024.0
            );
        }
    }
    Ok(())
}

/// The paths of the logs, which are written unless they are there.
fn make(folder: &Path, count: usize) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    let (mut paths, mut bytes) = (Vec::new(), 0);
    for nth in 0..count {
        let path = folder.join(format!("{nth:05}.ebl"));
        if !path.exists() {
            let file = File::create(&path).map_err(failed)?;
            let mut out = BufWriter::new(file);
            let mut result = Ok(());
            day_log::write(&day(nth), |frame| {
                if result.is_ok() {
                    result = out.write_all(frame);
                }
            });
            result.and_then(|()| out.flush()).map_err(failed)?;
        }
        bytes += fs::metadata(&path).map_err(failed)?.len();
        paths.push(path);
    }
    println!("{count} logs, {:.1} MiB", bytes as f64 / 1_048_576.0);
    Ok(paths)
}

/// Products and stages take turns, so that any beginning of the logs has all.
fn day(nth: usize) -> Day {
    let mut header = day_log::header(nth as u32 + 1);
    header.product = ["k3s", "izuma"][nth % 2];
    header.stage = ["baseline", "edge"][nth / 2 % 2];
    Day {
        header,
        seed: nth as u64,
        samples: 301,
        processes: 150,
        changing: 10,
        names_of_their_own: false,
    }
}

/// CPU and elapsed time, microseconds, and the most memory, KiB, of a command. It is
/// run by a process of its own, which has no other children.
fn measured(binary: &Path, command: &str, logs: &[PathBuf]) -> Result<[f64; 3], Failure> {
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(this)
        .arg(MEASURE)
        .args([binary, Path::new(command)])
        .args(logs)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let numbers: Vec<f64> = text
        .split(' ')
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    let numbers = <[f64; 3]>::try_from(numbers);
    numbers.map_err(|_| format!("{command} of {} logs could not be measured", logs.len()))
}

fn measure(arguments: &[String]) -> Result<(), Failure> {
    let (program, rest) = arguments.split_first().ok_or("nothing to measure")?;
    let started = Instant::now();
    let status = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    let elapsed = started.elapsed();
    if !status.success() {
        return Err(format!("{program} ended with {status}"));
    }
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(|error| error.to_string())?;
    let cpu_us: i64 = [used.user_time(), used.system_time()]
        .iter()
        .map(|time| time.tv_sec() * 1_000_000 + time.tv_usec())
        .sum();
    println!("{cpu_us} {} {}", elapsed.as_micros(), used.max_rss());
    Ok(())
}
