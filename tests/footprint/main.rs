//! `footprint`, by the shipped binary: on captures, on made-up trees, on this
//! machine, and from logs.

#[path = "../support/emulation.rs"]
mod emulation;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
#[path = "../support/log.rs"]
mod log;
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;

mod edge_info;
#[path = "../support/golden.rs"]
mod golden;
mod goldens;
mod hostile;
mod machine;
mod output;
mod products;
mod recorded;
mod tree;
mod unread;
mod usage;
mod watch;
