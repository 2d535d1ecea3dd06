//! Sentences on a run or a comparison, by their grade.

use crate::series::finding::{Finding, Grade};
use crate::words::figures::counted;

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
        said.map(|finding| (finding.grade, finding.text.clone()))
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
