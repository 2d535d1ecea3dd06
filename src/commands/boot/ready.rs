//! `boot restart --finish --check`: when the product was ready.

use crate::commands::outcome::Error;
use crate::proc::root::Root;
use crate::render::boot::READY;
use crate::results::Measurement;
use crate::survive::checks::{steady, Checks, Judged, Spec, Timing, Trial, Watcher};
use crate::system::clock::boottime_ns;
use crate::system::signals::EndSignals;
use std::os::fd::AsFd;
use std::time::Duration;

/// Between two tries to look up the names of hosts.
const LOOK: Duration = Duration::from_millis(500);

/// Adds when all checks were answered with yes, and stayed so, since the kernel began.
///
/// # Errors
/// Where nothing can be asked.
pub(super) fn put(told: &mut Measurement, specs: &[Spec], root: &Root) -> Result<(), Error> {
    if specs.is_empty() {
        return Ok(());
    }
    let failed = |errno: nix::Error| Error::cannot("check the product", errno);
    let signals = EndSignals::block().map_err(failed)?;
    let descriptor = signals.descriptor().map_err(failed)?;
    let timing = Timing::default();
    let start_ns = boottime_ns();
    let checks = loop {
        let why = match Checks::new(specs.to_vec(), root) {
            Ok(checks) => break checks,
            Err(why) => why,
        };
        // Names are to be had once there is a network.
        let is_over = u128::from(boottime_ns() - start_ns) > timing.within.as_nanos();
        if is_over || signals.within(LOOK) {
            told.mark(READY, None, why);
            return Ok(());
        }
    };
    let mut watcher = Watcher::new(&checks, timing, root);
    let trial = Trial::new(start_ns, timing.within, timing.stable);
    match steady(&mut watcher, trial, &signals, descriptor.as_fd()) {
        Some(Judged::Stable {
            outage_ns: 0,
            ready_ns,
        }) => {
            let note = "at the latest, after the kernel began: it was ready before it was asked";
            told.mark(READY, Some(ready_ns / 1000), note);
        }
        Some(Judged::Stable { ready_ns, .. }) => {
            told.mark(READY, Some(ready_ns / 1000), "after the kernel began");
        }
        Some(Judged::Failed { why, .. }) => told.mark(READY, None, why),
        None => told.mark(READY, None, "ended by a signal"),
    }
    told.evidence.extend(watcher.evidence());
    Ok(())
}
