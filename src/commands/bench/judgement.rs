//! Whether a run counts: by the findings in its log.

use super::commands::Failure;
use crate::bench::journal::Wear;
use crate::commands::logs::about;
use crate::commands::logs::input::Input;
use crate::commands::report::runs_of;
use crate::log::fields::device::disk::{SECTORS_WRITTEN, SECTOR_BYTES};
use crate::log::fields::storage;
use crate::log::record::Header;
use crate::products::Definition;
use crate::series::finding::Grade;
use crate::series::{By, Memory, Options, Run};
use std::path::Path;

pub(super) struct Judgement {
    /// Why it does not count.
    pub(super) invalid: Vec<String>,
    /// What its result lacks.
    pub(super) lacks: Vec<String>,
    pub(super) is_settled: bool,
    pub(super) wear: Wear,
}

impl Judgement {
    /// Of the last run in a log.
    pub(super) fn of(path: &Path) -> Result<Self, Failure> {
        let input = Input::open(path).map_err(|error| about(path, &error))?;
        let options = Options {
            top: 1,
            by: By::Name,
            memory: Memory::Pss,
        };
        let definition_of = |_: &Header<String>| Definition::default();
        let runs = runs_of(&input, &options, &definition_of, false);
        let runs = runs.map_err(|error| about(path, &error))?;
        let mut judgement = Self {
            invalid: Vec::new(),
            lacks: Vec::new(),
            is_settled: true,
            wear: Wear::default(),
        };
        let last = runs.into_iter().last();
        if let Some(run) = last.as_ref().and_then(|last| last.sampled.as_ref()) {
            judgement.judge(run);
        }
        let results = last.and_then(|last| last.results);
        for result in results.into_iter().flat_map(|results| results.results) {
            if result.value.is_none() && !result.reason.is_empty() {
                judgement.lacks.push(result.reason);
            }
        }
        Ok(judgement)
    }

    fn judge(&mut self, run: &Run) {
        for finding in &run.findings {
            let invalid = finding.grade == Grade::Invalid;
            // For whoever reads it a note; here it is to be whole.
            let is_cut = matches!(
                finding.name,
                "cut-off" | "ended-by-signal" | "recorder-failed"
            );
            match finding.name {
                "cpu-unsettled" | "memory-unsettled" => self.is_settled = false,
                _ if is_cut || invalid => self.invalid.push(finding.text.clone()),
                _ => {}
            }
        }
        let health = &run.health;
        let disk = health.storage.as_ref();
        let disk = disk.and_then(|storage| storage.last(storage::LOG_DISK));
        let disk = disk.and_then(|disk| health.devices.numbered(disk));
        self.wear = Wear {
            own: health.devices.own_written_bytes,
            disk: disk.map_or(0, |disk| {
                disk.counts[SECTORS_WRITTEN].saturating_mul(SECTOR_BYTES)
            }),
        };
    }
}
