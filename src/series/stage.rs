//! The stages of the benchmark, by the names and the numbers that people give them.

use crate::typed::likeness::distance;

/// A stage; in the order in which they are measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// The operating system without the edge software.
    Baseline,
    /// All of the edge software, idle.
    Edge,
    /// One container on it.
    Workload,
    /// More and more containers.
    Ramp,
    /// One that the protocol does not have.
    Other(String),
}

impl Stage {
    pub(crate) const PLANNED: [Self; 4] = [Self::Baseline, Self::Edge, Self::Workload, Self::Ramp];

    /// The stage that a log names, or numbers from 1 to 4.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "baseline" | "1" => Self::Baseline,
            "edge" | "2" => Self::Edge,
            "workload" | "3" => Self::Workload,
            "ramp" | "4" => Self::Ramp,
            other => Self::Other(other.to_owned()),
        }
    }

    /// As `record --stage` takes it.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Baseline => "baseline",
            Self::Edge => "edge",
            Self::Workload => "workload",
            Self::Ramp => "ramp",
            Self::Other(name) => name,
        }
    }
}

/// The planned stage that another name probably means: one of the two begins with the
/// other, or they have the same first letter and differ in at most two letters.
pub(crate) fn meant_by(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let names = ["baseline", "edge", "workload", "ramp"];
    let is_meant = |planned: &&str| {
        name.len() > 2 && (planned.starts_with(&name) || name.starts_with(planned))
            || name.chars().next() == planned.chars().next()
                && name.len() <= planned.len() + MISTYPED
                && distance(&name, planned) <= MISTYPED
    };
    names.into_iter().find(is_meant)
}

/// So many letters may be wrong, missing or too many.
const MISTYPED: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_seen() {
        for (name, meant) in [
            ("base", Some("baseline")),
            ("Baseline", Some("baseline")),
            ("basline", Some("baseline")),
            ("edge-idle", Some("edge")),
            ("eged", Some("edge")),
            ("work", Some("workload")),
            ("ramps", Some("ramp")),
            ("idle", None),
            ("x", None),
            ("loaded", None),
        ] {
            assert_eq!(meant_by(name), meant, "{name}");
        }
    }

    #[test]
    fn names_and_numbers() {
        for (stage, number) in Stage::PLANNED.into_iter().zip(["1", "2", "3", "4"]) {
            assert_eq!(Stage::of(number), stage);
            assert_eq!(Stage::of(stage.name()), stage);
        }
        let other = Stage::of("unnamed");
        assert_eq!(other.name(), "unnamed");
        assert!(Stage::Ramp < other);
    }
}
