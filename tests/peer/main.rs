//! `peer`: its protocol as bytes, and the shipped binary as a responder.

mod asked;
#[path = "../support/emulation.rs"]
mod emulation;
mod firewall;
mod flood;
#[allow(dead_code)]
#[path = "../cli/json.rs"]
mod json;
mod messages;
mod refused;
mod served;
#[allow(dead_code)]
#[path = "../support/skip.rs"]
mod skip;
#[allow(dead_code)]
#[path = "../cli/support.rs"]
mod support;
mod usage;
mod vectors;
