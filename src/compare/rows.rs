//! The rows of the table: those of the protocol's section 7.

use crate::series::stage::Stage;

/// The subject of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BootCold,
    BootRestart,
    /// MemTotal minus MemAvailable.
    MemoryConsumed,
    /// "used" of free(1), procps 3.3.
    FreeUsed,
    /// The sum of PSS of the product's key processes.
    ProductPss,
    /// MemAvailable with the edge software: left for the customer's applications.
    MemoryAvailable,
    /// Taken by the edge software: consumed with it minus consumed before.
    MemoryTaken,
    /// Of the file system of `/`.
    DiskUsed,
    DiskTaken,
    TopCpu,
    /// Of processes that ended between samples, what they used after their last.
    EndedCpu,
    /// How many of them a second.
    EndedRate,
    Cpu,
    ApiTime,
    SurviveIpChange,
    SimpleFirewall,
    ComplexFirewall,
    /// The number deployed when the board stopped responding.
    Containers,
}

impl Kind {
    /// The name for programs, and the unit.
    fn name_and_unit(self) -> (&'static str, Unit) {
        match self {
            Self::BootCold => ("boot_cold", Unit::Seconds),
            Self::BootRestart => ("boot_restart", Unit::Seconds),
            Self::MemoryConsumed => ("memory_consumed", Unit::Kib),
            Self::FreeUsed => ("memory_free_used", Unit::Kib),
            Self::ProductPss => ("product_pss", Unit::Kib),
            Self::MemoryAvailable => ("memory_available", Unit::Kib),
            Self::MemoryTaken => ("memory_taken", Unit::Kib),
            Self::DiskUsed => ("disk_used", Unit::Kib),
            Self::DiskTaken => ("disk_taken", Unit::Kib),
            Self::TopCpu => ("top_cpu", Unit::PercentOfCore),
            Self::EndedCpu => ("ended_cpu", Unit::PercentOfCore),
            Self::EndedRate => ("ended_a_second", Unit::PerSecond),
            Self::Cpu => ("cpu", Unit::Percent),
            Self::ApiTime => ("api_time", Unit::Seconds),
            Self::SurviveIpChange => ("survive_ip_change", Unit::Verdict),
            Self::SimpleFirewall => ("simple_firewall", Unit::Verdict),
            Self::ComplexFirewall => ("complex_firewall", Unit::Verdict),
            Self::Containers => ("containers", Unit::Count),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        self.name_and_unit().0
    }

    pub(crate) fn unit(self) -> Unit {
        self.name_and_unit().1
    }

    /// Whether its values are yes and no.
    pub(crate) fn is_answer(self) -> bool {
        self.unit() == Unit::Verdict
    }
}

/// The unit of a row's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Kib,
    /// Of all cores together.
    Percent,
    PercentOfCore,
    PerSecond,
    Count,
    /// 1: yes; 0: no.
    Verdict,
}

impl Unit {
    /// The name for programs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Kib => "KiB",
            Self::Percent => "% of all cores",
            Self::PercentOfCore => "% of one core",
            Self::PerSecond => "per second",
            Self::Count => "count",
            Self::Verdict => "yes or no",
        }
    }
}

/// How a run's samples make its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    /// Measured once in a run, without samples.
    Once,
    Min,
    Median,
    Average,
    Max,
    /// That of the first sample that has it.
    First,
    /// Of two stages.
    Difference,
}

impl Statistic {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Once => "value",
            Self::Min => "min",
            Self::Median => "median",
            Self::Average => "average",
            Self::Max => "max",
            Self::First => "first",
            Self::Difference => "difference",
        }
    }
}

/// A row without its cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) kind: Kind,
    /// `None`: of no stage.
    pub(crate) stage: Option<Stage>,
    pub(crate) statistic: Statistic,
    /// The key in a facts file; `None`: recorded only.
    pub(crate) fact: Option<String>,
}

impl Spec {
    fn new(kind: Kind, stage: Option<Stage>, statistic: Statistic, fact: &str) -> Self {
        Self {
            kind,
            stage,
            statistic,
            fact: Some(fact.to_owned()),
        }
    }

    /// Whether this row tests if products differ: only an effect on the whole run that is
    /// not another row in other words, because each test makes the others less sharp.
    pub(crate) fn is_tested(&self) -> bool {
        let kind = match self.kind {
            Kind::BootCold | Kind::BootRestart | Kind::Containers => true,
            Kind::MemoryConsumed | Kind::ProductPss | Kind::DiskUsed => true,
            // The slowest of more runs of a probe is slower.
            Kind::Cpu | Kind::ApiTime => self.statistic == Statistic::Median,
            _ => false,
        };
        kind && !matches!(self.stage, Some(Stage::Baseline | Stage::Other(_)))
    }
}

const CPU: [Statistic; 4] = [
    Statistic::Min,
    Statistic::Median,
    Statistic::Average,
    Statistic::Max,
];

const ENDED: [Kind; 2] = [Kind::EndedCpu, Kind::EndedRate];

/// Before the edge software, and with it.
const SIDES: [(Stage, &str); 2] = [(Stage::Baseline, "before"), (Stage::Edge, "with")];

/// The rows of the protocol, in order.
pub(crate) fn planned() -> Vec<Spec> {
    let mut rows = vec![
        Spec::new(Kind::BootCold, None, Statistic::Once, "boot-cold"),
        Spec::new(Kind::BootRestart, None, Statistic::Once, "boot-restart"),
    ];
    let side = |kind, statistic, key: &str| {
        let of = move |(stage, when): (Stage, &str)| {
            Spec::new(kind, Some(stage), statistic, &format!("{key}-{when}"))
        };
        SIDES.map(of)
    };
    rows.extend(side(Kind::MemoryConsumed, Statistic::Median, "memory"));
    rows.extend(side(Kind::FreeUsed, Statistic::Median, "free"));
    rows.extend(side(Kind::ProductPss, Statistic::Median, "pss"));
    let edge = Some(Stage::Edge);
    let (median, difference) = (Statistic::Median, Statistic::Difference);
    rows.extend([
        Spec::new(Kind::MemoryAvailable, edge, median, "memory-available"),
        Spec::new(Kind::MemoryTaken, None, difference, "memory-taken"),
    ]);
    rows.extend(side(Kind::DiskUsed, Statistic::First, "disk"));
    rows.push(Spec::new(Kind::DiskTaken, None, difference, "disk-taken"));
    rows.extend(side(Kind::TopCpu, Statistic::Average, "top-cpu"));
    for kind in ENDED {
        rows.extend(SIDES.map(|(stage, _)| recorded(kind, &stage, Statistic::Average)));
    }
    for stage in Stage::PLANNED {
        for statistic in CPU {
            let key = format!("cpu-{}-{}", stage.name(), statistic.name());
            rows.push(Spec::new(Kind::Cpu, Some(stage.clone()), statistic, &key));
        }
    }
    for (kind, statistic, key) in [
        (Kind::ApiTime, Statistic::Min, "api-fastest"),
        (Kind::ApiTime, Statistic::Median, "api-median"),
        (Kind::ApiTime, Statistic::Max, "api-slowest"),
        (Kind::SurviveIpChange, Statistic::Once, "survive-ip-change"),
        (Kind::SimpleFirewall, Statistic::Once, "simple-firewall"),
        (Kind::ComplexFirewall, Statistic::Once, "complex-firewall"),
        (Kind::Containers, Statistic::Once, "containers"),
    ] {
        rows.push(Spec::new(kind, None, statistic, key));
    }
    rows
}

/// The rows of a stage that the protocol does not have.
pub(crate) fn of_other(stage: &Stage) -> Vec<Spec> {
    let row = |kind, statistic| recorded(kind, stage, statistic);
    let memory = [Kind::MemoryConsumed, Kind::FreeUsed, Kind::ProductPss];
    let memory = memory.map(|kind| row(kind, Statistic::Median));
    let cpu = CPU.map(|statistic| row(Kind::Cpu, statistic));
    let ended = ENDED.map(|kind| row(kind, Statistic::Average));
    memory.into_iter().chain(cpu).chain(ended).collect()
}

/// A row that no fact can fill.
fn recorded(kind: Kind, stage: &Stage, statistic: Statistic) -> Spec {
    Spec {
        kind,
        stage: Some(stage.clone()),
        statistic,
        fact: None,
    }
}
