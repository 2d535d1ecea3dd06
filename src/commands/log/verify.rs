//! `log verify`.

use super::super::outcome::{shown, Error, Status};
use super::super::style::width_of_output;
use super::standalone::Standalone;
use super::walk::{fault, Walk};
use crate::log::losses::Losses;
use crate::log::reader::Event;
use crate::render::counted;
use crate::render::style::wrapped;
use crate::series::diagnosis::clauses;
use std::io::Write;
use std::path::Path;

/// Prints each damaged place, then a summary of the log.
pub(crate) fn verify(path: &Path, out: &mut dyn Write) -> Result<Status, Error> {
    let mut walk = Walk::open(path)?;
    let path = shown(path);
    let (mut samples, mut standalone) = (0u64, Standalone::default());
    let mut losses = Losses::default();
    // A run may go on behind its end, and behind another run.
    let (mut run, mut ended) = (None, Vec::new());
    while let Some(event) = walk.next()? {
        match event {
            Event::Header(header) => run = Some(header.run),
            Event::Sample => samples += 1,
            Event::Footprint(_) | Event::Result(_) => standalone.take(&event),
            Event::Identity(_) | Event::Product(_) => {}
            Event::Footer(_) => ended.extend(run),
            Event::End(of_run) => losses.add(&of_run),
            Event::Damage(damage) => {
                let what = fault(damage.fault);
                let len = counted(damage.len, "byte");
                say(
                    out,
                    &format!("{path}: at byte {}: {what} ({len})", damage.offset),
                )?;
            }
        }
    }
    let state = match losses.none() {
        true => "whole",
        false if losses.damaged == 0 && losses.lost > 0 => "incomplete",
        false => "damaged",
    };
    let mut what = vec![counted(samples, "sample")];
    if standalone.footprints > 0 {
        what.push(counted(standalone.footprints, "footprint"));
    }
    if standalone.results > 0 {
        what.push(counted(standalone.results, "result"));
    }
    what.extend(standalone.newer());
    let what = what.join(" and ");
    let no_end = "the last run has no end: cut off, or still being recorded";
    let is_open = run.is_some_and(|run| !ended.contains(&run));
    let no_end = is_open.then(|| no_end.to_owned());
    let runs = counted(walk.reader.runs() as u64, "run");
    let mut told = format!("{path}: {state}: {what} in {runs}");
    for clause in clauses(&losses).into_iter().chain(no_end) {
        told.push_str("; ");
        told.push_str(&clause);
    }
    say(out, &told)?;
    Ok(match losses.none() {
        true => Status::Yes,
        false => Status::No,
    })
}

fn say(out: &mut dyn Write, sentence: &str) -> Result<(), Error> {
    let width = width_of_output();
    wrapped(out, width, "", 2, sentence).map_err(Error::output)
}
