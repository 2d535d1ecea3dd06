//! The machine's edges. The only place where `unsafe` is allowed; uses nothing
//! else of ours.

#![allow(unsafe_code)]

pub mod clock;
pub(crate) mod code;
pub mod command;
pub(crate) mod directory;
pub(crate) mod outlet;
pub mod process;
pub(crate) mod signals;
pub(crate) mod terminal;
#[cfg(all(panic = "abort", target_env = "musl"))]
mod unwind;
