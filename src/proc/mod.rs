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

pub mod attribute;
pub mod capabilities;
pub mod cgroup;
pub mod cgroups;
pub mod cmdline;
pub mod diskstats;
#[cfg(test)]
mod hostile;
pub mod loadavg;
pub mod meminfo;
pub mod mounts;
pub mod net_dev;
pub mod pid_stat;
pub mod pressure;
pub mod release;
pub mod root;
pub mod schedstat;
pub mod smaps;
pub mod smaps_rollup;
pub mod stat;
pub mod statm;
pub mod text;
pub mod vmstat;
pub mod zram;
