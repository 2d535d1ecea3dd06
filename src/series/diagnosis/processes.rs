//! Findings about the processes: which are not in the log, and how their memory is known.

use super::super::finding::{by_share, caution, note, Finding};
use super::super::run::{Memory, Options, Run};
use crate::log::fields::MAX_DEVICES;
use crate::log::record::PssMode;
use crate::proc::capabilities::Privilege;
use crate::proc::release::under_reports_smaps_rollup;
use crate::words::counted;
use crate::words::escape::escaped;
use crate::words::figures::{share, was};
use crate::words::privilege::{self, remedy};

/// The cells of a comparison say where PSS is missing; what its tables of processes lack
/// does not touch its figures.
fn of_report(name: &'static str, text: impl Into<String>) -> Finding {
    note(name, text).only_for_its_report()
}

pub(super) fn look(run: &Run, options: &Options, found: &mut Vec<Finding>) {
    let quality = &run.quality;
    let is_pss = run.memory == Memory::Pss;
    let release = run.header.release.as_bytes();
    let privilege = Privilege {
        euid: run.header.euid,
        cap_eff: quality.cap_eff,
    };
    if options.memory == Memory::Pss && !is_pss {
        let why = match run.header.pss {
            PssMode::Off => "PSS was not recorded",
            PssMode::Exact | PssMode::Auto => "PSS could not be read for any process",
        };
        let text =
            format!("{why}: processes are shown with RSS, which counts shared pages in each.");
        found.push(of_report("no-pss", text));
    }
    if is_pss && under_reports_smaps_rollup(release) {
        let text = format!(
            "Linux {} may report too little PSS for a process that maps memory while it is read, \
             unless the distribution has backported the fix (commit 6d065f507d82; in 6.6.34, 6.9.5 \
             and 6.10).",
            escaped(release)
        );
        found.push(caution("pss-under-reported", text));
    }
    unseen(run, privilege, found);
    if is_pss {
        of_pss(run, found);
    }
    let product = run.product.as_ref();
    if let Some(product) = product.filter(|product| product.pss_partly > 0) {
        let denied = product.pss_denied.then_some(privilege);
        let why = partly(denied, quality.not_read > 0);
        let (samples, of) = (product.pss_partly, run.samples);
        let text = format!(
            "The product's PSS is too small in {samples} of {of} samples: a process {why}."
        );
        found.push(caution("product-pss-partly", text).count(samples));
    }
    if run.uncertain {
        let text =
            "Too many short-lived processes: a recurring name may be missing from the tables.";
        found.push(of_report("tables-uncertain", text));
    }
}

/// Processes and devices that the recorder could not see, read or follow.
fn unseen(run: &Run, privilege: Privilege, found: &mut Vec<Finding>) {
    let quality = &run.quality;
    if quality.hidden {
        let text = format!("Other {}.", privilege::hidden(privilege));
        found.push(caution("processes-hidden", text));
    } else if quality.unreadable > 0 {
        let one = quality.unreadable_process.as_ref();
        let one = one.map(|(pid, comm)| (*pid, &comm[..]));
        let unread = privilege::unread(quality.unreadable, one, privilege);
        let text = format!("The {unread}.");
        found.push(note("memory-unreadable", text).count(quality.unreadable));
    }
    found.extend(left_out(quality.left_out));
    if quality.not_read > 0 {
        let text = format!(
            "Up to {} at a time could not be read: out of descriptors or memory, or a kernel \
             error. They keep their last figures, or have none.",
            counted(quality.not_read, "process")
        );
        found.push(caution("processes-not-read", text).count(quality.not_read));
    }
    let devices = run.health.devices.left_out;
    if devices > 0 {
        let text = format!(
            "Up to {} not recorded: the limit is {MAX_DEVICES} disks and interfaces.",
            was(devices, "device at a time")
        );
        found.push(of_report("devices-left-out", text));
    }
}

/// Processes that were not followed, so many at one time.
pub(crate) fn left_out(processes: u64) -> Option<Finding> {
    let text = format!(
        "Up to {} not tracked: the recorder's table was full. The largest are tracked.",
        was(processes, "process at a time")
    );
    (processes > 0).then(|| caution("processes-left-out", text).count(processes))
}

/// Readings that were due and were not taken, and estimates.
fn of_pss(run: &Run, found: &mut Vec<Finding>) {
    let quality = &run.quality;
    let (stale, estimates) = (quality.pss_stale, quality.pss_estimates);
    let of = quality.pss_figures;
    if stale > 0 {
        let failed = match quality.not_read > 0 {
            true => ", or reading failed",
            false => "",
        };
        let text = format!(
            "{} % of the PSS figures are stale: when they were due, the recorder's budget was used \
             up (--pss-budget){failed}.",
            share(stale, of)
        );
        found.push(by_share("pss-stale", stale, of, text));
    }
    if estimates > 0 {
        let text = format!(
            "{} % of the PSS figures are estimates: the last PSS plus the growth of RSS since.",
            share(estimates, of)
        );
        found.push(of_report("pss-estimated", text).share(estimates, of));
    }
}

/// Why the PSS of a process is not known: it may not be read, or was due and was not.
fn partly(denied: Option<Privilege>, failed: bool) -> String {
    let budget = "the recorder's budget was used up (--pss-budget)";
    match (denied, failed) {
        (Some(privilege), _) => format!("could not be read ({})", remedy(privilege)),
        (None, true) => format!("had not been read yet (reading failed, or {budget})"),
        (None, false) => format!("had not been read yet ({budget})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_products_pss_is_partly_known() {
        let nobody = Privilege {
            euid: 65_534,
            cap_eff: 0,
        };
        for (denied, failed, expected) in [
            (
                Some(nobody),
                false,
                "could not be read (run as root, or with CAP_SYS_PTRACE)",
            ),
            (
                None,
                false,
                "had not been read yet (the recorder's budget was used up (--pss-budget))",
            ),
            (
                None,
                true,
                "had not been read yet (reading failed, or the recorder's budget was used up \
                 (--pss-budget))",
            ),
        ] {
            assert_eq!(partly(denied, failed), expected);
        }
    }
}
