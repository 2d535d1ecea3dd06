//! A footprint as records of a log: as few as hold it, and back.

use super::machine_memory::{MachineMemory, Volatile, Zram};
use super::rows::ProcessRow;
use super::summary::{Circumstances, Footprint, Selection, Source};
use crate::log::fields::NOT_OBSERVABLE;
use crate::log::footprint::{self, flag, pids, rows, FootprintRow};

/// A footprint, or a part of one, in a log.
pub(crate) type Part = footprint::Footprint<String, Vec<u8>>;

/// The bytes of rows that leave room in a frame for the other fields.
const ROWS_BYTES: usize = 3000;
/// Longer labels, which the user chose, are cut.
const LABEL_BYTES: usize = 256;
/// No table shows more pids of a row.
const PIDS: usize = 64;
/// The longest row: label, seven numbers, pids.
const ROW_BYTES: usize = LABEL_BYTES + 5 * PIDS + 7 * 10 + 10;

/// The records of a footprint, read `at_us` after the start of its run.
pub fn parts(footprint: &Footprint, at_us: u64) -> Vec<Part> {
    let mut chunks = vec![Vec::new()];
    for row in &footprint.rows {
        let mut buffer = [0; ROW_BYTES];
        let bytes = put_row(row, &mut buffer);
        match chunks.last_mut() {
            Some(chunk) if chunk.len() + bytes.len() <= ROWS_BYTES => {
                chunk.extend_from_slice(bytes);
            }
            _ => chunks.push(bytes.to_vec()),
        }
    }
    let parts = chunks.len() as u32;
    let common = common(footprint, at_us, parts);
    let number = |(part, rows): (usize, Vec<u8>)| Part {
        part: part as u32,
        rows,
        ..common.clone()
    };
    chunks.into_iter().enumerate().map(number).collect()
}

fn common(footprint: &Footprint, at_us: u64, parts: u32) -> Part {
    let (machine, how) = (&footprint.machine, &footprint.circumstances);
    let (profiles, chosen) = match &footprint.chosen {
        Selection::Largest => (String::new(), flag::LARGEST),
        Selection::Keys { profiles, given } => {
            (profiles.join(" "), if *given { flag::GIVEN } else { 0 })
        }
    };
    let hidden = if how.hidden { flag::HIDDEN } else { 0 };
    let (seen, volatile) = match &machine.volatile {
        None => (0, Volatile::default()),
        Some(volatile) => (flag::VOLATILE_SEEN, volatile.clone()),
    };
    let known = |value: Option<u64>| value.unwrap_or(NOT_OBSERVABLE);
    Part {
        at_us,
        part: 0,
        parts,
        profiles,
        flags: chosen | hidden | seen,
        mem_total: machine.mem_total,
        mem_available: known(machine.mem_available),
        swap_total: machine.swap_total,
        swap_free: machine.swap_free,
        anon_pages: known(machine.anon_pages),
        mapped: known(machine.mapped),
        volatile_used: known(volatile.used),
        volatile_folders: volatile.folders.join(" "),
        zram_used: known(machine.zram.map(|zram| zram.used)),
        zram_stored: known(machine.zram.map(|zram| zram.stored)),
        read: how.read,
        took_us: how.took_us,
        vanished: how.vanished,
        rows: Vec::new(),
    }
}

fn put_row<'b>(row: &ProcessRow, buffer: &'b mut [u8; ROW_BYTES]) -> &'b [u8] {
    let mut pids = [0; 5 * PIDS];
    let mut end = 0;
    for pid in row.pids.iter().take(PIDS) {
        end += postcard::to_slice(pid, &mut pids[end..]).map_or(0, |bytes| bytes.len());
    }
    let row = FootprintRow {
        label: &row.label[..row.label.len().min(LABEL_BYTES)],
        processes: row.processes as u32,
        unreadable: row.unreadable as u32,
        pss: row.pss,
        shared: row.shared,
        rss: row.rss,
        swap_pss: row.swap_pss,
        virt: row.virt,
        pids: &pids[..end],
    };
    postcard::to_slice(&row, buffer).map_or(&[], |bytes| &*bytes)
}

/// Joins the parts of a footprint.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    common: Option<Part>,
    next: u32,
    rows: Vec<ProcessRow>,
}

/// The most rows of a footprint; no user gives as many keys.
const MOST_ROWS: usize = 1 << 16;

impl Parts {
    /// Adds the next part; returns the footprint once it is complete. Parts that do not
    /// follow each other are dropped.
    pub(crate) fn add(&mut self, part: &Part, source: Source) -> Option<Footprint> {
        let common = Part {
            part: 0,
            rows: Vec::new(),
            ..part.clone()
        };
        if part.part == 0 {
            (self.common, self.next) = (Some(common), 0);
            self.rows.clear();
        } else if self.common.as_ref() != Some(&common) || self.next != part.part {
            self.common = None;
        }
        self.common.as_ref()?;
        let found: Option<Vec<ProcessRow>> = rows(&part.rows)
            .map(|row| Some(take_row(&row.ok()?)))
            .collect();
        self.rows.extend(found?);
        self.next += 1;
        if self.rows.len() > MOST_ROWS {
            self.common = None;
        }
        if self.next < part.parts {
            return None;
        }
        let common = self.common.take()?;
        let rows = std::mem::take(&mut self.rows);
        Some(footprint(&common, rows, source))
    }
}

fn take_row(row: &FootprintRow<'_>) -> ProcessRow {
    ProcessRow {
        label: row.label.to_vec(),
        processes: row.processes.into(),
        pids: pids(row.pids).filter_map(Result::ok).collect(),
        unreadable: row.unreadable.into(),
        estimated: false,
        pss: row.pss,
        shared: row.shared,
        rss: row.rss,
        swap_pss: row.swap_pss,
        hugetlb: 0,
        virt: row.virt,
    }
}

fn footprint(part: &Part, rows: Vec<ProcessRow>, source: Source) -> Footprint {
    let has = |bit: u8| part.flags & bit != 0;
    let known = |value: u64| (value != NOT_OBSERVABLE).then_some(value);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let volatile = Volatile {
        used: known(part.volatile_used),
        folders: words(&part.volatile_folders),
    };
    let zram = known(part.zram_used).zip(known(part.zram_stored));
    Footprint {
        source,
        chosen: match has(flag::LARGEST) {
            true => Selection::Largest,
            false => Selection::Keys {
                profiles: words(&part.profiles),
                given: has(flag::GIVEN),
            },
        },
        rows,
        machine: MachineMemory {
            mem_total: part.mem_total,
            mem_available: known(part.mem_available),
            swap_total: part.swap_total,
            swap_free: part.swap_free,
            anon_pages: known(part.anon_pages),
            mapped: known(part.mapped),
            volatile: has(flag::VOLATILE_SEEN).then_some(volatile),
            zram: zram.map(|(used, stored)| Zram { used, stored }),
        },
        circumstances: Circumstances {
            read: part.read,
            took_us: part.took_us,
            vanished: part.vanished,
            failed: 0,
            hidden: has(flag::HIDDEN),
            ..Circumstances::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(label: &[u8], processes: u64) -> ProcessRow {
        ProcessRow {
            label: label.to_vec(),
            processes,
            pids: (1..=processes as u32).collect(),
            unreadable: processes / 2,
            estimated: false,
            pss: 3 * processes,
            shared: 5,
            rss: u64::MAX,
            swap_pss: 7,
            hugetlb: 0,
            virt: 1 << 40,
        }
    }

    fn footprint(rows: Vec<ProcessRow>) -> Footprint {
        Footprint {
            source: Source::Live,
            chosen: Selection::Keys {
                profiles: vec!["k3s".to_owned(), "izuma".to_owned()],
                given: true,
            },
            rows,
            machine: MachineMemory {
                mem_total: 1000,
                mem_available: Some(400),
                swap_total: 50,
                swap_free: 20,
                anon_pages: Some(300),
                mapped: None,
                volatile: Some(Volatile {
                    used: None,
                    folders: vec!["/var/log".to_owned(), "/run/log".to_owned()],
                }),
                zram: Some(Zram { used: 3, stored: 9 }),
            },
            circumstances: Circumstances {
                read: 12,
                took_us: 345,
                vanished: 6,
                failed: 0,
                hidden: true,
                ..Circumstances::default()
            },
        }
    }

    fn again(parts: &[Part]) -> Vec<Footprint> {
        let mut together = Parts::default();
        let add = |part: &Part| together.add(part, Source::Live);
        parts.iter().filter_map(add).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let plain = footprint(vec![row(b"kubelet", 3), row(b"\xff|<b>", 0)]);
        let mut bare = footprint(Vec::new());
        bare.chosen = Selection::Largest;
        bare.machine.volatile = None;
        bare.machine.zram = None;
        bare.circumstances.hidden = false;
        for whole in [plain, bare] {
            let parts = parts(&whole, 8_000_000);
            assert_eq!((parts.len(), parts[0].at_us), (1, 8_000_000));
            let found = again(&parts);
            assert_eq!(found, [whole]);
        }
    }

    /// Rows of 256 bytes of label: eleven fill a part, so 30 take three.
    #[test]
    fn more_than_a_frame_holds_takes_several() {
        let whole = footprint((0..30).map(|at| row(&[at; 256], 1)).collect());
        let parts = parts(&whole, 0);
        assert_eq!(parts.len(), 3);
        for part in &parts {
            let record = crate::log::record::Record::Footprint(
                u32::MAX,
                part.map(|text| text.as_str(), |rows| rows.as_slice()),
            );
            let mut frame = [0; crate::log::frame::MAX_FRAME];
            assert!(crate::log::frame::encode(u64::MAX, &record, &mut frame).is_ok());
        }
        let found = again(&parts);
        assert_eq!(found, [whole]);
        // One that lacks a part is none; the next is.
        for lost in 0..3 {
            let mut some = parts.clone();
            some.remove(lost);
            assert_eq!(again(&some).len(), 0, "{lost}");
            some.extend(parts.clone());
            assert_eq!(again(&some).len(), 1, "{lost}");
        }
        let mut other = parts.clone();
        other[1].at_us = 1;
        assert_eq!(again(&other).len(), 0);
    }

    #[test]
    fn of_thousands_of_pids_the_first_are_kept_and_all_are_counted() {
        let whole = footprint(vec![row(b"sleep", 5000)]);
        let found = again(&parts(&whole, 0));
        assert_eq!(found[0].rows[0].processes, 5000);
        assert_eq!(found[0].rows[0].pids, (1..=64).collect::<Vec<u32>>());
        assert_eq!(found[0].rows[0].unreadable, 2500);
    }
}
