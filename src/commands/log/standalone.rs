//! The records of a run that are no samples: how many of each.

use crate::log::reader::Event;
use crate::log::result::EXITS_KIND;
use crate::render::counted;
use crate::results::Kind;

#[derive(Default)]
pub(super) struct Standalone {
    pub(super) footprints: u64,
    pub(super) results: u64,
    /// Results of kinds that only a newer version knows.
    newer: u64,
}

impl Standalone {
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Footprint(part) => self.footprints += u64::from(part.part == 0),
            Event::Result(part) if part.kind == EXITS_KIND => {}
            Event::Result(part) if part.part == 0 => match Kind::of_number(part.kind) {
                Some(_) => self.results += 1,
                None => self.newer += 1,
            },
            _ => {}
        }
    }

    pub(super) fn is_none(&self) -> bool {
        self.footprints + self.results + self.newer == 0
    }

    /// The results of a newer version, in words.
    pub(super) fn newer(&self) -> Option<String> {
        (self.newer > 0).then(|| format!("{} of a newer version", counted(self.newer, "result")))
    }
}
