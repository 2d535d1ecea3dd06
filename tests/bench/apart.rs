//! A place to measure in: a PID namespace in which there is nothing but the
//! population, where the kernel lets this user have one.

use super::options::{Asked, Options};
use super::{done, measure, raw, roles, Failure};
use std::process::{Command, ExitCode};

/// What the process in between exits with where there is no namespace to be had.
const REFUSED: i32 = 77;

/// Measures in a namespace, else on the machine as it is.
pub fn run(arguments: &[String]) -> ExitCode {
    let status = roles::command("apart").and_then(|mut command| {
        let status = command.args(arguments).status();
        status.map_err(|error| format!("cannot run this program again: {error}"))
    });
    match status {
        Ok(status) if status.code() == Some(REFUSED) => done(here(arguments)),
        Ok(status) => ExitCode::from(status.code().map_or(2, |code| code as u8)),
        Err(failure) => done(Err(failure)),
    }
}

/// The process in between: its children are in the namespace, it is not.
pub fn set_apart(arguments: &[String]) -> Result<(), Failure> {
    raw::die_with_parent();
    if let Err(error) = raw::set_apart() {
        println!("no private PID namespace ({error}): measured on the machine as it is, and of");
        println!("other users' processes only what this user may see");
        std::process::exit(REFUSED);
    }
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args([roles::AS, "inside"]).args(arguments);
    let status = command.status();
    let status = status.map_err(|error| format!("cannot run this program again: {error}"))?;
    std::process::exit(status.code().unwrap_or(2));
}

/// Process 1 of the namespace: when it ends, so does all that is in there.
pub fn inside(arguments: &[String]) -> Result<(), Failure> {
    raw::die_with_parent();
    if let Err(error) = raw::mount_proc() {
        println!("no /proc of its own ({error}): measured on the machine as it is");
        std::process::exit(REFUSED);
    }
    here(arguments)
}

fn here(arguments: &[String]) -> Result<(), Failure> {
    match Options::parse(arguments)? {
        Asked::Run(options) => measure(&options),
        Asked::Help => Ok(()),
    }
}
