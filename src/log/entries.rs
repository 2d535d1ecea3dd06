//! The entries inside a sample: groups of the machine's numbers, cores and
//! processes, each as the difference from its prediction.

use super::fields::process::{self, When};
use super::fields::{FIRST_CORE, FIRST_DEVICE, GROUP_FIELDS, MAX_DEVICES};
use super::model::{comm, Comm, Machine, Process};
use super::places::{Places, MAX_SLOTS};
use std::slice::Iter;

/// Most bytes of one entry: a birth of a process in which every field changed.
pub(crate) const MAX_ENTRY: usize =
    5 + 5 + 10 + 2 + super::model::COMM_BYTES + 10 + 10 * GROUP_FIELDS;

/// The kind of a process's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its numbers changed.
    Change,
    /// It appeared; a process that was in the slot before is gone.
    Birth,
    /// It is gone.
    Death,
    /// Its name changed, and perhaps its numbers.
    Rename,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Change, Self::Birth, Self::Death, Self::Rename];
}

/// An array that is filled from the front, and remembers when something did not fit.
pub(crate) struct Sheet<const N: usize> {
    bytes: [u8; N],
    len: usize,
    overflown: bool,
}

impl<const N: usize> Sheet<N> {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; N],
            len: 0,
            overflown: false,
        }
    }

    /// Empties it.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.overflown = false;
    }

    /// The bytes written; `None` where something did not fit.
    pub(crate) fn written(&self) -> Option<&[u8]> {
        (!self.overflown).then(|| &self.bytes[..self.len])
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        match self.bytes[self.len..].get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len = self.len.saturating_add(bytes.len());
            }
            None => self.overflown = true,
        }
    }

    pub(super) fn put(&mut self, value: &impl serde::Serialize) {
        match postcard::to_slice(value, &mut self.bytes[self.len..]) {
            Ok(written) => self.len = self.len.saturating_add(written.len()),
            Err(_) => self.overflown = true,
        }
    }

    /// Writes a bit for each field that is not as predicted, then the differences.
    // The sign is a matter of how it is read.
    #[allow(clippy::cast_possible_wrap)]
    fn put_fields(&mut self, values: &[u64], predicted: impl Fn(usize) -> u64) {
        let mut mask = 0u64;
        for (index, value) in values.iter().enumerate() {
            mask |= u64::from(*value != predicted(index)) << index;
        }
        self.put(&mask);
        for (index, value) in values.iter().enumerate() {
            if mask & (1 << index) != 0 {
                self.put(&(value.wrapping_sub(predicted(index)) as i64));
            }
        }
    }
}

/// Writes group `id`, or core `id - FIRST_CORE`, or device `id - FIRST_DEVICE`,
/// after entry `last` of its frame.
// Both have the fields of one group.
#[allow(clippy::indexing_slicing)]
pub(crate) fn put_group<const N: usize>(
    out: &mut Sheet<N>,
    last: Option<usize>,
    id: usize,
    before: &[u64],
    after: &[u64],
) {
    out.put(&(gap(last, id)));
    out.put_fields(after, |index| before[index]);
}

/// Writes the entry of the process in `slot`, after entry `last` of its frame. `before`
/// holds the reader's values, all zero at its birth.
// There are as many values before as after.
#[allow(clippy::indexing_slicing)]
pub(crate) fn put_process<const N: usize>(
    out: &mut Sheet<N>,
    last: Option<usize>,
    slot: usize,
    kind: Kind,
    after: &Process,
    before: &[u64; process::COUNT],
    when: &When,
) {
    out.put(&(gap(last, slot) << 2 | kind as u64));
    if kind == Kind::Birth {
        out.put(&after.pid);
        out.put(&after.starttime);
    }
    if matches!(kind, Kind::Birth | Kind::Rename) {
        out.put(&after.comm.as_slice());
    }
    if kind != Kind::Death {
        out.put_fields(&after.values, |index| {
            let rss_before = before[process::RSS];
            process::predicted(index, before[index], rss_before, &after.values, when)
        });
    }
}

// Entries are written in the order of their places.
#[allow(clippy::arithmetic_side_effects)]
fn gap(last: Option<usize>, next: usize) -> u64 {
    (next - last.map_or(0, |last| last + 1)) as u64
}

/// An entry that is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

type Result<T> = std::result::Result<T, Malformed>;

fn take<'a, T: serde::Deserialize<'a>>(bytes: &mut Iter<'a, u8>) -> Result<T> {
    let (value, rest) = postcard::take_from_bytes(bytes.as_slice()).map_err(|_| Malformed)?;
    *bytes = rest.iter();
    Ok(value)
}

/// Reads a varint as postcard does: seven bits a byte, the lowest first, in at most ten
/// bytes, the last of which has one bit. By hand, because a log consists of these; most
/// have one or two bytes, which take no call.
#[inline(always)]
fn next_u64(bytes: &mut Iter<'_, u8>) -> Result<u64> {
    match bytes.next() {
        Some(&low @ 0..=0x7F) => Ok(low.into()),
        Some(&low) => {
            let (value, rest) = match bytes.as_slice() {
                [high @ 0..=0x7F, rest @ ..] => {
                    (u64::from(low & 0x7F) | u64::from(*high) << 7, rest)
                }
                // By value, so that shorter ones can stay in registers.
                rest => next_long(low, rest)?,
            };
            *bytes = rest.iter();
            Ok(value)
        }
        None => Err(Malformed),
    }
}

fn next_long(low: u8, bytes: &[u8]) -> Result<(u64, &[u8])> {
    let mut rest = bytes.iter();
    let mut value = u64::from(low & 0x7F);
    let mut shift = 7_u32;
    while let Some(byte) = rest.next() {
        value |= u64::from(byte & 0x7F) << shift;
        if *byte <= 0x7F {
            return match shift {
                63 if *byte > 1 => Err(Malformed),
                _ => Ok((value, rest.as_slice())),
            };
        }
        if shift == 63 {
            break;
        }
        shift = shift.wrapping_add(7);
    }
    Err(Malformed)
}

/// Adds the differences of one entry. Fields past the last known one belong to a later
/// version, and are skipped.
#[inline(always)]
fn take_fields(bytes: &mut Iter<'_, u8>, values: &mut [u64]) -> Result<()> {
    let mut rest = bytes.clone();
    let mut mask = next_u64(&mut rest)?;
    while mask != 0 {
        let zigzag = next_u64(&mut rest)?;
        let difference = (zigzag >> 1) ^ (zigzag & 1).wrapping_neg();
        if let Some(value) = values.get_mut(mask.trailing_zeros() as usize) {
            *value = value.wrapping_add(difference);
        }
        mask &= mask.wrapping_sub(1);
    }
    *bytes = rest;
    Ok(())
}

fn next_place(gap: u64, next: &mut usize, end: usize) -> Result<usize> {
    let place = usize::try_from(gap)
        .ok()
        .and_then(|gap| next.checked_add(gap))
        .filter(|place| *place < end)
        .ok_or(Malformed)?;
    *next = place.saturating_add(1);
    Ok(place)
}

/// Applies the groups, cores and devices of one frame.
///
/// # Errors
/// Where an entry is malformed; `machine` must not be used then.
// Each difference is of a branch in which it is none below 0.
#[allow(clippy::arithmetic_side_effects)]
pub(crate) fn apply_machine(bytes: &[u8], machine: &mut Machine) -> Result<()> {
    let mut bytes = bytes.iter();
    let mut next = 0;
    while bytes.len() > 0 {
        let gap = next_u64(&mut bytes)?;
        let id = next_place(gap, &mut next, FIRST_DEVICE + MAX_DEVICES)?;
        let values: &mut [u64] = if id < FIRST_CORE {
            machine.group_mut(id)
        } else if id < FIRST_DEVICE {
            machine.core_mut(id - FIRST_CORE).ok_or(Malformed)?
        } else {
            machine.device_mut(id - FIRST_DEVICE).ok_or(Malformed)?
        };
        take_fields(&mut bytes, values)?;
    }
    Ok(())
}

/// Applies the processes of one frame to the places of their slots. Calls `each` with the
/// place, the kind of the entry, and whether the place held a process before.
///
/// # Errors
/// Where an entry is malformed; `slots` must not be used then.
// Two bits choose one of four kinds; a place is below `MAX_SLOTS`.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing
)]
pub(crate) fn apply_processes(
    bytes: &[u8],
    places: &mut Places,
    slots: &mut Vec<Option<Process>>,
    when: &When,
    mut each: impl FnMut(usize, Kind, bool),
) -> Result<()> {
    let mut bytes = bytes.iter();
    let mut next = 0;
    while bytes.len() > 0 {
        let head = next_u64(&mut bytes)?;
        let slot = next_place(head >> 2, &mut next, MAX_SLOTS)?;
        let kind = Kind::ALL[(head & 3) as usize];
        let at = match kind {
            Kind::Birth => places.get_or_give(slot).ok_or(Malformed)?,
            Kind::Change | Kind::Death | Kind::Rename => places.get(slot).ok_or(Malformed)?,
        };
        if slots.len() <= at {
            slots.resize(at + 1, None);
        }
        let place = slots.get_mut(at).ok_or(Malformed)?;
        let taken = place.is_some();
        match kind {
            Kind::Death => {
                place.take().ok_or(Malformed)?;
                each(at, kind, taken);
                continue;
            }
            Kind::Birth => {
                *place = Some(Process {
                    pid: take(&mut bytes)?,
                    starttime: next_u64(&mut bytes)?,
                    comm: take_comm(&mut bytes)?,
                    values: [0; process::COUNT],
                });
            }
            Kind::Rename => {
                place.as_mut().ok_or(Malformed)?.comm = take_comm(&mut bytes)?;
            }
            Kind::Change => {}
        }
        let process = place.as_mut().ok_or(Malformed)?;
        each(at, kind, taken);
        let after = &mut process.values;
        let (rss_before, pss_at_before) = (after[process::RSS], after[process::PSS_AT]);
        take_fields(&mut bytes, after)?;
        // The differences were added to the values before; their predictions may differ.
        process::add_predicted(after, rss_before, pss_at_before, when);
    }
    Ok(())
}

fn take_comm(bytes: &mut Iter<'_, u8>) -> Result<Comm> {
    let len = usize::try_from(next_u64(bytes)?).map_err(|_| Malformed)?;
    let rest = bytes.as_slice();
    let name = rest.get(..len).ok_or(Malformed)?;
    *bytes = rest.get(len..).unwrap_or_default().iter();
    Ok(comm(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_postcard(bytes: &[u8]) -> Result<(u64, &[u8])> {
        let mut bytes = bytes.iter();
        Ok((take(&mut bytes)?, bytes.as_slice()))
    }

    fn by_hand(bytes: &[u8]) -> Result<(u64, &[u8])> {
        let mut bytes = bytes.iter();
        Ok((next_u64(&mut bytes)?, bytes.as_slice()))
    }

    #[test]
    fn the_ends_of_varints() {
        let nines = [0xFF; 9];
        for (last, value) in [
            (1, Ok(u64::MAX)),
            (0, Ok(u64::MAX >> 1)),
            (2, Err(Malformed)),
        ] {
            let bytes = [&nines[..], &[last]].concat();
            assert_eq!(by_hand(&bytes).map(|(value, _)| value), value);
        }
        assert_eq!(by_hand(&[0x80, 0]), Ok((0, &[][..])));
        assert_eq!(by_hand(&[0xAC, 0x02, 7]), Ok((300, &[7][..])));
        assert_eq!(by_hand(&[]), Err(Malformed));
        assert_eq!(by_hand(&nines), Err(Malformed));
        assert_eq!(by_hand(&[0x80; 11]), Err(Malformed));
    }

    proptest! {
        #[test]
        fn varints_are_those_of_postcard(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), 0x80..=0xFFu8, 0..=1u8], 0..12),
        ) {
            prop_assert_eq!(by_hand(&bytes), by_postcard(&bytes));
        }
    }
}
