//! A report as one HTML page that needs nothing else: no script, no other file.

use super::figures::counted;
use super::findings::Remarks;
use super::markup::{Plain, Prose};
use super::outline::{section, Line, Section, Told};
use super::svg::{self, Picture};
use super::table::Table;
use super::Report;
use crate::series::curve::Spark;
use crate::series::finding::Grade;
use crate::series::{Health, Row};
use std::io::{self, Write};

const STYLE: &str = include_str!("html/page.css");
/// Columns of the small pictures in tables.
const COLUMNS: usize = 48;

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let options = &report.options;
    let sections: Vec<_> = report
        .blocks
        .iter()
        .map(|block| section(block, options, true))
        .collect();
    let title = match &sections[..] {
        [only] => only.title.clone(),
        all => counted(all.len() as u64, "product and stage", "products and stages"),
    };
    begin(out, &title)?;
    if sections.len() > 1 {
        out.write_all(b"<nav><ul>\n")?;
        for (nth, section) in sections.iter().enumerate() {
            let title = Plain(&section.title);
            writeln!(out, "<li><a href=\"#s{nth}\">{title}</a></li>")?;
        }
        out.write_all(b"</ul></nav>\n")?;
    }
    out.write_all(b"</header>\n<main>\n")?;
    charts(out, &svg::of_all(&report.blocks))?;
    for (nth, section) in sections.iter().enumerate() {
        if sections.len() > 1 {
            let title = Plain(&section.title);
            writeln!(out, "<h2 class=\"title\" id=\"s{nth}\">{title}</h2>")?;
        }
        block(out, section, if sections.len() > 1 { 3 } else { 2 })?;
    }
    out.write_all(
        b"</main>\n<footer><p>CPU of the machine is a part of all cores together, CPU of a process \
        of one core. MiB are 1024 KiB. PSS counts a page that n processes share as 1/n for each of \
        them. In charts the line is the mean, the band goes from the lowest to the highest value \
        of each moment.</p></footer>\n",
    )?;
    end(out)
}

/// The page up to its first heading, and that; the header is open.
///
/// # Errors
/// Those of `out`.
pub fn begin(out: &mut dyn Write, title: &str) -> io::Result<()> {
    let title = Plain(title);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - edgebench-lite</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>",
        svg::STYLE
    )
}

/// The end of the page.
///
/// # Errors
/// Those of `out`.
pub fn end(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"</body>\n</html>\n")
}

/// A product and stage, whose headings are of this level.
fn block(out: &mut dyn Write, section: &Section<'_>, level: u8) -> io::Result<()> {
    tables(out, &section.over_runs, level)?;
    for told in &section.runs {
        let mut level = level;
        if let Some(title) = &told.title {
            writeln!(out, "<h{level} class=\"title\">{title}</h{level}>")?;
            level += 1;
        }
        run(out, told, level)?;
    }
    Ok(())
}

fn run(out: &mut dyn Write, told: &Told<'_>, level: u8) -> io::Result<()> {
    lines(out, &told.facts)?;
    for grade in [Grade::Invalid, Grade::Caution] {
        remarks(out, grade, &told.remarks)?;
    }
    if let Some(figures) = &told.figures {
        table(out, figures, level, &[])?;
    }
    charts(out, &svg::of_run(told.run))?;
    out.write_all(b"<div class=\"tables\">\n")?;
    for (processes, rows) in &told.processes {
        table(out, processes, level, &small(rows, &told.run.health))?;
    }
    out.write_all(b"</div>\n")?;
    if !told.parts.is_empty() {
        writeln!(out, "<h{level}>Parts of the machine</h{level}>")?;
        lines(out, &told.parts)?;
    }
    tables(out, &told.tables, level)?;
    remarks(out, Grade::Note, &told.remarks)
}

/// The sentences of a grade in a box of their own.
///
/// # Errors
/// Those of `out`.
pub fn remarks(out: &mut dyn Write, grade: Grade, remarks: &Remarks) -> io::Result<()> {
    let count = remarks.graded(grade).count() as u64;
    if count == 0 {
        return Ok(());
    }
    let title = match grade {
        Grade::Invalid => format!("Not valid, for {}", counted(count, "reason", "reasons")),
        Grade::Caution => counted(count, "caution", "cautions"),
        Grade::Note => counted(count, "note", "notes"),
    };
    let class = grade.name();
    writeln!(
        out,
        "<div class=\"{class}\" role=\"note\"><p>{title}</p><ul>"
    )?;
    for sentence in remarks.graded(grade) {
        writeln!(out, "<li>{}</li>", Prose(sentence))?;
    }
    out.write_all(b"</ul></div>\n")
}

fn lines(out: &mut dyn Write, lines: &[Line]) -> io::Result<()> {
    out.write_all(b"<dl>\n")?;
    for (label, text) in lines {
        let text = Prose(text);
        match label.is_empty() {
            // Goes on with what stands before.
            true => writeln!(out, "<dd>{text}</dd>")?,
            false => writeln!(out, "<dt>{label}</dt><dd>{text}</dd>")?,
        }
    }
    out.write_all(b"</dl>\n")
}

/// Tables beside each other, where there is room.
///
/// # Errors
/// Those of `out`.
pub fn tables(out: &mut dyn Write, tables: &[Table], level: u8) -> io::Result<()> {
    if tables.is_empty() {
        return Ok(());
    }
    out.write_all(b"<div class=\"tables\">\n")?;
    for each in tables {
        table(out, each, level, &[])?;
    }
    out.write_all(b"</div>\n")
}

/// A table under its title, a heading of this level; with `more` at the end of each row, in markup.
///
/// # Errors
/// Those of `out`.
pub fn table(out: &mut dyn Write, table: &Table, level: u8, more: &[String]) -> io::Result<()> {
    let title = Plain(&table.title);
    write!(
        out,
        "<div><h{level}>{title}</h{level}>\n<div class=\"table\" role=\"region\" aria-label=\"{title}\" \
         tabindex=\"0\"><table><thead><tr>"
    )?;
    for cell in &table.head {
        match cell.is_empty() {
            true => out.write_all(b"<td></td>")?,
            false => write!(out, "<th scope=\"col\">{}</th>", Plain(cell))?,
        }
    }
    if !more.is_empty() {
        out.write_all(b"<th scope=\"col\">over time</th>")?;
    }
    out.write_all(b"</tr></thead><tbody>\n")?;
    for (nth, cells) in table.rows.iter().enumerate() {
        out.write_all(b"<tr>")?;
        for (column, cell) in cells.iter().enumerate() {
            let cell = Plain(cell);
            match column {
                0 => write!(out, "<th scope=\"row\">{cell}</th>")?,
                _ => write!(out, "<td>{cell}</td>")?,
            }
        }
        if let Some(more) = more.get(nth) {
            write!(out, "<td>{more}</td>")?;
        }
        out.write_all(b"</tr>\n")?;
    }
    if table.rows.is_empty() {
        out.write_all(b"<tr><td>none</td></tr>\n")?;
    }
    out.write_all(b"</tbody></table></div>\n")?;
    for note in &table.notes {
        writeln!(out, "<p>{}</p>", Prose(note))?;
    }
    out.write_all(b"</div>\n")
}

/// Pictures, beside each other where there is room.
///
/// # Errors
/// Those of `out`.
pub fn charts(out: &mut dyn Write, pictures: &[Picture]) -> io::Result<()> {
    if pictures.is_empty() {
        return Ok(());
    }
    out.write_all(b"<div class=\"charts\">\n")?;
    for picture in pictures {
        write!(
            out,
            "<figure><figcaption>{}</figcaption>",
            Plain(&picture.title)
        )?;
        picture.write(out, "")?;
        out.write_all(b"</figure>\n")?;
    }
    out.write_all(b"</div>\n")
}

/// The series of rows as small pictures, of which the figures beside them say all
/// that matters.
fn small(rows: &[Row], health: &Health) -> Vec<String> {
    let count = COLUMNS.min(Spark::most(health.last_tick));
    if count < 2 {
        return Vec::new();
    }
    let picture = |row: &Row| {
        let columns = row
            .spark
            .scaled(health.last_tick, count, &health.memory_kib);
        let most = columns.iter().copied().flatten().max().unwrap_or(0).max(1);
        let mut bars = String::new();
        for (at, value) in columns.into_iter().enumerate() {
            let height = u64::from(value.unwrap_or(0)) * 18 / u64::from(most);
            if height > 0 {
                bars += &format!("M{} 20h2v-{height}h-2z", 2 * at);
            }
        }
        format!(
            "<svg class=\"line\" viewBox=\"0 0 {} 20\" preserveAspectRatio=\"none\" \
             aria-hidden=\"true\"><path class=\"a f0\" d=\"M0 20h{0}v1H0z{bars}\"/></svg>",
            2 * count
        )
    };
    rows.iter().map(picture).collect()
}
