//! The sampler on made-up trees, tick by tick: what the files say on one side,
//! what comes out of the log on the other, worked out by hand.

mod board;
mod clocks;
mod devices;
#[path = "../support/emulation.rs"]
mod emulation;
mod full;
#[path = "../support/header.rs"]
mod header;
mod lent;
mod machine;
mod memory;
mod processes;
mod sensors;
#[path = "../support/skip.rs"]
mod skip;
mod tree;
