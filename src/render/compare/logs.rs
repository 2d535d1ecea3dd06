//! The logs of a comparison, in full.

use super::super::document::{Row, Table};
use super::super::utc;
use crate::compare::Comparison;
use crate::words::escape::escaped;
use crate::words::figures::span;
use std::os::unix::ffi::OsStrExt;

/// The most logs in the table; json has all.
const LISTED: usize = 1000;

/// Each run's log, product, stage, beginning and length.
pub(super) fn table(comparison: &Comparison) -> Table<'static> {
    let rows = comparison.runs.iter().take(LISTED).map(|run| {
        let length = match run.duration_us {
            0 => "-".to_owned(),
            us => span(us),
        };
        let cells = vec![
            escaped(run.header.product.as_bytes()),
            escaped(run.stage.name().as_bytes()),
            utc::readable(run.header.start_realtime_ns),
            length,
        ];
        Row::new(escaped(run.log.as_os_str().as_bytes()), cells)
    });
    let head = ["log", "product", "stage", "start (UTC)", "length"];
    let mut table = Table::new("", &head, rows);
    if let more @ 1.. = comparison.runs.len().saturating_sub(LISTED) {
        (table.notes).push(format!("and {more} more (--format json lists all)"));
    }
    table
}
