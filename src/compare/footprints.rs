//! The PSS of the product's key processes in each run of `footprint --output`.

use super::measured::{Measured, Readings};
use crate::footprint::rows::State;
use crate::footprint::stored::{Part, Parts};
use crate::footprint::summary::{Footprint, Selection, Source};
use crate::log::record::Header;
use crate::products::Profile;
use crate::series::DefinitionOf;
use std::path::Path;

/// The footprints of a log, run by run. Only the sum of each is kept: `--watch` may go on
/// for days.
pub(crate) struct Footprints<'p> {
    definition_of: &'p DefinitionOf<'p>,
    runs: Vec<FootprintRun>,
    parts: Parts,
}

struct FootprintRun {
    header: Header<String>,
    profile: Option<&'static Profile>,
    footprints: u64,
    /// The time of the first footprint that has the product's PSS, after the start.
    known_at_us: Option<u64>,
    /// Of each footprint that has it.
    pss_kib: Vec<f64>,
}

impl<'p> Footprints<'p> {
    pub(crate) fn new(definition_of: &'p DefinitionOf<'p>) -> Self {
        Self {
            definition_of,
            runs: Vec::new(),
            parts: Parts::default(),
        }
    }

    /// Adds the next footprint, or a part of it; `header` is its run's.
    pub(crate) fn add(&mut self, header: &Header<String>, part: &Part) {
        let source = Source::log(header, false, part.at_us);
        let Some(footprint) = self.parts.add(part, source) else {
            return;
        };
        let known = self.runs.iter().rposition(|of| of.header.run == header.run);
        let at = known.unwrap_or(self.runs.len());
        if known.is_none() {
            self.runs.push(FootprintRun {
                header: header.clone(),
                profile: (self.definition_of)(header).profile,
                footprints: 0,
                known_at_us: None,
                pss_kib: Vec::new(),
            });
        }
        if let Some(run) = self.runs.get_mut(at) {
            run.footprints += 1;
            if let Some(kib) = pss_kib(&footprint, run.profile) {
                run.known_at_us.get_or_insert(part.at_us);
                run.pss_kib.push(kib as f64);
            }
        }
    }

    pub(crate) fn finish(self, log: &Path) -> impl Iterator<Item = Measured> + '_ {
        self.runs.into_iter().map(|run| {
            let readings = Readings {
                footprints: run.footprints,
                at_us: run.known_at_us.filter(|_| run.pss_kib.len() == 1),
            };
            Measured::of_footprints(
                log.to_owned(),
                run.header,
                readings,
                run.pss_kib,
                run.profile,
            )
        })
    }
}

/// The PSS of the product's key processes: of the profile's rows, or of all rows if it has
/// no profile. `None` if the footprint was of other processes, or is incomplete.
fn pss_kib(footprint: &Footprint, profile: Option<&'static Profile>) -> Option<u64> {
    let Selection::Keys { profiles, .. } = &footprint.chosen else {
        return None;
    };
    if profile.is_some_and(|own| !profiles.iter().any(|name| name == own.name)) {
        return None;
    }
    let keys = profile.map(Profile::keys);
    let is_own = |label: &[u8]| match &keys {
        Some(keys) => keys.iter().any(|key| key.label.as_bytes() == label),
        None => true,
    };
    let rows = footprint.rows.iter().filter(|row| is_own(&row.label));
    let hidden = footprint.circumstances.hidden;
    rows.map(|row| {
        let whole = match row.state() {
            State::Absent => !hidden,
            // The user's own key may have taken processes of the profile.
            State::Elsewhere => keys.is_none(),
            State::Unreadable | State::Known => row.is_whole(),
        };
        whole.then_some(row.pss)
    })
    .try_fold(0, |sum: u64, pss| Some(sum.saturating_add(pss?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::footprint::machine_memory::MachineMemory;
    use crate::footprint::rows::ProcessRow;
    use crate::footprint::summary::Circumstances;
    use crate::products;

    fn row(label: &str, processes: u64, unreadable: u64, pss: u64) -> ProcessRow {
        ProcessRow {
            label: label.as_bytes().to_vec(),
            processes,
            unreadable,
            pss,
            ..ProcessRow::default()
        }
    }

    /// Of the profile 500, of another 30, of the user's own 7, and one that is absent.
    fn footprint(profiles: &[&str]) -> Footprint {
        Footprint {
            source: Source::Live,
            chosen: Selection::Keys {
                profiles: profiles.iter().map(|&name| name.to_owned()).collect(),
                given: true,
            },
            rows: vec![
                row("k3s-server", 1, 0, 400),
                row("containerd", 2, 0, 100),
                row("edge-core", 1, 0, 30),
                row("app", 1, 0, 7),
                row("traefik", 0, 0, 0),
            ],
            machine: MachineMemory::default(),
            circumstances: Circumstances::default(),
        }
    }

    #[test]
    fn rows_of_the_profile_count_and_without_one_all_do() {
        let k3s = products::profile("k3s");
        let both = footprint(&["k3s", "izuma"]);
        assert_eq!(pss_kib(&both, k3s), Some(500));
        assert_eq!(pss_kib(&both, None), Some(537));
        // Neither of these looked for all of k3s.
        assert_eq!(pss_kib(&footprint(&["izuma"]), k3s), None);
        assert_eq!(pss_kib(&footprint(&[]), k3s), None);
        let largest = Footprint {
            chosen: Selection::Largest,
            ..both
        };
        assert_eq!(pss_kib(&largest, k3s), None);
        assert_eq!(pss_kib(&largest, None), None);
    }

    #[test]
    fn what_the_users_key_has_of_the_profile_is_missing_in_its_sum() {
        let k3s = products::profile("k3s");
        let mut some = footprint(&["k3s"]);
        let of = |label, processes| ProcessRow {
            pids: vec![70, 71],
            ..row(label, processes, 0, 9 * processes.min(1))
        };
        some.rows.push(of("svclb", 0));
        some.rows.push(of("mine", 2));
        assert_eq!(pss_kib(&some, k3s), None);
        assert_eq!(pss_kib(&some, None), Some(546));
    }

    #[test]
    fn what_could_not_be_read_is_no_sum() {
        let k3s = products::profile("k3s");
        let mut some = footprint(&["k3s"]);
        some.rows.push(row("app", 3, 3, 0));
        assert_eq!(pss_kib(&some, k3s), Some(500), "not the profile's");
        some.rows.push(row("coredns", 2, 1, 9));
        assert_eq!(pss_kib(&some, k3s), None);
        // Who is absent may be hidden.
        let mut hidden = footprint(&["k3s"]);
        hidden.circumstances.hidden = true;
        assert_eq!(pss_kib(&hidden, k3s), None);
        hidden.rows.pop();
        assert_eq!(pss_kib(&hidden, k3s), Some(500));
    }
}
