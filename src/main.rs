//! argv in, exit status out.

#![deny(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    edgebench_lite::commands::main(std::env::args_os())
}
