//! The tables of a comparison: the results, and each product against the reference.

use super::super::document::{Cell, Layout, Row, Table};
use super::super::style::Medium;
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
        rows.push(Row {
            section: words::section(&row.spec),
            label,
            whole_label: Some(whole_label),
            cells: cells.collect(),
            ..Row::default()
        });
    }
    let first = match medium {
        Medium::Markdown => "Description",
        Medium::Text(_) | Medium::Html => "",
    };
    let products = (0..comparison.products.len()).map(|product| name(comparison, product));
    Table {
        head: std::iter::once(first.to_owned()).chain(products).collect(),
        rows,
        layout: Layout::Results,
        ..Table::default()
    }
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
                missing: false,
            }
        }
        compare::Cell::Missing(missing) => Cell {
            notes: notes.of_missing(comparison, product, missing),
            missing: true,
            ..Cell::from(MISSING.to_owned())
        },
    }
}

/// A product against the reference; `None` if no row can be compared.
pub(crate) fn pair(comparison: &Comparison, product: usize) -> Option<Table<'static>> {
    let mut rows = Vec::new();
    let mut too_few: Vec<((usize, usize), Vec<String>)> = Vec::new();
    for row in &comparison.rows {
        let pair = row.pairs.get(product).copied().flatten();
        let Some(pair) = pair.filter(|_| compares(row, product)) else {
            continue;
        };
        if let Some(Reason::TooFew { n, enough }) = comparison.reason(&pair) {
            let runs = format!("{} against {}", n.0, n.1);
            match too_few.iter_mut().find(|(other, _)| *other == enough) {
                None => too_few.push((enough, vec![runs])),
                Some((_, all)) if !all.contains(&runs) => all.push(runs),
                Some(_) => {}
            }
        }
        rows.push(compared(&row.spec, &pair));
    }
    let too_few = too_few.iter().map(|((ours, theirs), runs)| {
        let runs = runs.join(" or ");
        format!("{runs}; {ours} against {theirs} are enough")
    });
    let too_few: Vec<String> = too_few.collect();
    let [ours, reference] = [product, 0].map(|at| name(comparison, at));
    let title = format!("{ours} against {reference}");
    let head = ["", "difference", "ratio", "range ", "n", "p"];
    let mut table = Table::new(title, &head, rows);
    table.layout = Layout::Pair;
    if !too_few.is_empty() {
        let runs = too_few.join("; ");
        table.notes.push(format!("too few runs to decide ({runs})"));
    }
    (!table.rows.is_empty()).then_some(table)
}

/// Whether the figures of two products can be compared: not those of two processes, nor
/// two answers.
fn compares(row: &compare::TableRow, product: usize) -> bool {
    let kind = row.spec.kind;
    product > 0 && !kind.is_answer() && kind != Kind::TopCpu
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
        spark: None,
    }
}
