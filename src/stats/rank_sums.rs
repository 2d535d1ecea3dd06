//! The distribution of a rank sum if the groups did not differ, and so all ways to choose a
//! group were equally likely.

/// Most additions for one distribution.
const WORK: u64 = 1 << 24;

/// Whether the choices of `k` of `n` are counted. They are for two groups of up to
/// 45, and for smaller ones against larger: 5 against 810, 1 against 4094.
pub(crate) fn countable(k: usize, n: usize) -> bool {
    let [k, n] = [k, n].map(|size| u64::try_from(size).unwrap_or(u64::MAX));
    let table = k.saturating_mul(k).saturating_mul(n.saturating_add(1));
    k <= n && table.saturating_mul(n) <= WORK
}

/// In how many ways `k` can be chosen of `n`; the greatest number where that is too
/// many.
pub(crate) fn choices(n: usize, k: usize) -> u128 {
    let Some(rest) = n.checked_sub(k) else {
        return 0;
    };
    let mut choices = 1u128;
    for chosen in 0..k.min(rest) {
        // Of the first `chosen + 1` factors, so that the division leaves nothing.
        match choices.checked_mul((n - chosen) as u128) {
            Some(product) => choices = product / (chosen as u128 + 1),
            None => return u128::MAX,
        }
    }
    choices
}

/// How many of the choices of `k` ranks have each sum from 0 up to `most`. The
/// number of all must be [`countable`]: then it is below 2^128, and each part is.
pub(crate) fn counts(ranks: &[usize], k: usize, most: usize) -> Vec<u128> {
    let width = most + 1;
    // A row for each number of ranks that are chosen, a column for each sum.
    let mut table = vec![0u128; (k + 1) * width];
    table[0] = 1;
    for (seen, &rank) in ranks.iter().enumerate() {
        // Downwards, so that no rank is chosen twice.
        for chosen in (1..=k.min(seen + 1)).rev() {
            let (before, row) = table.split_at_mut(chosen * width);
            let without = &before[(chosen - 1) * width..];
            for (count, without) in row.iter_mut().take(width).skip(rank).zip(without) {
                *count += without;
            }
        }
    }
    table.split_off(k * width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_the_binomial_coefficients() {
        assert_eq!(choices(6, 3), 20);
        assert_eq!(choices(8, 3), 56);
        assert_eq!(choices(60, 30), 118_264_581_564_861_424);
        assert_eq!(choices(5, 0), 1);
        assert_eq!(choices(5, 6), 0);
        assert_eq!(choices(usize::MAX, 3), u128::MAX);
    }

    #[test]
    fn what_is_countable_does_not_overflow() {
        assert!(countable(45, 90) && !countable(46, 92));
        assert!(countable(5, 815) && countable(1, 4095));
        assert!(!countable(usize::MAX, usize::MAX));
        for n in 1..=4096 {
            let most = (1..=n / 2).take_while(|&k| countable(k, n)).last();
            assert!(choices(n, most.unwrap_or(0)) < 1 << 110, "of {n}");
        }
    }

    #[test]
    fn sums_of_two_of_four() {
        // 1+2 1+3 1+4 2+3 2+4 3+4 = 3 4 5 5 6 7.
        assert_eq!(counts(&[1, 2, 3, 4], 2, 7), [0, 0, 0, 1, 1, 2, 1, 1]);
        assert_eq!(counts(&[1, 2, 3, 4], 2, 4), [0, 0, 0, 1, 1]);
        // Doubled midranks of a tie in the middle: 2 5 5 8.
        assert_eq!(counts(&[2, 5, 5, 8], 2, 10)[6..], [0, 2, 0, 0, 2]);
    }
}
