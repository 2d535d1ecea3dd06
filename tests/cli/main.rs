//! The shipped binary, end to end, as people and scripts use it.

mod brief;
mod captures;
mod disk;
#[path = "../support/emulation.rs"]
mod emulation;
mod exits;
mod export;
mod forks;
mod hostile;
mod json;
mod kernels;
mod losses;
mod options;
mod output;
mod permission;
mod probe;
mod product;
mod progress;
mod pty;
mod runs;
mod selftest;
mod signals;
#[path = "../support/skip.rs"]
mod skip;
mod streams;
mod support;
mod upkeep;
mod width;
