//! Findings about single runs, gathered over the runs of all products.

use super::{runs_of, Group, Remark};
use crate::compare::Comparison;
use crate::series::finding::Finding;

/// What was found about single runs, each kind of finding once.
pub(crate) fn of_runs(comparison: &Comparison, groups: &[Group]) -> Vec<Remark> {
    let mut found: Vec<Remark> = Vec::new();
    for group in groups {
        let findings = runs_of(comparison, group).flat_map(|run| &run.findings);
        for finding in findings.filter(|finding| finding.is_for_comparison()) {
            let alike = |remark: &&mut Remark| match remark {
                Remark::OfRuns { worst, .. } => worst.name() == finding.name(),
                _ => false,
            };
            match found.iter_mut().find(alike) {
                Some(Remark::OfRuns {
                    worst,
                    runs,
                    groups,
                }) => {
                    let extent = |of: &Finding| (of.grade(), of.extent());
                    if extent(finding) > extent(worst) {
                        *worst = finding.clone();
                    }
                    *runs += 1;
                    match groups.last_mut().filter(|(last, _)| last == group) {
                        Some((_, runs)) => *runs += 1,
                        None => groups.push((group.clone(), 1)),
                    }
                }
                _ => found.push(Remark::OfRuns {
                    worst: finding.clone(),
                    runs: 1,
                    groups: vec![(group.clone(), 1)],
                }),
            }
        }
    }
    found
}
