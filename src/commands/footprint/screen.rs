//! A footprint as it is printed, once.

use super::super::arguments::one_of;
use super::super::outcome::{complain, Error, Status};
use super::super::style;

use crate::footprint::summary::{Circumstances, Footprint, GroupTable, Source};
use crate::render::counted;
use crate::render::footprint::{json, write_groups, write_text};
use crate::words::privilege;
use std::io::{self, Write};
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        one_of(text, &[("text", Self::Text), ("json", Self::Json)])
    }
}

pub(super) struct Screen {
    pub(super) text: Vec<u8>,
    /// What could not be measured.
    pub(super) shortfall: Option<String>,
}

impl Screen {
    pub(super) fn of_footprint(footprint: &Footprint, format: Format) -> Result<Self, Error> {
        let unreadable = (footprint.unreadable(), footprint.unreadable_process());
        Self::new(
            |out| match format {
                Format::Text => write_text(out, footprint, &style::of_output(false)),
                Format::Json => json::footprint(out, footprint),
            },
            shortfall(&footprint.source, unreadable, &footprint.circumstances),
        )
    }

    pub(super) fn of_groups(groups: &GroupTable, format: Format) -> Result<Self, Error> {
        let unreadable = (groups.total.unreadable, None);
        Self::new(
            |out| match format {
                Format::Text => write_groups(out, groups, &style::of_output(false)),
                Format::Json => json::groups(out, groups),
            },
            shortfall(&groups.source, unreadable, &groups.circumstances),
        )
    }

    pub(super) fn new(
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
        shortfall: Option<String>,
    ) -> Result<Self, Error> {
        let mut text = Vec::new();
        write(&mut text).map_err(Error::output)?;
        Ok(Self { text, shortfall })
    }

    pub(super) fn print(&self, out: &mut dyn Write) -> Result<Status, Error> {
        let printed = out.write_all(&self.text).and_then(|()| out.flush());
        printed.map_err(Error::output)?;
        Ok(match &self.shortfall {
            None => Status::Yes,
            Some(why) => {
                complain(why);
                Status::Partly
            }
        })
    }
}

/// What could not be measured; `unreadable`: of how many processes, and one of them.
pub(super) fn shortfall(
    source: &Source,
    (unreadable, one): (u64, Option<(u32, &[u8])>),
    circumstances: &Circumstances,
) -> Option<String> {
    let (is_log, without_pss) = match source {
        Source::Log { without_pss, .. } => (true, *without_pss),
        Source::Live => (false, false),
    };
    if without_pss {
        return Some("the log holds no PSS: it was recorded with --pss off".to_owned());
    }
    let privilege = circumstances.privilege;
    if circumstances.hidden {
        return Some(format!("other {}", privilege::hidden(privilege)));
    }
    let processes = counted(circumstances.failed, "process");
    match (circumstances.failed, is_log) {
        (0, _) => (unreadable > 0)
            .then(|| format!("the {}", privilege::unread(unreadable, one, privilege))),
        (_, true) => Some(format!(
            "the memory of {processes} was not read by that moment (the recorder's budget was used \
             up, or reading failed): take another moment"
        )),
        (_, false) => Some(format!(
            "the memory of {processes} could not be read (no descriptor or memory was left, or the \
             kernel failed): try again"
        )),
    }
}
