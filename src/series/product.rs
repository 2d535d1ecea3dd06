//! The product of a run: the figures by which products are compared, beside the run's own.

use super::machine::Step;
use crate::log::fields::storage;
use crate::log::model::Comm;
use crate::log::record::Header;
use crate::log::sample::Sample;
use crate::products::Definition;
use crate::stats::Summary;

/// The definition of a run's product, as far as the log has none.
pub(crate) type DefinitionOf<'p> = dyn Fn(&Header<String>) -> Definition + 'p;

/// The ticks at which the machine's CPU was lowest and highest, and at which the disk was
/// first read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moments {
    pub(crate) cpu_min: Option<u64>,
    pub(crate) cpu_max: Option<u64>,
    pub(crate) storage: Option<u64>,
    /// The CPU at the first two.
    ends: Option<(u64, u64)>,
}

impl Moments {
    /// Takes the next sample.
    pub(super) fn sample(&mut self, sample: &Sample, step: &Step) {
        if sample.machine.group(storage::ID).is_some() {
            self.storage.get_or_insert(sample.tick);
        }
        let Some(cpu) = step.cpu else {
            return;
        };
        let began = sample.tick.saturating_sub(step.span.ticks() - 1);
        let (least, most) = self.ends.unwrap_or((cpu, cpu));
        if self.ends.is_none() || cpu < least {
            self.cpu_min = Some(began);
        }
        if self.ends.is_none() || cpu > most {
            self.cpu_max = Some(began);
        }
        self.ends = Some((least.min(cpu), most.max(cpu)));
    }
}

/// A key process of one or more profiles that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeySighting {
    /// What the profiles call it.
    pub(crate) label: String,
    /// Their names; none where a user says that it is the product's.
    pub(crate) profiles: Vec<&'static str>,
    /// No other product than the profile's has it.
    pub(crate) telling: bool,
}

/// The product of a run, in figures; memory in KiB.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Product {
    /// The profile whose key processes were summed up.
    pub(crate) profile: Option<&'static str>,
    /// It is known which processes are its own.
    pub(crate) is_defined: bool,
    /// MemAvailable.
    pub(crate) available_kib: Option<Summary>,
    /// What free(1) of procps 3.3 calls used.
    pub(crate) free_used_kib: Option<Summary>,
    /// The sum of the PSS of the product's key processes; `None` where there is no
    /// profile, or no PSS.
    pub(crate) pss_kib: Option<Summary>,
    /// Samples at which the PSS of one of them was not known: the sum is too small.
    pub(crate) pss_partly: u64,
    /// The recorder may not read it; otherwise it was not read yet, or reading failed.
    pub(crate) pss_denied: bool,
    /// The key processes of all profiles that ran.
    pub(crate) sightings: Vec<KeySighting>,
    /// The recorder's name, where the log tells which process it was.
    pub(crate) recorder: Option<Comm>,
    pub(crate) moments: Moments,
}
