//! `footprint` of a moment of a log.

use super::{assigned, cannot_read, Error, Footprint, Shown, Source, Span, Summary};
use crate::commands::logs;
use crate::commands::logs::input::Input;
use crate::footprint::recorded::{self, read, Found, Recorded};
use crate::footprint::summary::Groups;
use crate::log::record::VERSION;
use std::path::Path;

impl Footprint {
    pub(super) fn recorded(&self, path: &Path) -> Result<Shown, Error> {
        let input = Input::open(path).map_err(|error| logs::about(path, &error))?;
        let at = self.at.map(|Span(at)| at);
        match read(|| Ok(input.reader()), at).map_err(|error| about(path, &error))? {
            Found::Sample(recorded) => self.of_sample(*recorded),
            Found::Footprint(stored, header, damaged) => {
                let shown = path.display();
                if self.by.is_some() || !self.profiles.is_empty() || !self.given().is_empty() {
                    return Err(Error::new(format!(
                        "{shown} ends in a footprint, whose rows were chosen when it was read: it \
                         takes no --profile, no --key and no --by"
                    )));
                }
                // The footprint itself says only what was hidden.
                let mut circumstances = stored.circumstances;
                circumstances.privilege.euid = header.euid;
                self.show(&Summary {
                    source: Source::log(&header, false, stored.at_us, damaged),
                    chosen: stored.chosen,
                    rows: stored.rows,
                    machine: stored.machine,
                    circumstances,
                })
            }
        }
    }

    fn of_sample(&self, recorded: Recorded) -> Result<Shown, Error> {
        let (header, at_us) = (&recorded.header, recorded.at_us);
        let source = Source::log(header, true, at_us, recorded.damaged);
        let moment = &recorded.moment;
        let machine = recorded.machine;
        if let Some(by) = self.by {
            return self.show_groups(&Groups::new(source, moment, by, machine));
        }
        let chosen = self.choose(moment, None, &recorded.product);
        let assigned = assigned(moment, chosen.1.as_deref(), None);
        self.show(&Self::summary(source, chosen, &assigned, moment, machine))
    }
}

fn about(path: &Path, error: &recorded::Error) -> Error {
    let shown = path.display();
    Error::new(match error {
        recorded::Error::Io(error) => return cannot_read(path, error),
        recorded::Error::Empty => format!("{shown} is empty"),
        recorded::Error::NotALog => format!("{shown} is not an edgebench-lite log"),
        recorded::Error::Newer(version) => format!(
            "{shown} was written in version {version} of the log format; this edgebench-lite \
             reads versions up to {VERSION}"
        ),
        recorded::Error::NoSample => {
            format!("{shown} has no sample that can be read, or none as early as that")
        }
    })
}
