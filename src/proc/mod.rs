//! The text of `/proc` and `/sys`, turned into plain structs.
//!
//! [`root::Root`] reads the files; everything else here is pure: a parser takes
//! the bytes of one kernel file and gives a `Copy` struct, borrowed slices, or a
//! [`text::ParseError`] that says on which line which field is at fault. No
//! parser allocates, and none panics, whatever the bytes.
//!
//! Kernel floor: 4.14 (`smaps_rollup`); what older kernels lack is read where it
//! costs nothing, see [`smaps`]. A field that some kernel does not have is
//! either an `Option` or documented as 0 when absent, which is done only where
//! the kernel would have printed 0.
//!
//! The kernel ends each of these texts with a newline. One that ends elsewhere
//! was cut by a short buffer: its last number may lack digits, so it counts as
//! missing instead of being believed.

pub(crate) mod attribute;
pub(crate) mod capabilities;
pub(crate) mod cgroup;
pub(crate) mod cgroups;
pub(crate) mod diskstats;
#[cfg(test)]
mod hostile;
pub(crate) mod loadavg;
pub(crate) mod meminfo;
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
