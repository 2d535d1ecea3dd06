//! Runs, stages and products side by side: a line for each product and stage, and on
//! it a point for each run.

use super::picture::{Pen, Picture, WIDTH};
use crate::render::Block;
use crate::series::Run;
use crate::stats;
use crate::words::columns::{columns, shortened};
use crate::words::escape::escaped;
use crate::words::figures::{counted, mib, percent};

/// Where the values begin behind short names and behind long ones, and where they end
/// at most.
const LEFT: usize = 200;
const LEFT_AT_MOST: usize = 320;
const RIGHT: usize = 580;
const LANE: usize = 46;
/// In a wide font: what stands before and behind the values must not be cut off.
const CHARACTER: usize = 15;
/// Longer names end in `..` here.
const NAME_WIDTH: usize = 20;

/// A figure that runs are set side by side by.
type Figure = (&'static str, fn(&Run) -> Option<f64>, fn(f64) -> String);

const FIGURES: [Figure; 2] = [
    (
        "Median CPU of each run, % of all cores",
        |run| Some(run.cpu?.median),
        percent,
    ),
    (
        "Median memory in use of each run, MiB",
        |run| Some(run.memory_kib?.median),
        mib,
    ),
];

/// Pictures of several runs.
pub(crate) fn pictures(blocks: &[Block]) -> Vec<Picture> {
    let runs: usize = blocks.iter().map(|block| block.runs.len()).sum();
    let mut pictures = Vec::new();
    if runs < 2 {
        return pictures;
    }
    for (title, figure, form) in FIGURES {
        let lane = |block: &Block| {
            let name = format!("{} {}", block.product, block.stage);
            let values = block.runs.iter().filter_map(figure).collect();
            (escaped(name.trim().as_bytes()), values)
        };
        let lanes: Vec<_> = blocks.iter().map(lane).collect();
        pictures.extend(points(title, &lanes, &form));
    }
    pictures
}

/// A lane for each name, with a point for each of its values, from 0 to the highest of
/// all; a bar at their median. `None` where there is no value.
pub(crate) fn points(
    title: &str,
    lanes: &[(String, Vec<f64>)],
    form: &dyn Fn(f64) -> String,
) -> Option<Picture> {
    let all = || lanes.iter().flat_map(|(_, values)| values.iter().copied());
    all().next()?;
    let highest = all().fold(0.0, f64::max);
    let summaries = lanes.iter().map(|(_, values)| {
        let over = stats::summary(&mut values.clone())?;
        Some((over, range(&form(over.min), &form(over.max))))
    });
    let summaries: Vec<_> = summaries.collect();
    let ranges = summaries.iter().flatten().map(|(_, range)| range);
    let longest = ranges.map(|range| columns(range)).max();
    let text = longest.unwrap_or(0) * CHARACTER;
    let names = lanes.iter().map(|(name, _)| shortened(name, NAME_WIDTH));
    let names: Vec<String> = names.collect();
    let longest = names.iter().map(|name| columns(name)).max();
    let left = (longest.unwrap_or(0) * CHARACTER + 20).clamp(LEFT, LEFT_AT_MOST);
    let right = (WIDTH - 20).saturating_sub(text).clamp(left + LANE, RIGHT);
    let scale = match highest > 0.0 {
        true => (right - left) as f64 / highest,
        false => 0.0,
    };
    let x = |value: f64| left + (value * scale).round() as usize;
    let mut pen = Pen::default();
    let mut description = String::new();
    let mut y = 0;
    let lanes = lanes.iter().zip(&names).zip(&summaries);
    for (((whole, values), name), summary) in lanes {
        y += LANE;
        let middle = y - LANE / 2;
        pen.text(left - 16, middle + 8, "e", name);
        pen.across("d", left, right, middle);
        let Some((over, range)) = summary else {
            pen.text(right + 20, middle + 8, "w", "no value");
            description += &format!("{whole}: no value. ");
            continue;
        };
        for value in values {
            pen.0 += &format!("<circle cx=\"{}\" cy=\"{middle}\" r=\"8\"/>", x(*value));
        }
        let top = middle - 18;
        pen.path("x", &format!("M{} {top}v36", x(over.median)));
        pen.text(right + 20, middle + 8, "", range);
        let runs = counted(over.count, "run");
        description += &format!("{whole}: {range} ({runs}). ");
    }
    pen.across("x", left, right, y);
    pen.text(left, y + 28, "w m", "0");
    pen.text(right, y + 28, "w m", &form(highest));
    pen.text(left - 40, y + 28, "w e", "bar: median");
    Some(Picture {
        title: title.to_owned(),
        description: description.trim_end().to_owned(),
        height: y + 40,
        drawing: pen.0,
    })
}

/// From one to the other, with a unit that both have only once: `26 to 38 s`.
fn range(low: &str, high: &str) -> String {
    if low == high {
        return high.to_owned();
    }
    let number = match (low.split_once(' '), high.split_once(' ')) {
        (Some((number, unit)), Some((_, other))) if unit == other => number,
        _ => low,
    };
    format!("{number} to {high}")
}

#[cfg(test)]
mod tests {
    use super::{points, range};

    #[test]
    fn what_stands_behind_the_values_is_not_cut_off() {
        let lanes = [("k3s".to_owned(), vec![2000.0, 2002.0])];
        let picture = points("disk", &lanes, &|value| format!("{value:.1} MiB")).unwrap();
        // 20 characters of 15 each need 300 of the 840, and the name no more than 200.
        let range = "<text x=\"540\" y=\"31\" class=\"\">2000.0 to 2002.0 MiB</text>";
        assert!(picture.drawing.contains(range), "{}", picture.drawing);
    }

    /// 20 characters of 15 each, and 20: what stands before the values ends at 304. In
    /// words there is room for the whole name.
    #[test]
    fn a_long_name_is_cut() {
        let name = "a-distribution-of-kubernetes-2026";
        let lanes = [(name.to_owned(), vec![1.0]), ("k3s".to_owned(), vec![2.0])];
        let picture = points("CPU", &lanes, &|value| format!("{value}")).unwrap();
        let text = "<text x=\"304\" y=\"31\" class=\"e\">a-distribution-of-..</text>";
        assert!(picture.drawing.contains(text), "{}", picture.drawing);
        assert!(!picture.drawing.contains(name));
        assert_eq!(
            picture.description,
            format!("{name}: 1 (1 run). k3s: 2 (1 run).")
        );
    }

    #[test]
    fn a_unit_stands_once() {
        assert_eq!(range("377.5 MiB", "387.5 MiB"), "377.5 to 387.5 MiB");
        assert_eq!(range("26 s", "2 min 8 s"), "26 s to 2 min 8 s");
        assert_eq!(range("7.50", "9.10"), "7.50 to 9.10");
        assert_eq!(range("3 %", "3 %"), "3 %");
    }
}
