//! What is recorded, and how.

use crate::log::reader::ProductKey;
use crate::log::record::Header;
use crate::sampler::Options;

pub struct Plan {
    pub sampler: Options,
    /// What the log begins with; of the start, and of this machine.
    pub header: Header<String>,
    /// The processes that are the product's.
    pub product: Vec<ProductKey>,
    /// Of command lines the first argument alone is kept.
    pub redacts: bool,
    /// The first sample is synced at once, and what follows after this time.
    pub sync_ns: u64,
}
