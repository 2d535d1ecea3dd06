//! What must be known of a footprint.

use super::super::escape::escaped;
use super::super::figures::{counted, mib};
use crate::footprint::summary::{Chosen, Circumstances, Footprint, Groups, Source};
use crate::products;

/// What must be known to take the figures for what they are; only what applies.
pub(crate) fn notes(footprint: &Footprint) -> Vec<String> {
    let mut notes = Vec::new();
    if footprint.chosen == Chosen::Largest {
        notes.push(format!(
            "None of {} runs here: these are the ten largest programs by Pss, processes of one \
             name together. --profile or --key chooses others.",
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
            "{}: {} MiB of huge pages (hugetlb), which Pss and Rss leave out.",
            escaped(&row.label),
            mib(row.hugetlb as f64)
        ));
    }
    circumstances(&mut notes, &footprint.circumstances);
    notes
}

/// As [`notes`].
pub(crate) fn group_notes(groups: &Groups) -> Vec<String> {
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
            "CPU % of one core over {seconds:.1} s; what ended in that time is in no row."
        ));
    }
    if groups.groups.iter().any(|group| group.charged.is_some()) {
        notes.push(
            "cgroup: what the memory controller has charged, page cache and kernel memory \
             included."
                .to_owned(),
        );
    }
    let machine = &groups.machine;
    if let (Some(anon), Some(mapped)) = (machine.anon_pages, machine.mapped) {
        let kernel = anon.saturating_add(mapped);
        if kernel > 0 && total.known_pss().is_some() && total.pss > 0 {
            notes.push(format!(
                "The sum of Pss is {:.1} % of AnonPages + Mapped (/proc/meminfo), {} MiB.",
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
            "~ estimated: Pss when last read, and what Rss grew by since; Shared as last read."
                .to_owned(),
        );
    }
    if without {
        notes.push("The run was recorded with --pss off: there is no Pss in the log.".to_owned());
    } else if unreadable > 0 {
        let count = counted(unreadable, "process", "processes");
        notes.push(format!(
            "> at least, and unknown: the memory of {count} could not be read."
        ));
    }
    if damage > 0 {
        let places = counted(damage, "place", "places");
        notes.push(format!("The log is damaged in {places}."));
    }
}

fn circumstances(notes: &mut Vec<String>, facts: &Circumstances) {
    if facts.hidden {
        notes.push(
            "Other users' processes are hidden here (hidepid): they are in no figure.".to_owned(),
        );
    }
    if facts.vanished > 0 {
        let count = counted(facts.vanished, "process", "processes");
        notes.push(format!("{count} ended while being read."));
    }
    if facts.took_us > 0 {
        let count = counted(facts.read, "process", "processes");
        notes.push(format!(
            "Memory read of {count}, one right after the other, in {:.1} ms.",
            facts.took_us as f64 / 1000.0
        ));
    }
}
