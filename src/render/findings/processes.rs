//! Findings about the processes and their memory in words.

use super::super::escape::escaped;
use super::super::figures::{counted, share, was};
use super::super::privilege::{self, remedy};
use crate::log::fields::MAX_DEVICES;
use crate::log::record::PssMode;
use crate::proc::capabilities::Privilege;
use crate::series::finding::ProcessFinding;

const TABLES_UNCERTAIN: &str =
    "Too many short-lived processes: a recurring name may be missing from the tables.";

pub(crate) fn words(finding: &ProcessFinding) -> String {
    match finding {
        ProcessFinding::NoPss(mode) => {
            let why = match mode {
                PssMode::Off => "PSS was not recorded",
                PssMode::Exact | PssMode::Auto => "PSS could not be read for any process",
            };
            format!("{why}: processes are shown with RSS, which counts shared pages in each.")
        }
        ProcessFinding::UnderReported { release } => format!(
            "Linux {} may report too little PSS for a process that maps memory while it is read, \
             unless the distribution has backported the fix (commit 6d065f507d82; in 6.6.34, 6.9.5 \
             and 6.10).",
            escaped(release.as_bytes())
        ),
        ProcessFinding::Hidden(privilege) => format!("Other {}.", privilege::hidden(*privilege)),
        ProcessFinding::Unreadable {
            processes,
            one,
            privilege,
        } => {
            let one = one.as_ref().map(|(pid, comm)| (*pid, &comm[..]));
            format!("The {}.", privilege::unread(*processes, one, *privilege))
        }
        ProcessFinding::LeftOut(processes) => format!(
            "Up to {} not tracked: the recorder's table was full. The largest are tracked.",
            was(*processes, "process at a time")
        ),
        ProcessFinding::NotRead(processes) => format!(
            "Up to {} at a time could not be read: out of descriptors or memory, or a kernel error. \
             They keep their last figures, or have none.",
            counted(*processes, "process")
        ),
        ProcessFinding::DevicesLeftOut(devices) => format!(
            "Up to {} not recorded: the limit is {MAX_DEVICES} disks and interfaces.",
            was(*devices, "device at a time")
        ),
        ProcessFinding::StalePss { stale, of, failed } => format!(
            "{} % of the PSS figures are stale: when they were due, the recorder's budget was used \
             up (--pss-budget){}.",
            share(*stale, *of),
            if *failed { ", or reading failed" } else { "" }
        ),
        ProcessFinding::EstimatedPss { estimates, of } => format!(
            "{} % of the PSS figures are estimates: the last PSS plus the growth of RSS since.",
            share(*estimates, *of)
        ),
        ProcessFinding::ProductPartly {
            samples,
            of,
            denied,
            failed,
        } => {
            let why = partly(*denied, *failed);
            format!("The product's PSS is too small in {samples} of {of} samples: a process {why}.")
        }
        ProcessFinding::TablesUncertain => TABLES_UNCERTAIN.to_owned(),
    }
}

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
    use crate::proc::capabilities::Privilege;

    #[test]
    fn why_a_products_pss_is_partly_known() {
        let nobody = Privilege {
            euid: 65_534,
            cap_eff: 0,
        };
        for (denied, failed, how, why) in [
            (
                Some(nobody),
                false,
                "could not be read",
                "run as root, or with CAP_SYS_PTRACE",
            ),
            (
                None,
                false,
                "had not been read yet",
                "the recorder's budget was used up (--pss-budget)",
            ),
            (
                None,
                true,
                "had not been read yet",
                "reading failed, or the recorder's budget was used up (--pss-budget)",
            ),
        ] {
            let finding = ProcessFinding::ProductPartly {
                samples: 2,
                of: 5,
                denied,
                failed,
            };
            let expected = format!(
                "The product's PSS is too small in 2 of 5 samples: a process {how} ({why})."
            );
            assert_eq!(words(&finding), expected);
        }
    }
}
