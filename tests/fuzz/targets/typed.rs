//! What people write: facts and plans.

use crate::bench::estimate::{self, Past};
use crate::bench::plan::Plan;
use crate::bench::steps::steps;
use crate::compare::facts as fact;
use std::collections::BTreeSet;
use std::fmt::Write;

pub(super) fn facts(text: &[u8]) {
    match fact::parse("hand.facts", text) {
        Ok(facts) => {
            for fact in &facts {
                assert!(fact.value.is_finite() && fact.value >= 0.0, "{fact:?}");
                assert!(!fact.key_name().is_empty());
            }
            crate::commands::fuzz::table_of_facts(text);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

pub(super) fn plan(text: &[u8]) {
    let plan = match Plan::parse(text) {
        Ok(plan) => plan,
        Err(error) => return assert!(!error.fault.to_string().is_empty()),
    };
    // It is what it was when it is written out.
    let mut shown = String::new();
    for entry in plan.entries() {
        let _ = writeln!(shown, "{entry}");
    }
    let again = Plan::parse(shown.as_bytes());
    let again = again.unwrap_or_else(|error| panic!("{shown}: {error:?}"));
    assert_eq!(plan.differs_from(&again), None, "{shown}");
    assert_eq!(plan.entries().len(), again.entries().len());
    let all = steps(&plan);
    let whole = estimate::of(&plan, all.iter(), 200, &Past::default());
    assert!(whole.seconds < u64::MAX / 1_000_000);
    assert_eq!(
        all.len(),
        all.iter()
            .map(|step| step.to_string())
            .collect::<BTreeSet<_>>()
            .len()
    );
}
