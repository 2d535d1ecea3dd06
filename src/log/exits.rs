//! The processes that ended between two samples, by name: the entry of a Result.

use super::entries::Sheet;
use std::io;

/// The tag of the entry.
pub(super) const TAG: u32 = 9;
/// Names that have a number, from 0; the others share the number behind them.
pub const NAMES: usize = 256;

/// Takes the entries of a record, and how many processes it tells of.
pub type TakeRecord<'s> = dyn FnMut(&[u8], u64) -> io::Result<()> + 's;

/// Room for the rows of a record.
const ROWS: usize = 3900;
/// Most bytes of a row: two names, and five numbers.
const ROW: usize = 2 * 17 + 3 + 4 * 10;

/// The processes of a name and a parent's name that ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Row<'a> {
    pub number: u32,
    /// Their name and their parent's, where they get this number.
    pub names: Option<(&'a [u8], &'a [u8])>,
    pub ended: Ended,
}

/// Processes that ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    pub exits: u64,
    /// Those with a status other than 0, or killed by a signal.
    pub failures: u64,
    /// CPU time that is in no sample.
    pub cpu_us: u64,
    /// The largest of their resident sets.
    pub peak_rss_kib: u64,
}

impl Ended {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.exits = self.exits.saturating_add(other.exits);
        self.failures = self.failures.saturating_add(other.failures);
        self.cpu_us = self.cpu_us.saturating_add(other.cpu_us);
        self.peak_rss_kib = self.peak_rss_kib.max(other.peak_rss_kib);
    }
}

/// Gathers the rows of a record.
pub struct Rows {
    sheet: Sheet<ROWS>,
    entry: Sheet<{ ROWS + 8 }>,
    since: u64,
    exits: u64,
}

impl Default for Rows {
    fn default() -> Self {
        Self::new()
    }
}

impl Rows {
    pub const fn new() -> Self {
        Self {
            sheet: Sheet::new(),
            entry: Sheet::new(),
            since: 0,
            exits: 0,
        }
    }

    /// Begins a record; `since` is the tick from which on names are numbered.
    pub fn begin(&mut self, since: u64) {
        (self.since, self.exits) = (since, 0);
        self.sheet.clear();
        self.sheet.put(&since);
    }

    /// Adds a row; whether there is room for another.
    // Some kB; and a shift drops what it has no room for.
    #[allow(clippy::arithmetic_side_effects)]
    pub fn add(&mut self, row: &Row<'_>) -> bool {
        let sheet = &mut self.sheet;
        sheet.put(&(row.number << 1 | u32::from(row.names.is_some())));
        if let Some(names) = row.names {
            sheet.put(&names);
        }
        let Ended {
            exits,
            failures,
            cpu_us,
            peak_rss_kib,
        } = row.ended;
        for number in [exits, failures, cpu_us, peak_rss_kib] {
            sheet.put(&number);
        }
        self.exits = self.exits.saturating_add(exits);
        sheet
            .written()
            .is_some_and(|written| written.len() + ROW <= ROWS)
    }

    /// The entries of the record, and how many processes ended.
    pub fn end(&mut self) -> (&[u8], u64) {
        let bytes = self.sheet.written().unwrap_or_default();
        self.entry.clear();
        self.entry.put(&(TAG, bytes));
        (self.entry.written().unwrap_or_default(), self.exits)
    }
}

fn take<'a, T: serde::Deserialize<'a>>(rest: &mut &'a [u8]) -> Option<T> {
    let (value, after) = postcard::take_from_bytes(rest).ok()?;
    *rest = after;
    Some(value)
}

/// Hands `each` the rows of the bytes of such an entry, each with the tick from which on
/// names are numbered; `None` at what is malformed.
pub fn read<'a>(mut bytes: &'a [u8], each: &mut dyn FnMut(u64, Row<'a>)) -> Option<()> {
    let rest = &mut bytes;
    let since = take(rest)?;
    while !rest.is_empty() {
        let head: u32 = take(rest)?;
        let names = match head & 1 {
            1 => Some((take(rest)?, take(rest)?)),
            _ => None,
        };
        let ended = Ended {
            exits: take(rest)?,
            failures: take(rest)?,
            cpu_us: take(rest)?,
            peak_rss_kib: take(rest)?,
        };
        let number = head >> 1;
        each(
            since,
            Row {
                number,
                names,
                ended,
            },
        );
    }
    Some(())
}

/// Whether the bytes of an entry are well-formed.
pub(super) fn make_sense(bytes: &[u8]) -> bool {
    read(bytes, &mut |_, _| {}).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_the_format_says() {
        let mut rows = Rows::new();
        rows.begin(300);
        let ended = Ended {
            exits: 2,
            failures: 1,
            cpu_us: 5000,
            peak_rss_kib: 129,
        };
        let names: Option<(&[u8], &[u8])> = Some((b"ab", b"c"));
        assert!(rows.add(&Row {
            number: 3,
            names,
            ended,
        }));
        assert!(rows.add(&Row {
            number: 256,
            names: None,
            ended,
        }));
        let (bytes, exits) = rows.end();
        let body = [
            0xAC, 2, 7, 2, b'a', b'b', 1, b'c', 2, 1, 0x88, 0x27, 0x81, 1, 0x80, 4, 2, 1, 0x88,
            0x27, 0x81, 1,
        ];
        assert_eq!(bytes, [&[9, body.len() as u8], &body[..]].concat());
        assert_eq!(exits, 4);
        let mut read_rows = Vec::new();
        read(&body, &mut |since, row| {
            assert_eq!(since, 300);
            read_rows.push(row);
        });
        assert_eq!((read_rows[0].number, read_rows[0].names), (3, names));
        assert_eq!((read_rows[1].number, read_rows[1].names), (256, None));
        assert!(read_rows.iter().all(|row| row.ended == ended));
        for len in 0..body.len() {
            let whole = len == 2 || len == 14;
            assert_eq!(make_sense(&body[..len]), whole, "{len}");
        }
    }

    #[test]
    fn a_full_record_has_room_for_its_last_row() {
        let mut rows = Rows::new();
        rows.begin(u64::MAX);
        let all = u64::MAX;
        let row = Row {
            number: 256,
            names: Some((&[b'n'; 16], &[b'p'; 16])),
            ended: Ended {
                exits: all,
                failures: all,
                cpu_us: all,
                peak_rss_kib: all,
            },
        };
        let mut count = 1;
        while rows.add(&row) {
            count += 1;
        }
        let (bytes, _) = rows.end();
        let (_, entry): (u32, &[u8]) = postcard::from_bytes(bytes).unwrap();
        let mut seen = 0;
        read(entry, &mut |_, read| {
            assert_eq!(read, row);
            seen += 1;
        });
        assert_eq!(seen, count);
    }
}
