//! Differences: they are computed, whatever was typed in, and where what was typed
//! does not agree with its parts, both are told.

use super::facts::{Beside, Fact};
use super::rows::{Kind, Spec};
use super::{against, Cell, Comparison, Figure, Form, Missing, Remark, Row};
use crate::series::stage::Stage;
use crate::stats;

/// What was in use, of what was typed in: all memory less what was available.
pub(crate) fn consumed(
    comparison: &Comparison,
    product: usize,
    spec: &Spec,
    remarks: &mut Vec<Remark>,
) -> Option<Figure> {
    let stage = spec
        .stage
        .as_ref()
        .filter(|_| spec.kind == Kind::MemoryConsumed)?;
    let beside = |which| comparison.typed_where(product, move |fact| fact.is_beside(which));
    let available = match stage {
        Stage::Baseline => beside(Beside::MemoryAvailableBefore)?,
        _ => comparison.typed_where(product, |fact| fact.is_row("memory-available"))?,
    };
    let computed = less(&beside(Beside::MemoryTotal)?, &available)?;
    agree(comparison, product, spec, &computed, remarks);
    Some(computed)
}

/// What the edge software takes.
pub(crate) fn difference(
    comparison: &Comparison,
    rows: &[Row],
    product: usize,
    spec: &Spec,
    remarks: &mut Vec<Remark>,
) -> Cell {
    let of = match spec.kind {
        Kind::DiskTaken => Kind::DiskUsed,
        _ => Kind::MemoryConsumed,
    };
    let cell = |kind: Kind, stage: Stage| {
        let mut rows = rows.iter();
        let row = rows.find(|row| row.spec.kind == kind && row.spec.stage.as_ref() == Some(&stage));
        row.and_then(|row| row.cells.get(product))
    };
    let parts = [cell(of, Stage::Edge), cell(of, Stage::Baseline)];
    let plain = |cell: Option<&Cell>| {
        let figure = cell.and_then(Cell::figure).cloned();
        figure.filter(|figure| figure.less.is_empty())
    };
    let computed = match parts.map(plain) {
        [Some(with), Some(before)] => less(&with, &before),
        _ if of == Kind::MemoryConsumed => {
            let before = |fact: &Fact| fact.is_beside(Beside::MemoryAvailableBefore);
            let before = comparison.typed_where(product, before);
            let with = plain(cell(Kind::MemoryAvailable, Stage::Edge));
            before
                .zip(with)
                .and_then(|(before, with)| less(&before, &with))
        }
        _ => None,
    };
    let typed = || comparison.typed(product, spec.fact.as_deref()?);
    match computed {
        Some(computed) => {
            agree(comparison, product, spec, &computed, remarks);
            Cell::Figure(computed)
        }
        None => match typed() {
            Some(typed) => Cell::Figure(typed),
            None => {
                let missing = parts.into_iter().flatten().filter_map(|cell| match cell {
                    Cell::Missing(missing) => Some(missing.clone()),
                    Cell::Figure(_) => None,
                });
                Cell::Missing(Missing::Parts(missing.collect()))
            }
        },
    }
}

/// One figure less another; `None` where one of them is none.
fn less(more: &Figure, less: &Figure) -> Option<Figure> {
    let spread = more.points.len() > 1 && less.points.len() > 1;
    let change = against::change(stats::difference(&more.values(), &less.values())?, spread);
    let form = more
        .form
        .zip(less.form)
        .filter(|(a, b)| a.memory == b.memory);
    Some(Figure {
        value: change.value,
        spread: change.spread,
        points: more.points.clone(),
        less: less.points.clone(),
        share: None,
        name: None,
        form: form.map(|(a, b)| Form {
            memory: a.memory,
            decimals: a.decimals.max(b.decimals),
        }),
    })
}

/// Tells of what was typed in and is not what its parts give. As many steps of the
/// last digit as there are numbers may be due to rounding.
fn agree(
    comparison: &Comparison,
    product: usize,
    spec: &Spec,
    computed: &Figure,
    remarks: &mut Vec<Remark>,
) {
    let Some(key) = spec.fact.as_deref() else {
        return;
    };
    let Some(typed) = comparison.typed(product, key) else {
        return;
    };
    let steps = typed
        .points
        .iter()
        .chain(&computed.points)
        .chain(&computed.less);
    let step = steps.filter_map(|point| comparison.fact_of(point));
    let step = step.map(|fact| fact.typed.step).fold(0.0, f64::max);
    // Half a step of each of three.
    if (typed.value - computed.value).abs() > 1.5 * step {
        remarks.push(Remark::Disagrees {
            product,
            spec: spec.clone(),
            typed,
            computed: computed.clone(),
        });
    }
}
