//! The tables of a comparison: the results, and each product against the reference.

use super::super::document::{Cell, Layout, Row, Table};
use super::super::style::Medium;
use super::lanes::{self, compares};
use super::notes::Notes;
use super::words::{self, name};
use crate::compare::conclusions::Reason;
use crate::compare::pair_comparison::Test;
use crate::compare::rows::{Kind, Spec};
use crate::compare::{self, Comparison, PairComparison};
use crate::series::stage::Stage;

/// The text of a cell without a value.
const MISSING: &str = "not measured";

/// The table, with a column for each product.
pub(crate) fn table(comparison: &Comparison, medium: Medium, notes: &mut Notes) -> Table<'static> {
    let mut rows = Vec::new();
    for (at, row) in comparison.rows.iter().enumerate() {
        let missing =
            |row: &compare::TableRow| row.cells.iter().all(|cell| cell.figure().is_none());
        // A stage without runs gets one line.
        let together = row.spec.kind == Kind::Cpu && {
            let mut rows = comparison.rows.iter();
            let same = |other: &&compare::TableRow| of(&other.spec) == of(&row.spec);
            let first = rows.clone().position(|other| same(&other)) == Some(at);
            let none = rows.all(|other| !same(&other) || missing(other));
            if none && !first {
                continue;
            }
            none
        };
        let (label, whole_label) = match together {
            true => {
                let stage = row.spec.stage.as_ref().map_or("", Stage::name);
                ("minimum to maximum".to_owned(), format!("CPU, {stage}"))
            }
            false => (words::label(&row.spec), words::whole_label(&row.spec)),
        };
        let cells = row.cells.iter().enumerate();
        let cells = cells.map(|(product, of)| cell(comparison, row, product, of, notes));
        let cells = match medium {
            Medium::Html => lanes::extended(comparison, row, cells),
            _ => cells.collect(),
        };
        rows.push(Row {
            section: words::section(&row.spec),
            label,
            whole_label: Some(whole_label),
            cells,
            is_minor: !row.spec.is_tested() && !row.spec.kind.is_answer(),
            ..Row::default()
        });
    }
    let table = Table {
        rows,
        layout: Layout::Results,
        ..Table::default()
    };
    with_heads(comparison, medium, table)
}

/// The table with the heads of its columns; in a page also what it says of its differences.
fn with_heads(
    comparison: &Comparison,
    medium: Medium,
    mut table: Table<'static>,
) -> Table<'static> {
    let first = match medium {
        Medium::Markdown => "Description",
        Medium::Text(_) | Medium::Html => "",
    };
    let count = comparison.products.len();
    let products = (0..count).map(|product| name(comparison, product));
    table.head.push(first.to_owned());
    if medium == Medium::Html {
        table.head.push("each run".to_owned());
        table.products = (0..count).collect();
    }
    table.head.extend(products);
    if medium == Medium::Html {
        let others = (1..count).map(|product| match count {
            2 => "difference".to_owned(),
            _ => against(comparison, product),
        });
        table.head.extend(others);
        let notes = (1..count).filter_map(|product| {
            let too_few = too_few(comparison, product)?;
            Some(format!("{}: {too_few}", against(comparison, product)))
        });
        table.notes.extend(notes);
    }
    table
}

fn of(spec: &Spec) -> (Kind, &Option<Stage>) {
    (spec.kind, &spec.stage)
}

fn cell(
    comparison: &Comparison,
    row: &compare::TableRow,
    product: usize,
    cell: &compare::Cell,
    notes: &mut Notes,
) -> Cell {
    match cell {
        compare::Cell::Figure(figure) => {
            let value = words::figure(&row.spec, figure, usize::MAX);
            Cell {
                verdict: match value.as_str() {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                },
                value,
                narrow: Some(words::figure(&row.spec, figure, words::NAME_WIDTH)),
                spread: words::spread(&row.spec, figure),
                notes: notes.of_figure(comparison, figure),
                ..Cell::default()
            }
        }
        compare::Cell::Missing(missing) => Cell {
            notes: notes.of_missing(comparison, product, missing),
            missing: true,
            ..Cell::from(MISSING.to_owned())
        },
    }
}

/// The title of a product's differences.
fn against(comparison: &Comparison, product: usize) -> String {
    let [ours, reference] = [product, 0].map(|at| name(comparison, at));
    format!("{ours} against {reference}")
}

/// The comparable rows of a product.
fn pairs(
    comparison: &Comparison,
    product: usize,
) -> impl Iterator<Item = (&Spec, PairComparison)> + '_ {
    let rows = comparison.rows.iter();
    let rows = rows.filter(move |row| compares(row, product));
    rows.filter_map(move |row| Some((&row.spec, row.pairs.get(product).copied().flatten()?)))
}

/// A product against the reference; `None` if no row can be compared.
pub(crate) fn pair(comparison: &Comparison, product: usize) -> Option<Table<'static>> {
    let rows = pairs(comparison, product).map(|(spec, pair)| compared(spec, &pair));
    let head = ["", "difference", "ratio", "range ", "n", "p"];
    let mut table = Table::new(against(comparison, product), &head, rows);
    table.layout = Layout::Pair;
    table.notes.extend(too_few(comparison, product));
    (!table.rows.is_empty()).then_some(table)
}

/// Of which rows the runs are too few, and how many would do.
fn too_few(comparison: &Comparison, product: usize) -> Option<String> {
    let mut too_few: Vec<((usize, usize), Vec<String>)> = Vec::new();
    for (_, pair) in pairs(comparison, product) {
        if let Some(Reason::TooFew { n, enough }) = comparison.reason(&pair) {
            let runs = format!("{} against {}", n.0, n.1);
            match too_few.iter_mut().find(|(other, _)| *other == enough) {
                None => too_few.push((enough, vec![runs])),
                Some((_, all)) if !all.contains(&runs) => all.push(runs),
                Some(_) => {}
            }
        }
    }
    let too_few = too_few.iter().map(|((ours, theirs), runs)| {
        let runs = runs.join(" or ");
        format!("{runs}; {ours} against {theirs} are enough")
    });
    let too_few: Vec<String> = too_few.collect();
    (!too_few.is_empty()).then(|| format!("too few runs to decide ({})", too_few.join("; ")))
}

fn compared(spec: &Spec, pair: &PairComparison) -> Row<'static> {
    let ratio = pair.ratio;
    let (ours, theirs) = pair.n;
    let difference = words::difference(spec.kind.unit(), pair.difference.value);
    let n = match ours == theirs {
        true => ours.to_string(),
        false => format!("{ours}, {theirs}"),
    };
    let p = match pair.test {
        Test::Not => String::new(),
        Test::TooFew { .. } => "too few".to_owned(),
        Test::P { corrected, .. } if pair.test.tells_apart() => words::p(corrected),
        Test::P { corrected, .. } => format!("~ {}", words::p(corrected)),
    };
    let known = |text: Option<String>| Cell {
        narrow: text.is_none().then(|| "-".to_owned()),
        ..Cell::from(text.unwrap_or_default())
    };
    Row {
        section: words::section(spec),
        label: words::label(spec),
        whole_label: Some(words::whole_label(spec)),
        cells: vec![
            difference.into(),
            known(ratio.map(|ratio| words::ratio(ratio.value))),
            known(ratio.and_then(|ratio| words::ends(ratio.spread))),
            n.into(),
            p.into(),
        ],
        ..Row::default()
    }
}
