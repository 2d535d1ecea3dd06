//! A series with its lowest, middle and highest value marked.

use super::super::chart::{apart, marks, Axis, Chart, Series};
use super::picture::{Pen, Picture, WIDTH};
use super::scale::Scale;
use crate::series::curve::Curve;
use crate::series::Run;
use crate::stats::Summary;
use crate::words::figures::span;
use std::borrow::Cow;

/// A chart as a picture, which tells what its last tick is.
pub(crate) fn of_whole(chart: &Chart<'_>) -> Picture {
    let [.., over] = chart.axis.labels(chart.last_tick, 0);
    of_chart(chart, &over)
}

/// A chart as a picture; `over`: what its ticks are, all of them.
fn of_chart(chart: &Chart<'_>, over: &str) -> Picture {
    let series = &chart.series;
    Picture {
        title: series.title.to_owned(),
        ..drawn(chart, (0.0, series.summary.max.max(series.least)), over)
    }
}

/// A series with its lowest, middle and highest value marked; without a title.
pub(crate) fn over_time(
    run: &Run,
    curve: &Curve,
    summary: &Summary,
    range: (f64, f64),
    form: fn(f64) -> String,
) -> Picture {
    let chart = Chart {
        series: Series {
            title: "",
            curve: Cow::Borrowed(curve),
            summary: *summary,
            form,
            least: 0.0,
        },
        last_tick: run.health.last_tick,
        axis: Axis::Time(run.header.interval_us),
    };
    drawn(&chart, range, &span(run.duration_us))
}

fn drawn(chart: &Chart<'_>, range: (f64, f64), over: &str) -> Picture {
    let Series {
        curve,
        summary,
        form,
        ..
    } = &chart.series;
    let scale = Scale::new([190, WIDTH - 8], [16, 216], range);
    let mut pen = Pen::default();
    let last = chart.last_tick;
    let (area, line) = scale.band(&curve.scaled(last, scale.columns(last)));
    pen.path("b p0", &area);
    pen.path("l p0", &line);
    let marks = marks(summary);
    let heights = marks.map(|(_, value)| scale.y(value));
    let places = apart(&heights, 24, scale.top, scale.bottom);
    for (((name, value), y), place) in marks.into_iter().zip(heights).zip(places) {
        pen.across("d", scale.left, scale.right, y);
        let label = format!("{name} {}", form(value));
        pen.text(scale.left - 10, place + 8, "e", &label);
    }
    scale.axis(&mut pen, chart.axis, last);
    Picture {
        description: format!(
            "Lowest {}, median {}, highest {}, over {over}.",
            form(summary.min),
            form(summary.median),
            form(summary.max)
        ),
        height: scale.bottom + 40,
        drawing: pen.0,
        ..Picture::default()
    }
}
