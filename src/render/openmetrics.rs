//! A report for a fleet's monitoring: the text that the textfile collector of
//! node_exporter reads, from a file named `*.prom`.
//!
//! It is valid in both formats there are: in the Prometheus text format 0.0.4, which
//! that collector reads and in which `# UNIT` and `# EOF` are comments, and in
//! OpenMetrics 1.0 ("Text format"), which wants `# EOF` at the end, the samples of
//! a family together and no empty line. So:
//! - every figure is a gauge: a run is over, nothing goes on counting;
//! - no sample has a timestamp, for the collector passes over a file that has one;
//!   `edgebench_run_start_time_seconds` says when it was;
//! - no sample is there twice, else the exporter answers with an error: where two have
//!   the same name, the second has the label `again`;
//! - what was not observable has no sample. It is never 0;
//! - units are base units: bytes, seconds, hertz, and ratios, where 1 is all of it.
//!
//! Names that others chose stand in labels as [`super::escaped`] shows them. An empty
//! label is left out: to both formats that is the same.

mod families;
mod family;
mod machine;

use super::Report;
use crate::series::{By, Run};
use family::Samples;
use std::io::{self, Write};

/// A run, and what is said beside it.
struct Told<'r> {
    run: &'r Run,
    by: By,
    labels: String,
}

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut all = Vec::new();
    for block in &report.blocks {
        for (nth, run) in block.runs.iter().enumerate() {
            all.push(Told {
                run,
                by: report.options.by,
                labels: family::labels(&[
                    ("product", block.product.as_bytes()),
                    ("stage", block.stage.as_bytes()),
                    ("host", run.header.host.as_bytes()),
                    ("board", run.header.board.as_bytes()),
                    ("run", (nth + 1).to_string().as_bytes()),
                ]),
            });
        }
    }
    for family in families::RUN.iter().chain(machine::MACHINE) {
        let mut samples = Samples::default();
        for told in &all {
            samples.of_run(&told.labels);
            (family.of)(told, &mut samples);
        }
        family.write(out, &samples)?;
    }
    out.write_all(b"# EOF\n")
}
