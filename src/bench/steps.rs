//! The steps of a plan, in the order that keeps one from changing what the next measures:
//! the baselines before the edge software is started, the restarts last.

use super::plan::Plan;
use std::fmt;
use std::time::Duration;

/// What has to run while a step measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Software {
    Off,
    On,
    /// With its workload.
    Workload,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Kind {
    Baseline,
    /// Measures nothing.
    Install,
    Edge,
    Workload,
    Ramp,
    IpChange,
    Firewall,
    Restart,
}

impl Kind {
    /// All kinds, in their order, by the names that steps have.
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Baseline, "baseline"),
        (Self::Install, "install"),
        (Self::Edge, "edge"),
        (Self::Workload, "workload"),
        (Self::Ramp, "ramp"),
        (Self::IpChange, "ip-change"),
        (Self::Firewall, "firewall"),
        (Self::Restart, "restart"),
    ];

    pub(crate) fn name(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(kind, _)| *kind == self)
            .map_or("", |(_, name)| name)
    }

    pub(crate) fn software(self) -> Software {
        match self {
            Self::Baseline | Self::Install => Software::Off,
            Self::Workload => Software::Workload,
            _ => Software::On,
        }
    }

    /// Whether it is a recording of a stage.
    pub(crate) fn is_stage(self) -> bool {
        matches!(self, Self::Baseline | Self::Edge | Self::Workload)
    }

    /// How long it records; only a stage has that in its plan.
    pub(crate) fn duration(self, plan: &Plan) -> Option<Duration> {
        plan.runs(self.name())?.time("of")
    }

    /// How often a plan has it.
    fn times(self, plan: &Plan) -> u64 {
        match self {
            _ if self.is_stage() => {
                let runs = plan.runs(self.name()).and_then(|runs| runs.value("N"));
                runs.and_then(|runs| runs.parse().ok()).unwrap_or(0)
            }
            Self::Restart => plan.number("restarts").unwrap_or(0),
            _ => plan.entry(self.name()).is_some().into(),
        }
    }
}

/// A step: one run of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) kind: Kind,
    /// From 1.
    pub(crate) run: u64,
}

/// Its name in journals, and in the names of logs.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.kind.name(), self.run)
    }
}

/// All steps.
pub(crate) fn steps(plan: &Plan) -> Vec<Step> {
    let mut all = Vec::new();
    for (kind, _) in Kind::ALL {
        all.extend((1..=kind.times(plan)).map(|run| Step { kind, run }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_the_same_whatever_the_plan_s() {
        let plan = Plan::parse(
            b"restarts 2\nruns workload 1 of 5m\nramp a{n}\nramp-ready b\nramp-undo c{n}\nruns edge 2 of 5m\n\
              install i\nruns baseline 2 of 4m\nproduct p\ndirectory /d\nstart a\nready b\nstop c\n\
              deploy d\nremove e\nfirewall peer h\nip-change iface e to 10.0.0.2/24\n",
        );
        let plan = plan.expect("it is one");
        let names: Vec<String> = steps(&plan).iter().map(Step::to_string).collect();
        let expected = [
            "baseline-1",
            "baseline-2",
            "install-1",
            "edge-1",
            "edge-2",
            "workload-1",
            "ramp-1",
            "ip-change-1",
            "firewall-1",
            "restart-1",
            "restart-2",
        ];
        assert_eq!(names, expected);
        let first = steps(&plan)[0];
        assert_eq!(first.kind.duration(&plan), Some(Duration::from_secs(240)));
        assert_eq!(first.kind.software(), Software::Off);
    }
}
