//! Names of products, processes and devices.

use super::Block;
use crate::series::{GroupSummary, Memory};
use crate::words::escape::escaped;

/// Suffix of a device that is no longer there.
pub(crate) const GONE: &str = " (gone)";

/// A product and stage.
pub(crate) fn title(block: &Block) -> String {
    let named = |name: &str, kind: &str| match name {
        "" => format!("no {kind} named"),
        name => format!("{kind} {}", escaped(name.as_bytes())),
    };
    let (product, stage) = (
        named(&block.product, "product"),
        named(&block.stage, "stage"),
    );
    format!("{product}, {stage}")
}

pub(crate) fn memory_name(memory: Memory) -> &'static str {
    match memory {
        Memory::Pss => "PSS",
        Memory::Rss => "RSS",
    }
}

/// The name of processes; a kernel thread is in brackets, as in ps(1).
pub(crate) fn name(row: &GroupSummary) -> String {
    match row.kernel_thread {
        true => format!("[{}]", escaped(&row.name)),
        false => escaped(&row.name),
    }
}
