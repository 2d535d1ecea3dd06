//! Findings in words: each a sentence or two, with its figures.

mod log;
mod machine;
mod processes;
mod run;

pub(crate) use log::clauses;

use super::figures::{counted, span};
use crate::series::finding::{ClockFinding, Finding, Grade};

/// A finding in words.
pub(crate) fn words(finding: &Finding) -> String {
    match finding {
        Finding::Run(finding) => run::words(finding),
        Finding::Machine(finding) => machine::words(finding),
        Finding::Processes(finding) => processes::words(finding),
        Finding::Log(finding) => log::words(finding),
        Finding::Clocks(finding) => clocks(finding),
    }
}

fn clocks(finding: &ClockFinding) -> String {
    match *finding {
        ClockFinding::Unsynchronised => {
            "The start time may be wrong: the kernel's clock was not synchronised.".to_owned()
        }
        ClockFinding::Set {
            times,
            by_ms,
            farthest_ms,
        } => {
            let farthest = match farthest_ms.unsigned_abs() > by_ms.unsigned_abs() {
                true => format!(" (at the farthest {})", signed(farthest_ms)),
                false => String::new(),
            };
            format!(
                "The clock was set {} during the run, by {} in all{farthest}: no figure depends on \
                 it.",
                counted(times, "time"),
                signed(by_ms)
            )
        }
        ClockFinding::Slept { times, ms } => format!(
            "The board was suspended {}, for {} in all, which no interval includes.",
            counted(times, "time"),
            span(ms.saturating_mul(1000))
        ),
    }
}

/// How far a clock was set, forward or back.
fn signed(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "+" };
    format!("{sign}{}", span(ms.unsigned_abs().saturating_mul(1000)))
}

/// A sentence, and the grade of what it says.
pub(crate) type Remark = (Grade, String);

pub(crate) fn caution(said: String) -> Remark {
    (Grade::Caution, said)
}

/// Sentences by the grade of what they say.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    all: Vec<Remark>,
}

impl Remarks {
    pub(crate) fn of(findings: &[Finding]) -> Self {
        let said = findings.iter();
        said.map(|finding| (finding.grade(), words(finding)))
            .collect()
    }

    /// All of them, the gravest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Grade, &str)> + '_ {
        let grades = Grade::ALL.into_iter();
        grades.flat_map(|grade| self.graded(grade).map(move |sentence| (grade, sentence)))
    }

    /// Those of one grade.
    pub(crate) fn graded(&self, grade: Grade) -> impl Iterator<Item = &str> + '_ {
        let all = self.all.iter().filter(move |(other, _)| *other == grade);
        all.map(|(_, sentence)| &sentence[..])
    }

    /// Those that cast doubt on the run: all but notes.
    pub(crate) fn doubts(&self) -> impl Iterator<Item = &str> + '_ {
        let grades = Grade::ALL.into_iter().filter(|grade| *grade > Grade::Note);
        grades.flat_map(|grade| self.graded(grade))
    }

    /// The doubts in short, for the head of a page; `None` where there are none.
    pub(crate) fn validity(&self) -> Option<String> {
        let cautions = self.graded(Grade::Caution).count() as u64;
        let reasons = self.graded(Grade::Invalid).count() as u64;
        let cautions = (cautions > 0).then(|| counted(cautions, "caution"));
        let invalid = match reasons {
            0 => None,
            _ => Some(format!("not valid for {}", counted(reasons, "reason"))),
        };
        let both: Vec<String> = invalid.into_iter().chain(cautions).collect();
        (!both.is_empty()).then(|| both.join(", "))
    }

    /// Those of some grades alone.
    pub(crate) fn only(&self, grades: &[Grade]) -> Self {
        let all = self.all.iter();
        all.filter(|(grade, _)| grades.contains(grade))
            .cloned()
            .collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

impl FromIterator<Remark> for Remarks {
    fn from_iter<I: IntoIterator<Item = Remark>>(all: I) -> Self {
        Self {
            all: all.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remarks(grades: &[Grade]) -> Remarks {
        let said = grades.iter().map(|grade| (*grade, grade.name().to_owned()));
        said.collect()
    }

    /// 1970 at first, then 55 years of 365 days on, and back to what it was and 30 min.
    #[test]
    fn a_clock_that_was_set_and_set_back_is_told_as_such() {
        let said = |by_ms, farthest_ms| {
            clocks(&ClockFinding::Set {
                times: 2,
                by_ms,
                farthest_ms,
            })
        };
        let whole = |far: &str| {
            format!("The clock was set 2 times during the run, by {far}: no figure depends on it.")
        };
        let years = 55 * 365 * 86_400_000;
        assert_eq!(
            said(1_800_000, years),
            whole("+30 min 0 s in all (at the farthest +20075 d 0 h)")
        );
        assert_eq!(
            said(0, -years),
            whole("+0 s in all (at the farthest -20075 d 0 h)")
        );
        assert_eq!(said(-1500, -1500), whole("-1.5 s in all"));
    }

    #[test]
    fn validity_counts_what_is_in_doubt() {
        use Grade::{Caution, Invalid, Note};
        assert_eq!(remarks(&[Note]).validity(), None);
        let said = |grades| remarks(grades).validity().unwrap();
        assert_eq!(said(&[Caution, Note]), "1 caution");
        assert_eq!(said(&[Invalid]), "not valid for 1 reason");
        assert_eq!(
            said(&[Caution, Invalid, Caution, Invalid]),
            "not valid for 2 reasons, 2 cautions"
        );
    }
}
