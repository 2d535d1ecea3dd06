use super::*;
use crate::bench::journal::{Line, Outcome, Wear};
use crate::bench::steps::Kind;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn plan(runs: u64) -> Vec<Step> {
    let kinds = [Kind::Baseline, Kind::Install, Kind::Edge, Kind::Restart];
    let of = |kind| (1..=runs).map(move |run| Step { kind, run });
    kinds.into_iter().flat_map(of).collect()
}

#[test]
fn an_open_attempt_is_closed_first() {
    let steps = plan(1);
    let [baseline, install, ..] = steps[..] else {
        panic!("four steps");
    };
    let mut state = State::default();
    assert_eq!(next(&steps, &state, 0), Next::Begin(baseline, 1));
    state.take(&Line::Begin("baseline-1".into(), 1), None);
    assert_eq!(next(&steps, &state, 0), Next::Close(baseline, 1));
    let end = |attempt, outcome| {
        Line::End(
            "baseline-1".into(),
            attempt,
            outcome,
            Wear::default(),
            String::new(),
        )
    };
    // Cut off, it is no attempt in vain.
    state.take(&end(1, Outcome::CutOff), None);
    assert_eq!(next(&steps, &state, 0), Next::Begin(baseline, 2));
    state.take(&end(2, Outcome::Invalid), None);
    assert_eq!(next(&steps, &state, 1), Next::Begin(baseline, 3));
    assert_eq!(next(&steps, &state, 0), Next::Begin(install, 1));
    assert_eq!(missing(&steps, &state).count(), 4);
    state.idle_boots = MOST_IDLE_BOOTS + 1;
    assert_eq!(next(&steps, &state, 0), Next::Stuck);
    // The journal may have any number.
    state.take(&end(u64::MAX, Outcome::Invalid), None);
    assert_eq!(next(&steps, &state, 2), Next::Begin(baseline, u64::MAX));
}

#[test]
fn a_workload_may_be_there_until_a_step_after_it_has_counted() {
    let kinds = [Kind::Edge, Kind::Workload, Kind::Ramp];
    let steps = kinds.map(|kind| Step { kind, run: 1 });
    let mut state = State::default();
    let mut after = |step: &str, outcome: Option<Outcome>| {
        let (step, why) = (step.to_owned(), String::new());
        let line = match outcome {
            None => Line::Begin(step, 1),
            Some(outcome) => Line::End(step, 1, outcome, Wear::default(), why),
        };
        state.take(&line, None);
        leaves_workload(&steps, &state)
    };
    for (step, outcome, may_be_there) in [
        ("edge-1", None, false),
        ("edge-1", Some(Outcome::Counted), false),
        ("workload-1", None, true),
        ("workload-1", Some(Outcome::Counted), true),
        ("ramp-1", None, true),
        ("ramp-1", Some(Outcome::CutOff), true),
        ("ramp-1", Some(Outcome::Counted), false),
    ] {
        assert_eq!(after(step, outcome), may_be_there, "{step} {outcome:?}");
    }
}

/// What is left of a benchmark where it is killed: the journal, and the logs.
#[derive(Default)]
struct Disk {
    journal: String,
    /// Attempts that have begun to write, and whether they are whole.
    attempts: BTreeMap<(String, u64), bool>,
    /// The logs in their place, by step, and how often one was put there.
    counted: BTreeMap<String, u64>,
}

/// Kills the process at the n-th thing that it does.
struct Fate {
    left: u64,
}

impl Fate {
    /// `None`: killed before it is done.
    fn passes(&mut self) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        Some(())
    }
}

impl Disk {
    /// Appends a line, which may be torn.
    fn append(&mut self, line: &Line, fate: &mut Fate) -> Option<()> {
        // What tore off before is dropped first.
        let whole = self.journal.rfind('\n').map_or(0, |end| end + 1);
        self.journal.truncate(whole);
        let line = format!("t {line}\n");
        if fate.passes().is_none() {
            self.journal.push_str(&line[..line.len() / 2]);
            return None;
        }
        self.journal.push_str(&line);
        fate.passes()
    }

    /// Goes on until it is killed, or finished.
    fn go_on(
        &mut self,
        steps: &[Step],
        again: u64,
        good: &dyn Fn(u64) -> bool,
        fate: &mut Fate,
    ) -> Option<Next> {
        loop {
            let state = State::of(self.journal.as_bytes());
            let end = |step: &Step, attempt, outcome| {
                Line::End(
                    step.to_string(),
                    attempt,
                    outcome,
                    Wear::default(),
                    String::new(),
                )
            };
            match next(steps, &state, again) {
                Next::Close(step, attempt) => {
                    let outcome = match self.counted.contains_key(&step.to_string()) {
                        true => Outcome::Counted,
                        false => Outcome::CutOff,
                    };
                    self.append(&end(&step, attempt, outcome), fate)?;
                }
                Next::Begin(step, attempt) => {
                    self.append(&Line::Begin(step.to_string(), attempt), fate)?;
                    let key = (step.to_string(), attempt);
                    assert!(!self.attempts.contains_key(&key), "{key:?} is used twice");
                    self.attempts.insert(key.clone(), false);
                    fate.passes()?;
                    self.attempts.insert(key, true);
                    fate.passes()?;
                    let outcome = match good(step.run + attempt) {
                        true => {
                            *self.counted.entry(step.to_string()).or_default() += 1;
                            Outcome::Counted
                        }
                        false => Outcome::Invalid,
                    };
                    fate.passes()?;
                    self.append(&end(&step, attempt, outcome), fate)?;
                }
                done => return Some(done),
            }
        }
    }
}

proptest! {
    /// Killed wherever, any number of times: every step is counted once, and none is left
    /// out but those that were in vain too often.
    #[test]
    fn no_run_counts_twice_and_none_is_skipped(
        kills in prop::collection::vec(0u64..40, 0..40),
        runs in 1u64..5,
        again in 0u64..4,
        bad in 1u64..7,
    ) {
        let steps = plan(runs);
        let good = |number: u64| number % bad != 0;
        let mut disk = Disk::default();
        for left in kills {
            disk.go_on(&steps, again, &good, &mut Fate { left });
        }
        let finished = disk.go_on(&steps, again, &good, &mut Fate { left: u64::MAX });
        prop_assert_eq!(finished, Some(Next::Finished));
        let state = State::of(disk.journal.as_bytes());
        for step in &steps {
            let name = step.to_string();
            let tries = state.tries(&name).expect("it was tried");
            let counted = disk.counted.get(&name).copied().unwrap_or(0);
            prop_assert_eq!(counted, u64::from(tries.is_counted), "{}", name);
            prop_assert!(tries.is_counted || tries.bad > again, "{}", name);
            prop_assert!(!tries.is_open);
        }
        let counted = missing(&steps, &state).count() + disk.counted.len();
        prop_assert_eq!(counted, steps.len());
    }
}
