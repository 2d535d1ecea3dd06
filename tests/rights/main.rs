//! What each command can do without being root, and what it touches: by the shipped
//! binary, as users with fewer rights, and under strace(1).

#[allow(dead_code)]
#[path = "../support/emulation.rs"]
mod emulation;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
#[path = "../support/program.rs"]
mod program;
mod situations;
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;
mod table;
mod touched;
mod units;
