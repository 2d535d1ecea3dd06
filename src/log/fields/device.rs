//! A device: a whole disk or a network interface, every 10 s. What its numbers
//! mean depends on its kind, which its `Device` record tells.

/// The longest name that is kept, bytes.
pub(crate) const NAME_BYTES: usize = 32;

/// 1: it is there. 0: it is not, and all its numbers are 0.
pub const PRESENT: usize = 8;
pub const COUNT: usize = PRESENT + 1;

/// Kinds of device, as a `Device` record has them.
pub mod kind {
    pub const DISK: u8 = 0;
    pub const NET: u8 = 1;
}

/// /proc/diskstats: counts since it appeared, in sectors of [`disk::SECTOR_BYTES`].
pub mod disk {
    pub(crate) const SECTOR_BYTES: u64 = 512;
    pub const SECTORS_READ: usize = 0;
    pub const SECTORS_WRITTEN: usize = 1;
    pub(crate) const NAMES: [&str; 2] = ["sectors_read", "sectors_written"];
}

/// /proc/net/dev: counts since it appeared.
pub mod net {
    pub const RX_BYTES: usize = 0;
    pub(crate) const TX_BYTES: usize = 1;
    pub(crate) const RX_PACKETS: usize = 2;
    pub const TX_PACKETS: usize = 3;
    pub(crate) const RX_ERRS: usize = 4;
    pub const TX_ERRS: usize = 5;
    pub const RX_DROP: usize = 6;
    pub(crate) const TX_DROP: usize = 7;
    pub(crate) const NAMES: [&str; 8] = [
        "rx_bytes",
        "tx_bytes",
        "rx_packets",
        "tx_packets",
        "rx_errs",
        "tx_errs",
        "rx_drop",
        "tx_drop",
    ];
}

/// The names of the fields of a kind; those of a kind to come are not known.
pub(crate) fn names(kind: u8) -> &'static [&'static str] {
    match kind {
        kind::DISK => &disk::NAMES,
        kind::NET => &net::NAMES,
        _ => &[],
    }
}
