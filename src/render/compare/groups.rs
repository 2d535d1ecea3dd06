//! The stages of products that a remark is about, in words.

use super::words::name;
use crate::compare::measured::Measured;
use crate::compare::Comparison;
use crate::series::stage::Stage;
use crate::words::escape::escaped;

/// A product's stage.
pub(super) type Group<'c> = (usize, &'c Stage);

/// Of some groups, in how many runs.
pub(super) type Numbers<'c> = Vec<(Group<'c>, usize)>;

/// Every product's stages, in order.
pub(super) fn groups(comparison: &Comparison) -> Vec<Group<'_>> {
    let products = comparison.products.iter().enumerate();
    let groups = products.flat_map(|(product, of)| {
        let stages = of.stages.iter();
        stages.map(move |runs| (product, &runs.stage))
    });
    groups.collect()
}

/// The recorded runs of a product's stage.
pub(super) fn runs_of<'c>(
    comparison: &'c Comparison,
    (product, stage): Group<'c>,
) -> impl Iterator<Item = &'c Measured> + 'c {
    let product = comparison.products.get(product);
    let name = product.map_or("", |product| &product.name);
    comparison.runs_of(name, stage).map(|(_, run)| run)
}

pub(super) fn of_group(comparison: &Comparison, (product, stage): Group<'_>) -> String {
    let stage = escaped(stage.name().as_bytes());
    format!("{} {stage}", name(comparison, product))
}

/// The products, with their stages unless all are meant, and in how many runs of a stage
/// unless in all.
pub(super) fn with_runs(comparison: &Comparison, groups: &[(Group<'_>, usize)]) -> String {
    let mut all = Vec::new();
    for (at, product) in comparison.products.iter().enumerate() {
        let stages = groups.iter().filter(|((product, _), _)| *product == at);
        let stages: Vec<&(Group<'_>, usize)> = stages.collect();
        let of = |(_, stage): Group<'_>| product.runs_of(stage);
        let every = stages.iter().all(|(group, runs)| *runs == of(*group));
        if every && stages.len() == product.stages.len() && !stages.is_empty() {
            all.push(name(comparison, at));
            continue;
        }
        for (group, runs) in stages {
            let mut text = of_group(comparison, *group);
            if *runs < of(*group) {
                text += &format!(" in {runs} of {} runs", of(*group));
            }
            all.push(text);
        }
    }
    all.join(", ")
}
