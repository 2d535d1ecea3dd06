//! Benchmark of edge software on the board itself.
//!
//! The modules stand in the order of their dependence: each uses only those
//! above it.

#![deny(unsafe_code)]

// Unit tests share files with the programs of tests/, which name the crate.
#[cfg(test)]
extern crate self as edgebench_lite;

pub mod system;

pub mod log;

pub mod results;

pub mod proc;

pub(crate) mod words;

pub mod sampler;

pub mod recording;

pub(crate) mod ramp;

pub(crate) mod attribution;

pub(crate) mod products;

pub mod stats;

pub(crate) mod typed;

pub mod series;

pub mod footprint;

pub(crate) mod boot;

pub(crate) mod resolver;

pub(crate) mod survive;

pub mod peer;

pub(crate) mod firewall;

pub(crate) mod compare;

pub(crate) mod bench;

pub mod render;

pub mod commands;

#[cfg(fuzzing)]
pub mod fuzzing;
