//! The command line.

use super::Failure;
use std::path::PathBuf;

pub const HELP: &str = "\
cargo bench --bench cost -- [OPTION...]: what a recording costs on this machine

  --n N             synthetic processes (default: 150)
  --prefork W       and a server of 32 MB with W workers that share it (default: 0)
  --binary PATH     the recorder (default: the one that cargo built). Its own PSS
                    says something only of the static build
  --secs S          length of one run (default: 24)
  --warm S          of that, the beginning that does not count (default: 4)
  --reps R          runs of each, in turn; the best counts (default: 2)
  --log-from S, --log-to S
                    when the log's growth is measured (default: 15, 75)
  --long            the same as --log-from 60 --log-to 360
  --pss-error       instead: how far PSS estimates are from readings
  --instructions    instead: instructions of user space, by valgrind

Root gives it a PID namespace of its own, in which there is nothing else to see.
Exit status: 0, or 2 where something could not be measured.
";

pub enum Asked {
    Help,
    Run(Options),
}

#[derive(Debug, Clone)]
pub struct Options {
    pub n: usize,
    pub prefork: usize,
    pub binary: PathBuf,
    pub secs: u64,
    pub warm: u64,
    pub reps: usize,
    pub log_from: u64,
    pub log_to: u64,
    pub pss_error: bool,
    pub instructions: bool,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Asked, Failure> {
        let mut options = Self {
            n: 150,
            prefork: 0,
            binary: PathBuf::from(env!("CARGO_BIN_EXE_edgebench-lite")),
            secs: 24,
            warm: 4,
            reps: 2,
            log_from: 15,
            log_to: 75,
            pss_error: false,
            instructions: false,
        };
        let mut rest = arguments.iter();
        while let Some(name) = rest.next() {
            let mut value = || {
                let value = rest.next();
                value.ok_or_else(|| format!("{name} needs a value"))
            };
            match name.as_str() {
                "--help" | "-h" => return Ok(Asked::Help),
                "--n" => options.n = number(name, value()?)?,
                "--prefork" => options.prefork = number(name, value()?)?,
                "--binary" => options.binary = PathBuf::from(value()?),
                "--secs" => options.secs = number(name, value()?)?,
                "--warm" => options.warm = number(name, value()?)?,
                "--reps" => options.reps = number(name, value()?)?,
                "--log-from" => options.log_from = number(name, value()?)?,
                "--log-to" => options.log_to = number(name, value()?)?,
                "--long" => (options.log_from, options.log_to) = (60, 360),
                "--pss-error" => options.pss_error = true,
                "--instructions" => options.instructions = true,
                _ => return Err(format!("{name} is no option: see --help")),
            }
        }
        if options.secs <= options.warm || options.log_to <= options.log_from {
            return Err("the end of a measurement lies before its beginning".to_owned());
        }
        if options.reps == 0 {
            return Err("--reps 0 measures nothing".to_owned());
        }
        Ok(Asked::Run(options))
    }
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, Failure> {
    let wrong = || format!("{name} {value}: not a number");
    value.parse().map_err(|_| wrong())
}
