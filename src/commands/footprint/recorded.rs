//! `footprint` of a moment of a log.

use super::super::logs::{self, input::Input};
use super::super::outcome::{complain, shown, Error};
use super::super::units::Span;
use super::options::FootprintCommand;
use super::screen::Screen;
use crate::footprint::recorded::{read, Recorded};
use crate::footprint::summary::GroupTable;
use crate::series;
use std::path::Path;

pub(super) fn screen(options: &FootprintCommand, path: &Path) -> Result<Screen, Error> {
    let input = Input::open(path).map_err(|error| logs::about(path, &error))?;
    let at = options.at.map(|Span(at)| at);
    let (recorded, is_beyond) = read(|| Ok(input.reader()), at).map_err(|error| match error {
        series::Error::NoSample if at.is_some() => {
            Error::new(format!("{} has no sample as early as --at", shown(path)))
        }
        error => logs::about(path, &error.into()),
    })?;
    if is_beyond {
        let path = shown(path);
        complain(&format!(
            "--at is beyond the end of {path}: its last moment is shown"
        ));
    }
    match (recorded, options.by) {
        (Recorded::Sample(sample), Some(by)) => {
            let groups = GroupTable::new(sample.source, &sample.moment, by, sample.machine);
            Screen::of_groups(&groups, options.format)
        }
        (Recorded::Sample(sample), None) => {
            let choice = options.choose(&sample.moment, None, &sample.product);
            let footprint = choice.footprint(sample.source, &sample.moment, None, sample.machine);
            Screen::of_footprint(&footprint, options.format)
        }
        (Recorded::Footprint(footprint), None)
            if options.profiles.is_empty() && options.given().is_empty() =>
        {
            Screen::of_footprint(&footprint, options.format)
        }
        (Recorded::Footprint(_), _) => Err(Error::new(format!(
            "{} ends in a footprint, whose rows were chosen when it was read: it takes no \
             --profile, --key, --unit, --cgroup or --by",
            shown(path)
        ))),
    }
}
