//! A device: a whole disk or a network interface, every 10 s. The meaning of its numbers
//! depends on its kind, which its `Device` record tells.

use super::Fields;

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

/// /proc/diskstats: since it appeared, in sectors of [`disk::SECTOR_BYTES`].
pub mod disk {
    pub(crate) const SECTOR_BYTES: u64 = 512;

    fields! {
        SECTORS_READ "sectors_read" Sectors,
        SECTORS_WRITTEN "sectors_written" Sectors,
    }
}

/// /proc/net/dev: since it appeared. The counts of some drivers wrap at 2^32 on 32-bit
/// kernels.
pub mod net {
    fields! {
        RX_BYTES "rx_bytes" Bytes,
        TX_BYTES "tx_bytes" Bytes,
        RX_PACKETS "rx_packets" Count,
        TX_PACKETS "tx_packets" Count,
        RX_ERRS "rx_errs" Count,
        TX_ERRS "tx_errs" Count,
        /// With those that the device missed for want of buffers.
        RX_DROP "rx_drop" Count,
        TX_DROP "tx_drop" Count,
    }
}

/// The fields of a kind; `None` for a kind of a later version.
pub(crate) fn fields(kind: u8) -> Option<Fields> {
    match kind {
        kind::DISK => Some(disk::FIELDS),
        kind::NET => Some(net::FIELDS),
        _ => None,
    }
}
