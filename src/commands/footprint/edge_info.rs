//! `footprint --compat edge-info`.

use super::{assigned, lacks, Error, Footprint, Shown, Source, Wanted};
use crate::footprint::edge_info::{Row, Sums, LABELS};
use crate::footprint::live::{smaps, Reader};
use crate::footprint::rows::rows;
use crate::footprint::summary::Circumstances;
use crate::footprint::{machine, Moment};
use crate::proc::root::Root;
use crate::products::{self, Key, Profile};
use crate::render::footprint::edge_info::{text, EdgeInfo};
use nix::errno::Errno;

/// What edge-info shows of these processes.
pub(super) fn gather(
    asked: &Footprint,
    root: &Root,
    mut moment: Moment,
    reader: &mut Reader<'_>,
    own: Option<u32>,
) -> Result<Shown, Error> {
    let keys = keys(asked);
    let known = |key: &Key| {
        !asked.profiles.is_empty() || LABELS.contains(&key.label.as_str()) || is_given(asked, key)
    };
    let of = assigned(&moment, Some(&keys), own);
    let mut found: Vec<Row> = keys
        .iter()
        .map(|key| Row {
            label: key.label.clone(),
            ..Row::default()
        })
        .collect();
    let mut buffer = Vec::new();
    for (process, key) in moment.processes.iter().zip(&of) {
        let Some(row) = key.and_then(|key| found.get_mut(key)) else {
            continue;
        };
        match smaps(root, process.pid, &mut buffer) {
            Ok(()) => {
                // Empty for a zombie.
                let Some(sums) = Sums::of(&buffer) else {
                    continue;
                };
                row.sums.add(&sums);
            }
            // It ended meanwhile.
            Err(Errno::ENOENT | Errno::ESRCH) => continue,
            Err(_) => row.unreadable += 1,
        }
        row.pids.push(process.pid);
    }
    // Those that it does not know are read rightly.
    let other = |at: usize| {
        let key = of.get(at).copied().flatten().and_then(|key| keys.get(key));
        key.is_some_and(|key| !known(key))
    };
    reader.read_memory(&mut moment, other);
    let of = assigned(&moment, Some(&keys), own);
    let others = rows(&moment.processes, &keys, &of);
    let others = others
        .iter()
        .zip(&keys)
        .filter(|(row, key)| !known(key) && !row.pids.is_empty());
    let (mut pss, mut labels) = (0u64, Vec::new());
    for (row, key) in others {
        pss = pss.saturating_add(row.pss);
        labels.push(key.label.clone());
    }
    let rows = found.into_iter().zip(&keys);
    let rows = rows.filter(|(row, key)| known(key) && !row.pids.is_empty());
    let shown = EdgeInfo {
        rows: rows.map(|(row, _)| row).collect(),
        machine: machine::read(root).map_err(|error| Error::new(error.to_string()))?,
        left_out: (pss, labels),
    };
    let mut out = Vec::new();
    text(&mut out, &shown).map_err(Error::output)?;
    let unreadable = shown.rows.iter().map(|row| row.unreadable).sum();
    Ok(Shown {
        text: out,
        lacks: lacks(
            &Source::Live,
            (unreadable, None),
            &Circumstances::of(&moment),
        ),
    })
}

/// Izuma's, where nothing else is asked for.
fn keys(asked: &Footprint) -> Vec<Key> {
    let wanted = asked.profiles.iter().filter_map(|wanted| match wanted {
        Wanted::Profile(profile) => Some(*profile),
        Wanted::Auto => None,
    });
    let mut profiles: Vec<&'static Profile> = wanted.collect();
    if profiles.is_empty() {
        profiles.extend(products::profile("izuma"));
    }
    products::keys(&profiles, &asked.given())
}

fn is_given(asked: &Footprint, key: &Key) -> bool {
    asked.given().iter().any(|given| given.label == key.label)
}
