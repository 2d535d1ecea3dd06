//! In words: the processes and their memory.

use super::super::escape::escaped;
use super::super::figures::{counted, share};
use super::super::privilege::{self, remedy};
use crate::log::fields::MAX_DEVICES;
use crate::log::record::PssMode;
use crate::series::finding::ProcessFinding;

pub(crate) fn words(finding: &ProcessFinding) -> String {
    match finding {
        ProcessFinding::NoPss(mode) => {
            let why = match mode {
                PssMode::Off => "PSS was not recorded",
                PssMode::Exact | PssMode::Auto => "PSS could not be read of any process",
            };
            format!("{why}: processes are shown with RSS, in which shared pages count for each.")
        }
        ProcessFinding::UnderReported { release } => format!(
            "Linux {} may report too little PSS for a process that maps memory while it is read, \
             unless the distribution has mended it (commit 6d065f507d82, in 6.6.34, 6.9.5 and \
             6.10).",
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
            at_a_time(*processes, "process", "processes")
        ),
        ProcessFinding::NotRead(processes) => format!(
            "Up to {} at a time could not be read: no descriptor or memory was left, or the kernel \
             failed. Their last figures stand, or they have none.",
            counted(*processes, "process", "processes")
        ),
        ProcessFinding::DevicesLeftOut(devices) => format!(
            "Up to {} not recorded: there is room for {MAX_DEVICES} disks and interfaces.",
            at_a_time(*devices, "device", "devices")
        ),
        ProcessFinding::StalePss { stale, of, failed } => format!(
            "{} % of the PSS figures are stale: they were due to be read, and the recorder's budget \
             was used up (--pss-budget){}.",
            share(*stale, *of),
            if *failed { ", or reading failed" } else { "" }
        ),
        ProcessFinding::EstimatedPss { estimates, of } => format!(
            "{} % of the PSS figures are estimates: PSS when last read, and what RSS grew by since.",
            share(*estimates, *of)
        ),
        ProcessFinding::ProductPartly {
            samples,
            of,
            denied,
            failed,
        } => format!(
            "PSS of a process of the product {} at {samples} of {of} samples. The sum is too \
             small: {}.",
            match denied {
                Some(_) => "could not be read",
                None => "was not read yet",
            },
            match (denied, failed) {
                (Some(privilege), _) => remedy(*privilege),
                (None, true) => "reading failed, or the recorder's budget was used up (--pss-budget)",
                (None, false) => "the recorder's budget was used up (--pss-budget)",
            }
        ),
        ProcessFinding::TablesUncertain => {
            "Too many short-lived processes: a recurring name may be missing from the tables."
                .to_owned()
        }
    }
}

/// `1 process at a time was`, `2 processes at a time were`.
fn at_a_time(count: u64, one: &str, many: &str) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} at a time {verb}", counted(count, one, many))
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
                "was not read yet",
                "the recorder's budget was used up (--pss-budget)",
            ),
            (
                None,
                true,
                "was not read yet",
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
                "PSS of a process of the product {how} at 2 of 5 samples. The sum is too small: \
                 {why}."
            );
            assert_eq!(words(&finding), expected);
        }
    }
}
