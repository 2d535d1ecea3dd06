//! Values of several products on a scale that they share: a lane for each product, and on
//! it a mark for each run, the median, and the spread.

use super::super::markup::Plain;
use super::picture::Pen;

/// Units across a plot, to a lane, and below the lanes.
pub(crate) const ACROSS: usize = 200;
const LANE: usize = 13;
const AXIS: usize = 13;
/// Where the scale begins and ends: marks are 10 wide.
const LEFT: usize = 6;
const RIGHT: usize = ACROSS - LEFT;
/// Of more runs in a lane, the marks tell no values.
const TOLD: usize = 60;
/// Hues, and marks: a product has one of each, so that neither alone tells it apart.
pub(super) const HUES: usize = 6;
const MARKS: [&str; 5] = [
    "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "m0-5l5 5-5 5-5-5z",
    "m-4-4h8v8h-8z",
    "m0-5l5 9h-10z",
    "m0 5l5-9h-10z",
];

/// What is drawn of a product.
pub(crate) struct Lane {
    /// The place of the product, which gives the hue and the mark.
    pub(crate) product: usize,
    /// The value of each run, and what it is.
    pub(crate) runs: Vec<(f64, String)>,
    pub(crate) median: f64,
    /// From the lowest to the highest value, or the interval of the median.
    pub(crate) ends: Option<(f64, f64)>,
}

/// The hue of a product, as a class.
pub(crate) fn hue(product: usize) -> usize {
    product % HUES
}

/// The mark of a product, around the place where a path is.
fn mark(product: usize) -> &'static str {
    MARKS[product % MARKS.len()]
}

/// A product's mark in its hue, in a line of text; `more` attributes.
pub(crate) fn key(product: usize, more: &str) -> String {
    format!(
        "<svg class=\"key p{}\"{more} viewBox=\"0 0 12 12\"><path class=\"k\" d=\"M6 6{}\"/></svg>",
        hue(product),
        mark(product)
    )
}

/// The end of a scale: 1, 1.5, 2, 3, 4, 5, 6 or 8 times a power of ten of `least`, not
/// below the value.
pub(crate) fn end(value: f64, least: f64) -> f64 {
    let parts = (value / least - 1e-9).ceil().clamp(1.0, 1e15) as u64;
    let mut power = 1;
    while power * 10 <= parts {
        power *= 10;
    }
    let steps = [10, 15, 20, 30, 40, 50, 60, 80, 100].into_iter();
    let ends = steps.map(|step| (step * power).div_ceil(10));
    let end = ends.clone().find(|end| *end >= parts);
    end.unwrap_or(parts) as f64 * least
}

/// The scale that holds all values, with 0: where it begins, and where it ends.
fn range(lanes: &[Option<Lane>], least: f64) -> Option<(f64, f64)> {
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for lane in lanes.iter().flatten() {
        let (from, to) = lane.ends.unwrap_or((lane.median, lane.median));
        for value in lane.runs.iter().map(|(value, _)| *value).chain([from, to]) {
            (low, high) = (low.min(value), high.max(value));
        }
    }
    let round = |value: f64| if value > 0.0 { end(value, least) } else { 0.0 };
    (low < 0.0 || high > 0.0).then(|| (-round(-low), round(high)))
}

/// A plot of the lanes, `ACROSS` units wide, and its height; `None` where no value differs
/// from 0. `least`: what scales are multiples of; `form` writes their ends.
pub(crate) fn plot(
    lanes: &[Option<Lane>],
    least: f64,
    form: &dyn Fn(f64) -> String,
) -> Option<(String, usize)> {
    let (low, high) = range(lanes, least)?;
    let unit = (RIGHT - LEFT) as f64 / (high - low);
    let x = |value: f64| LEFT + ((value - low) * unit).round() as usize;
    let mut pen = Pen::default();
    let axis = LANE * lanes.len() + 1;
    pen.across("x", LEFT, RIGHT, axis);
    for (nth, lane) in lanes.iter().enumerate() {
        let Some(lane) = lane else { continue };
        let y = LANE * nth + LANE / 2 + 1;
        pen.0 += &format!("<g class=\"p{}\">", hue(lane.product));
        if let Some((from, to)) = lane.ends {
            pen.across("r", x(from), x(to), y);
        }
        let place = |value: f64| format!("M{} {y}{}", x(value), mark(lane.product));
        if lane.runs.len() > TOLD {
            let mut places: Vec<String> = lane.runs.iter().map(|run| place(run.0)).collect();
            places.sort_unstable();
            places.dedup();
            pen.path("k", &places.concat());
        } else {
            for (value, what) in &lane.runs {
                let (place, what) = (place(*value), Plain(what));
                pen.0 += &format!("<path class=\"k\" d=\"{place}\"><title>{what}</title></path>");
            }
        }
        pen.path("v", &format!("M{} {}v12", x(lane.median), y - 6));
        pen.0 += "</g>";
    }
    let begin = match low < 0.0 {
        true => format!("-{}", form(-low)),
        false => "0".to_owned(),
    };
    pen.text(LEFT, axis + AXIS - 3, "w", &begin);
    if high > 0.0 {
        pen.text(RIGHT, axis + AXIS - 3, "w e", &form(high));
    }
    Some((pen.0, axis + AXIS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_at_a_round_number() {
        for (value, least, expected) in [
            (624_640.0, 1024.0, 819_200.0),
            (1.04, 0.1, 1.5),
            (0.04, 0.1, 0.1),
            (100.0, 0.1, 100.0),
            (38.0, 0.01, 40.0),
            (91.0, 0.01, 100.0),
            (7.0, 1.0, 8.0),
        ] {
            let found = end(value, least);
            assert!((found - expected).abs() < 1e-9, "{value}: {found}");
        }
    }

    fn lane(runs: Vec<(f64, String)>, median: f64, ends: (f64, f64)) -> Option<Lane> {
        Some(Lane {
            product: 1,
            runs,
            median,
            ends: Some(ends),
        })
    }

    /// From -100 to 300: 0.47 units each, 0 at 6 + 47.
    #[test]
    fn what_may_be_less_than_nothing_begins_below_it() {
        let form = |value: f64| format!("{value:.0}");
        let lanes = [None, lane(Vec::new(), 0.0, (-100.0, 300.0))];
        let (drawing, height) = plot(&lanes, 1.0, &form).unwrap();
        assert_eq!(height, 40);
        for part in [
            "<g class=\"p1\"><path class=\"r\" d=\"M6 20H194\"/><path class=\"v\" d=\"M53 14v12\"/></g>",
            ">-100</text>",
            ">300</text>",
        ] {
            assert!(drawing.contains(part), "{part}\n{drawing}");
        }
        assert!(plot(&[lane(Vec::new(), 0.0, (0.0, 0.0))], 1.0, &form).is_none());
    }

    /// A hundred runs with 10 and 20 of 20: two places.
    #[test]
    fn of_many_runs_each_place_is_drawn_once() {
        let runs = (0..100).map(|run| (f64::from(run % 2 * 10 + 10), String::new()));
        let lanes = [lane(runs.collect(), 15.0, (10.0, 20.0))];
        let (drawing, _) = plot(&lanes, 1.0, &|value| value.to_string()).unwrap();
        let marks = "<path class=\"k\" d=\"M100 7m0-5l5 5-5 5-5-5zM194 7m0-5l5 5-5 5-5-5z\"/>";
        assert!(drawing.contains(marks), "{drawing}");
        assert!(!drawing.contains("<title>"));
    }
}
