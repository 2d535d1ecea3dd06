//! The results of a log, run by run.

use super::measurement::Measurement;
use super::record::Assembler;
use crate::log::record::Header;
use crate::log::result::{ResultPart, EXITS_KIND};

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
}

impl Collector {
    /// Adds the next result, or a part of it; `header` is its run's. What belongs to the
    /// samples is passed over.
    pub(crate) fn add(&mut self, header: &Header<String>, part: &ResultPart<Vec<u8>>) {
        if part.kind == EXITS_KIND {
            return;
        }
        let known = self.runs.iter().position(|(run, _)| run.run == header.run);
        let at = known.unwrap_or_else(|| {
            self.runs.push((header.clone(), Assembler::default()));
            self.runs.len() - 1
        });
        self.runs[at].1.add(part);
    }

    /// The runs that have results, in their order.
    pub(crate) fn finish(self) -> Vec<RunResults> {
        let run = |(header, assembler): (Header<String>, Assembler)| {
            let (results, unknown) = assembler.finish();
            RunResults {
                header,
                results,
                unknown,
            }
        };
        self.runs.into_iter().map(run).collect()
    }
}
