//! How long steps take, and how much they write.

use super::plan::Plan;
use super::steps::{Kind, Step};
use std::time::Duration;

/// What nobody knows before, as it is of small boards: an installation; a stop and a start of
/// the software until it is ready; of a workload; a restart of the board until it is seen to
/// be ready; a change of address that the software stays up through, with its way back; the
/// questions to a peer.
const INSTALL_S: u64 = 120;
const START_S: u64 = 20;
const DEPLOY_S: u64 = 10;
const BOOT_S: u64 = 120;
const CHANGE_S: u64 = 40;
const PEER_S: u64 = 30;
/// Of a ramp: containers, if it has no limit; and a step with its window of 30 samples.
const CONTAINERS: u64 = 20;
const WINDOW_S: u64 = 30;

/// A log: of each process once, of each process and of the machine in each sample.
const IDENTITY_BYTES: u64 = 250;
const SAMPLE_BYTES: u64 = 64;
/// A log without samples.
const RESULT_BYTES: u64 = 4096;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Estimate {
    pub(crate) seconds: u64,
    pub(crate) bytes: u64,
}

/// How long the board has to be without a trend; 0: it need not.
pub(crate) fn settling(plan: &Plan) -> Duration {
    let settle = plan.entry("settle").and_then(|entry| entry.time("TIME"));
    settle.unwrap_or(Duration::from_secs(60))
}

/// Of these steps, on a machine with so many processes.
pub(crate) fn of<'s>(
    plan: &Plan,
    steps: impl Iterator<Item = &'s Step>,
    processes: u64,
) -> Estimate {
    steps.fold(Estimate::default(), |all, step| {
        let of = of_step(plan, *step, processes);
        Estimate {
            seconds: all.seconds.saturating_add(of.seconds),
            bytes: all.bytes.saturating_add(of.bytes),
        }
    })
}

fn of_step(plan: &Plan, step: Step, processes: u64) -> Estimate {
    let recorded_s = match step.kind {
        Kind::Ramp => {
            let ramp = plan.entry("ramp");
            let settle = ramp.and_then(|ramp| ramp.time("settle"));
            let settle_s = settle.map_or(20, |settle| settle.as_secs());
            let most = ramp.and_then(|ramp| ramp.value("max")?.parse().ok());
            (settle_s + WINDOW_S) * (most.unwrap_or(CONTAINERS) + 1)
        }
        _ => step.duration(plan).map_or(0, |time| time.as_secs()),
    };
    let settled_s = match step.kind {
        Kind::Install | Kind::Restart => 0,
        _ => settling(plan).as_secs(),
    };
    let started_s = match step.kind {
        Kind::Baseline => 0,
        Kind::Install => INSTALL_S,
        Kind::Edge | Kind::Ramp => START_S,
        Kind::Workload => START_S + DEPLOY_S,
        Kind::IpChange => START_S + CHANGE_S,
        Kind::Firewall => START_S + PEER_S,
        Kind::Restart => START_S + BOOT_S,
    };
    let booted_s = match plan.boots() && step.kind.is_stage() {
        true => BOOT_S,
        false => 0,
    };
    Estimate {
        seconds: booted_s + started_s + settled_s + recorded_s,
        bytes: match recorded_s {
            0 if step.kind == Kind::Install => 0,
            0 => RESULT_BYTES,
            _ => recorded_s * (processes + SAMPLE_BYTES) + processes * IDENTITY_BYTES,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::steps::steps;

    #[test]
    fn time_and_bytes_of_a_plan() {
        let text = "product p\ndirectory /d\nstart a\nready b\nstop c\ndeploy d\nremove e\n\
            runs baseline 2 of 300s\nruns edge 1 of 300s\nruns workload 1 of 60s\nrestarts 2\n\
            ramp a max 3\nramp-ready b\nramp-undo c\nsettle 40s\n";
        let of_text = |text: &str| {
            let plan = Plan::parse(text.as_bytes()).expect("it is a plan");
            of(&plan, steps(&plan).iter(), 100)
        };
        // Baselines 2 x (40 + 300); edge 20 + 40 + 300; workload 20 + 10 + 40 + 60; the ramp
        // 20 + 40 + 4 x 50; restarts 2 x (20 + 120).
        let seconds = 680 + 360 + 130 + 260 + 280;
        // Of each log 25,000 bytes once, and 164 a second: 3 x 300 + 60 + 200 s.
        let bytes = 5 * 25_000 + 1_160 * 164 + 2 * 4_096;
        assert_eq!(of_text(text), Estimate { seconds, bytes });
        // Each of the four recordings after a restart.
        let booted = of_text(&format!("{text}fresh boot\n"));
        assert_eq!(booted.seconds, seconds + 4 * 120);
    }
}
