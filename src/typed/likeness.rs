//! Words that are nearly another.

/// How many letters must be changed, dropped or added to make one of the other
/// (Levenshtein 1966).
// `row` has a place more than `b` has letters, which `at` counts from 1.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (above, a) in (1..).zip(a.chars()) {
        let mut diagonal = std::mem::replace(&mut row[0], above);
        for (at, b) in (1..).zip(b.chars()) {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[at];
            row[at] = changed.min(row[at] + 1).min(row[at - 1] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The word of `known` that is nearest to `word`, if it differs in two letters at most, and
/// not in more than half of them.
// Twice two at most.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn nearest<'k>(word: &str, known: &mut dyn Iterator<Item = &'k str>) -> Option<&'k str> {
    let near = known.map(|known| (distance(word, known), known));
    let (apart, nearest) = near.min_by_key(|(apart, _)| *apart)?;
    (apart <= 2 && apart * 2 <= word.chars().count()).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ramp"), 4);
    }

    #[test]
    fn the_nearest_is_near() {
        let of = |word| nearest(word, &mut ["start", "stop", "restarts"].into_iter());
        assert_eq!(of("strat"), Some("start"));
        assert_eq!(of("stat"), Some("start"));
        assert_eq!(of("restart"), Some("restarts"));
        assert_eq!(of("x"), None);
        assert_eq!(nearest("x", &mut std::iter::empty()), None);
    }
}
