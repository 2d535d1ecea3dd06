//! The conclusions of a comparison as one picture, for a slide.

use super::super::document::Sentence;
use super::super::markup::Plain;
use super::super::svg::{self, STYLE};
use super::{lanes, remarks, sentences, words};
use crate::compare::conclusions::Conclusion;
use crate::compare::Comparison;
use crate::words::columns::columns;
use std::io::{self, Write};

/// Units across, to the left of text, to the left of plots, and across these.
const ACROSS: usize = 1280;
const LEFT: usize = 40;
const PLOT: usize = 860;
const PLOT_ACROSS: usize = ACROSS - LEFT - PLOT;
/// Columns of a line beside a plot, and of one that has none beside it.
const BESIDE: usize = 54;
const WHOLE: usize = 80;
/// Units to a line of a sentence, to one of its spread, and between sentences.
const LINE: usize = 34;
const SPREAD: usize = 28;
const GAP: usize = 26;

/// Writes the picture, with this title.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(out: &mut dyn Write, comparison: &Comparison, title: &str) -> io::Result<()> {
    let remarks = remarks::all(comparison);
    let said = sentences::said(comparison, &remarks, true);
    let conclusions = comparison.conclusions().into_iter();
    let conclusions = conclusions.filter(|of| *of != Conclusion::More);
    let conclusions: Vec<_> = conclusions.collect();
    // A warning stands before the conclusions.
    let warnings = said.len() - conclusions.len();
    let description: Vec<String> = said.iter().map(Sentence::text).collect();
    let mut drawing = String::new();
    let mut y = head(&mut drawing, comparison);
    for (nth, sentence) in said.iter().enumerate() {
        let of = nth
            .checked_sub(warnings)
            .and_then(|nth| conclusions.get(nth));
        y += GAP;
        let plot = match of {
            Some(Conclusion::Differs(_, (spec, _))) => {
                let row = comparison.rows.iter().find(|row| row.spec == **spec);
                row.and_then(|row| lanes::drawn(comparison, row))
            }
            _ => None,
        };
        let height = plot
            .as_ref()
            .map_or(0, |(_, height)| height * PLOT_ACROSS / svg::ACROSS);
        if let Some((plot, units)) = &plot {
            drawing += &format!(
                "<svg class=\"dots\" x=\"{PLOT}\" y=\"{y}\" width=\"{PLOT_ACROSS}\" height=\"{height}\" \
                 viewBox=\"0 0 {} {units}\">{plot}</svg>\n",
                svg::ACROSS
            );
        }
        let width = if plot.is_some() { BESIDE } else { WHOLE };
        y += text(&mut drawing, y, sentence, width).max(height);
    }
    let validity = remarks
        .validity()
        .map_or(String::new(), |said| format!("{said}; "));
    y += GAP + SPREAD;
    let foot = format!("{validity}mark: run; bar: median; band: 95 % CI or range");
    drawing += &line(LEFT, y, "w", &Plain(&foot).to_string());
    let height = y + GAP;
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{ACROSS}\" \
         height=\"{height}\" viewBox=\"0 0 {ACROSS} {height}\"><title>{}</title><desc>{}</desc>\
         <style>{STYLE}{}</style>\n{drawing}</svg>",
        Plain(title),
        Plain(&description.join(" ")),
        svg::GROUND
    )
}

fn line(x: usize, y: usize, class: &str, markup: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{markup}</text>\n")
}

/// The products, each with its mark; returns where it ends.
fn head(drawing: &mut String, comparison: &Comparison) -> usize {
    let mut y = LINE / 2;
    for product in 0..comparison.products.len() {
        y += LINE;
        let place = format!(" x=\"{LEFT}\" y=\"{}\" width=\"28\" height=\"28\"", y - 23);
        *drawing += &svg::key(product, &place);
        let reference = if product == 0 { " (reference)" } else { "" };
        let name = words::name(comparison, product) + reference;
        *drawing += &line(LEFT + 40, y, "h", &Plain(&name).to_string());
    }
    y
}

/// A sentence, its core set off; returns its height.
fn text(drawing: &mut String, top: usize, sentence: &Sentence, width: usize) -> usize {
    let Sentence {
        before,
        core,
        after,
        spread,
        ..
    } = sentence;
    let parts = [(before, ""), (core, " class=\"h\""), (after, "")];
    let (mut y, mut used, mut markup) = (top, 0, String::new());
    for (part, class) in parts {
        for word in part.split_inclusive(' ') {
            let room = columns(word.trim_end());
            if used > 0 && used + room > width {
                y += LINE;
                *drawing += &line(LEFT, y, "", &markup);
                (used, markup) = (0, String::new());
            }
            markup += &format!("<tspan{class}>{}</tspan>", Plain(word));
            used += columns(word);
        }
    }
    y += LINE;
    *drawing += &line(LEFT, y, "", &markup);
    if !spread.is_empty() {
        y += SPREAD;
        *drawing += &line(LEFT, y, "w", &Plain(spread).to_string());
    }
    y - top
}
