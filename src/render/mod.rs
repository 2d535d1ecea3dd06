//! Summaries as people and programs read them. Every form of a report is made from
//! [`Report`], which holds figures, not words.

mod account;
mod chart;
mod columns;
pub(crate) mod compare;
pub mod csv;
mod data;
mod document;
mod escape;
mod figures;
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
pub(crate) mod privilege;
pub mod progress;
pub mod report;
pub mod report_json;
mod spark;
pub(crate) mod style;
pub mod svg;
mod text;
pub(crate) mod utc;
mod write;

pub use escape::escaped;
pub(crate) use figures::counted;
pub use style::{Medium, Style};

use crate::series::{Options, Run};

/// The runs of one product and stage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block {
    pub(crate) product: String,
    pub(crate) stage: String,
    /// At least one, in the order given.
    pub(crate) runs: Vec<Run>,
}

/// The runs of a report, by product and stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub(crate) options: Options,
    pub(crate) blocks: Vec<Block>,
}

impl Report {
    /// Groups the runs by product and stage.
    pub fn new(runs: impl IntoIterator<Item = Run>, options: Options) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        for run in runs {
            let (product, stage) = (&run.header.product, &run.header.stage);
            let same = |block: &&mut Block| block.product == *product && block.stage == *stage;
            match blocks.iter_mut().find(same) {
                Some(block) => block.runs.push(run),
                None => blocks.push(Block {
                    product: product.clone(),
                    stage: stage.clone(),
                    runs: vec![run],
                }),
            }
        }
        Self { options, blocks }
    }
}
