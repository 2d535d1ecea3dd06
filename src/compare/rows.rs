//! Which rows the table has: those of the protocol's section 7.

use crate::series::stage::Stage;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BootCold,
    BootRestart,
    /// MemTotal less MemAvailable.
    MemoryConsumed,
    /// What free(1) of procps 3.3 calls used.
    FreeUsed,
    /// The sum of PSS of the product's key processes.
    ProductPss,
    /// MemAvailable with the edge software: what customers' applications have.
    MemoryAvailable,
    /// What the edge software takes: consumed with it less consumed before.
    MemoryTaken,
    /// Of the file system of `/`.
    DiskUsed,
    DiskTaken,
    TopCpu,
    Cpu,
    ApiTime,
    SurviveIpChange,
    SimpleFirewall,
    ComplexFirewall,
    /// Deployed when the board stopped responding.
    Containers,
}

impl Kind {
    /// As programs read it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BootCold => "boot_cold",
            Self::BootRestart => "boot_restart",
            Self::MemoryConsumed => "memory_consumed",
            Self::FreeUsed => "memory_free_used",
            Self::ProductPss => "product_pss",
            Self::MemoryAvailable => "memory_available",
            Self::MemoryTaken => "memory_taken",
            Self::DiskUsed => "disk_used",
            Self::DiskTaken => "disk_taken",
            Self::TopCpu => "top_cpu",
            Self::Cpu => "cpu",
            Self::ApiTime => "api_time",
            Self::SurviveIpChange => "survive_ip_change",
            Self::SimpleFirewall => "simple_firewall",
            Self::ComplexFirewall => "complex_firewall",
            Self::Containers => "containers",
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::BootCold | Self::BootRestart | Self::ApiTime => Unit::Seconds,
            Self::MemoryConsumed
            | Self::FreeUsed
            | Self::ProductPss
            | Self::MemoryAvailable
            | Self::MemoryTaken
            | Self::DiskUsed
            | Self::DiskTaken => Unit::Kib,
            Self::TopCpu => Unit::PercentOfCore,
            Self::Cpu => Unit::Percent,
            Self::SurviveIpChange | Self::SimpleFirewall | Self::ComplexFirewall => Unit::Verdict,
            Self::Containers => Unit::Count,
        }
    }
}

/// What the values of a row are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Seconds,
    Kib,
    /// Of all cores together.
    Percent,
    PercentOfCore,
    Count,
    /// 1 is yes, 0 is no.
    Verdict,
}

impl Unit {
    /// As programs read it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Kib => "KiB",
            Self::Percent => "% of all cores",
            Self::PercentOfCore => "% of one core",
            Self::Count => "count",
            Self::Verdict => "yes or no",
        }
    }
}

/// What a value is of the samples of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Statistic {
    /// It is not of samples: measured once in a run.
    Once,
    Min,
    Median,
    Average,
    Max,
    /// The first sample that has it.
    First,
    /// A stage's less another's.
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
    /// `None`: it belongs to no stage.
    pub(crate) stage: Option<Stage>,
    pub(crate) statistic: Statistic,
    /// What such a value is called in a facts file, if it can be typed in.
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

    /// Whether products are tested in it for a difference: what the edge software
    /// does to a whole run, and is not another row in other words. Each row that is
    /// tested makes the others harder to tell apart.
    pub(crate) fn is_tested(&self) -> bool {
        let kind = match self.kind {
            Kind::BootCold | Kind::BootRestart | Kind::Containers => true,
            Kind::MemoryConsumed | Kind::ProductPss | Kind::DiskUsed => true,
            Kind::Cpu => self.statistic == Statistic::Median,
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

/// Before the edge software, and with it.
const SIDES: [(Stage, &str); 2] = [(Stage::Baseline, "before"), (Stage::Edge, "with")];

/// The rows of the protocol, in their order.
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
    rows.push(Spec::new(
        Kind::MemoryAvailable,
        Some(Stage::Edge),
        Statistic::Median,
        "memory-available",
    ));
    rows.push(Spec::new(
        Kind::MemoryTaken,
        None,
        Statistic::Difference,
        "memory-taken",
    ));
    rows.extend(side(Kind::DiskUsed, Statistic::First, "disk"));
    rows.push(Spec::new(
        Kind::DiskTaken,
        None,
        Statistic::Difference,
        "disk-taken",
    ));
    rows.extend(side(Kind::TopCpu, Statistic::Average, "top-cpu"));
    for stage in Stage::PLANNED {
        for statistic in CPU {
            let key = format!("cpu-{}-{}", stage.name(), statistic.name());
            rows.push(Spec::new(Kind::Cpu, Some(stage.clone()), statistic, &key));
        }
    }
    for (kind, statistic, key) in [
        (Kind::ApiTime, Statistic::Min, "api-fastest"),
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
    let row = |kind, statistic| Spec {
        kind,
        stage: Some(stage.clone()),
        statistic,
        fact: None,
    };
    let memory = [Kind::MemoryConsumed, Kind::FreeUsed, Kind::ProductPss];
    let memory = memory.map(|kind| row(kind, Statistic::Median));
    let cpu = CPU.map(|statistic| row(Kind::Cpu, statistic));
    memory.into_iter().chain(cpu).collect()
}
