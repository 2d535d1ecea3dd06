//! `footprint --compat edge-info`.

use super::super::outcome::Error;
use super::super::style::width_of_output;
use super::options::{FootprintCommand, ProfileChoice};
use super::screen::{shortfall, Screen};
use crate::footprint::edge_info::{SmapsRow, Sums, LABELS};
use crate::footprint::live::{smaps, LiveReader};
use crate::footprint::rows::{assign, rows};
use crate::footprint::summary::{Circumstances, Source};
use crate::footprint::{machine_memory, Snapshot};
use crate::proc::root::Root;
use crate::products::{self, Key, Profile};
use crate::render::footprint::edge_info::{text, EdgeInfo};
use nix::errno::Errno;

/// What edge-info shows of these processes.
pub(super) fn screen(
    options: &FootprintCommand,
    root: &Root,
    mut snapshot: Snapshot,
    reader: &mut LiveReader<'_>,
    own: Option<u32>,
) -> Result<Screen, Error> {
    let keys = keys(options);
    let given = options.given();
    let is_known = |key: &Key| {
        !options.profiles.is_empty()
            || LABELS.contains(&key.label.as_str())
            || given.iter().any(|given| given.label == key.label)
    };
    let assigned = assign(&snapshot.processes, &keys, own);
    let found = smaps_rows(root, &snapshot, &keys, &assigned);
    let found = found.into_iter().zip(&keys);
    let found = found.filter(|(row, key)| is_known(key) && !row.pids.is_empty());
    let found: Vec<SmapsRow> = found.map(|(row, _)| row).collect();
    // The other key processes are read correctly, to say what edge-info leaves out.
    let is_other = |at: usize| {
        let key = assigned.get(at).copied().flatten();
        key.and_then(|key| keys.get(key))
            .is_some_and(|key| !is_known(key))
    };
    reader.read_memory(&mut snapshot, is_other);
    let assigned = assign(&snapshot.processes, &keys, own);
    let (mut pss, mut labels) = (0u64, Vec::new());
    for (row, key) in rows(&snapshot.processes, &keys, &assigned)
        .iter()
        .zip(&keys)
    {
        if !is_known(key) && !row.pids.is_empty() {
            pss = pss.saturating_add(row.pss);
            labels.push(key.label.clone());
        }
    }
    let unreadable = found.iter().map(|row| row.unreadable).sum();
    let edge_info = EdgeInfo {
        rows: found,
        machine: machine_memory::read(root).map_err(|error| Error::new(error.to_string()))?,
        left_out: (pss, labels),
    };
    Screen::new(
        |out| text(out, &edge_info, width_of_output()),
        shortfall(
            &Source::Live,
            (unreadable, None),
            &Circumstances::of(&snapshot),
        ),
    )
}

/// A row for each key.
fn smaps_rows(
    root: &Root,
    snapshot: &Snapshot,
    keys: &[Key],
    assigned: &[Option<usize>],
) -> Vec<SmapsRow> {
    let row = |key: &Key| SmapsRow {
        label: key.label.clone(),
        ..SmapsRow::default()
    };
    let mut rows: Vec<SmapsRow> = keys.iter().map(row).collect();
    let mut buffer = Vec::new();
    for (process, key) in snapshot.processes.iter().zip(assigned) {
        let Some(row) = key.and_then(|key| rows.get_mut(key)) else {
            continue;
        };
        match smaps(root, process.pid, &mut buffer) {
            Ok(()) => match Sums::of(&buffer) {
                Some(sums) => row.sums.add(&sums),
                // A zombie's is empty.
                None => continue,
            },
            // It has ended.
            Err(Errno::ENOENT | Errno::ESRCH) => continue,
            Err(_) => row.unreadable += 1,
        }
        row.pids.push(process.pid);
    }
    rows
}

/// Izuma's, if the user chooses no profile.
fn keys(options: &FootprintCommand) -> Vec<Key> {
    let choices = options.profiles.iter();
    let chosen = choices.filter_map(|choice| match choice {
        ProfileChoice::Profile(profile) => Some(*profile),
        ProfileChoice::Auto => None,
    });
    let mut profiles: Vec<&'static Profile> = chosen.collect();
    if profiles.is_empty() {
        profiles.extend(products::profile("izuma"));
    }
    products::keys(&profiles, &options.given())
}
