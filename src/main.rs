//! argv in, exit status out.

#![deny(unsafe_code)]

use edgebench_lite::system::memory::Telling;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: Telling = Telling;

fn main() -> ExitCode {
    edgebench_lite::commands::main(std::env::args_os())
}
