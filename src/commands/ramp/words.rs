//! What a ramp tells while it goes on.

use crate::ramp::ends::{Limits, Reading};
use crate::render::counted;
use crate::results::Cause;

/// A last line behind what it is of, if there is one.
pub(super) fn told(line: &str) -> String {
    match line.is_empty() {
        true => String::new(),
        false => format!(": {line}"),
    }
}

/// The numbers that ended it.
pub(super) fn evidence(cause: Cause, limits: &Limits, of: &Reading) -> String {
    match cause {
        Cause::Memory => format!(
            "{} KiB available, reserve {} KiB",
            of.available_kib.unwrap_or(0),
            limits.reserve_kib
        ),
        Cause::Pressure => format!("more than {} % of 10 s", limits.full_percent.unwrap_or(0)),
        Cause::Deadlines => format!("{} missed in all", of.missed),
        _ => String::new(),
    }
}

/// That it has ended: with so many containers begun, and so many that count.
pub(super) fn ended(
    cause: Option<Cause>,
    (begun, held): (u64, Option<u64>),
    evidence: &str,
) -> String {
    let (who, why) = cause.map_or(("", ""), |cause| {
        let [_, why] = cause.names();
        (cause.ender().name(), why)
    });
    let undone = match begun {
        0 => String::new(),
        1 => "; 1 container is undone now".to_owned(),
        many => format!("; {many} containers are undone now"),
    };
    let held = counted(held.unwrap_or(0), "container");
    let evidence = told(evidence);
    format!("ended by {who} at {held}: {why}{evidence}{undone}")
}
