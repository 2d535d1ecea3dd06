//! The values of all pairs of two groups, in order, without writing them down:
//! there may be too many.

/// The value at a 1-based rank from the bottom; infinity above the last. Both groups
/// are in ascending order; `of` does not fall in the first value nor rise in the
/// second, and is always a number.
pub(crate) fn at(a: &[f64], b: &[f64], of: impl Fn(f64, f64) -> f64, rank: u128) -> f64 {
    let up_to = |most: u64| {
        // The greater the first value is, the fewer of the second make small pairs.
        let mut large = 0;
        let mut pairs = 0;
        for &a in a {
            while b.get(large).is_some_and(|b| key(of(a, *b)) > most) {
                large += 1;
            }
            pairs += (b.len() - large) as u128;
        }
        pairs
    };
    // The least key up to which there are enough, by halving what is left.
    let (mut low, mut high) = (key(f64::NEG_INFINITY), key(f64::INFINITY));
    while low < high {
        let middle = low + (high - low) / 2;
        if up_to(middle) >= rank {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    value(low)
}

const SIGN: u64 = 1 << 63;

/// Numbers that are ordered as the floats are.
fn key(value: f64) -> u64 {
    // -0 is 0.
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 {
        bits | SIGN
    } else {
        !bits
    }
}

fn value(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_in_the_order_of_the_floats() {
        let ascending = [
            f64::NEG_INFINITY,
            f64::MIN,
            -1.0,
            -5e-324,
            0.0,
            5e-324,
            1.0,
            f64::MAX,
        ];
        for pair in ascending.windows(2) {
            assert!(key(pair[0]) < key(pair[1]));
            assert_eq!(value(key(pair[0])), pair[0]);
        }
        assert_eq!(key(-0.0), key(0.0));
    }

    proptest! {
        #[test]
        fn as_if_all_were_written_down(
            mut a in prop::collection::vec(-1e3f64..1e3, 1..12),
            mut b in prop::collection::vec(-1e3f64..1e3, 1..12),
        ) {
            a.sort_unstable_by(f64::total_cmp);
            b.sort_unstable_by(f64::total_cmp);
            let mut all: Vec<f64> = a.iter().flat_map(|a| b.iter().map(move |b| a - b)).collect();
            all.sort_unstable_by(f64::total_cmp);
            for (rank, expected) in (1..).zip(all) {
                prop_assert_eq!(at(&a, &b, |a, b| a - b, rank), expected);
            }
        }
    }
}
