//! A comparison as one HTML page that needs nothing else, and its pictures as SVG: of
//! each row of the table every run's point.

use super::super::escape::escaped;
use super::super::figures::span;
use super::super::html;
use super::super::markup::{Plain, Prose};
use super::super::svg::{self, Picture};
use super::super::table::Table;
use super::super::utc;
use super::{words, Line, Sheet, Versus, Words};
use crate::compare::rows::Unit;
use crate::compare::{Comparison, Point, Row, Source};
use crate::series::finding::Grade;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

/// As many values are traced to where they are from; json has all.
const TRACED: usize = 1000;
/// So many cautions leave the table in sight; more stand below it.
const AT_THE_TOP: usize = 5;
const HEADING: u8 = 2;

/// Writes the page.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, comparison: &Comparison, sheet: &Sheet) -> io::Result<()> {
    html::begin(out, &sheet.title())?;
    out.write_all(b"<dl>\n")?;
    for (product, runs) in sheet.products.iter().zip(&sheet.runs) {
        let runs = if runs.is_empty() { "nothing" } else { runs };
        let (product, runs) = (Plain(product), Plain(runs));
        writeln!(out, "<dt>{product}</dt><dd>{runs}</dd>")?;
    }
    out.write_all(b"</dl>\n</header>\n<main>\n")?;
    let cautions = sheet.remarks.graded(Grade::Caution).count();
    html::remarks(out, Grade::Invalid, &sheet.remarks)?;
    if cautions > AT_THE_TOP {
        writeln!(
            out,
            "<div class=\"caution\" role=\"note\"><p><a href=\"#cautions\">{cautions} cautions</a> \
             stand below the table: read them before the figures.</p></div>"
        )?;
        results(out, sheet)?;
    }
    out.write_all(b"<div id=\"cautions\">")?;
    html::remarks(out, Grade::Caution, &sheet.remarks)?;
    out.write_all(b"</div>\n")?;
    if cautions <= AT_THE_TOP {
        results(out, sheet)?;
    }
    let pictures = pictures(comparison, sheet);
    if !pictures.is_empty() {
        writeln!(out, "<h{HEADING}>Every run</h{HEADING}>")?;
    }
    html::charts(out, &pictures)?;
    list(out, "How to read it", &sheet.legend)?;
    list(out, "Logs", &sheet.sources)?;
    html::remarks(out, Grade::Note, &sheet.remarks)?;
    out.write_all(b"<details><summary>Where each value is from</summary>\n")?;
    html::table(out, &traced(comparison), HEADING, &[])?;
    out.write_all(b"</details>\n</main>\n")?;
    html::end(out)
}

/// Writes the pictures alone.
///
/// # Errors
/// Those of `out`.
pub fn write_svg(out: &mut dyn Write, comparison: &Comparison, sheet: &Sheet) -> io::Result<()> {
    svg::file(out, &[(sheet.title(), pictures(comparison, sheet))])
}

/// The table, beside it what is told of the products against each other, and the
/// footnotes.
fn results(out: &mut dyn Write, sheet: &Sheet) -> io::Result<()> {
    out.write_all(
        b"<div class=\"tables\">\n<div class=\"table\" role=\"region\" aria-label=\"Results\" tabindex=\"0\">\
        <table class=\"results\"><thead><tr><td></td>",
    )?;
    for product in &sheet.products {
        write!(out, "<th scope=\"col\">{}</th>", Plain(product))?;
    }
    out.write_all(b"</tr></thead>\n")?;
    for section in &sheet.sections {
        let title = Plain(&section.title);
        let columns = sheet.products.len() + 1;
        writeln!(
            out,
            "<tbody><tr><th scope=\"rowgroup\" colspan=\"{columns}\">{title}</th></tr>"
        )?;
        for line in &section.lines {
            write!(out, "<tr><th scope=\"row\">{}</th>", Plain(&line.label))?;
            for words in &line.cells {
                cell(out, words)?;
            }
            out.write_all(b"</tr>\n")?;
        }
        out.write_all(b"</tbody>\n")?;
    }
    out.write_all(b"</table></div>\n")?;
    for each in &sheet.versus {
        html::table(out, &versus(sheet, each), HEADING, &[])?;
    }
    out.write_all(b"</div>\n<ol class=\"small\">\n")?;
    for (note, number) in sheet.notes.iter().zip(1..) {
        writeln!(out, "<li id=\"n{number}\">{}</li>", Prose(note))?;
    }
    out.write_all(b"</ol>\n")
}

fn cell(out: &mut dyn Write, cell: &Words) -> io::Result<()> {
    let (class, sign) = match (cell.missing, cell.verdict) {
        (true, _) => ("missing", ""),
        (_, Some(true)) => ("yes", "\u{2713} "),
        (_, Some(false)) => ("no", "\u{2717} "),
        _ => ("figure", ""),
    };
    write!(out, "<td class=\"{class}\">{sign}")?;
    let link = |number: &usize| format!("<a href=\"#n{number}\">{number}</a>");
    let links: Vec<_> = cell.notes.iter().map(link).collect();
    let links = match links.is_empty() {
        true => String::new(),
        false => format!("<sup>{}</sup>", links.join(", ")),
    };
    let is_number = |next: &str| next.starts_with(|c: char| c == '(' || c.is_ascii_digit());
    pieces(out, &cell.value, &links, is_number)?;
    if let Some(spread) = &cell.spread {
        out.write_all(b"<br><small>")?;
        pieces(out, spread, "", |next| next.starts_with("n "))?;
        out.write_all(b"</small>")?;
    }
    out.write_all(b"</td>")
}

/// Text whose line may break only before what `breaks` is true of, and markup behind it.
fn pieces(
    out: &mut dyn Write,
    text: &str,
    behind: &str,
    breaks: fn(&str) -> bool,
) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest
        .match_indices(' ')
        .find_map(|(at, _)| breaks(rest.get(at + 1..)?).then_some(at))
    {
        let (piece, after) = rest.split_at(at);
        write!(out, "<span class=\"whole\">{}</span> ", Plain(piece))?;
        rest = after.trim_start();
    }
    write!(out, "<span class=\"whole\">{}{behind}</span>", Plain(rest))
}

fn versus(sheet: &Sheet, versus: &Versus) -> Table {
    let name = |at: usize| sheet.products.get(at).map_or("", String::as_str);
    let rows = versus.lines.iter().map(|line| {
        let cells = [
            &line.whole_label,
            &line.difference,
            &line.ratio,
            &line.ends,
            &line.n,
            &line.p,
        ];
        cells.map(|cell| cell.trim().to_owned()).to_vec()
    });
    let title = format!("{} against {}", name(versus.product), name(0));
    let head = ["", "difference", "ratio", "range", "n", "p"];
    let mut table = Table::new(title, &head, rows.collect());
    table.notes.extend(versus.too_few.clone());
    table
}

fn list(out: &mut dyn Write, title: &str, lines: &[String]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h{HEADING}>{title}</h{HEADING}>\n<ul class=\"small\">"
    )?;
    for line in lines {
        writeln!(out, "<li>{}</li>", Prose(line))?;
    }
    out.write_all(b"</ul>\n")
}

/// A picture for each row of which there are two values at least, not all of them 0.
/// What is taken is no run's own value, and has none.
fn pictures(comparison: &Comparison, sheet: &Sheet) -> Vec<Picture> {
    let lines = sheet.sections.iter().flat_map(|section| &section.lines);
    let picture = |line: &Line| {
        let row = comparison.rows.get(line.row)?;
        let unit = row.spec.kind.unit();
        let figures = || row.cells.iter().filter_map(|cell| cell.figure());
        let values = || figures().flat_map(|figure| &figure.points);
        let is_nothing = values().all(|point| point.value == 0.0);
        let is_own = figures().all(|figure| figure.less.is_empty());
        if unit == Unit::Verdict || values().count() < 2 || is_nothing || !is_own {
            return None;
        }
        let cells = sheet.products.iter().zip(&row.cells);
        let lanes = cells.map(|(product, cell)| {
            let values = cell
                .figure()
                .map_or_else(Vec::new, |figure| figure.values());
            (product.clone(), values)
        });
        let lanes: Vec<_> = lanes.collect();
        svg::points(&line.whole_label, &lanes, &|value| {
            words::value(unit, value, None)
        })
    };
    lines.filter_map(picture).collect()
}

/// Each value of each cell, and its log and time, or the line that it was typed in.
fn traced(comparison: &Comparison) -> Table {
    let mut rows = Vec::new();
    let mut left_out = 0;
    for row in &comparison.rows {
        for (product, cell) in comparison.products.iter().zip(&row.cells) {
            let Some(figure) = cell.figure() else {
                continue;
            };
            for (sign, points) in [("", &figure.points), ("less ", &figure.less)] {
                for point in points {
                    if rows.len() >= TRACED {
                        left_out += 1;
                        continue;
                    }
                    rows.push(trace(comparison, row, &product.name, sign, point));
                }
            }
        }
    }
    let head = ["row", "product", "value", "from"];
    let mut table = Table::new("Values", &head, rows);
    if left_out > 0 {
        (table.notes).push(format!("and {left_out} more, all in --format json"));
    }
    table
}

fn trace(
    comparison: &Comparison,
    row: &Row,
    product: &str,
    sign: &str,
    point: &Point,
) -> Vec<String> {
    let value = words::value(row.spec.kind.unit(), point.value, None);
    let from = match point.source {
        Source::Run { run, at_us } => comparison.runs.get(run).map(|run| {
            let path = escaped(run.log.as_os_str().as_bytes());
            let start = utc::readable(run.header.start_realtime_ns);
            let at = at_us.map_or(String::new(), |at| format!(", after {}", span(at)));
            format!("{path}, {start} UTC{at}")
        }),
        Source::Fact(fact) => comparison.facts.get(fact).map(|fact| {
            let (file, source) = (fact.file.as_bytes(), fact.source.as_bytes());
            format!("{}:{}, {}", escaped(file), fact.line, escaped(source))
        }),
    };
    vec![
        words::whole_label(&row.spec),
        escaped(product.as_bytes()),
        format!("{sign}{value}"),
        from.unwrap_or_default(),
    ]
}
