//! The process that reaps the children of a vanished one: its parent or, where that
//! vanished as well, the reaper of that.

/// So few vanished processes are not worth sorting.
const FEW: usize = 4;

/// For each of the processes that `vanished` at once, given by pid and parent, the place of
/// the reaper among the living, which are given by pid and place; at last that of PID 1.
/// The work is in proportion to the number of both, apart from a logarithm.
pub(crate) fn heirs(
    vanished: &[(u32, u32)],
    there: impl Iterator<Item = (u32, usize)> + Clone,
) -> Vec<Option<usize>> {
    if vanished.len() <= FEW {
        let place = |pid| there.clone().find(|(other, _)| *other == pid);
        let heir = |(_, parent): &(u32, u32)| {
            let heir = place(oldest(vanished, *parent)).or_else(|| place(1));
            heir.map(|(_, place)| place)
        };
        return vanished.iter().map(heir).collect();
    }
    let mut there: Vec<(u32, usize)> = there.collect();
    there.sort_unstable();
    let place = |pid| {
        let at = there.partition_point(|(other, _)| *other < pid);
        let (other, place) = *there.get(at)?;
        (other == pid).then_some(place)
    };
    let mut sorted = vanished.to_vec();
    // The first of two with the same pid counts.
    sorted.sort_by_key(|(pid, _)| *pid);
    sorted.dedup_by_key(|(pid, _)| *pid);
    let mut heir = |(_, parent): &(u32, u32)| {
        let pid = shortened(&mut sorted, *parent);
        place(pid).or_else(|| place(1))
    };
    vanished.iter().map(&mut heir).collect()
}

/// The first ancestor that did not vanish.
fn oldest(vanished: &[(u32, u32)], mut pid: u32) -> u32 {
    for _ in 0..vanished.len() {
        match vanished.iter().find(|(gone, _)| *gone == pid) {
            Some((_, parent)) => pid = *parent,
            None => return pid,
        }
    }
    // They are each other's ancestors.
    1
}

/// The same, and all vanished ancestors on the way get it as their parent, so that the way
/// is walked once.
fn shortened(sorted: &mut [(u32, u32)], first: u32) -> u32 {
    let find = |sorted: &[(u32, u32)], pid: u32| sorted.binary_search_by_key(&pid, |gone| gone.0);
    let (mut pid, mut steps) = (first, 0);
    while let Ok(at) = find(sorted, pid) {
        pid = sorted[at].1;
        steps += 1;
        if steps > sorted.len() {
            pid = 1;
            break;
        }
    }
    let (oldest, mut next) = (pid, first);
    for _ in 0..steps {
        let Ok(at) = find(sorted, next) else {
            break;
        };
        next = std::mem::replace(&mut sorted[at].1, oldest);
    }
    oldest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn living() -> impl Iterator<Item = (u32, usize)> + Clone {
        [(1, 0), (70, 3), (5, 4), (70, 9)].into_iter()
    }

    #[test]
    fn parents_and_whoever_reaps_them() {
        // 10's parent is there, 11's and 12's vanished with them, 13's never was.
        let few = [(10, 70), (11, 10), (12, 11), (13, 999)];
        assert_eq!(heirs(&few, living()), [Some(3), Some(3), Some(3), Some(0)]);
        // The same among many, of which two are each other's parents.
        let mut many = few.to_vec();
        many.extend([(20, 21), (21, 20), (10, 5), (22, 5), (23, 20)]);
        let expected = [3, 3, 3, 0, 0, 0, 4, 4, 0].map(Some);
        assert_eq!(heirs(&many, living()), expected);
        assert_eq!(heirs(&many, [(7, 0)].into_iter()), [None; 9]);
    }

    #[test]
    fn a_long_line_is_walked_once() {
        let line: Vec<(u32, u32)> = (100..60_100).map(|pid| (pid, pid - 1)).collect();
        let looked = Cell::new(0u64);
        let there = [(1, 0), (99, 1)].iter().map(|one| {
            looked.set(looked.get() + 1);
            *one
        });
        assert_eq!(heirs(&line, there), vec![Some(1); 60_000]);
        assert_eq!(looked.get(), 2);
        let mut reversed = line.clone();
        reversed.reverse();
        let mut sorted = line;
        assert_eq!(shortened(&mut sorted, 60_099), 99);
        assert!(sorted.iter().all(|(_, parent)| *parent == 99));
        assert_eq!(
            heirs(&reversed, [(99, 7)].into_iter()),
            vec![Some(7); 60_000]
        );
    }
}
