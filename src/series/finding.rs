//! What a reader must know to interpret a run's figures: a sentence or two each.
//! [`diagnose`](super::diagnosis::diagnose) finds them, once for each run.

/// How far a finding puts the run in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// Every figure is right; this is good to know.
    Note,
    /// Some figures may not mean what they seem to mean.
    Caution,
    /// The run is no measurement of what it was recorded for.
    Invalid,
}

impl Grade {
    /// The gravest first.
    pub(crate) const ALL: [Self; 3] = [Self::Invalid, Self::Caution, Self::Note];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Caution => "caution",
            Self::Note => "note",
        }
    }
}

/// From this share on, percent, missed deadlines and stale PSS figures matter.
const MANY: u64 = 1;

/// Whether a part is this many percent of the whole, or more.
pub(super) fn is_percent(part: u64, whole: u64, percent: u64) -> bool {
    whole > 0 && u128::from(part) * 100 >= u128::from(percent) * u128::from(whole)
}

/// A finding about one run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    /// The kind of finding, for programs: this never changes.
    pub(crate) name: &'static str,
    pub(crate) grade: Grade,
    pub(crate) text: String,
    /// How much of it there is, to tell the worst of several runs.
    pub(crate) extent: f64,
    /// It matters in a comparison of runs, and not only in the run's own report.
    pub(crate) is_for_comparison: bool,
}

fn graded(grade: Grade, name: &'static str, text: impl Into<String>) -> Finding {
    Finding {
        name,
        grade,
        text: text.into(),
        extent: 0.0,
        is_for_comparison: true,
    }
}

pub(super) fn note(name: &'static str, text: impl Into<String>) -> Finding {
    graded(Grade::Note, name, text)
}

pub(super) fn caution(name: &'static str, text: impl Into<String>) -> Finding {
    graded(Grade::Caution, name, text)
}

pub(super) fn invalid(name: &'static str, text: impl Into<String>) -> Finding {
    graded(Grade::Invalid, name, text)
}

/// A caution where the part is large enough to matter, else a note.
pub(super) fn by_share(name: &'static str, part: u64, whole: u64, text: String) -> Finding {
    let finding = match is_percent(part, whole, MANY) {
        true => caution(name, text),
        false => note(name, text),
    };
    finding.share(part, whole)
}

impl Finding {
    pub(super) fn extent(self, extent: f64) -> Self {
        Self { extent, ..self }
    }

    pub(super) fn count(self, count: u64) -> Self {
        self.extent(count as f64)
    }

    /// Its extent is a part of a whole that may be 0.
    pub(super) fn share(self, part: u64, whole: u64) -> Self {
        self.extent(part as f64 / whole.max(1) as f64)
    }

    pub(super) fn only_for_its_report(self) -> Self {
        Self {
            is_for_comparison: false,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_one_percent_is_many() {
        let grade = |part, whole| by_share("", part, whole, String::new()).grade;
        assert_eq!(grade(1, 100), Grade::Caution);
        assert_eq!(grade(1, 101), Grade::Note);
        assert_eq!(grade(0, 0), Grade::Note);
        assert_eq!(grade(u64::MAX, u64::MAX), Grade::Caution);
    }

    #[test]
    fn the_gravest_grade_is_the_greatest() {
        let mut sorted = Grade::ALL;
        sorted.sort();
        sorted.reverse();
        assert_eq!(sorted, Grade::ALL);
    }
}
