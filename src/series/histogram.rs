//! How often values occurred, in buckets that grow with the value: a series of any length
//! takes little room.

/// Values below 2^`FINE` have a bucket each; above, each doubling is divided into
/// 2^`FINE` buckets: a bucket is at most 0.4 % of its values wide.
const FINE: u32 = 8;

/// The bucket of a value.
fn bucket(value: u64) -> u16 {
    let exponent = (value | 1).ilog2();
    match exponent.checked_sub(FINE) {
        None => value as u16,
        // The leading one of the shifted value counts the doubling before it.
        Some(shift) => ((shift << FINE) + (value >> shift) as u32) as u16,
    }
}

/// The first and the last value of a bucket.
fn bounds(bucket: u16) -> (u64, u64) {
    let bucket = u32::from(bucket);
    let shift = (bucket >> FINE).saturating_sub(1);
    let first = u64::from(bucket - (shift << FINE)) << shift;
    (first, first + ((1 << shift) - 1))
}

/// A part of a sorted series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    /// The values that lie in it, both included.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// How many values of the series lie below it.
    pub(crate) below: u64,
}

/// A sparse histogram of weighted values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Histogram {
    /// Bucket and weight, in the order of the buckets.
    buckets: Vec<(u16, u64)>,
    /// The bucket of the last value: the next is likely to be near it.
    last: usize,
}

impl Histogram {
    /// Adds a value that occurred `weight` times.
    pub(crate) fn add(&mut self, value: u64, weight: u64) {
        let bucket = bucket(value);
        if let Some((at, sum)) = self.buckets.get_mut(self.last) {
            if *at == bucket {
                *sum = sum.saturating_add(weight);
                return;
            }
        }
        match self.buckets.binary_search_by_key(&bucket, |(at, _)| *at) {
            Ok(found) => {
                let sum = &mut self.buckets[found].1;
                *sum = sum.saturating_add(weight);
                self.last = found;
            }
            Err(place) => {
                self.buckets.insert(place, (bucket, weight));
                self.last = place;
            }
        }
    }

    /// The bucket that holds the value of this 1-based rank.
    pub(crate) fn range_of(&self, rank: u64) -> Option<Range> {
        let mut below = 0u64;
        for &(bucket, weight) in &self.buckets {
            let end = below.saturating_add(weight);
            if rank <= end {
                let (first, last) = bounds(bucket);
                return Some(Range { first, last, below });
            }
            below = end;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_values_have_a_bucket_each() {
        for value in 0..512 {
            assert_eq!(bounds(bucket(value)), (value, value));
        }
        assert_eq!(bounds(bucket(512)), (512, 513));
        assert_eq!(bounds(bucket(1023)), (1022, 1023));
        assert_eq!(bounds(bucket(1024)), (1024, 1027));
    }

    #[test]
    fn the_last_bucket_ends_with_the_numbers() {
        assert_eq!(bounds(bucket(u64::MAX)).1, u64::MAX);
        // 2^9 exact ones of two doublings' worth, then 256 for 2^9 up to 2^63.
        assert_eq!(bucket(u64::MAX), 512 + 55 * 256 - 1);
    }

    #[test]
    fn a_rank_is_found_in_its_bucket() {
        let mut histogram = Histogram::default();
        histogram.add(5, 3);
        histogram.add(1000, 2);
        histogram.add(0, 1);
        let range = |first, last, below| Some(Range { first, last, below });
        assert_eq!(histogram.range_of(1), range(0, 0, 0));
        assert_eq!(histogram.range_of(2), range(5, 5, 1));
        assert_eq!(histogram.range_of(4), range(5, 5, 1));
        assert_eq!(histogram.range_of(6), range(1000, 1001, 4));
        assert_eq!(histogram.range_of(7), None);
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket(value: u64, shift in 0u32..64) {
            let value = value >> shift;
            let (first, last) = bounds(bucket(value));
            prop_assert!(first <= value && value <= last);
            prop_assert!((last - first) as u128 * 256 <= value as u128);
            if let Some(next) = last.checked_add(1) {
                prop_assert_eq!(bucket(next), bucket(value) + 1);
            }
        }
    }
}
