//! `log verify`.

use super::super::style::width_of_output;
use super::super::units::counted;
use super::super::{printable, Error, Status};
use super::{fault, Walk};
use crate::log::reader::Event;
use crate::render::style::wrapped;
use std::io::Write;
use std::path::Path;

/// Says of each damaged place where it is, and of the whole what can be read.
pub fn verify(path: &Path, out: &mut dyn Write) -> Result<Status, Error> {
    let mut walk = Walk::open(path)?;
    let path = printable(&path.to_string_lossy());
    let (mut runs, mut samples, mut footprints, mut damaged) = (0u64, 0u64, 0u64, 0u64);
    let mut run = None;
    let mut ended = false;
    while let Some(event) = walk.next()? {
        match event {
            Event::Header(header) => {
                runs += u64::from(run != Some(header.run));
                run = Some(header.run);
                ended = false;
            }
            Event::Sample => samples += 1,
            Event::Footprint(part) => footprints += u64::from(part.part == 0),
            Event::Identity(_) => {}
            Event::Footer(_) => ended = true,
            Event::Damage(damage) => {
                damaged += 1;
                let what = fault(damage.fault);
                let len = counted(damage.len, "byte", "bytes");
                say(
                    out,
                    &format!("{path}: at byte {}: {what} ({len})", damage.offset),
                )?;
            }
        }
    }
    let discarded = walk.reader.discarded();
    let whole = damaged == 0 && discarded == 0;
    let state = if whole { "whole" } else { "damaged" };
    let mut what = counted(samples, "sample", "samples");
    if footprints > 0 {
        what = format!(
            "{what} and {}",
            counted(footprints, "footprint", "footprints")
        );
    }
    let runs = counted(runs, "run", "runs");
    let lost = match whole {
        true => String::new(),
        false => format!(
            ", {}, {} lost by that",
            counted(damaged, "damaged place", "damaged places"),
            counted(discarded, "more sample", "more samples")
        ),
    };
    let end = if ended {
        ""
    } else {
        "; the last run has no end: cut off, or still being recorded"
    };
    say(
        out,
        &format!("{path}: {state}: {what} in {runs}{lost}{end}"),
    )?;
    Ok(if whole { Status::Yes } else { Status::No })
}

fn say(out: &mut dyn Write, sentence: &str) -> Result<(), Error> {
    let width = width_of_output();
    wrapped(out, width, "", 2, sentence).map_err(Error::output)
}
