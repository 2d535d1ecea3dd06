//! What `tests/fuzz` does with its inputs, for which it needs the inside of the program. No
//! other build has it.

#[path = "../tests/fuzz/targets/mod.rs"]
mod targets;

pub use targets::TARGETS;
pub(crate) use targets::{is_clean, json, Bytes};
