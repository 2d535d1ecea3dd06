//! System calls. The only module with `unsafe`; it uses no other module.

#![allow(unsafe_code)]

pub mod clock;
pub mod command;
pub(crate) mod detach;
pub(crate) mod directory;
pub(crate) mod endure;
pub(crate) mod errno;
pub(crate) mod fault;
#[cfg(all(test, miri))]
mod in_miri;
pub mod memory;
pub(crate) mod netlink;
pub(crate) mod outlet;
pub(crate) mod packet;
pub mod process;
pub(crate) mod readiness;
pub(crate) mod registers;
pub(crate) mod resident;
pub(crate) mod serial;
pub(crate) mod signals;
pub(crate) mod socket;
pub(crate) mod terminal;
#[cfg(all(panic = "abort", target_env = "musl"))]
mod unwind;
