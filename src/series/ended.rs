//! The processes that ended between samples, by name.

use super::interval::Interval;
use crate::log::exits::{self, Ended, Row, NAMES};
use crate::log::fields::recorder::{self, listening};
use crate::log::model::COMM_BYTES;
use crate::log::result::{entries, tag, ResultPart, EXITS_KIND};
use crate::log::sample::Sample;

/// So many pairs of names are kept apart; more are summed.
const PAIRS: usize = 4096;
/// Rows that wait for their sample: those of several damaged ones.
const WAITING: usize = 1 << 14;

/// The parent of all threads of the kernel.
const KERNEL: &[u8] = b"kthreadd";

/// What a run tells of the processes that ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct EndedSummary {
    /// Whether the kernel told of them: one of
    /// [`listening`](crate::log::fields::recorder::listening).
    pub(crate) listens: u64,
    /// Ends of tasks that it could not tell of.
    pub(crate) lost: u64,
    pub(crate) total: Ended,
    /// The time in which these ended, microseconds.
    pub(crate) over_us: u64,
    /// By CPU time; at the end those without a name, if any.
    pub(crate) rows: Vec<EndedRow>,
}

impl EndedSummary {
    /// Whether the kernel told of them.
    pub(crate) fn is_told(&self) -> bool {
        self.listens == listening::ON
    }

    /// How many ended a second, and what they used after their last sample, percent of one
    /// core; `None` where the kernel did not tell.
    pub(crate) fn rates(&self) -> Option<(f64, f64)> {
        let over_us = (self.is_told() && self.over_us > 0).then_some(self.over_us as f64)?;
        let Ended { exits, cpu_us, .. } = self.total;
        Some((
            exits as f64 * 1e6 / over_us,
            cpu_us as f64 * 100.0 / over_us,
        ))
    }
}

/// The processes of a name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EndedRow {
    /// Nothing where it is not known; of threads of the kernel the part before the first `/`.
    pub(crate) name: Vec<u8>,
    /// Of the parents' names the one with most of them, and how many names there are.
    pub(crate) parent: Vec<u8>,
    pub(crate) parents: u64,
    pub(crate) ended: Ended,
    /// Of that parent.
    most: u64,
}

/// A name and a parent's name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pair {
    pub(super) name: Vec<u8>,
    parent: Vec<u8>,
}

impl EndedRow {
    /// They are threads of the kernel.
    pub(crate) fn is_of_kernel(&self) -> bool {
        self.parent == KERNEL
    }
}

impl Pair {
    /// They are threads of the kernel.
    pub(super) fn is_of_kernel(&self) -> bool {
        self.parent == KERNEL
    }
}

/// Takes a row: the number of its pair, and the pair, where it has a name.
type TakeEnded<'t> = dyn FnMut(Option<(usize, &Pair)>, &Ended) + 't;

/// Reads the records, up to the sample that they belong to.
#[derive(Debug, Default)]
pub(super) struct EndedReader {
    pairs: Vec<Pair>,
    /// Their places, by name and parent.
    order: Vec<usize>,
    /// The tick from which on names are numbered, and the pairs by number.
    since: u64,
    numbers: Vec<Option<usize>>,
    /// They belong to the sample that comes next.
    waiting: Vec<(Option<usize>, Ended)>,
}

impl EndedReader {
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
        let mut name = name;
        if parent == KERNEL {
            name = name.split(|&byte| byte == b'/').next().unwrap_or(name);
        }
        let cut = |name: &[u8]| name.iter().copied().take(COMM_BYTES).collect();
        let wanted = Pair {
            name: cut(name),
            parent: cut(parent),
        };
        let place = self
            .order
            .binary_search_by_key(&Some(&wanted), |&at| self.pairs.get(at));
        match place {
            Ok(place) => self.order.get(place).copied(),
            Err(_) if self.pairs.len() >= PAIRS => None,
            Err(place) => {
                self.order.insert(place, self.pairs.len());
                self.pairs.push(wanted);
                self.order.get(place).copied()
            }
        }
    }

    /// Hands over the rows of the sample that the last records belong to.
    pub(super) fn sample(&mut self, each: &mut TakeEnded<'_>) {
        for (at, ended) in self.waiting.drain(..) {
            let pair = at.and_then(|at| Some((at, self.pairs.get(at)?)));
            each(pair, &ended);
        }
    }
}

/// Gathers them, record by record.
#[derive(Debug, Default)]
pub(super) struct EndedTally {
    reader: EndedReader,
    /// By the number of their pair.
    sums: Vec<Ended>,
    /// Those without a name.
    others: Ended,
    total: Ended,
    over_us: u64,
    listens: u64,
    lost: u64,
}

impl EndedTally {
    /// Takes a record.
    pub(super) fn result(&mut self, part: &ResultPart<Vec<u8>>) {
        self.reader.result(part);
    }

    /// Takes the sample that the last records belong to, and the interval that it ends;
    /// without one, they are not counted. Returns whether the kernel tells of all processes
    /// that end.
    pub(super) fn sample(&mut self, sample: &Sample, interval: Option<&Interval>) -> bool {
        let value = |field| sample.machine.value(recorder::ID, field).unwrap_or(0);
        self.listens = value(recorder::EXITS);
        self.lost = self.lost.max(value(recorder::EXITS_LOST));
        let elapsed_us = interval.map_or(0, |interval| interval.elapsed_us);
        self.over_us = self.over_us.saturating_add(elapsed_us);
        let Self {
            sums,
            others,
            total,
            ..
        } = self;
        self.reader.sample(&mut |pair, ended| {
            if interval.is_none() {
                return;
            }
            total.add(ended);
            let sum = match pair {
                Some((at, _)) => {
                    if sums.len() <= at {
                        sums.resize(at + 1, Ended::default());
                    }
                    &mut sums[at]
                }
                None => &mut *others,
            };
            sum.add(ended);
        });
        self.listens == listening::ON
    }

    /// CPU time that is in no sample, microseconds.
    pub(super) fn cpu_us(&self) -> u64 {
        self.total.cpu_us
    }

    pub(super) fn finish(self) -> EndedSummary {
        let mut merged: Vec<EndedRow> = Vec::new();
        let pairs = self.reader.pairs.into_iter().zip(self.sums);
        for (pair, ended) in pairs.filter(|(_, ended)| ended.exits > 0) {
            let most = ended.exits;
            match merged.iter_mut().find(|row| row.name == pair.name) {
                Some(row) => {
                    row.ended.add(&ended);
                    row.parents += 1;
                    if most > row.most {
                        (row.most, row.parent) = (most, pair.parent);
                    }
                }
                None => merged.push(EndedRow {
                    name: pair.name,
                    parent: pair.parent,
                    parents: 1,
                    ended,
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
            over_us: self.over_us,
            rows,
        }
    }
}
