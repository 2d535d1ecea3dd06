//! The Footprint record, which stands alone. The order of fields is the format.

use super::sequence::values;
use serde::{Deserialize, Serialize};

/// The memory of a product's key processes; see `footprint`. Memory in KiB;
/// [`NOT_OBSERVABLE`](super::fields::NOT_OBSERVABLE) where the machine does not show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint<Text, Bytes> {
    /// After the run's start, microseconds.
    pub at_us: u64,
    /// The number of this record, from 0, and how many there are.
    pub part: u32,
    pub parts: u32,
    /// Names of the profiles that chose the rows, joined by blanks.
    pub profiles: Text,
    /// See [`flag`].
    pub flags: u8,
    pub mem_total: u64,
    pub mem_available: u64,
    pub swap_total: u64,
    pub swap_free: u64,
    pub anon_pages: u64,
    pub mapped: u64,
    /// Used in the tmpfs that hold logs, and their folders, joined by blanks.
    pub volatile_used: u64,
    pub volatile_folders: Text,
    /// Memory that zram takes, and the size of the data in it.
    pub zram_used: u64,
    pub zram_stored: u64,
    /// Processes whose memory was read, and how long that took, microseconds.
    pub read: u64,
    pub took_us: u64,
    /// Processes that ended meanwhile.
    pub vanished: u64,
    /// [`FootprintRow`]s to the end.
    pub rows: Bytes,
}

impl<T, B> Footprint<T, B> {
    /// The same with other types of text and bytes.
    pub fn map<'s, U, C>(
        &'s self,
        text: impl Fn(&'s T) -> U,
        bytes: impl Fn(&'s B) -> C,
    ) -> Footprint<U, C> {
        Footprint {
            at_us: self.at_us,
            part: self.part,
            parts: self.parts,
            profiles: text(&self.profiles),
            flags: self.flags,
            mem_total: self.mem_total,
            mem_available: self.mem_available,
            swap_total: self.swap_total,
            swap_free: self.swap_free,
            anon_pages: self.anon_pages,
            mapped: self.mapped,
            volatile_used: self.volatile_used,
            volatile_folders: text(&self.volatile_folders),
            zram_used: self.zram_used,
            zram_stored: self.zram_stored,
            read: self.read,
            took_us: self.took_us,
            vanished: self.vanished,
            rows: bytes(&self.rows),
        }
    }
}

/// Bits of [`Footprint::flags`].
pub(crate) mod flag {
    /// The rows are the largest programs: no product was found.
    pub(crate) const LARGEST: u8 = 1;
    /// The user gave key processes of their own.
    pub(crate) const GIVEN: u8 = 1 << 1;
    /// Other users' processes could not be seen.
    pub(crate) const HIDDEN: u8 = 1 << 2;
    /// The recorder looked for tmpfs that hold logs; there may be none.
    pub(crate) const VOLATILE_SEEN: u8 = 1 << 3;
}

/// A key process with all its instances, KiB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FootprintRow<'a> {
    pub label: &'a [u8],
    /// Instances; 0: it is absent.
    pub processes: u32,
    /// Instances whose memory is not known: the sums exclude them.
    pub unreadable: u32,
    pub pss: u64,
    pub shared: u64,
    pub rss: u64,
    pub swap_pss: u64,
    pub virt: u64,
    /// The pids of the first instances, each a varint, to the end; without instances, those
    /// of processes that another row has.
    pub pids: &'a [u8],
}

/// The rows of a footprint, or of a part of one; an error where one is malformed.
pub fn rows(bytes: &[u8]) -> impl Iterator<Item = postcard::Result<FootprintRow<'_>>> {
    values(bytes)
}

/// The pids of a row; an error where one is malformed.
pub fn pids(bytes: &[u8]) -> impl Iterator<Item = postcard::Result<u32>> + '_ {
    values(bytes)
}

impl<Text> Footprint<Text, &[u8]> {
    /// Whether the number of the part and the rows are well-formed.
    pub(crate) fn makes_sense(&self) -> bool {
        let whole = |row: postcard::Result<FootprintRow<'_>>| match row {
            Ok(row) => pids(row.pids).all(|pid| pid.is_ok()),
            Err(_) => false,
        };
        self.part < self.parts && rows(self.rows).all(whole)
    }
}
