//! What products, processes and devices are called.

use super::escape::escaped;
use super::Block;
use crate::series::Row;

/// Longer names of devices end in `..` in text.
pub(crate) const DEVICE_WIDTH: usize = 22;
/// Behind the name of what is no longer there.
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

/// Processes; a kernel thread stands in brackets, as ps(1) has it.
pub(crate) fn name(row: &Row) -> String {
    match row.kernel_thread {
        true => format!("[{}]", escaped(&row.name)),
        false => escaped(&row.name),
    }
}

/// Bits of [`crate::log::fields::board::throttled`] in words.
pub(crate) fn named_bits(bits: u64) -> String {
    const NAMES: [&str; 4] = [
        "under-voltage",
        "frequency capped",
        "throttled",
        "soft temperature limit",
    ];
    let named = NAMES.iter().enumerate();
    let named = named.filter(|(bit, _)| bits >> bit & 1 == 1);
    named.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}
