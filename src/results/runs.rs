//! The results of a log, run by run.

use super::kind::Kind;
use super::measurement::{Mark, Measurement};
use super::record::Assembler;
use crate::log::limits::{exceeded, RESULTS};
use crate::log::record::Header;
use crate::log::result::{entries, tag, ResultPart, EXITS_KIND};
use std::io;
use std::mem::size_of;

/// The results of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RunResults {
    pub(crate) header: Header<String>,
    pub(crate) results: Vec<Measurement>,
    /// What a later version has written of results: kinds, verdicts, entries.
    pub(crate) unknown: u64,
}

/// Takes the results of a log, part by part.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    runs: Vec<(Header<String>, Assembler)>,
    /// Bytes that they take.
    taken: usize,
}

/// What a result takes in memory, and an entry beside its bytes: a part of the value, and a
/// text of its own on the heap.
const RESULT: usize = size_of::<Measurement>() / 4 * 5;
const ENTRY: usize = size_of::<Mark>() + 32;
/// What a report takes for the row that a mark has.
const ROW: usize = 900;

impl Collector {
    /// Adds the next result, or a part of it; `header` is its run's. What belongs to the
    /// samples is passed over.
    // A record is no longer than a frame; and the run was found, or is the last, just now
    // pushed.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    pub(crate) fn add(&mut self, header: &Header<String>, part: &ResultPart<Vec<u8>>) {
        if part.kind == EXITS_KIND {
            return;
        }
        // Others are only counted.
        if Kind::of_number(part.kind).is_some() {
            let mut more = RESULT + part.entries.len();
            for entry in entries(&part.entries) {
                let is_mark = entry.is_ok_and(|entry| entry.tag == tag::MARK);
                more += ENTRY + if is_mark { ROW } else { 0 };
            }
            self.taken = self.taken.saturating_add(more);
        }
        if self.taken > RESULTS {
            return;
        }
        let known = self.runs.iter().rposition(|(run, _)| run.run == header.run);
        let at = known.unwrap_or_else(|| {
            self.runs.push((header.clone(), Assembler::default()));
            self.runs.len() - 1
        });
        self.runs[at].1.add(part);
    }

    /// The runs that have results, in their order.
    ///
    /// # Errors
    /// If they are more than can be kept.
    pub(crate) fn finish(self) -> io::Result<Vec<RunResults>> {
        if self.taken > RESULTS {
            return Err(exceeded("384 MiB of results"));
        }
        let run = |(header, assembler): (Header<String>, Assembler)| {
            let (results, unknown) = assembler.finish();
            RunResults {
                header,
                results,
                unknown,
            }
        };
        Ok(self.runs.into_iter().map(run).collect())
    }
}
