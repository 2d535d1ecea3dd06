//! CPU and memory of the machine over time, and stacked below them the processes that took
//! most.

use super::super::chart::{apart, LEAST_TICKS};
use super::super::names::{memory_name, name};
use super::dots::{end, HUES};
use super::picture::{Pen, Picture};
use super::scale::Scale;
use crate::series::curve::{Column, Curve};
use crate::series::{GroupSummary, Run};
use crate::stats::Summary;
use crate::words::columns::shortened;
use crate::words::figures::{mib, percent, span};

/// Units across the picture, and to a label.
const ACROSS: usize = 1120;
const LABEL: usize = 27;
/// Columns that a name has beside its values.
const LEGEND: usize = 15;
/// Parts of a run of which the first and the last are told.
const PARTS: usize = 10;

/// A series of the machine, and the processes that it is a sum of.
struct Stack<'r> {
    title: String,
    whole: &'r Curve,
    summary: Summary,
    /// The processes, each with its hue.
    rows: Vec<(&'r GroupSummary, usize)>,
    /// What the values of processes are divided by.
    divisor: u64,
    /// What the end of the scale is a multiple of.
    least: f64,
    form: fn(f64) -> String,
}

/// CPU, and memory in use.
pub(crate) fn stacks(run: &Run) -> Vec<Picture> {
    let health = &run.health;
    if health.last_tick < LEAST_TICKS {
        return Vec::new();
    }
    let by_memory = hued(&run.by_memory, &[]);
    let by_cpu = hued(&run.by_cpu, &by_memory);
    let cpu = run.cpu.map(|summary| Stack {
        title: "CPU, % of all cores, and the processes that use most of it".to_owned(),
        whole: &health.cpu,
        summary,
        rows: by_cpu,
        divisor: u64::from(run.header.cores).max(1),
        least: 1000.0,
        form: percent,
    });
    let memory = memory_name(run.memory);
    let memory = run.memory_kib.map(|summary| Stack {
        title: format!("Memory in use, MiB, and the largest processes ({memory})"),
        whole: &health.memory_kib,
        summary,
        rows: by_memory,
        divisor: 1,
        least: 1024.0,
        form: mib,
    });
    let both = cpu.into_iter().chain(memory);
    both.map(|stack| stack.drawn(run)).collect()
}

/// The largest processes, each with the hue that it has among `others`, or one that none has.
fn hued<'r>(
    rows: &'r [GroupSummary],
    others: &[(&GroupSummary, usize)],
) -> Vec<(&'r GroupSummary, usize)> {
    let rows = rows.iter().filter(|row| !row.is_product).take(HUES);
    let known = rows.map(|row| {
        let same =
            |(of, _): &&(&GroupSummary, usize)| (&of.name, of.process) == (&row.name, row.process);
        (row, others.iter().find(same).map(|(_, hue)| *hue))
    });
    let known: Vec<_> = known.collect();
    let is_taken = |hue: &usize| known.iter().any(|(_, of)| *of == Some(*hue));
    let mut free = (0..HUES).filter(|hue| !is_taken(hue));
    let hue = |(row, hue): &(&'r GroupSummary, Option<usize>)| {
        (*row, hue.or_else(|| free.next()).unwrap_or(0))
    };
    known.iter().map(hue).collect()
}

/// The growth of a process: its mean over the first tenth of a run, and over the last, of
/// those of which something is known.
pub(crate) fn first_and_last(row: &GroupSummary, whole: &Curve, last: u64) -> (f64, f64) {
    let [own, whole] = [&row.curve, whole].map(|curve| curve.scaled(last, PARTS));
    let known = own.iter().zip(&whole).filter(|(_, whole)| !whole.is_gap());
    let mut means = known.map(|(own, whole)| own.mean_over(whole) as f64);
    let first = means.next().unwrap_or(0.0);
    (first, means.next_back().unwrap_or(first))
}

impl Stack<'_> {
    fn drawn(&self, run: &Run) -> Picture {
        let last = run.health.last_tick;
        let mut scale = Scale::new([130, 700], [16, 286], (0.0, 1.0));
        let count = scale.columns(last);
        let whole = self.whole.scaled(last, count);
        let mut below = vec![0; count];
        let mut layers = Vec::new();
        for (row, _) in &self.rows {
            let own = row.curve.scaled(last, count);
            let columns = whole.iter().zip(below.iter_mut()).zip(own);
            let columns = columns.map(|((whole, below), own)| {
                let from = *below;
                *below += own.mean_over(whole) / self.divisor;
                match whole.is_gap() {
                    true => Column::GAP,
                    false => Column::of(from, *below, *below),
                }
            });
            layers.push(columns.collect::<Vec<_>>());
        }
        let highest = below.iter().copied().max().unwrap_or(0) as f64;
        scale.high = end(highest.max(self.summary.max), self.least);
        let mut pen = Pen::default();
        pen.across("d", scale.left, scale.right, scale.top);
        // From 0 on, the highest first: the others cover it.
        for (columns, (_, hue)) in layers.iter().zip(&self.rows).rev() {
            pen.path(&format!("s p{hue}"), &scale.areas(columns).0);
        }
        let (band, line) = scale.band(&whole);
        pen.path("b", &band);
        pen.path("l", &line);
        pen.text(
            scale.left - 12,
            scale.top + 8,
            "e",
            &(self.form)(scale.high),
        );
        pen.text(scale.left - 12, scale.bottom, "e", "0");
        self.labels(&mut pen, &scale, &layers, &whole, last);
        scale.time(&mut pen, run);
        Picture {
            title: self.title.clone(),
            description: self.description(run),
            width: ACROSS,
            height: scale.bottom + 40,
            drawing: pen.0,
        }
    }

    /// The names, each at the end of its layer, behind the value in the first and in the last
    /// tenth.
    fn labels(
        &self,
        pen: &mut Pen,
        scale: &Scale,
        layers: &[Vec<Column>],
        whole: &[Column],
        last: u64,
    ) {
        let middle = |column: &Column| scale.y((column.min + column.max) as f64 / 2.0);
        let ends = layers
            .iter()
            .map(|layer| layer.last().filter(|of| !of.is_gap()).map(middle));
        let mut ends: Vec<(usize, usize)> =
            ends.map(|y| y.unwrap_or(scale.bottom)).zip(0..).collect();
        let known = whole.iter().rev().find_map(Column::mean);
        ends.push((
            known.map_or(scale.top, |value| scale.y(value)),
            self.rows.len(),
        ));
        ends.sort_unstable_by_key(|(y, nth)| (*y, std::cmp::Reverse(*nth)));
        let heights: Vec<usize> = ends.iter().map(|(y, _)| *y).collect();
        let places = apart(&heights, LABEL, scale.top, scale.bottom);
        for ((y, nth), place) in ends.into_iter().zip(places) {
            let line = format!("M{} {y}L{} {place}h14", scale.right + 4, scale.right + 30);
            let (class, text) = match self.rows.get(nth) {
                Some((row, hue)) => {
                    let (first, last) = first_and_last(row, self.whole, last);
                    let [first, last] =
                        [first, last].map(|of| (self.form)(of / self.divisor as f64));
                    let name = shortened(&name(row), LEGEND);
                    // The end may be cut off, and a name that is written from right to left
                    // would turn the numbers behind it around.
                    (format!("p{hue}"), format!("{first} \u{2192} {last} {name}"))
                }
                None => (String::new(), "all of it".to_owned()),
            };
            pen.path(&class, &line);
            pen.text(scale.right + 52, place + 8, "", &text);
        }
    }

    fn description(&self, run: &Run) -> String {
        let [min, median, max] =
            [self.summary.min, self.summary.median, self.summary.max].map(self.form);
        let over = span(run.duration_us);
        let mut text = format!("Lowest {min}, median {median}, highest {max}, over {over}.");
        for (row, _) in &self.rows {
            let [median, max] = [row.figures.median, row.figures.max]
                .map(|of| (self.form)(of / self.divisor as f64));
            text += &format!(" {}: median {median}, highest {max}.", name(row));
        }
        text
    }
}
