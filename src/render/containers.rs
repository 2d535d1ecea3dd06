//! The figures of a ramp by the number of containers, for the forms that programs read.

use super::subject::Subject;
use crate::series::ramp::{costs, level, Level};

/// What each number of containers took, then what one more costs.
pub(crate) fn subjects(levels: &[Level]) -> impl Iterator<Item = Subject<'_>> {
    let costs = costs(levels).into_iter().map(|(name, _, of)| {
        let numbers = vec![
            ("slope", Some(of.value)),
            ("low", Some(of.low)),
            ("high", Some(of.high)),
            ("coverage", of.coverage),
        ];
        Subject::new("cost_of_one_more_container", name.as_bytes()).with("kib", numbers)
    });
    levels.iter().map(containers).chain(costs)
}

/// The figures with a number of containers.
fn containers(of: &Level) -> Subject<'_> {
    let number = of.containers.to_string().into_bytes();
    let figures = [
        ("product_pss_kib", level::PRODUCT, 1.0),
        ("workload_pss_kib", level::WORKLOAD, 1.0),
        ("available_kib", level::AVAILABLE, 1.0),
        ("cpu_percent", level::CPU, 0.001),
        ("probe_us", level::PROBE, 1.0),
    ];
    let subject = Subject::new("containers", number);
    figures
        .into_iter()
        .fold(subject, |subject, (figure, place, scale)| {
            let value = of.values[place].map(|value| value * scale);
            subject.with(figure, vec![("median", value)])
        })
}
