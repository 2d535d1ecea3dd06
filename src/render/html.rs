//! A document as one HTML page that needs nothing else: no script, no other file.

mod cards;
mod pieces;

use super::document::{Cell, Document, Layout, List, Part, Properties, Table};
use super::findings::Remarks;
use super::markup::{Plain, Prose};
use super::outline::VALID;
use super::svg::{self, Picture};
use crate::series::curve::Spark;
use crate::series::Health;
use pieces::pieces;
use std::cmp::Ordering;
use std::io::{self, Write};

const STYLE: &str = include_str!("html/page.css");
/// The level of the headings in a page that has one list of findings, which can be linked.
const LINKED: u8 = 2;
/// A table of more columns may be wider than a small screen; results have two in a line
/// of their own there.
const MANY: usize = 4;
/// Columns of the small pictures in tables.
const COLUMNS: usize = 48;

/// Writes the document.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(out: &mut dyn Write, document: &Document<'_>) -> io::Result<()> {
    let title = Plain(&document.title);
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} - edgebench-lite</title>\n<style>\n{}{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>",
        svg::STYLE
    )?;
    let sections = document.parts.iter().filter_map(|part| match part {
        Part::Heading(1, title) => Some(Plain(title)),
        _ => None,
    });
    let sections: Vec<_> = sections.collect();
    if !sections.is_empty() {
        out.write_all(b"<nav><ul>\n")?;
        for (nth, title) in sections.iter().enumerate() {
            writeln!(out, "<li><a href=\"#s{nth}\">{title}</a></li>")?;
        }
        out.write_all(b"</ul></nav>\n")?;
    }
    if !document.properties.lines.is_empty() {
        write_properties(out, &document.properties)?;
    }
    out.write_all(b"</header>\n<main>\n")?;
    // Of headings below the title, which is the first.
    let top = if sections.is_empty() { 2 } else { 3 };
    let (mut level, mut nth) = (top, 0);
    for part in &document.parts {
        match part {
            Part::Heading(1, title) => {
                let title = Plain(title);
                writeln!(out, "<h2 class=\"title\" id=\"s{nth}\">{title}</h2>")?;
                (level, nth) = (top, nth + 1);
            }
            Part::Heading(2, title) => {
                writeln!(out, "<h{top} class=\"title\">{}</h{top}>", Plain(title))?;
                level = top + 1;
            }
            part => write_part(out, part, level)?,
        }
    }
    out.write_all(b"</main>\n")?;
    if !document.foot.is_empty() {
        writeln!(out, "<footer><p>{}</p></footer>", document.foot)?;
    }
    out.write_all(b"</body>\n</html>\n")
}

fn write_part(out: &mut dyn Write, part: &Part<'_>, level: u8) -> io::Result<()> {
    match part {
        Part::Heading(_, title) => writeln!(out, "<h{level}>{}</h{level}>", Plain(title)),
        Part::Properties(properties) => write_properties(out, properties),
        Part::Remarks(remarks) => write_remarks(out, remarks, level),
        Part::Validity(None) => writeln!(out, "<p>Validity: {VALID}.</p>"),
        Part::Validity(Some(said)) => {
            let said = Plain(said);
            let said = match level {
                LINKED => format!("<a href=\"#findings\">{said}</a>"),
                _ => said.to_string(),
            };
            writeln!(
                out,
                "<p>Validity: {said}; read the findings before you use a figure.</p>"
            )
        }
        Part::Table(table) => write_table(out, table, level),
        Part::Tables(tables) => {
            out.write_all(b"<div class=\"tables\">\n")?;
            let mut tables = tables.iter();
            tables.try_for_each(|table| write_table(out, table, level))?;
            out.write_all(b"</div>\n")
        }
        Part::Sentences(all) => cards::write(out, all),
        Part::List(list, lines) => write_list(out, list, lines, level),
        Part::Pictures(pictures) => write_pictures(out, pictures),
        Part::Folded(title, parts) => {
            writeln!(out, "<details><summary>{}</summary>", Plain(title))?;
            parts
                .iter()
                .try_for_each(|part| write_part(out, part, level + 1))?;
            out.write_all(b"</details>\n")
        }
        Part::Chart(_) => Ok(()),
    }
}

fn write_list(out: &mut dyn Write, list: &List, lines: &[String], level: u8) -> io::Result<()> {
    let element = if matches!(list, List::Numbered) {
        "ol"
    } else {
        "ul"
    };
    if let List::Titled(title) | List::Legend(title) = list {
        writeln!(out, "<h{level}>{title}</h{level}>")?;
    }
    writeln!(out, "<{element} class=\"small\">")?;
    for (line, number) in lines.iter().zip(1..) {
        match list {
            List::Numbered => writeln!(out, "<li id=\"n{number}\">{}</li>", Prose(line))?,
            _ => writeln!(out, "<li>{}</li>", Prose(line))?,
        }
    }
    writeln!(out, "</{element}>")
}

/// The findings, the gravest first.
fn write_remarks(out: &mut dyn Write, remarks: &Remarks, level: u8) -> io::Result<()> {
    let id = if level == LINKED {
        " id=\"findings\""
    } else {
        ""
    };
    writeln!(
        out,
        "<h{level}{id}>Findings</h{level}>\n<ul class=\"findings\">"
    )?;
    for (grade, said) in remarks.all() {
        let (grade, said) = (grade.name(), Prose(said));
        writeln!(out, "<li class=\"{grade}\"><em>{grade}</em> {said}</li>")?;
    }
    out.write_all(b"</ul>\n")
}

fn write_properties(out: &mut dyn Write, properties: &Properties) -> io::Result<()> {
    out.write_all(b"<dl>\n")?;
    for (nth, (label, text)) in properties.lines.iter().enumerate() {
        let text = Prose(text);
        let key = match properties.are_products {
            true => svg::key(nth, ""),
            false => String::new(),
        };
        match label.is_empty() {
            true => writeln!(out, "<dd>{text}</dd>")?,
            false => writeln!(out, "<dt>{key}{}</dt><dd>{text}</dd>", Plain(label))?,
        }
    }
    out.write_all(b"</dl>\n")
}

/// A table under its title; results, which are what the page is about, have none.
fn write_table(out: &mut dyn Write, table: &Table<'_>, level: u8) -> io::Result<()> {
    let title = Plain(&table.title);
    let results = table.layout == Layout::Results;
    if !results && !title.0.is_empty() {
        writeln!(out, "<div><h{level}>{title}</h{level}>")?;
    } else {
        out.write_all(b"<div>")?;
    }
    let name = if title.0.is_empty() {
        "Results"
    } else {
        &table.title
    };
    let class = match (results, table.head.len()) {
        (true, columns) => format!(" class=\"results\" style=\"--n:{}\"", columns - 2),
        _ => String::new(),
    };
    write!(
        out,
        "<div class=\"table{}\" role=\"region\" aria-label=\"{}\" tabindex=\"0\"><table{class}>\
         <thead><tr>",
        if table.head.len() > MANY + 2 * usize::from(results) {
            " many"
        } else {
            ""
        },
        Plain(name)
    )?;
    let health = table.health.filter(|_| !table.rows.is_empty());
    let series = health.map_or(0, columns);
    let over_time = (series > 0).then_some("over time");
    let heads = table.head.iter().map(|head| head.trim());
    for (at, head) in heads.chain(over_time).enumerate() {
        let product = at.checked_sub(2).and_then(|at| table.products.get(at));
        let key = product.map_or_else(String::new, |product| svg::key(*product, ""));
        match head.is_empty() {
            true => out.write_all(b"<td></td>")?,
            false => write!(out, "<th scope=\"col\">{key}{}</th>", Plain(head))?,
        }
    }
    out.write_all(b"</tr></thead>")?;
    write_rows(out, table, series)?;
    out.write_all(b"</table></div>\n")?;
    for note in &table.notes {
        writeln!(out, "<p>{}</p>", Prose(note))?;
    }
    out.write_all(b"</div>\n")
}

fn write_rows(out: &mut dyn Write, table: &Table<'_>, series: usize) -> io::Result<()> {
    let results = table.layout == Layout::Results;
    let mut section = "";
    if !results {
        out.write_all(b"<tbody>\n")?;
    }
    for row in &table.rows {
        if results && row.section != section {
            let end = if section.is_empty() {
                "\n"
            } else {
                "</tbody>\n"
            };
            section = &row.section;
            let (title, columns) = (Plain(section), table.head.len());
            writeln!(
                out,
                "{end}<tbody><tr><th scope=\"rowgroup\" colspan=\"{columns}\">{title}</th></tr>"
            )?;
        }
        let label = if results {
            &row.label
        } else {
            row.whole_label()
        };
        let class = if row.is_minor { " class=\"minor\"" } else { "" };
        write!(out, "<tr{class}><th scope=\"row\">{}</th>", Plain(label))?;
        for cell in &row.cells {
            match results || cell.drawing.is_some() {
                true => write_cell(out, cell)?,
                false => {
                    let spread = cell.spread.as_ref();
                    let spread = spread.map_or(String::new(), |spread| format!(" ({spread})"));
                    write!(
                        out,
                        "<td>{}{}</td>",
                        Plain(cell.value.trim()),
                        Plain(&spread)
                    )?;
                }
            }
        }
        if let Some((spark, health)) = row.spark.zip(table.health).filter(|_| series > 0) {
            write!(out, "<td>{}</td>", small(spark, health, series))?;
        }
        out.write_all(b"</tr>\n")?;
    }
    if table.rows.is_empty() {
        let columns = table.head.len();
        writeln!(out, "<tr><td colspan=\"{columns}\">none</td></tr>")?;
    }
    out.write_all(b"</tbody>")?;
    match results {
        true => out.write_all(b"\n"),
        false => Ok(()),
    }
}

fn write_cell(out: &mut dyn Write, cell: &Cell) -> io::Result<()> {
    if let Some((drawing, height)) = &cell.drawing {
        let width = svg::ACROSS;
        return write!(
            out,
            "<td class=\"plot\"><svg class=\"dots\" viewBox=\"0 0 {width} {height}\">{drawing}</svg></td>"
        );
    }
    let (class, sign) = match (cell.missing, cell.verdict) {
        (true, _) => ("missing", ""),
        (_, Some(true)) => ("yes", "\u{2713} "),
        (_, Some(false)) => ("no", "\u{2717} "),
        _ if cell.is_strong => ("strong", ""),
        _ => ("figure", ""),
    };
    write!(out, "<td class=\"{class}\">{sign}")?;
    let link = |number: &usize| format!("<a href=\"#n{number}\">{number}</a>");
    let links = cell.references(link, ["<sup>", ", ", "</sup>"]);
    let is_number = |next: &str| next.starts_with(|c: char| c == '(' || c.is_ascii_digit());
    pieces(out, &cell.value, &links, is_number)?;
    if let Some(spread) = &cell.spread {
        out.write_all(b"<br><small>")?;
        pieces(out, spread, "", |next| next.starts_with(['n', 'p']))?;
        out.write_all(b"</small>")?;
    }
    out.write_all(b"</td>")
}

/// Pictures, beside each other where there is room.
fn write_pictures(out: &mut dyn Write, pictures: &[Picture]) -> io::Result<()> {
    let width = pictures.first().map_or(svg::WIDTH, |picture| picture.width);
    let class = match width.cmp(&svg::WIDTH) {
        Ordering::Less => " panels",
        Ordering::Equal => "",
        Ordering::Greater => " large",
    };
    writeln!(out, "<div class=\"charts{class}\">")?;
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

/// As many bars as there are to the series of a run's processes; 0: too few.
fn columns(health: &Health) -> usize {
    match COLUMNS.min(Spark::most(health.last_tick)) {
        0 | 1 => 0,
        count => count,
    }
}

/// A series as a small picture, of which the figures beside it say all that matters.
fn small(spark: &Spark, health: &Health, count: usize) -> String {
    let columns = spark.scaled(health.last_tick, count, &health.sampled.curve());
    let most = columns.iter().copied().flatten().max().unwrap_or(0).max(1);
    let (mut bars, mut before) = (String::new(), 20);
    for (at, value) in columns.into_iter().enumerate() {
        // Where nothing was sampled there is not even the line of 0.
        let y = value.map_or(21, |value| 20 - u64::from(value) * 18 / u64::from(most));
        if y != before {
            bars += &format!("H{}V{y}", 2 * at);
        }
        before = y;
    }
    format!(
        "<svg class=\"line\" viewBox=\"0 0 {} 20\" preserveAspectRatio=\"none\" \
         aria-hidden=\"true\"><path class=\"a p0\" d=\"M0 21V20{bars}H{0}V21z\"/></svg>",
        2 * count
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_nothing_has_all_its_columns() {
        let mut out = Vec::new();
        let nothing = Table::new("", &["name", "median", "max"], []);
        write_rows(&mut out, &nothing, 0).unwrap();
        let expected = "<tbody>\n<tr><td colspan=\"3\">none</td></tr>\n</tbody>";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
