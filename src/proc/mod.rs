//! The files of `/proc` and `/sys`.
//!
//! [`root::Root`] reads them; everything else here is pure: a parser takes the bytes of one
//! kernel file, and gives numbers by the fields of a group of the log, a `Copy` struct,
//! borrowed slices, or a [`text::ParseError`] that names the line and the field at fault.
//! No parser allocates, and none panics, whatever the bytes.
//!
//! Needs Linux 4.14 (`smaps_rollup`); older kernels are supported where that costs nothing,
//! see [`smaps`]. A field that some kernels lack is either an `Option` (in a group,
//! `NOT_OBSERVABLE`) or documented as 0 when absent, where the kernel would have printed 0.
//!
//! The kernel ends each of these texts with a newline. A text that ends elsewhere was cut
//! by a short buffer: its last number may lack digits, so it counts as missing.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

pub(crate) mod attribute;
pub(crate) mod capabilities;
pub(crate) mod cgroup;
pub(crate) mod cgroups;
pub(crate) mod diskstats;
#[cfg(test)]
pub(crate) mod hostile;
pub(crate) mod loadavg;
pub(crate) mod meminfo;
pub(crate) mod mountinfo;
pub(crate) mod mounts;
pub(crate) mod net_dev;
pub(crate) mod number;
pub(crate) mod pid_stat;
pub(crate) mod pressure;
pub(crate) mod release;
pub mod root;
pub(crate) mod schedstat;
pub(crate) mod smaps;
pub(crate) mod smaps_rollup;
pub(crate) mod stat;
pub(crate) mod statm;
pub(crate) mod text;
pub(crate) mod vmstat;
pub(crate) mod zram;
