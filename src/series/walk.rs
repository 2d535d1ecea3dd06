//! A log, from its beginning to its end, as runs.

use super::error::Error;
use crate::log::footprint::Footprint;
use crate::log::frame::Fault;
use crate::log::losses::Losses;
use crate::log::reader::{Damage, Event, Identity, ProductKey, Reader};
use crate::log::record::{Footer, Header};
use crate::log::result::{ResultPart, EXITS_KIND};
use crate::log::sample::Sample;
use std::io::Read;

/// The next item of a log.
pub(crate) enum LogItem<'a> {
    /// A run begins.
    Begin(&'a Header<String>),
    Sample(&'a Sample),
    Identity(&'a Identity),
    /// A key of the product's processes, which come before the first sample.
    Product(&'a ProductKey),
    Footer(&'a Footer),
    /// In the run with this header. One that has nothing else does not begin.
    Standalone(&'a Header<String>, Standalone<'a>),
    /// A damaged place, in this run or before the next.
    Damage,
    /// The run is over; that much of it is missing.
    End(&'a Losses),
}

/// A footprint or a result, or a part of one: no sample depends on it.
pub(crate) enum Standalone<'a> {
    Footprint(&'a Footprint<String, Vec<u8>>),
    Result(&'a ResultPart<Vec<u8>>),
}

/// Takes the footprints and the results of a log, part by part, each with the header of
/// its run.
pub(crate) type TakeStandalone<'f> = dyn FnMut(&Header<String>, Standalone<'_>) + 'f;

/// The run that is being read.
struct OpenRun {
    header: Box<Header<String>>,
    begun: bool,
    /// It has footprints or results.
    standalone: bool,
}

impl OpenRun {
    fn is(&self, header: &Header<String>) -> bool {
        self.header.run == header.run
    }

    /// Begins it, if that is due: one that has no samples is passed over.
    fn begin(
        &mut self,
        event: &Event,
        each: &mut dyn FnMut(LogItem<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let of_samples = match event {
            Event::Sample | Event::Identity(_) | Event::Product(_) => true,
            Event::Result(part) => part.kind == EXITS_KIND,
            _ => false,
        };
        if self.begun || (self.standalone && !of_samples) {
            return Ok(());
        }
        self.begun = true;
        each(LogItem::Begin(&self.header))
    }
}

/// Calls `each` with every item of a log.
///
/// # Errors
/// Those of the input, and what makes a log no log.
pub(crate) fn walk<R: Read>(
    input: R,
    each: &mut dyn FnMut(LogItem<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut reader = Reader::new(input);
    let mut run: Option<OpenRun> = None;
    let mut sampled = false;
    let mut stands_alone = false;
    let mut newer = None;
    while let Some(event) = reader.next_event().map_err(Error::Io)? {
        stands_alone |= event.stands_alone();
        match &mut run {
            Some(run) if event.stands_alone() => run.standalone = true,
            Some(run) if !matches!(event, Event::Damage(_)) => run.begin(&event, each)?,
            _ => {}
        }
        match event {
            Event::Header(again) if run.as_ref().is_some_and(|run| run.is(&again)) => {}
            Event::Header(header) => {
                run = Some(OpenRun {
                    header,
                    begun: false,
                    standalone: false,
                });
            }
            Event::Sample => {
                sampled = true;
                each(LogItem::Sample(reader.sample()))?;
            }
            Event::Footer(_) if run.as_ref().is_some_and(|run| !run.begun) => {}
            Event::Footer(footer) => each(LogItem::Footer(&footer))?,
            Event::Damage(Damage { fault, .. }) => {
                if let Fault::Newer(version) = fault {
                    newer = Some(version);
                }
                each(LogItem::Damage)?;
            }
            Event::End(_) if run.as_ref().is_some_and(|run| !run.begun) => {}
            Event::End(losses) => each(LogItem::End(&losses))?,
            Event::Identity(identity) => each(LogItem::Identity(&identity))?,
            Event::Product(key) => each(LogItem::Product(&key))?,
            Event::Footprint(part) => {
                standalone(run.as_ref(), Standalone::Footprint(&part), each)?;
            }
            Event::Result(part) => standalone(run.as_ref(), Standalone::Result(&part), each)?,
        }
    }
    match (sampled, newer) {
        (true, _) => Ok(()),
        (false, Some(version)) => Err(Error::Newer(version)),
        (false, None) if reader.offset() == 0 => Err(Error::Empty),
        (false, None) if reader.frames() == 0 => Err(Error::NotALog),
        (false, None) if stands_alone => Err(Error::OnlyStandalone),
        (false, None) => Err(Error::NoSample),
    }
}

fn standalone(
    run: Option<&OpenRun>,
    of: Standalone<'_>,
    each: &mut dyn FnMut(LogItem<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    match run {
        Some(run) => each(LogItem::Standalone(&run.header, of)),
        None => Ok(()),
    }
}
