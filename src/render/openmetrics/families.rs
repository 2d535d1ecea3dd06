//! The families of metrics, and the figures of which they are made.

use super::family::{Family, Pick, Unit};
use crate::series::Run;

/// The families. At the margin: the name, which `edgebench_` precedes and whose last word is
/// the unit, if it has one; and the help, without quotation marks and backslashes, which the
/// two formats escape differently. Indented: the figures that are its samples, as
/// subject/figure/statistic (*: every statistic of samples but their count), how the value
/// is converted (1: not at all), and the label that tells it from the family's other figures.
const TABLE: &str = include_str!("families.txt");

/// The families, in the order in which they are written, without samples yet.
pub(crate) fn families() -> Vec<Family> {
    let mut all: Vec<Family> = Vec::new();
    for line in TABLE.lines() {
        match (line.strip_prefix(" "), all.last_mut()) {
            (Some(figure), Some(family)) => family.picks.extend(pick(figure)),
            _ => all.extend(
                line.split_once(": ")
                    .map(|(name, help)| Family::new(name, help)),
            ),
        }
    }
    all
}

fn pick(figure: &'static str) -> Option<Pick> {
    let mut words = figure.split(' ');
    let (path, unit) = (words.next()?, unit(words.next()?)?);
    let label = words.next().unwrap_or("");
    let (subject, rest) = path.split_once('/')?;
    let (figure, statistic) = rest.split_once('/')?;
    Some(Pick {
        of: [subject, figure],
        statistic,
        label: label.split_once('=').unwrap_or_default(),
        unit,
    })
}

/// How a figure becomes one in base units.
fn unit(name: &str) -> Option<Unit> {
    Some(match name {
        "1" => |_, value| value,
        "kib" => |_, kib| kib * 1024.0,
        "us" => |_, us| us / 1e6,
        "percent" => |_, percent| percent / 100.0,
        "sectors" => |_, sectors| sectors * 512.0,
        "mhz" => |_, mhz| mhz * 1e6,
        "pages" => |run, pages| pages * run.header.page_size as f64,
        "ticks" => |run, ticks| ticks / run.ticks as f64,
        "of_one_core" => |run, _| of_one_core(run),
        "readings" => |run, low| low / readings(run),
        "bit_0" => |run, _| happened(run, 0),
        "bit_1" => |run, _| happened(run, 1),
        "bit_2" => |run, _| happened(run, 2),
        "bit_3" => |run, _| happened(run, 3),
        _ => return None,
    })
}

fn happened(run: &Run, bit: u32) -> f64 {
    let throttled = &run.health.board.throttled;
    let happened = throttled
        .as_ref()
        .is_some_and(|throttled| throttled.happened(bit));
    f64::from(u8::from(happened))
}

fn of_one_core(run: &Run) -> f64 {
    let cpu = run.quality.cost.cpu;
    cpu.map_or(f64::NAN, |cpu| cpu.of_one_core() / 100_000.0)
}

/// Readings of the under-voltage alarm.
fn readings(run: &Run) -> f64 {
    let alarm = run.health.board.undervoltage;
    alarm.map_or(f64::NAN, |(_, known)| known as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_understood() {
        let lines = TABLE.lines();
        let (figures, names): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with(' '));
        for figure in &figures {
            assert!(pick(figure.trim_start()).is_some(), "{figure}");
        }
        let families = families();
        assert_eq!(families.len(), names.len());
        let picks = families.iter().map(|family| family.picks.len());
        assert_eq!(picks.sum::<usize>(), figures.len());
    }
}
