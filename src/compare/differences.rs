//! Differences are computed, even if there is a fact for them; a fact that disagrees
//! with its parts is reported.

use super::comparison::{Cell, Comparison, Missing, Replaced, TableRow};
use super::facts::{Fact, MachineFact, Notation};
use super::figure::{Figure, Spread};
use super::rows::{Kind, Spec};
use crate::series::stage::Stage;
use crate::stats;

/// Memory in use, from facts: all memory minus what was available.
pub(crate) fn consumed(
    comparison: &Comparison,
    product: usize,
    spec: &Spec,
    replaced: &mut Vec<Replaced>,
) -> Option<Figure> {
    let stage = spec.stage.as_ref();
    let stage = stage.filter(|_| spec.kind == Kind::MemoryConsumed)?;
    let of_machine = |which| comparison.typed_where(product, move |fact| fact.is_of_machine(which));
    let available = match stage {
        Stage::Baseline => of_machine(MachineFact::MemoryAvailableBefore)?,
        _ => comparison.typed_where(product, |fact| fact.is_row("memory-available"))?,
    };
    let computed = less(&of_machine(MachineFact::MemoryTotal)?, &available)?;
    // More cannot be available than there is.
    let computed = Some(computed).filter(|computed| computed.value >= 0.0)?;
    replaced.extend(disagreement(comparison, product, spec, &computed));
    Some(computed)
}

/// What the edge software takes.
pub(crate) fn difference(
    comparison: &Comparison,
    rows: &[TableRow],
    product: usize,
    spec: &Spec,
    replaced: &mut Vec<Replaced>,
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
            let is_before = |fact: &Fact| fact.is_of_machine(MachineFact::MemoryAvailableBefore);
            let before = comparison.typed_where(product, is_before);
            let with = plain(cell(Kind::MemoryAvailable, Stage::Edge));
            before.zip(with).and_then(|(a, b)| less(&a, &b))
        }
        _ => None,
    };
    if let Some(computed) = computed {
        replaced.extend(disagreement(comparison, product, spec, &computed));
        return Cell::Figure(computed);
    }
    let key = spec.fact.as_deref();
    if let Some(typed) = key.and_then(|key| comparison.typed(product, key)) {
        return Cell::Figure(typed);
    }
    let missing = parts.into_iter().flatten().filter_map(|cell| match cell {
        Cell::Missing(missing) => Some(missing.clone()),
        Cell::Figure(_) => None,
    });
    Cell::Missing(Missing::Parts(missing.collect()))
}

/// One figure minus another.
fn less(more: &Figure, less: &Figure) -> Option<Figure> {
    let has_spread = more.points.len() > 1 && less.points.len() > 1;
    let contrast = stats::difference(&more.values(), &less.values())?;
    let notations = more.notation.zip(less.notation);
    Some(Figure {
        value: contrast.value,
        spread: match has_spread {
            true => Spread::of(&contrast),
            false => Spread::None,
        },
        points: more.points.clone(),
        less: less.points.clone(),
        at_least: false,
        share: None,
        name: None,
        notation: notations
            .filter(|(a, b)| a.memory == b.memory)
            .map(|(a, b)| Notation {
                decimals: a.decimals.max(b.decimals),
                ..a
            }),
    })
}

/// A fact that is not what its parts give, beyond rounding: half a unit of the last digit
/// for each of three numbers.
fn disagreement(
    comparison: &Comparison,
    product: usize,
    spec: &Spec,
    computed: &Figure,
) -> Option<Replaced> {
    let typed = comparison.typed(product, spec.fact.as_deref()?)?;
    let points = typed.points.iter();
    let points = points.chain(&computed.points).chain(&computed.less);
    let facts = points.filter_map(|point| comparison.fact_of(point));
    let step = facts.map(|fact| fact.notation.step).fold(0.0, f64::max);
    ((typed.value - computed.value).abs() > 1.5 * step).then(|| Replaced {
        product,
        spec: spec.clone(),
        typed,
        by: computed.clone(),
        is_computed: true,
    })
}
