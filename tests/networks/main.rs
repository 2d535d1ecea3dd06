//! `survive`, in namespaces of its own: a board, whose processes, mounts and network are
//! nobody else's, and a machine at the other end of its cable.
//!
//! Each test changes the network once. `EDGEBENCH_REACH=1` makes it so often that rare
//! failures show.

mod answers;
mod board;
mod changes;
#[allow(dead_code)]
#[path = "../support/emulation.rs"]
mod emulation;
mod ends;
mod firewall;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
mod leases;
mod others;
mod outage;
mod refusals;
mod services;
#[allow(dead_code)]
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;
mod surroundings;
mod verdicts;
