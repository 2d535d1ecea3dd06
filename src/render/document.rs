//! What a report, a comparison or a footprint says, part by part, in the order in which
//! it says it. The writers for text, markdown and html know of these parts and of
//! nothing else. Names that others chose are fit to be shown, see [`super::escaped`];
//! what acts in markdown or html is not escaped yet.

use super::chart::Chart;
use super::findings::Remarks;
use super::svg::Picture;
use crate::series::curve::Spark;
use crate::series::Health;
use std::borrow::Cow;

/// A label, and what is said of it.
pub(crate) type Line = (&'static str, String);

/// All that is said.
#[derive(Default)]
pub(crate) struct Document<'r> {
    /// Of a page, and what else stands in its head and at its foot.
    pub(crate) title: String,
    pub(crate) facts: Facts,
    pub(crate) foot: &'static str,
    pub(crate) parts: Vec<Part<'r>>,
}

pub(crate) enum Part<'r> {
    /// Above all that follows (1), above a part of that (2), and as large as the title
    /// of a table (3).
    Heading(u8, String),
    Facts(Facts),
    Remarks(Remarks),
    /// So many cautions stand below.
    Below(usize),
    /// Those, which a page links to.
    Cautions(Remarks),
    Table(Table<'r>),
    /// Beside each other, where there is room.
    Tables(Vec<Table<'r>>),
    List(List, Vec<String>),
    /// For text.
    Chart(Chart<'r>),
    /// For pages.
    Pictures(Vec<Picture>),
    /// A table that whoever reads a page may unfold.
    Folded(&'static str, Table<'r>),
}

/// How sentences stand below each other.
pub(crate) enum List {
    /// As footnotes, numbered from 1.
    Numbered,
    Titled(&'static str),
    /// How to read what stands above: text has no title for that.
    Legend(&'static str),
    Paragraphs,
}

/// Labels, and what is said of each; one without a label goes on with what stands
/// before.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) lines: Vec<(Cow<'static, str>, String)>,
    /// Columns that text has for the labels; none: they end in a colon.
    pub(crate) width: Option<usize>,
}

/// How a table is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Numbers below each other.
    #[default]
    Numbers,
    /// All that a document is about: it needs no title, and text has several tables of
    /// it, each with the first column of cells, where the others do not fit beside it.
    Results,
    /// Results set against each other.
    Against,
    /// Text has columns of these widths, the first of them for labels; none: to the left.
    Fixed(usize, &'static [usize]),
}

/// The first column to the left, the others to the right.
#[derive(Default)]
pub(crate) struct Table<'r> {
    pub(crate) title: String,
    /// Of the labels and of each column of cells.
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Row<'r>>,
    /// What is to be said below it, a sentence each.
    pub(crate) notes: Vec<String>,
    /// The labels are names that others chose: text, which has to fit into a line, has
    /// at most so many columns of them.
    pub(crate) names: Option<usize>,
    /// Of the run whose processes have series in the rows.
    pub(crate) health: Option<&'r Health>,
    pub(crate) layout: Layout,
}

#[derive(Default)]
pub(crate) struct Row<'r> {
    /// Rows that belong together have the same.
    pub(crate) section: String,
    pub(crate) label: String,
    /// By itself, where that differs from what it is called in its section.
    pub(crate) whole_label: Option<String>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) spark: Option<&'r Spark>,
}

#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) value: String,
    /// The same in text, if it differs there.
    pub(crate) narrow: Option<String>,
    pub(crate) spread: Option<String>,
    /// Numbers of footnotes.
    pub(crate) notes: Vec<usize>,
    /// Yes or no, where that is all that the cell says.
    pub(crate) verdict: Option<bool>,
    pub(crate) missing: bool,
}

impl<'r> Document<'r> {
    /// Of parts, but for those of which nothing is said; a page has more than that.
    pub(crate) fn of(mut parts: Vec<Part<'r>>) -> Self {
        let is_said = |part: &Part<'_>| match part {
            Part::Facts(facts) => !facts.lines.is_empty(),
            Part::Remarks(remarks) => !remarks.is_empty(),
            Part::Tables(tables) => !tables.is_empty(),
            Part::List(_, lines) => !lines.is_empty(),
            Part::Pictures(pictures) => !pictures.is_empty(),
            _ => true,
        };
        parts.retain(is_said);
        Self {
            parts,
            ..Self::default()
        }
    }
}

impl Facts {
    pub(crate) fn new(lines: Vec<Line>, width: usize) -> Self {
        let lines = lines.into_iter();
        Self {
            lines: lines.map(|(label, text)| (label.into(), text)).collect(),
            width: Some(width),
        }
    }
}

impl From<String> for Cell {
    fn from(value: String) -> Self {
        Self {
            value,
            ..Self::default()
        }
    }
}

impl Row<'_> {
    pub(crate) fn new(label: String, cells: Vec<String>) -> Self {
        Self {
            label,
            cells: cells.into_iter().map(Cell::from).collect(),
            ..Self::default()
        }
    }

    /// What it is called outside of its section.
    pub(crate) fn whole_label(&self) -> &str {
        self.whole_label.as_ref().unwrap_or(&self.label)
    }
}

impl<'r> Table<'r> {
    pub(crate) fn new(title: &str, head: &[&str], rows: Vec<Row<'r>>) -> Self {
        Self {
            title: title.to_owned(),
            head: head.iter().map(|&cell| cell.to_owned()).collect(),
            rows,
            ..Self::default()
        }
    }

    /// The same, with names for labels.
    pub(crate) fn of_names(self, width: usize) -> Self {
        Self {
            names: Some(width),
            ..self
        }
    }
}

impl Cell {
    /// The numbers of its footnotes as `form` has them, between two words.
    pub(crate) fn references(
        &self,
        form: fn(&usize) -> String,
        [before, by, behind]: [&str; 3],
    ) -> String {
        let numbers: Vec<String> = self.notes.iter().map(form).collect();
        match numbers.is_empty() {
            true => String::new(),
            false => format!("{before}{}{behind}", numbers.join(by)),
        }
    }
}
