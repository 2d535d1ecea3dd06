//! A series in one line: a character for each column, as high as the series was at
//! its highest there, measured from 0 to the highest of all.

use super::style::Style;
use crate::series::curve::Spark;
use crate::series::Health;

/// The lowest is 0. The full block is not among them: lines of it, one below the
/// other, would be one black field.
const BLOCKS: [char; LEVELS] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];
const ASCII: [char; LEVELS] = ['_', '.', '-', '=', '+', '*', '#'];
const LEVELS: usize = 7;

/// A shorter line would show nothing.
const LEAST_WIDTH: usize = 8;

/// The width of a line where a table leaves `room`; `None` if that is too little.
pub(crate) fn width(room: usize, health: &Health, style: &Style) -> Option<usize> {
    let width = room.min(Spark::most(health.last_tick));
    (style.charts && width >= LEAST_WIDTH).then_some(width)
}

/// The series in so many characters; blank where nothing was sampled.
pub(crate) fn line(spark: &Spark, health: &Health, width: usize, style: &Style) -> String {
    let levels = if style.unicode { BLOCKS } else { ASCII };
    let values = spark.scaled(health.last_tick, width, &health.sampled.curve());
    let most = values.iter().copied().flatten().max().unwrap_or(0).max(1);
    let cell = |value: Option<u32>| match value {
        None => ' ',
        Some(value) => {
            let steps = u64::from(value) * (LEVELS as u64 - 1);
            let level = steps.div_ceil(u64::from(most)) as usize;
            levels[level.min(LEVELS - 1)]
        }
    };
    values.into_iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks 0 to 15; no sample at 8 and 9.
    fn health() -> Health {
        let mut health = Health {
            last_tick: 15,
            ..Health::default()
        };
        health.sampled.add(0, 7);
        health.sampled.add(10, 15);
        health
    }

    #[test]
    fn levels_and_gaps() {
        let mut spark = Spark::default();
        for tick in 0..7 {
            spark.raise(tick, tick + 1, tick * 10);
        }
        spark.raise(15, 16, 1);
        let unicode = Style {
            unicode: true,
            ..Style::PLAIN
        };
        assert_eq!(line(&spark, &health(), 16, &unicode), "▁▂▃▄▅▆▇▁  ▁▁▁▁▁▂");
        assert_eq!(
            line(&spark, &health(), 16, &Style::PLAIN),
            "_.-=+*#_  _____."
        );
        // Of each two the higher one: 10, 30, 50, 60.
        assert_eq!(line(&spark, &health(), 8, &unicode), "▂▄▆▇ ▁▁▂");
    }

    #[test]
    fn no_wider_than_the_run_is_long() {
        assert_eq!(width(40, &health(), &Style::PLAIN), Some(16));
        assert_eq!(width(9, &health(), &Style::PLAIN), Some(9));
        assert_eq!(width(7, &health(), &Style::PLAIN), None);
        let bare = Style {
            charts: false,
            ..Style::PLAIN
        };
        assert_eq!(width(40, &health(), &bare), None);
    }
}
