//! `footprint`: who takes the memory, now or at a moment of a log.

mod append;
mod edge_info;
mod live;
mod options;
mod recorded;
mod screen;
mod watch;

pub(crate) use options::FootprintCommand;

use super::outcome::{open_root, Error, Status};
use super::units::Span;
use crate::log::record::End;
use live::Look;
use std::io::Write;
use std::path::Path;

impl FootprintCommand {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        self.check()?;
        if let Some(log) = &self.log {
            return recorded::screen(self, log)?.print(out);
        }
        let root = open_root(proc_root)?;
        let mut look = Look::new(self, &root)?;
        match self.watch {
            Some(Span(every)) => {
                let status = watch::watch(&mut look, every);
                look.end(End::Signal).and(status)
            }
            None => {
                let screen = look.take(&|time| {
                    std::thread::sleep(time);
                    true
                });
                let ended = look.end(End::Duration);
                // An error of the log comes after what was measured.
                let status = screen?.map_or(Ok(Status::Yes), |screen| screen.print(out));
                ended.and(status)
            }
        }
    }
}
