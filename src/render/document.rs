//! The parts of a report, a comparison or a footprint, in order. The writers for text,
//! markdown and html know these parts and nothing else. Foreign names are already fit for
//! a terminal, see [`super::escaped`]; markdown and html escape what is special there.

use super::chart::Chart;
use super::findings::Remarks;
use super::svg::Picture;
use crate::series::curve::Spark;
use crate::series::Health;
use std::borrow::Cow;

/// A label and its text.
pub(crate) type LabelledText = (&'static str, String);

#[derive(Default)]
pub(crate) struct Document<'r> {
    /// Of a page: its title, the properties in its head, and its foot.
    pub(crate) title: String,
    pub(crate) properties: Properties,
    pub(crate) foot: &'static str,
    pub(crate) parts: Vec<Part<'r>>,
}

pub(crate) enum Part<'r> {
    /// Level 1 to 3; 3 is as large as the title of a table.
    Heading(u8, String),
    Properties(Properties),
    Remarks(Remarks),
    /// Of a page: whether its figures are valid; `None`: nothing speaks against it.
    Validity(Option<String>),
    Table(Table<'r>),
    /// Side by side, where there is room.
    Tables(Vec<Table<'r>>),
    /// What the tables show, the most important first: a page has a card for each.
    Sentences(Vec<Sentence>),
    List(List, Vec<String>),
    /// For text.
    Chart(Chart<'r>),
    /// For pages.
    Pictures(Vec<Picture>),
    /// What is folded at first, in a page, under this title.
    Folded(String, Vec<Part<'r>>),
}

/// A sentence on figures, its core set off from the rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) before: String,
    pub(crate) core: String,
    pub(crate) after: String,
    /// The spread, in parentheses; may be empty.
    pub(crate) spread: String,
    /// It is on many figures: a page gives it a whole line.
    pub(crate) is_long: bool,
}

impl Sentence {
    /// As one line of text.
    pub(crate) fn text(&self) -> String {
        format!("{}{}{}", self.before, self.core, self.rest())
    }

    /// All behind the core.
    pub(crate) fn rest(&self) -> String {
        let (after, spread) = (&self.after, &self.spread);
        match spread.is_empty() {
            true => format!("{after}."),
            false => format!("{after} ({spread})."),
        }
    }
}

/// How a list of sentences looks.
pub(crate) enum List {
    /// Footnotes, numbered from 1.
    Numbered,
    Titled(&'static str),
    /// An explanation of the tables; text omits its title.
    Legend(&'static str),
    Paragraphs,
}

/// Labels and their texts; a line without a label continues the one before.
#[derive(Default)]
pub(crate) struct Properties {
    pub(crate) lines: Vec<(Cow<'static, str>, String)>,
    /// The width of the labels in text; `None`: they end in a colon.
    pub(crate) width: Option<usize>,
    /// The labels are products: a page has the mark of each.
    pub(crate) are_products: bool,
}

/// How a table is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Numbers below each other.
    #[default]
    Numbers,
    /// The main table: it has no title, and where text has no room for all columns it is
    /// split into several, each with the first column of cells.
    Results,
    /// A product against the reference.
    Pair,
    /// Text has columns of these widths, after that of the labels; 0: aligned left.
    Fixed(usize, &'static [usize]),
}

/// The first column to the left, the others to the right.
#[derive(Default)]
pub(crate) struct Table<'r> {
    pub(crate) title: String,
    /// The heads of the labels and of each column of cells.
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Row<'r>>,
    /// Sentences below the table.
    pub(crate) notes: Vec<String>,
    /// The labels are foreign names: text shortens them to this width.
    pub(crate) names: Option<usize>,
    /// The health of the run that the sparks are of.
    pub(crate) health: Option<&'r Health>,
    pub(crate) layout: Layout,
    /// In a page: the product that each column from the third on is of, as far as they are of
    /// products.
    pub(crate) products: Vec<usize>,
}

#[derive(Default)]
pub(crate) struct Row<'r> {
    /// The same for rows that belong together.
    pub(crate) section: String,
    pub(crate) label: String,
    /// The label outside of its section, if that differs.
    pub(crate) whole_label: Option<String>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) spark: Option<&'r Spark>,
    /// It says more on what other rows say.
    pub(crate) is_minor: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) value: String,
    /// The value in text, if that differs.
    pub(crate) narrow: Option<String>,
    pub(crate) spread: Option<String>,
    /// Numbers of footnotes.
    pub(crate) notes: Vec<usize>,
    /// `Some` if the cell says just yes or no.
    pub(crate) verdict: Option<bool>,
    pub(crate) missing: bool,
    /// It says that products differ.
    pub(crate) is_strong: bool,
    /// For pages, instead of a value: a drawing of values, and its height.
    pub(crate) drawing: Option<(String, usize)>,
}

impl<'r> Document<'r> {
    /// A document of those parts that are not empty.
    pub(crate) fn of(mut parts: Vec<Part<'r>>) -> Self {
        parts.retain(Part::has_content);
        Self {
            parts,
            ..Self::default()
        }
    }
}

impl Part<'_> {
    pub(crate) fn has_content(&self) -> bool {
        match self {
            Part::Properties(properties) => !properties.lines.is_empty(),
            Part::Remarks(remarks) => !remarks.is_empty(),
            Part::Tables(tables) => !tables.is_empty(),
            Part::List(_, lines) => !lines.is_empty(),
            Part::Sentences(all) => !all.is_empty(),
            Part::Pictures(pictures) => !pictures.is_empty(),
            _ => true,
        }
    }
}

impl Properties {
    pub(crate) fn new(lines: Vec<LabelledText>, width: usize) -> Self {
        let lines = lines.into_iter();
        Self {
            lines: lines.map(|(label, text)| (label.into(), text)).collect(),
            width: Some(width),
            ..Self::default()
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
    pub(crate) fn new(label: impl Into<String>, cells: Vec<String>) -> Self {
        Self {
            label: label.into(),
            cells: cells.into_iter().map(Cell::from).collect(),
            ..Self::default()
        }
    }

    /// The label outside of its section.
    pub(crate) fn whole_label(&self) -> &str {
        self.whole_label.as_ref().unwrap_or(&self.label)
    }
}

impl<'r> Table<'r> {
    pub(crate) fn new(
        title: impl Into<String>,
        head: &[&str],
        rows: impl IntoIterator<Item = Row<'r>>,
    ) -> Self {
        Self {
            title: title.into(),
            head: head.iter().map(|&cell| cell.to_owned()).collect(),
            rows: rows.into_iter().collect(),
            ..Self::default()
        }
    }

    /// A table with columns of these widths in text.
    pub(crate) fn fixed(self, label: usize, widths: &'static [usize]) -> Self {
        Self {
            layout: Layout::Fixed(label, widths),
            ..self
        }
    }

    /// A table whose labels are foreign names.
    pub(crate) fn of_names(self, width: usize) -> Self {
        Self {
            names: Some(width),
            ..self
        }
    }
}

impl Cell {
    /// The numbers of its footnotes, each formatted by `form`.
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
