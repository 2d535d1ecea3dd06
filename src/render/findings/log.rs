//! In words: what of the run is not in the log.

use super::super::figures::counted;
use crate::series::finding::LogFinding;

pub fn words(finding: &LogFinding) -> String {
    match finding {
        LogFinding::CutOff => "The run was cut off: its end is not in the log.".to_owned(),
        LogFinding::EndedBySignal => "The run was ended by a signal.".to_owned(),
        LogFinding::RecorderFailed => "The recorder failed before the run's end.".to_owned(),
        LogFinding::Missed { deadlines, of } => format!(
            "{deadlines} of {} passed without a sample: the machine was too busy, or slept.",
            counted(*of, "deadline", "deadlines")
        ),
        LogFinding::Damaged {
            places,
            bytes,
            lost,
            torn,
        } => {
            let torn = match torn {
                true => "; it ends in the middle of a record",
                false => "",
            };
            format!(
                "The log is damaged in {}, {}: {} lost{torn}.",
                counted(*places, "place", "places"),
                counted(*bytes, "byte", "bytes"),
                counted(*lost, "sample", "samples")
            )
        }
        LogFinding::Gap { lost } => format!(
            "{} lost: the log has a gap.",
            counted(*lost, "sample was", "samples were")
        ),
        LogFinding::NewerPart(version) => {
            format!("A part of the log is in version {version} of the format, and was passed over.")
        }
        LogFinding::Overwritten(intervals) => format!(
            "The first {} of the run were overwritten: the log was bounded in size.",
            counted(*intervals, "interval", "intervals")
        ),
    }
}
