//! The processes that ended between samples, by name.

use crate::log::exits::{self, Ended, Row, NAMES};
use crate::log::fields::recorder;
use crate::log::result::{entries, tag, ResultPart, EXITS_KIND};
use crate::log::sample::Sample;

/// So many pairs of names are kept apart; more are summed.
const PAIRS: usize = 4096;
/// Rows that wait for their sample: those of several damaged ones.
const WAITING: usize = 1 << 14;

/// What a run tells of the processes that ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct EndedSummary {
    /// Whether the kernel told of them: one of
    /// [`listening`](crate::log::fields::recorder::listening).
    pub(crate) listens: u64,
    /// Ends of tasks that it could not tell of.
    pub(crate) lost: u64,
    pub(crate) total: Ended,
    /// By CPU time; at the end those without a name, if any.
    pub(crate) rows: Vec<EndedRow>,
}

/// The processes of a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EndedRow {
    /// Nothing where it is not known.
    pub(crate) name: Vec<u8>,
    /// Of the parents' names the one with most of them, and how many names there are.
    pub(crate) parent: Vec<u8>,
    pub(crate) parents: u64,
    pub(crate) ended: Ended,
    /// Of that parent.
    most: u64,
}

/// Processes of a name and a parent's name.
#[derive(Debug)]
struct Pair {
    name: Vec<u8>,
    parent: Vec<u8>,
    ended: Ended,
}

/// Gathers them, record by record.
#[derive(Debug, Default)]
pub(super) struct EndedTally {
    pairs: Vec<Pair>,
    /// Those without a name.
    others: Ended,
    total: Ended,
    /// The tick from which on names are numbered, and the pairs by number.
    since: u64,
    numbers: Vec<Option<usize>>,
    /// They belong to the sample that comes next.
    waiting: Vec<(Option<usize>, Ended)>,
    listens: u64,
    lost: u64,
}

impl EndedTally {
    /// Takes a record.
    pub(super) fn result(&mut self, part: &ResultPart<Vec<u8>>) {
        if part.kind != EXITS_KIND {
            return;
        }
        for entry in entries(&part.entries).flatten() {
            if entry.tag == tag::EXITS {
                // The reader has seen that it makes sense.
                let _ = exits::read(entry.bytes, &mut |since, row| self.row(since, &row));
            }
        }
    }

    fn row(&mut self, since: u64, row: &Row<'_>) {
        if std::mem::replace(&mut self.since, since) != since {
            self.numbers.clear();
        }
        let number = row.number as usize;
        if let Some((name, parent)) = row.names.filter(|_| number < NAMES) {
            if self.numbers.len() <= number {
                self.numbers.resize(number + 1, None);
            }
            self.numbers[number] = self.pair(name, parent);
        }
        if self.waiting.len() < WAITING {
            let pair = self.numbers.get(number).copied().flatten();
            self.waiting.push((pair, row.ended));
        }
    }

    fn pair(&mut self, name: &[u8], parent: &[u8]) -> Option<usize> {
        let mut pairs = self.pairs.iter();
        let known = pairs.position(|pair| pair.name == name && pair.parent == parent);
        if known.is_some() || self.pairs.len() >= PAIRS {
            return known;
        }
        self.pairs.push(Pair {
            name: name.to_vec(),
            parent: parent.to_vec(),
            ended: Ended::default(),
        });
        Some(self.pairs.len() - 1)
    }

    /// Takes the sample that the last records belong to. Where the machine's time is not
    /// known of its interval, `is_counted` is false. Returns whether the kernel tells of
    /// all processes that end.
    pub(super) fn sample(&mut self, sample: &Sample, is_counted: bool) -> bool {
        let value = |field| sample.machine.value(recorder::ID, field).unwrap_or(0);
        self.listens = value(recorder::EXITS);
        self.lost = self.lost.max(value(recorder::EXITS_LOST));
        for (pair, ended) in self.waiting.drain(..) {
            if is_counted {
                self.total.add(&ended);
                let pair = pair.and_then(|at| self.pairs.get_mut(at));
                pair.map_or(&mut self.others, |pair| &mut pair.ended)
                    .add(&ended);
            }
        }
        self.listens == recorder::listening::ON
    }

    /// CPU time that is in no sample, microseconds.
    pub(super) fn cpu_us(&self) -> u64 {
        self.total.cpu_us
    }

    pub(super) fn finish(self) -> EndedSummary {
        let mut merged: Vec<EndedRow> = Vec::new();
        for pair in self.pairs.into_iter().filter(|pair| pair.ended.exits > 0) {
            let most = pair.ended.exits;
            match merged.iter_mut().find(|row| row.name == pair.name) {
                Some(row) => {
                    row.ended.add(&pair.ended);
                    row.parents += 1;
                    if most > row.most {
                        (row.most, row.parent) = (most, pair.parent);
                    }
                }
                None => merged.push(EndedRow {
                    name: pair.name,
                    parent: pair.parent,
                    parents: 1,
                    ended: pair.ended,
                    most,
                }),
            }
        }
        let mut rows: Vec<EndedRow> = Vec::with_capacity(merged.len() + 1);
        for row in merged {
            let key = |row: &EndedRow| (row.ended.cpu_us, row.ended.exits);
            let at = rows.partition_point(|other| key(other) >= key(&row));
            rows.insert(at, row);
        }
        if self.others.exits > 0 {
            rows.push(EndedRow {
                name: Vec::new(),
                parent: Vec::new(),
                parents: 0,
                ended: self.others,
                most: 0,
            });
        }
        EndedSummary {
            listens: self.listens,
            lost: self.lost,
            total: self.total,
            rows,
        }
    }
}
