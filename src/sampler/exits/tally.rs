//! The processes that ended since the last record, by their names and their parents'.

use crate::log::exits::{Ended, Row, Rows, TakeRecord, NAMES};
use std::io;

/// A task's name, up to the 16 bytes that the kernel keeps, filled up with NUL.
type Name = [u8; 16];

#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    name: Name,
    parent: Name,
    ended: Ended,
    /// It is in the log under its number.
    is_told: bool,
}

/// Takes a fixed room.
pub(crate) struct Tally {
    entries: Vec<Entry>,
    others: Ended,
    /// The tick from which on names are numbered.
    since: u64,
    is_empty: bool,
    rows: Rows,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::with_capacity(NAMES),
            others: Ended::default(),
            since: 0,
            is_empty: true,
            rows: Rows::new(),
        }
    }

    pub(super) fn add(&mut self, name: &[u8], parent: &[u8], ended: &Ended) {
        let (name, parent) = (padded(name), padded(parent));
        self.is_empty = false;
        let room = self.entries.len() < NAMES;
        let mut entries = self.entries.iter_mut();
        let known = entries.find(|of| of.name == name && of.parent == parent);
        match known {
            Some(entry) => entry.ended.add(ended),
            None if room => self.entries.push(Entry {
                name,
                parent,
                ended: *ended,
                is_told: false,
            }),
            None => self.others.add(ended),
        }
    }

    /// Hands `sink` the entries of a record, or of several, and how many processes ended.
    /// `anew`: names are numbered from this `tick` on.
    ///
    /// # Errors
    /// Those of `sink`; what it did not get comes again.
    // There are some hundred names.
    #[allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
    pub(crate) fn tell(
        &mut self,
        anew: bool,
        tick: u64,
        sink: &mut TakeRecord<'_>,
    ) -> io::Result<()> {
        if anew {
            self.entries.retain(|entry| entry.ended.exits > 0);
            self.entries.iter_mut().for_each(|of| of.is_told = false);
            self.since = tick;
        }
        if self.is_empty {
            return Ok(());
        }
        let named = self.entries.iter().map(|entry| (Some(entry), entry.ended));
        let all = named.chain([(None, self.others)]).zip(0..NAMES as u32 + 1);
        self.rows.begin(self.since);
        let mut is_begun = false;
        for ((entry, ended), at) in all.filter(|((_, ended), _)| ended.exits > 0) {
            let untold = entry.filter(|entry| !entry.is_told);
            is_begun = self.rows.add(&Row {
                number: entry.map_or(NAMES as u32, |_| at),
                names: untold.map(|entry| (trimmed(&entry.name), trimmed(&entry.parent))),
                ended,
            });
            if !is_begun {
                let (bytes, exits) = self.rows.end();
                sink(bytes, exits)?;
                self.rows.begin(self.since);
            }
        }
        if is_begun {
            let (bytes, exits) = self.rows.end();
            sink(bytes, exits)?;
        }
        for entry in &mut self.entries {
            entry.is_told |= entry.ended.exits > 0;
            entry.ended = Ended::default();
        }
        self.others = Ended::default();
        self.is_empty = true;
        Ok(())
    }
}

// No longer than either.
#[allow(clippy::indexing_slicing)]
fn padded(name: &[u8]) -> Name {
    let mut padded = Name::default();
    let len = name.len().min(padded.len());
    padded[..len].copy_from_slice(&name[..len]);
    padded
}

// The place was found in the name.
#[allow(clippy::indexing_slicing)]
fn trimmed(name: &Name) -> &[u8] {
    let end = name.iter().position(|byte| *byte == 0);
    &name[..end.unwrap_or(name.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::exits::read;
    use crate::log::result::entries;

    /// number, name and parent where they are told, exits
    type Told = (u32, Option<(String, String)>, u64);

    /// The rows of the next record, or records, and the tick that numbers them.
    fn told(tally: &mut Tally, anew: bool, tick: u64) -> (Vec<Told>, u64, u64) {
        let (mut rows, mut numbered, mut sum) = (Vec::new(), 0, 0);
        let done = tally.tell(anew, tick, &mut |bytes, exits| {
            sum += exits;
            for entry in entries(bytes) {
                read(entry.unwrap().bytes, &mut |since, row| {
                    let text = |name| String::from_utf8_lossy(name).into_owned();
                    let names = row.names.map(|(name, parent)| (text(name), text(parent)));
                    rows.push((row.number, names, row.ended.exits));
                    numbered = since;
                });
            }
            Ok(())
        });
        assert!(done.is_ok());
        (rows, numbered, sum)
    }

    const ONE: Ended = Ended {
        exits: 1,
        failures: 0,
        cpu_us: 10,
        peak_rss_kib: 5,
    };

    fn names(name: &str, parent: &str) -> Option<(String, String)> {
        Some((name.to_owned(), parent.to_owned()))
    }

    #[test]
    fn names_come_once_a_keyframe() {
        let mut tally = Tally::new();
        for (name, parent) in [
            ("runc", "shim"),
            ("sh", ""),
            ("runc", "shim"),
            ("runc", "sh"),
        ] {
            tally.add(name.as_bytes(), parent.as_bytes(), &ONE);
        }
        let first = vec![
            (0, names("runc", "shim"), 2),
            (1, names("sh", ""), 1),
            (2, names("runc", "sh"), 1),
        ];
        assert_eq!(told(&mut tally, true, 60), (first, 60, 4));
        assert_eq!(told(&mut tally, false, 61), (Vec::new(), 0, 0));
        tally.add(b"sh", b"", &ONE);
        tally.add(b"new", b"sh", &ONE);
        let second = vec![(1, None, 1), (3, names("new", "sh"), 1)];
        assert_eq!(told(&mut tally, false, 62), (second, 60, 2));
        tally.add(b"new", b"sh", &ONE);
        let third = vec![(0, names("new", "sh"), 1)];
        assert_eq!(told(&mut tally, true, 120), (third, 120, 1));
    }

    #[test]
    fn what_has_no_number_is_summed_and_nothing_is_told_twice() {
        let mut tally = Tally::new();
        for name in 0..300 {
            tally.add(format!("a long name {name}").as_bytes(), &[b'p'; 16], &ONE);
        }
        let (rows, since, exits) = told(&mut tally, true, 7);
        assert_eq!((rows.len(), since, exits), (257, 7, 300));
        assert_eq!(rows[255].1, names("a long name 255", "pppppppppppppppp"));
        assert_eq!(rows[256], (256, None, 44));
        // What the log did not take comes again.
        tally.add(b"late", b"", &ONE);
        let full = tally.tell(false, 8, &mut |_, _| Err(io::ErrorKind::Other.into()));
        assert!(full.is_err());
        let (rows, _, exits) = told(&mut tally, true, 9);
        assert_eq!((rows, exits), (vec![(256, None, 1)], 1));
        tally.add(b"late", b"", &ONE);
        let (rows, _, _) = told(&mut tally, false, 10);
        assert_eq!(rows, [(0, names("late", ""), 1)]);
    }
}
