//! How long steps take, and how much they write.

use super::journal::State;
use super::plan::Plan;
use super::steps::{Kind, Step};
use std::time::Duration;

/// What nobody knows before a run of the kind, between what containerd and Docker take on an
/// emulated board: an installation; a stop and a start of the software until it is ready; of a
/// workload; a restart of the board until it is seen to be ready; a change of address that the
/// software stays up through, with its way back; the questions to a peer.
const INSTALL_S: u64 = 50;
const START_S: u64 = 10;
const DEPLOY_S: u64 = 8;
const BOOT_S: u64 = 65;
const CHANGE_S: u64 = 43;
const PEER_S: u64 = 28;
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

/// By how many seconds runs of each kind took longer than thought, or, below 0, less long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Past([Option<i64>; Kind::ALL.len()]);

impl Past {
    /// By the runs that counted: of those of a kind the median, the lower one of two, for one
    /// that lay for a night, or whose clock was set, says nothing of the others.
    pub(crate) fn of(plan: &Plan, state: &State) -> Self {
        Self(Kind::ALL.map(|(kind, name)| {
            let is_of_kind = |step: &str| step.rsplit_once('-').is_some_and(|(of, _)| of == name);
            let tries = state.tries.iter().filter(|tries| is_of_kind(&tries.step));
            let mut took: Vec<u64> = tries.filter_map(|tries| tries.took_s).collect();
            took.sort_unstable();
            let median = *took.get(took.len().checked_sub(1)? / 2)?;
            let thought = recorded_s(plan, kind) + beside_s(plan, kind);
            Some(median as i64 - thought as i64)
        }))
    }

    /// What this one does not know, `other` may.
    pub(crate) fn or(self, other: Self) -> Self {
        let mut both = other;
        for (mine, own) in both.0.iter_mut().zip(self.0) {
            *mine = own.or(*mine);
        }
        both
    }

    /// A kind that has not been run is as much longer as the last stage before it that was:
    /// that tells of starts and of settling.
    fn longer_s(&self, kind: Kind) -> i64 {
        let of_kinds = Kind::ALL.iter().zip(self.0);
        let known = of_kinds.filter_map(|((kind, _), longer)| Some((*kind, longer?)));
        let mut before = known.filter(|(of, _)| *of == kind || *of < kind && of.is_stage());
        before.next_back().map_or(0, |(_, longer)| longer)
    }
}

/// Of these steps, on a machine with so many processes.
pub(crate) fn of<'s>(
    plan: &Plan,
    steps: impl Iterator<Item = &'s Step>,
    processes: u64,
    past: &Past,
) -> Estimate {
    steps.fold(Estimate::default(), |all, step| {
        let recorded_s = recorded_s(plan, step.kind);
        let thought_s = recorded_s + beside_s(plan, step.kind);
        let seconds = thought_s.saturating_add_signed(past.longer_s(step.kind));
        let bytes = match recorded_s {
            0 if step.kind == Kind::Install => 0,
            0 => RESULT_BYTES,
            _ => recorded_s * (processes + SAMPLE_BYTES) + processes * IDENTITY_BYTES,
        };
        Estimate {
            seconds: all.seconds.saturating_add(seconds),
            bytes: all.bytes.saturating_add(bytes),
        }
    })
}

/// How long a step records.
fn recorded_s(plan: &Plan, kind: Kind) -> u64 {
    match kind {
        Kind::Ramp => {
            let ramp = plan.entry("ramp");
            let settle = ramp.and_then(|ramp| ramp.time("settle"));
            let settle_s = settle.map_or(20, |settle| settle.as_secs());
            let most = ramp.and_then(|ramp| ramp.value("max")?.parse().ok());
            (settle_s + WINDOW_S) * (most.unwrap_or(CONTAINERS) + 1)
        }
        _ => kind.duration(plan).map_or(0, |time| time.as_secs()),
    }
}

/// How long everything else of it is thought to take.
fn beside_s(plan: &Plan, kind: Kind) -> u64 {
    let settled_s = match kind {
        Kind::Install | Kind::Restart => 0,
        _ => settling(plan).as_secs(),
    };
    let started_s = match kind {
        Kind::Baseline => 0,
        Kind::Install => INSTALL_S,
        Kind::Edge | Kind::Ramp => START_S,
        Kind::Workload => START_S + DEPLOY_S,
        Kind::IpChange => START_S + CHANGE_S,
        Kind::Firewall => START_S + PEER_S,
        Kind::Restart => START_S + BOOT_S,
    };
    let booted_s = match plan.boots() && kind.is_stage() {
        true => BOOT_S,
        false => 0,
    };
    booted_s + started_s + settled_s
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::journal::Tries;
    use crate::bench::steps::steps;

    #[test]
    fn time_and_bytes_of_a_plan() {
        let text = "product p\ndirectory /d\nstart a\nready b\nstop c\ndeploy d\nremove e\n\
            runs baseline 2 of 300s\nruns edge 1 of 300s\nruns workload 1 of 60s\nrestarts 2\n\
            ramp a max 3\nramp-ready b\nramp-undo c\nsettle 40s\n";
        let of_text = |text: &str| {
            let plan = Plan::parse(text.as_bytes()).expect("it is a plan");
            of(&plan, steps(&plan).iter(), 100, &Past::default())
        };
        // Baselines 2 x (40 + 300); edge 10 + 40 + 300; workload 10 + 8 + 40 + 60; the ramp
        // 10 + 40 + 4 x 50; restarts 2 x (10 + 65).
        let seconds = 680 + 350 + 118 + 250 + 150;
        // Of each log 25,000 bytes once, and 164 a second: 3 x 300 + 60 + 200 s.
        let bytes = 5 * 25_000 + 1_160 * 164 + 2 * 4_096;
        assert_eq!(of_text(text), Estimate { seconds, bytes });
        // Each of the four recordings after a restart.
        let booted = of_text(&format!("{text}fresh boot\n"));
        assert_eq!(booted.seconds, seconds + 4 * 65);
    }

    /// Runs of these kinds that counted, each with the seconds that it took.
    fn past(plan: &Plan, took: &[(&str, u64)]) -> Past {
        let tries = took.iter().map(|(step, took_s)| Tries {
            step: (*step).to_owned(),
            took_s: Some(*took_s),
            ..Tries::default()
        });
        let state = State {
            tries: tries.collect(),
            ..State::default()
        };
        Past::of(plan, &state)
    }

    #[test]
    fn runs_that_are_done_say_how_long_the_others_take() {
        let text = "product p\ndirectory /d\nstart a\nready b\nstop c\nsettle 40s\n\
            runs baseline 2 of 300s\nruns edge 4 of 300s\nrestarts 2\n";
        let plan = Plan::parse(text.as_bytes()).expect("it is a plan");
        let all = steps(&plan);
        let of = |kind, past: &Past| {
            let one = all.iter().filter(|step| step.kind == kind).take(1);
            super::of(&plan, one, 100, past).seconds
        };
        // As thought: 40 + 300; 10 + 40 + 300; 10 + 65.
        let nothing = Past::default();
        let kinds = [Kind::Baseline, Kind::Edge, Kind::Restart];
        assert_eq!(kinds.map(|kind| of(kind, &nothing)), [340, 350, 75]);
        // Baselines settled in 20 s more: so does what was not run yet.
        let baseline = past(&plan, &[("baseline-1", 360)]);
        assert_eq!(kinds.map(|kind| of(kind, &baseline)), [360, 370, 95]);
        // An installation says nothing of the others, and neither does a ramp.
        let other = [("baseline-1", 360), ("install-1", 900), ("ramp-1", 9000)];
        assert_eq!(
            kinds.map(|kind| of(kind, &past(&plan, &other))),
            [360, 370, 95]
        );
        // The median of an odd number of runs, the lower one of two.
        let edge = [("edge-1", 351), ("edge-2", 7000), ("edge-3", 345)];
        assert_eq!(of(Kind::Edge, &past(&plan, &edge)), 351);
        assert_eq!(of(Kind::Edge, &past(&plan, &edge[..2])), 351);
        // Less than thought by 5 s: a restart, too.
        assert_eq!(of(Kind::Restart, &past(&plan, &[("edge-1", 345)])), 70);
        // What runs of this benchmark say goes before what an earlier one said.
        let earlier = past(&plan, &[("edge-1", 400), ("restart-1", 90)]);
        let both = past(&plan, &[("edge-1", 345)]).or(earlier);
        assert_eq!(kinds.map(|kind| of(kind, &both)), [340, 345, 90]);
        // An earlier one of runs of 60 s took 5 s longer than thought.
        let short = text.replace("4 of 300s", "1 of 60s");
        let short = Plan::parse(short.as_bytes()).expect("it is a plan");
        assert_eq!(of(Kind::Edge, &past(&short, &[("edge-1", 115)])), 355);
    }
}
