//! The course of a change: healthy before, the change, the trials.

use super::judgement::Judgement;
use super::undo::{complain_of, put_back};
use crate::commands::outcome::Error;
use crate::proc::root::Root;
use crate::survive::checks::{steady, Judged, Timing, Trial, Watcher};
use crate::survive::dead_man::DeadMan;
use crate::survive::saved::{forget, Saved, FILE};
use crate::survive::session::{Session, Stop};
use crate::system::clock::boottime_ns;
use crate::system::command::{Command, Exit};
use crate::system::errno::reason;
use crate::system::signals::EndSignals;
use std::io::Write;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Beside both trials: the restart, and checks that take long.
const MARGIN: Duration = Duration::from_secs(600);
/// A restart, when nothing else is to be looked at.
const RESTART: Duration = Duration::from_secs(240);

/// All that is there before anything is changed.
pub(super) struct Ready<'r> {
    pub(super) root: &'r Root,
    pub(super) iface: &'r str,
    pub(super) saved: Saved,
    pub(super) managers: Vec<String>,
    pub(super) forced: bool,
}

/// Waits until the product has been healthy for a while.
///
/// # Errors
/// Where it is not.
pub(super) fn healthy(
    watcher: &mut Watcher<'_>,
    signals: &EndSignals,
    descriptor: BorrowedFd<'_>,
) -> Result<(), Error> {
    let trial = Trial::new(boottime_ns(), Duration::ZERO, watcher.timing().stable);
    match steady(watcher, trial, signals, descriptor) {
        Some(Judged::Stable { .. }) => Ok(()),
        Some(Judged::Failed { why, .. }) => {
            Err(Error::new(format!("not healthy before the change: {why}")))
        }
        None => Err(Error::new("ended by a signal; nothing was changed")),
    }
}

/// By then both trials and the restart are over, each with a last answer that was waited for.
fn longest(timing: Timing) -> Duration {
    (timing.within + timing.stable) * 2 + MARGIN.max(timing.time_out * 2 + RESTART)
}

/// Changes the address and judges. What was changed is told first.
///
/// # Errors
/// Where nothing was changed.
pub(super) fn change(
    ready: &Ready<'_>,
    session: &mut Session<'_>,
    watcher: &mut Watcher<'_>,
    restart: Option<&Command>,
    out: &mut dyn Write,
) -> Result<(String, Judgement), Error> {
    let (saved, timing) = (&ready.saved, watcher.timing());
    let time = longest(timing);
    tell(ready, time, out);
    saved.keep().map_err(|errno| {
        Error::new(format!(
            "cannot keep the old state in {FILE}: {}",
            reason(errno)
        ))
    })?;
    let until_ns = boottime_ns().saturating_add(time.as_nanos() as u64);
    match DeadMan::arm(saved, ready.root, until_ns, ready.forced) {
        Ok(dead_man) => session.dead_man = Some(dead_man),
        Err(why) => {
            forget();
            return Err(Error::new(format!("nothing was changed: {why}")));
        }
    }
    let (mark_ns, failures) = match session.change() {
        Ok(done) => done,
        Err(errno) => {
            complain_of(&put_back(session)?, ready.iface);
            let (to, why) = (saved.change.to, reason(errno));
            return Err(Error::new(format!(
                "{}: cannot change to {to}: {why}",
                ready.iface
            )));
        }
    };
    let change = saved.change;
    let what = format!("{}: {} in place of {}", ready.iface, change.to, change.from);
    watcher.begin(Some((change.from, change.to)));
    let notes = failures.iter();
    let mut judgement = Judgement {
        notes: notes
            .map(|failure| format!("not brought along: {failure}"))
            .collect(),
        ..Judgement::default()
    };
    if let Err(stop) = trials(session, watcher, restart, mark_ns, &mut judgement) {
        judgement.stop = Some(stop);
    }
    Ok((what, judgement))
}

/// Both verdicts.
fn trials(
    session: &mut Session<'_>,
    watcher: &mut Watcher<'_>,
    restart: Option<&Command>,
    mark_ns: u64,
    judgement: &mut Judgement,
) -> Result<(), Stop> {
    let timing = watcher.timing();
    let trial = Trial::new(mark_ns, timing.within, timing.stable);
    let stays = session.judge(watcher, trial)?;
    let has_failed = matches!(stays, Judged::Failed { .. });
    judgement.stays = Some((stays, watcher.evidence()));
    let Some(restart) = restart.filter(|_| has_failed) else {
        return Ok(());
    };
    let mark_ns = boottime_ns();
    if let Err(why) = session.restart(watcher, restart)? {
        judgement.notes.push(format!("the restart failed: {why}"));
    }
    let change = session.saved.change;
    watcher.begin(Some((change.from, change.to)));
    let trial = Trial::new(boottime_ns(), timing.within, timing.stable);
    let back = session.judge(watcher, trial.of_restart(mark_ns))?;
    judgement.restarted = Some((back, watcher.evidence()));
    Ok(())
}

/// What a user must know before: on this terminal, perhaps.
fn tell(ready: &Ready<'_>, time: Duration, out: &mut dyn Write) {
    let (iface, change) = (ready.iface, ready.saved.change);
    let (from, to, len) = (change.from, change.to, change.prefix_len);
    // Nobody may be there to read it.
    let _ = writeln!(
        out,
        "{iface} gets {to}/{len} in place of {from} now. An SSH session over {from} freezes until it is \
         back, in {} s at the latest.",
        time.as_secs()
    );
    for manager in &ready.managers {
        let _ = writeln!(
            out,
            "{iface} is managed by {manager}, which may put {from} back."
        );
    }
    let _ = out.flush();
}

/// Waits for somebody else's change, and judges.
pub(super) fn observe(
    ready: &Ready<'_>,
    session: &mut Session<'_>,
    watcher: &mut Watcher<'_>,
    out: &mut dyn Write,
) -> (String, Judgement) {
    let (iface, from) = (ready.iface, ready.saved.change.from);
    let _ = writeln!(
        out,
        "Healthy. Waiting until {iface} loses {from}, gets another address, or its cable goes."
    );
    let _ = out.flush();
    let mut judgement = Judgement::default();
    let mut what = iface.to_owned();
    let judged = session
        .await_change(watcher)
        .and_then(|(mark_ns, happened)| {
            what = format!("{iface}: {happened}");
            let timing = watcher.timing();
            watcher.begin(session.address_now().map(|now| (from, now)));
            session.judge(watcher, Trial::new(mark_ns, timing.within, timing.stable))
        });
    match judged {
        Ok(judged) => judgement.stays = Some((judged, watcher.evidence())),
        Err(stop) => judgement.stop = Some(stop),
    }
    if let Some(now) = session.address_now() {
        what.push_str(&format!("; {from} before, {now} after"));
    }
    (what, judgement)
}

/// Waits for the product again under the old address, and restarts it if it must be;
/// what is wrong with it then.
pub(super) fn healthy_again(
    watcher: &mut Watcher<'_>,
    restart: Option<&Command>,
    signals: &EndSignals,
    descriptor: BorrowedFd<'_>,
) -> String {
    let timing = watcher.timing();
    let mut restart = restart;
    loop {
        watcher.begin(None);
        let trial = Trial::new(boottime_ns(), timing.within, timing.stable);
        match (steady(watcher, trial, signals, descriptor), restart.take()) {
            (Some(Judged::Stable { .. }), _) => return String::new(),
            (Some(Judged::Failed { .. }), Some(restart)) => {
                let ended = restart.run(RESTART, &mut |_| ());
                if !matches!(ended.map(|ended| ended.exit), Ok(Exit::Status(0))) {
                    return "its restart failed".to_owned();
                }
            }
            (Some(Judged::Failed { why, .. }), None) => return why,
            (None, _) => return "not waited for: ended by a signal".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_state_comes_back_after_the_last_answer() {
        let usual = Timing::default();
        assert_eq!(longest(usual).as_secs(), 2 * (180 + 10) + 600);
        let slow = Timing {
            time_out: Duration::from_secs(1000),
            ..usual
        };
        assert_eq!(longest(slow).as_secs(), 2 * (180 + 10) + 2 * 1000 + 240);
    }
}
