//! The stages of the benchmark, by the names and the numbers that people give them.

/// A stage; in the order in which they are measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
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
    pub const PLANNED: [Self; 4] = [Self::Baseline, Self::Edge, Self::Workload, Self::Ramp];

    /// The stage that a log names, or numbers from 1 to 4.
    pub fn of(name: &str) -> Self {
        match name {
            "baseline" | "1" => Self::Baseline,
            "edge" | "2" => Self::Edge,
            "workload" | "3" => Self::Workload,
            "ramp" | "4" => Self::Ramp,
            other => Self::Other(other.to_owned()),
        }
    }

    /// As `record --stage` takes it.
    pub fn name(&self) -> &str {
        match self {
            Self::Baseline => "baseline",
            Self::Edge => "edge",
            Self::Workload => "workload",
            Self::Ramp => "ramp",
            Self::Other(name) => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
