//! Charts as SVG: each a picture that says in words what it shows, and all of them
//! in one file.

mod dots;
mod overlay;
mod parts;
mod picture;
mod scale;
mod series;
mod stack;

pub(crate) use dots::{end, key, plot, Lane, ACROSS};
pub(crate) use overlay::overlay;
pub(crate) use picture::{Picture, GROUND, STYLE, WIDTH};
pub(crate) use series::of_whole;
pub(crate) use stack::{first_and_last, stacks};

use super::chart::containers::charts;
use super::chart::probe::chart;
use super::markup::Plain;
use super::names::title;
use super::{utc, Report};
use crate::series::Run;
use std::io::{self, Write};

/// Units to a line of a title, in a file of pictures.
const LINE: usize = 48;

/// The pictures of the parts of a run's machine.
pub(crate) fn parts_of(run: &Run) -> Vec<Picture> {
    parts::cores(run)
        .into_iter()
        .chain(parts::board(run))
        .collect()
}

/// Writes all pictures of a report, one below the other.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut groups = Vec::new();
    for block in &report.blocks {
        for (nth, run) in block.runs.iter().enumerate() {
            let title = match block.runs.len() {
                1 => title(block),
                _ => format!("{}, run {}", title(block), nth + 1),
            };
            let mut pictures = stacks(run);
            pictures.extend(parts_of(run));
            pictures.extend(charts(&run.levels).iter().map(of_whole));
            groups.push((title, pictures));
        }
        for run in &block.results {
            let at = utc::readable(run.header.start_realtime_ns);
            let of_probe = chart(&run.results).iter().map(of_whole).collect();
            groups.push((format!("{}, {at} UTC", title(block)), of_probe));
        }
    }
    file(out, &groups)
}

/// Writes a file of pictures, in groups that have titles.
///
/// # Errors
/// Those of `out`.
pub(crate) fn file(out: &mut dyn Write, groups: &[(String, Vec<Picture>)]) -> io::Result<()> {
    let shown = groups.iter().filter(|(_, pictures)| !pictures.is_empty());
    let groups: Vec<_> = shown.collect();
    let shown_height = |of: &Picture| of.height * WIDTH / of.width;
    let height = |(_, pictures): &&(String, Vec<Picture>)| {
        let heights = pictures.iter().map(|picture| LINE + shown_height(picture));
        LINE + heights.sum::<usize>()
    };
    let whole: usize = groups.iter().map(height).sum();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{}\" \
         viewBox=\"0 0 {WIDTH} {}\"><title>edgebench-lite</title><style>{STYLE}{GROUND}</style>",
        whole.max(LINE),
        whole.max(LINE)
    )?;
    let mut y = 0;
    for (title, pictures) in &groups {
        y += LINE;
        writeln!(
            out,
            "<text x=\"8\" y=\"{}\" class=\"h\">{}</text>",
            y - 14,
            Plain(title)
        )?;
        for picture in pictures {
            y += LINE;
            writeln!(
                out,
                "<text x=\"8\" y=\"{}\">{}</text>",
                y - 14,
                Plain(&picture.title)
            )?;
            let height = shown_height(picture);
            let place = format!(" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\"");
            picture.write(out, &place)?;
            y += height;
        }
    }
    if groups.is_empty() {
        writeln!(
            out,
            "<text x=\"8\" y=\"{}\">nothing to draw</text>",
            LINE - 14
        )?;
    }
    writeln!(out, "</svg>")
}
