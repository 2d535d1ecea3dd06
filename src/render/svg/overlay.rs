//! A small picture of a series over time: of each product a line, and the band of its runs.

use super::super::chart::Axis;
use super::dots::hue;
use super::picture::{Pen, Picture};
use super::scale::Scale;
use crate::series::curve::Column;

const ACROSS: usize = 400;

/// `products`: the columns of each; `longest`: the time that they stand for, microseconds;
/// the top of the scale, from 0, and how that is written.
pub(crate) fn overlay(
    title: &str,
    description: &str,
    products: &[Vec<Column>],
    longest: u64,
    (top, label): (f64, &str),
) -> Picture {
    let scale = Scale::new([90, ACROSS - 6], [14, 164], (0.0, top));
    let mut pen = Pen::default();
    pen.across("d", scale.left, scale.right, scale.top);
    pen.text(scale.left - 8, scale.top + 7, "e", label);
    pen.text(scale.left - 8, scale.bottom, "e", "0");
    for (product, columns) in products.iter().enumerate() {
        let (area, line) = scale.band(columns);
        let hue = hue(product);
        pen.path(&format!("b p{hue}"), &area);
        pen.path(&format!("l p{hue}"), &line);
    }
    scale.axis(&mut pen, Axis::Time(1), longest);
    Picture {
        title: title.to_owned(),
        description: description.to_owned(),
        width: ACROSS,
        height: scale.bottom + 36,
        drawing: pen.0,
    }
}
