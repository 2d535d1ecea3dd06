//! Notes on a footprint.

use crate::footprint::summary::{Circumstances, Footprint, GroupTable, Selection, Source};
use crate::products;
use crate::words::escape::escaped;
use crate::words::figures::{counted, mib};

/// Notes on how to take the figures; only those that apply.
pub(crate) fn notes(footprint: &Footprint) -> Vec<String> {
    let mut notes = Vec::new();
    if footprint.chosen == Selection::Largest {
        notes.push(format!(
            "No known product ({}) is running: these are the ten largest programs by Pss, grouped \
             by name. Choose others with --profile or --key.",
            products::known()
        ));
    }
    let estimated = footprint.rows.iter().any(|row| row.estimated);
    doubts(
        &mut notes,
        &footprint.source,
        estimated,
        footprint.unreadable(),
    );
    for row in footprint.rows.iter().filter(|row| row.hugetlb > 0) {
        notes.push(format!(
            "{}: {} MiB of huge pages (hugetlb), not included in Pss and Rss.",
            escaped(&row.label),
            mib(row.hugetlb as f64)
        ));
    }
    circumstances(&mut notes, &footprint.circumstances);
    notes
}

/// As [`notes`].
pub(crate) fn group_notes(groups: &GroupTable) -> Vec<String> {
    let mut notes = Vec::new();
    let total = &groups.total;
    doubts(
        &mut notes,
        &groups.source,
        total.estimated,
        total.unreadable,
    );
    if let Some(seconds) = groups.interval_s {
        notes.push(format!(
            "CPU %: of one core, over {seconds:.1} s; processes that ended meanwhile are left out."
        ));
    }
    if groups.groups.iter().any(|group| group.charged.is_some()) {
        notes.push(
            "cgroup: memory charged by the controller, page cache and kernel memory included."
                .to_owned(),
        );
    }
    let machine = &groups.machine;
    if let (Some(anon), Some(mapped)) = (machine.anon_pages, machine.mapped) {
        let kernel = anon.saturating_add(mapped);
        if kernel > 0 && total.known_pss().is_some() && total.pss > 0 {
            notes.push(format!(
                "The sum of Pss is {:.1} % of AnonPages + Mapped in /proc/meminfo ({} MiB).",
                100.0 * total.pss as f64 / kernel as f64,
                mib(kernel as f64)
            ));
        }
    }
    circumstances(&mut notes, &groups.circumstances);
    notes
}

fn doubts(notes: &mut Vec<String>, source: &Source, estimated: bool, unreadable: u64) {
    let (mut without, mut damage) = (false, 0);
    if let Source::Log {
        damaged,
        without_pss,
        ..
    } = source
    {
        (without, damage) = (*without_pss, *damaged);
    }
    if estimated {
        notes.push(
            "~: estimated, the last Pss plus the growth of Rss since; Shared is as last read."
                .to_owned(),
        );
    }
    if without {
        notes.push("No Pss in the log: the run was recorded with --pss off.".to_owned());
    } else if unreadable > 0 {
        let count = counted(unreadable, "process");
        notes.push(format!(
            ">: at least. The memory of {count} could not be read."
        ));
    }
    if damage > 0 {
        let places = counted(damage, "place");
        notes.push(format!("The log is damaged in {places}."));
    }
}

fn circumstances(notes: &mut Vec<String>, facts: &Circumstances) {
    if facts.hidden {
        notes.push("Other users' processes are hidden here (hidepid) and not included.".to_owned());
    }
    if facts.enclosed {
        notes
            .push("Processes outside this container or PID namespace are not included.".to_owned());
    }
    if facts.vanished > 0 {
        let count = counted(facts.vanished, "process");
        notes.push(format!("{count} ended while being read."));
    }
    if facts.took_us > 0 {
        let count = counted(facts.read, "process");
        notes.push(format!(
            "Read the memory of {count}, one right after the other, in {:.1} ms.",
            facts.took_us as f64 / 1000.0
        ));
    }
}
