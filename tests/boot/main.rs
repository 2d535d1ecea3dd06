//! `boot`, by the shipped binary: on captures, on this machine, on a pseudo-terminal
//! whose other end plays a board.

mod board;
mod finish;
mod here;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
mod logged;
#[path = "../support/program.rs"]
mod program;
mod prompts;
mod restart;
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;
mod usage;
mod watch;
