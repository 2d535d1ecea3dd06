//! What a run says of the product that it was of: beside the run's summary, what
//! products are compared by.

use super::members::{Members, Ran};
use super::tracker::{Machine, Point};
use crate::log::fields::storage;
use crate::log::footprint::Footprint;
use crate::log::model::Comm;
use crate::log::record::Header;
use crate::log::sample::Sample;
use crate::products::Definition;
use crate::stats::Summary;

/// Says which processes the product of a run is, as far as the log does not.
pub(crate) type DefinitionOf<'p> = dyn Fn(&Header<String>) -> Definition + 'p;

/// What is asked about products.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'p> {
    pub(crate) definition_of: &'p DefinitionOf<'p>,
    /// What products are compared by, instead of a row of the product's.
    pub(crate) compared: bool,
}

impl Asked<'_> {
    /// Who belongs to the product of a run, where that is of use.
    pub(super) fn members(&self, header: &Header<String>) -> Option<Members> {
        let definition = (self.definition_of)(header);
        let is_wanted = self.compared || definition.is_known();
        is_wanted.then(|| Members::new(header, definition, self.compared))
    }
}

/// Takes the footprints of a log, part by part, each with the header of its run.
pub(crate) type TakeFootprint<'f> = dyn FnMut(&Header<String>, &Footprint<String, Vec<u8>>) + 'f;

/// When the machine's CPU was lowest and highest, and when the disk was first looked
/// at: ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moments {
    pub(crate) cpu_min: Option<u64>,
    pub(crate) cpu_max: Option<u64>,
    pub(crate) storage: Option<u64>,
}

/// Gathers the moments.
#[derive(Debug, Default)]
pub(crate) struct Observer {
    moments: Moments,
    ends: Option<(u64, u64)>,
}

impl Observer {
    /// Takes the next sample, and what the machine was at it.
    pub(crate) fn sample(&mut self, sample: &Sample, point: Point) {
        let moments = &mut self.moments;
        if sample.machine.group(storage::ID).is_some() {
            moments.storage.get_or_insert(sample.tick);
        }
        let Some(cpu) = point.cpu else {
            return;
        };
        // When the interval began that it held for.
        let began = sample.tick.saturating_sub(point.span.ticks() - 1);
        let (least, most) = self.ends.unwrap_or((cpu, cpu));
        if self.ends.is_none() || cpu < least {
            moments.cpu_min = Some(began);
        }
        if self.ends.is_none() || cpu > most {
            moments.cpu_max = Some(began);
        }
        self.ends = Some((least.min(cpu), most.max(cpu)));
    }

    pub(crate) fn finish(self) -> Moments {
        self.moments
    }
}

/// The product of a run, in figures; memory in KiB.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Product {
    /// Whose key processes were summed up.
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
    /// For it may not be read; else it was not read yet, or could not be.
    pub(crate) pss_denied: bool,
    /// The key processes of all profiles that ran.
    pub(crate) ran: Vec<Ran>,
    /// The recorder's name, where the log tells which process it was.
    pub(crate) recorder: Option<Comm>,
    pub(crate) moments: Moments,
}

impl Product {
    pub(super) fn new(
        members: &Members,
        moments: Moments,
        machine: &Machine<Option<Summary>>,
    ) -> Self {
        Self {
            profile: members.profile(),
            is_defined: members.is_defined(),
            available_kib: machine.available_kib,
            free_used_kib: machine.free_used_kib,
            pss_kib: machine.product_pss_kib,
            pss_partly: members.partly(),
            pss_denied: members.denied(),
            ran: members.ran(),
            recorder: members.recorder().cloned(),
            moments,
        }
    }
}
