//! The machine's edges. The only place where `unsafe` is allowed; uses nothing
//! else of ours.

#![allow(unsafe_code)]

pub mod clock;
pub mod code;
pub mod directory;
pub mod outlet;
pub mod process;
pub mod signals;
pub mod terminal;
#[cfg(all(panic = "abort", target_env = "musl"))]
mod unwind;
