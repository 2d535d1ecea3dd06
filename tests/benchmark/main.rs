//! `bench`, by the shipped binary: whole benchmarks of a product that is a shell script,
//! with runs of a second.

#[path = "../support/emulation.rs"]
mod emulation;
mod ended;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
mod killed;
mod noted;
mod product;
#[path = "../support/program.rs"]
mod program;
mod refused;
mod restarted;
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;
mod whole;
