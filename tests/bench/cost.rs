//! What a recording costs, held against what it must cost: `cargo bench --bench
//! cost`, and `-- --help` for what else it can measure.
//!
//! Nothing here fails because something is slow: the ratios are for people.

#![deny(unsafe_code)]

mod apart;
mod estimates;
mod floor;
mod growth;
mod instructions;
mod measure;
mod options;
mod population;
#[allow(unsafe_code)]
mod raw;
mod roles;
mod scratch;
mod table;
mod tree;
mod turns;

use options::{Asked, Options};
use std::process::ExitCode;

/// What went wrong, in words.
type Failure = String;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    // This program is also every process that it needs.
    if arguments.first().map(String::as_str) == Some(roles::AS) {
        return done(roles::play(&arguments[1..]));
    }
    // Cargo passes --bench where it is asked for a benchmark, and not where all
    // targets are tested.
    let benched = arguments.iter().any(|a| a == "--bench");
    arguments.retain(|a| a != "--bench" && a != "--test");
    match Options::parse(&arguments) {
        Ok(Asked::Help) => {
            print!("{}", options::HELP);
            ExitCode::SUCCESS
        }
        Ok(Asked::Run(_)) if !benched => {
            println!("nothing is measured in a test: cargo bench --bench cost");
            ExitCode::SUCCESS
        }
        Ok(Asked::Run(options)) if options.instructions => done(instructions::run(&options)),
        Ok(Asked::Run(_)) => apart::run(&arguments),
        Err(failure) => done(Err(failure)),
    }
}

/// Measures; whether by itself is told by `apart`.
fn measure(options: &Options) -> Result<(), Failure> {
    if options.pss_error {
        estimates::run(options)
    } else {
        turns::run(options)
    }
}

fn done(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("cost: {failure}");
            ExitCode::from(2)
        }
    }
}
