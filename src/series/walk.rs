//! A log, from its beginning to its end, as runs.

use super::Error;
use crate::log::frame::Fault;
use crate::log::reader::{Damage, Event, Identity, Reader};
use crate::log::record::{Footer, Header};
use crate::log::sample::Sample;
use std::io::Read;

/// What comes next in a log.
pub enum Moment<'a> {
    /// A run begins.
    Begin(&'a Header<String>),
    Sample(&'a Sample),
    Identity(&'a Identity),
    Footer(&'a Footer),
    Damage(&'a Damage),
    /// Samples that were read, and could not be applied, before what comes next.
    Discarded(u64),
}

/// Calls `each` with everything that a log says.
///
/// # Errors
/// Those of the input, and what makes a log no log.
pub fn walk<R: Read>(
    input: R,
    each: &mut dyn FnMut(Moment<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut reader = Reader::new(input);
    let mut run = None;
    // A run that has only footprints is passed over.
    let mut header: Option<Box<Header<String>>> = None;
    let mut passed_over = false;
    let mut sampled = false;
    let mut footprints = false;
    let mut newer = None;
    let mut discarded = 0;
    while let Some(event) = reader.next_event().map_err(Error::Io)? {
        let more = reader.discarded().saturating_sub(discarded);
        if more > 0 {
            discarded = reader.discarded();
            each(Moment::Discarded(more))?;
        }
        if let Event::Footprint(_) = event {
            passed_over |= header.take().is_some();
            footprints = true;
        } else if let Some(header) = header.take() {
            each(Moment::Begin(&header))?;
        }
        match event {
            Event::Header(again) if run == Some(again.run) => {}
            Event::Header(begun) => {
                run = Some(begun.run);
                header = Some(begun);
                passed_over = false;
            }
            Event::Sample => {
                sampled = true;
                each(Moment::Sample(reader.sample()))?;
            }
            Event::Footer(_) if passed_over => {}
            Event::Footer(footer) => each(Moment::Footer(&footer))?,
            Event::Damage(damage) => {
                if let Fault::Newer(version) = damage.fault {
                    newer = Some(version);
                }
                each(Moment::Damage(&damage))?;
            }
            Event::Identity(identity) => each(Moment::Identity(&identity))?,
            Event::Footprint(_) => {}
        }
    }
    if let Some(header) = header {
        each(Moment::Begin(&header))?;
    }
    let more = reader.discarded().saturating_sub(discarded);
    if more > 0 {
        each(Moment::Discarded(more))?;
    }
    match (sampled, newer) {
        (true, _) => Ok(()),
        (false, Some(version)) => Err(Error::Newer(version)),
        (false, None) if reader.offset() == 0 => Err(Error::Empty),
        (false, None) if reader.frames() == 0 => Err(Error::NotALog),
        (false, None) if footprints => Err(Error::OnlyFootprints),
        (false, None) => Err(Error::NoSample),
    }
}
