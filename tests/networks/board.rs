//! Running a script on the board.

use crate::emulation::emulated;
use crate::support::{can, BINARY};
use std::process::{Command, Output, Stdio};

const PRELUDE: &str = include_str!("board.sh");
const UNSHARE: [&str; 3] = ["unshare", "-mpnf", "--mount-proc"];

/// Whether this machine can have such a board; says that the caller's test is skipped where
/// not.
#[track_caller]
pub fn is_possible() -> bool {
    let links = "ip link add eth0 type veth peer name peer0 && ip nexthop && ss -Hltn && mount -t tmpfs t /run";
    !emulated() && can(&[&UNSHARE[..], &["sh", "-ec", links]].concat())
}

/// What a script says on the board; its `set -e` ends it where a command fails.
pub fn run(script: &str, variables: &[(&str, &str)]) -> Output {
    let whole = format!("set -e\n{PRELUDE}\n{script}");
    let mut command = Command::new(UNSHARE[0]);
    command.args(&UNSHARE[1..]).args(["sh", "-c", &whole]);
    command
        .env("E", BINARY)
        .env("T", std::env::current_exe().unwrap());
    command.envs(variables.iter().copied());
    command.stdin(Stdio::null()).output().unwrap()
}

/// The same, where all goes well.
pub fn said(script: &str, variables: &[(&str, &str)]) -> String {
    tried(script, variables).unwrap_or_else(|why| panic!("{why}"))
}

/// What it says, or all that is known of why it failed.
pub fn tried(script: &str, variables: &[(&str, &str)]) -> Result<String, String> {
    let done = run(script, variables);
    let (out, err) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    match done.status.success() {
        true => Ok(out.into_owned()),
        false => Err(format!("{}: {out}\n{err}", done.status)),
    }
}

/// How often something is done: once, or as often as a claim needs.
pub fn times(reach: u32) -> u32 {
    match std::env::var_os("EDGEBENCH_REACH") {
        Some(_) => reach,
        None => 1,
    }
}
