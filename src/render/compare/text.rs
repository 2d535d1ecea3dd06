//! A comparison for a terminal, as wide as that: products that do not fit beside each
//! other stand in tables of their own, each with the reference.

use super::super::columns::{columns, shortened, Padded};
use super::super::style::{wrapped, Style};
use super::{Compared, Line, Sheet, Versus, Words};
use std::io::{self, Write};

/// Longer names of products end in `..` above the table.
const NAME_WIDTH: usize = 24;
/// Columns between cells.
const GAP: usize = 2;

/// Writes the table, the footnotes, and what must be known.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, sheet: &Sheet, style: &Style) -> io::Result<()> {
    writeln!(out, "{}", sheet.title())?;
    for (product, runs) in sheet.products.iter().zip(&sheet.runs) {
        let runs = if runs.is_empty() { "nothing" } else { runs };
        writeln!(out, "  {product}: {runs}")?;
    }
    if let Some(validity) = sheet.remarks.validity() {
        writeln!(out, "  validity: {validity}, at the end")?;
    }
    for group in groups(sheet, style) {
        table(out, sheet, &group)?;
    }
    for versus in &sheet.versus {
        against(out, sheet, versus, style)?;
    }
    writeln!(out)?;
    for (note, number) in sheet.notes.iter().zip(1..) {
        wrapped(out, style.width, &format!("[{number}] "), 4, note)?;
    }
    if !sheet.sources.is_empty() {
        writeln!(out, "\nLogs")?;
        for source in &sheet.sources {
            wrapped(out, style.width, "  ", 4, source)?;
        }
    }
    writeln!(out)?;
    for sentence in &sheet.legend {
        wrapped(out, style.width, "", 2, sentence)?;
    }
    sheet.remarks.write(out, style)
}

/// Products that stand side by side, and how.
struct Group {
    products: Vec<usize>,
    /// The spread stands behind the value, not below it.
    wide: bool,
    /// Of the labels, and of each of the products.
    label: usize,
    widths: Vec<usize>,
}

/// As many tables as it takes: all products in one where they fit.
fn groups(sheet: &Sheet, style: &Style) -> Vec<Group> {
    let all: Vec<usize> = (0..sheet.products.len()).collect();
    let fits = |group: &Group| {
        let columns = group.widths.iter().map(|width| width + GAP).sum::<usize>();
        group.label + columns <= style.width
    };
    for wide in [true, false] {
        let group = group(sheet, all.clone(), wide);
        if fits(&group) {
            return vec![group];
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for product in all.iter().skip(1).copied() {
        let more = groups.last().map(|last| {
            let products = last.products.iter().copied().chain([product]);
            group(sheet, products.collect(), false)
        });
        match more.filter(fits) {
            Some(more) => {
                groups.pop();
                groups.push(more);
            }
            None => groups.push(group(sheet, vec![0, product], false)),
        }
    }
    match groups.is_empty() {
        true => vec![group(sheet, all, false)],
        false => groups,
    }
}

fn group(sheet: &Sheet, products: Vec<usize>, wide: bool) -> Group {
    let lines = || sheet.sections.iter().flat_map(|section| &section.lines);
    let label = lines().map(|line| columns(&line.label)).max().unwrap_or(0);
    let width = |product: &usize| {
        let cells = lines().filter_map(|line| line.cells.get(*product));
        let cells = cells.map(|cell| width_of(cell, wide));
        let name = columns(&head(sheet, *product));
        cells.max().unwrap_or(0).max(name)
    };
    Group {
        widths: products.iter().map(width).collect(),
        label: label + GAP,
        products,
        wide,
    }
}

/// The name above a column.
fn head(sheet: &Sheet, product: usize) -> String {
    let name = sheet.products.get(product).map_or("", String::as_str);
    shortened(name, NAME_WIDTH)
}

fn width_of(cell: &Words, wide: bool) -> usize {
    let (first, below) = lines_of(cell, wide);
    columns(&first).max(below.map_or(0, |below| columns(&below)))
}

/// A cell's line, and the one below it.
fn lines_of(cell: &Words, wide: bool) -> (String, Option<String>) {
    let mut first = cell.narrow.clone();
    let mut below = None;
    match &cell.spread {
        Some(spread) if wide => first += &format!(" ({spread})"),
        spread => below = spread.as_ref().map(|spread| format!("({spread})")),
    }
    (first + &reference(cell), below)
}

/// The numbers of its footnotes.
fn reference(cell: &Words) -> String {
    let numbers: Vec<String> = cell.notes.iter().map(usize::to_string).collect();
    match numbers.is_empty() {
        true => String::new(),
        false => format!(" [{}]", numbers.join(",")),
    }
}

fn table(out: &mut dyn Write, sheet: &Sheet, group: &Group) -> io::Result<()> {
    let heads = group
        .products
        .iter()
        .filter_map(|at| sheet.products.get(*at));
    writeln!(out)?;
    row(out, group, "", heads.map(String::as_str))?;
    for section in &sheet.sections {
        writeln!(out, "{}", section.title)?;
        for line in &section.lines {
            cells(out, group, line)?;
        }
    }
    Ok(())
}

fn cells(out: &mut dyn Write, group: &Group, line: &Line) -> io::Result<()> {
    let cells = group.products.iter().filter_map(|at| line.cells.get(*at));
    let cells: Vec<_> = cells.map(|cell| lines_of(cell, group.wide)).collect();
    row(
        out,
        group,
        &line.label,
        cells.iter().map(|(first, _)| first.as_str()),
    )?;
    if cells.iter().any(|(_, below)| below.is_some()) {
        let below = cells
            .iter()
            .map(|(_, below)| below.as_deref().unwrap_or(""));
        row(out, group, "", below)?;
    }
    Ok(())
}

fn row<'t>(
    out: &mut dyn Write,
    group: &Group,
    label: &str,
    cells: impl Iterator<Item = &'t str>,
) -> io::Result<()> {
    let mut line = format!("  {:<width$}", Padded(label), width = group.label - GAP);
    for (cell, width) in cells.zip(&group.widths) {
        line += &format!("  {:>width$}", Padded(cell));
    }
    writeln!(out, "{}", line.trim_end())
}

fn against(out: &mut dyn Write, sheet: &Sheet, versus: &Versus, style: &Style) -> io::Result<()> {
    let name = |at: usize| sheet.products.get(at).map_or("", String::as_str);
    writeln!(out, "\n{} against {}", name(versus.product), name(0))?;
    let cells = |line: &Compared| {
        let or_none = |text: &String| match text.is_empty() {
            true => "-".to_owned(),
            false => text.clone(),
        };
        let ends = or_none(&line.ends);
        [
            line.difference.clone(),
            or_none(&line.ratio),
            ends,
            line.n.clone(),
            line.p.clone(),
        ]
    };
    let heads = ["difference", "ratio", "range ", "n", "p"];
    let width = |column: usize| {
        let cells = versus
            .lines
            .iter()
            .map(|line| columns(&cells(line)[column]));
        cells.max().unwrap_or(0).max(columns(heads[column]))
    };
    let label = versus.lines.iter().map(|line| columns(&line.label)).max();
    let group = Group {
        products: Vec::new(),
        wide: false,
        label: label.unwrap_or(0) + GAP,
        widths: (0..heads.len()).map(width).collect(),
    };
    row(out, &group, "", heads.into_iter())?;
    let mut section = "";
    for line in &versus.lines {
        if line.section != section {
            section = &line.section;
            writeln!(out, "{section}")?;
        }
        row(
            out,
            &group,
            &line.label,
            cells(line).iter().map(String::as_str),
        )?;
    }
    if let Some(too_few) = &versus.too_few {
        wrapped(out, style.width, "  ", 2, too_few)?;
    }
    Ok(())
}
