//! Whether the product is healthy again in time, and for how long it was not.

use super::probe::Lack;
use super::watcher::{nanoseconds, Health, Watcher};
use crate::system::clock::boottime_ns;
use crate::system::signals::EndSignals;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Times are of CLOCK_BOOTTIME.
#[derive(Debug, Clone)]
pub(crate) struct Trial {
    mark_ns: u64,
    deadline_ns: u64,
    stable_ns: u64,
    failed_ns: Option<u64>,
}

/// How a trial ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    Stable {
        /// From the first no to the last yes that came before it was stable.
        outage_ns: u64,
        ready_ns: u64,
    },
    Failed {
        outage_ns: u64,
        why: String,
        lack: Lack,
    },
}

impl Trial {
    /// One that began at `mark_ns`; the product is to be healthy `within` that time, and
    /// stay so.
    pub(crate) fn new(mark_ns: u64, within: Duration, stable: Duration) -> Self {
        Self {
            mark_ns,
            deadline_ns: mark_ns.saturating_add(nanoseconds(within)),
            stable_ns: nanoseconds(stable),
            failed_ns: None,
        }
    }

    /// The same after a restart, which is an outage from its beginning on.
    pub(crate) fn of_restart(self, begun_ns: u64) -> Self {
        Self {
            failed_ns: Some(begun_ns),
            ..self
        }
    }

    /// Looks at the answers; to be called after each wait.
    pub(crate) fn look(&mut self, health: Health<'_>, now_ns: u64) -> Option<Judged> {
        match health {
            Health::Unknown => None,
            Health::Healthy { since_ns } => {
                let is_stable = now_ns >= since_ns.saturating_add(self.stable_ns);
                is_stable.then(|| Judged::Stable {
                    outage_ns: self
                        .failed_ns
                        .map_or(0, |failed| since_ns.saturating_sub(failed)),
                    ready_ns: since_ns,
                })
            }
            Health::Failing {
                since_ns,
                check,
                why,
                lack,
            } => {
                let failed_ns = *self.failed_ns.get_or_insert(since_ns.max(self.mark_ns));
                (now_ns >= self.deadline_ns).then(|| Judged::Failed {
                    outage_ns: now_ns.saturating_sub(failed_ns),
                    why: format!("{check}: {why}"),
                    lack,
                })
            }
        }
    }

    /// When it is to be looked at again though nothing has happened.
    pub(crate) fn wake_ns(&self, health: Health<'_>) -> u64 {
        match health {
            Health::Healthy { since_ns } => since_ns.saturating_add(self.stable_ns),
            Health::Failing { .. } => self.deadline_ns,
            Health::Unknown => u64::MAX,
        }
    }
}

/// Asks the checks until the trial has ended; `None` where a signal ended it before.
/// `descriptor` is that of `signals`.
pub(crate) fn steady(
    watcher: &mut Watcher<'_>,
    mut trial: Trial,
    signals: &EndSignals,
    descriptor: BorrowedFd<'_>,
) -> Option<Judged> {
    loop {
        let wake_ns = trial.wake_ns(watcher.health());
        // A signal that continues a process is none that ends it.
        if watcher.wait(&[descriptor], wake_ns) != 0 && signals.within(Duration::ZERO) {
            return None;
        }
        if let Some(judged) = trial.look(watcher.health(), boottime_ns()) {
            return Some(judged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000_000;

    fn trial() -> Trial {
        Trial::new(100 * S, Duration::from_secs(180), Duration::from_secs(10))
    }

    fn failing(since_ns: u64) -> Health<'static> {
        Health::Failing {
            since_ns,
            check: "tcp://10.0.0.1:80",
            why: "Connection refused",
            lack: Lack::Unhealthy,
        }
    }

    fn stable(outage_ns: u64, ready_ns: u64) -> Option<Judged> {
        Some(Judged::Stable {
            outage_ns,
            ready_ns,
        })
    }

    #[test]
    fn one_that_never_fails_has_no_outage() {
        let mut trial = trial();
        assert_eq!(trial.look(Health::Unknown, 100 * S), None);
        let healthy = Health::Healthy { since_ns: 101 * S };
        assert_eq!(trial.look(healthy, 111 * S - 1), None);
        assert_eq!(trial.wake_ns(healthy), 111 * S);
        assert_eq!(trial.look(healthy, 111 * S), stable(0, 101 * S));
    }

    #[test]
    fn an_outage_lasts_from_the_first_no_to_the_last_return() {
        let mut trial = trial();
        // Asked before the change, answered after it.
        assert_eq!(trial.look(failing(99 * S), 101 * S), None);
        let healthy = |since_ns| Health::Healthy { since_ns };
        assert_eq!(trial.look(healthy(120 * S), 125 * S), None);
        assert_eq!(trial.look(failing(126 * S), 127 * S), None);
        assert_eq!(
            trial.look(healthy(130 * S), 140 * S),
            stable(30 * S, 130 * S)
        );
    }

    #[test]
    fn what_is_unhealthy_at_the_deadline_has_failed() {
        let mut trial = trial();
        assert_eq!(trial.look(failing(110 * S), 279 * S), None);
        assert_eq!(trial.wake_ns(failing(110 * S)), 280 * S);
        let failed = Judged::Failed {
            outage_ns: 170 * S,
            why: "tcp://10.0.0.1:80: Connection refused".to_owned(),
            lack: Lack::Unhealthy,
        };
        assert_eq!(trial.look(failing(110 * S), 280 * S), Some(failed));
        // Healthy before the deadline: it may become stable after it.
        let late = Health::Healthy { since_ns: 279 * S };
        assert_eq!(trial.look(late, 285 * S), None);
        assert_eq!(trial.look(late, 289 * S), stable(169 * S, 279 * S));
    }
}
