//! The ticks of a run that samples stand for.

use super::curve::Curve;

/// As many ranges as take the room of a curve.
const MOST: usize = 1024;

/// Of ranges that adjoin one is kept: of a run without a loss there is one. Of one with more
/// than so many losses a curve is kept, which a run of any length does not make longer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sampled(Vec<(u64, u64)>, Curve);

impl Sampled {
    /// A sample stands for the ticks from `first` to `last`, behind those of the one before.
    pub(crate) fn add(&mut self, first: u64, last: u64) {
        match self.0.last_mut() {
            Some((_, end)) if first.saturating_sub(1) <= *end => *end = last.max(*end),
            _ => {
                if self.0.len() == MOST {
                    self.1 = self.curve();
                    self.0.clear();
                }
                self.0.push((first, last));
            }
        }
    }

    /// 0 at each of them, and gaps between.
    pub(crate) fn curve(&self) -> Curve {
        let mut curve = self.1.clone();
        for &(first, last) in &self.0 {
            curve.add(first, last, 0);
        }
        curve
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_adjoins_is_one_and_what_is_lost_a_gap() {
        let mut sampled = Sampled::default();
        let mut curve = Curve::default();
        for (first, last) in [(0, 0), (1, 4), (5, 5), (9, 12), (13, 700), (702, 1999)] {
            sampled.add(first, last);
            curve.add(first, last, 0);
        }
        assert_eq!(sampled.0, [(0, 5), (9, 700), (702, 1999)]);
        assert_eq!(sampled.curve(), curve);
    }

    #[test]
    fn of_many_losses_the_same_curve_in_bounded_room() {
        let mut sampled = Sampled::default();
        let mut curve = Curve::default();
        for at in 0..100_000 {
            let (first, last) = (3 * at, 3 * at + at % 2);
            sampled.add(first, last);
            curve.add(first, last, 0);
        }
        assert!(sampled.0.capacity() <= MOST);
        assert_eq!(sampled.curve(), curve);
    }
}
