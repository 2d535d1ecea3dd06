//! Summaries as people and programs read them. Every form of a report is made from
//! [`Report`], which holds figures, not words.

mod account;
pub(crate) mod boot;
pub(crate) mod brief;
mod cards;
mod chart;
pub(crate) mod compare;
mod containers;
pub mod csv;
mod data;
mod document;
pub(crate) mod findings;
pub(crate) mod footprint;
mod html;
pub(crate) mod json;
mod machine;
mod markdown;
mod markup;
mod names;
pub mod openmetrics;
mod outline;
mod pooled;
mod probe;
pub mod progress;
pub(crate) mod ramp;
pub mod report;
pub mod report_json;
pub(crate) mod results;
mod side_by_side;
mod spark;
pub(crate) mod style;
mod subject;
pub mod svg;
mod text;
pub(crate) mod utc;
mod write;

pub use crate::words::escape::escaped;
pub(crate) use crate::words::figures::counted;
pub use style::{Medium, Style};

use crate::log::record::Header;
use crate::results::RunResults;
use crate::series::{Options, Run};

/// The runs of one product and stage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) product: String,
    pub(crate) stage: String,
    /// At least one, in the order given.
    pub(crate) runs: Vec<Run>,
    /// Of these runs and of those that have no samples.
    pub(crate) results: Vec<RunResults>,
}

/// The runs of a report, by product and stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub(crate) options: Options,
    pub(crate) blocks: Vec<Block>,
    /// Text and markdown have each run of several, not only all of them together.
    pub(crate) single_runs: bool,
}

impl Report {
    /// Groups the runs by product and stage.
    pub fn new(runs: impl IntoIterator<Item = Run>, options: Options) -> Self {
        let mut report = Self {
            options,
            blocks: Vec::new(),
            single_runs: false,
        };
        for run in runs {
            report.block(&run.header).runs.push(run);
        }
        report
    }

    /// How many runs have samples.
    pub(crate) fn runs(&self) -> usize {
        self.blocks.iter().map(|block| block.runs.len()).sum()
    }

    /// With each run of several by itself.
    pub(crate) fn with_single_runs(self, single_runs: bool) -> Self {
        Self {
            single_runs,
            ..self
        }
    }

    /// Adds the results of runs to those of their product and stage.
    pub(crate) fn with_results(mut self, results: impl IntoIterator<Item = RunResults>) -> Self {
        for run in results {
            self.block(&run.header).results.push(run);
        }
        self
    }

    /// The block of a run's product and stage.
    fn block(&mut self, header: &Header<String>) -> &mut Block {
        let (product, stage) = (&header.product, &header.stage);
        let same = |block: &Block| block.product == *product && block.stage == *stage;
        let known = self.blocks.iter().position(same);
        let at = known.unwrap_or_else(|| {
            self.blocks.push(Block {
                product: product.clone(),
                stage: stage.clone(),
                runs: Vec::new(),
                results: Vec::new(),
            });
            self.blocks.len() - 1
        });
        &mut self.blocks[at]
    }
}
