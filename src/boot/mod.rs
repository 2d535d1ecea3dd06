//! How long the machine takes to start: what the board tells of it itself, and what its
//! serial line tells a host.

pub(crate) mod arrival;
pub(crate) mod board;
pub(crate) mod holdup;
pub(crate) mod kmsg;
pub(crate) mod lack;
pub(crate) mod line;
pub(crate) mod note;
pub(crate) mod nudge;
pub(crate) mod parts;
pub(crate) mod pattern;
pub(crate) mod prompt;
pub(crate) mod restart;
pub(crate) mod scan;
pub(crate) mod stamps;
pub(crate) mod systemd;
pub(crate) mod timer;
pub(crate) mod tree;
pub(crate) mod typist;
pub(crate) mod wait;
