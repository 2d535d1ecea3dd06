//! A footprint as JSON, one object a line. Memory in KiB; null is not known.

use super::super::json::{Json, Value};
use super::notes::{group_notes, notes};
use crate::footprint::groups::GroupRow;
use crate::footprint::machine_memory::MachineMemory;
use crate::footprint::rows::{total_pss, ProcessRow, State};
use crate::footprint::summary::{Footprint, GroupTable, Selection, Source};
use std::io::{self, Write};

/// Writes the key processes and the system.
///
/// # Errors
/// Those of `out`.
pub(crate) fn footprint(out: &mut dyn Write, footprint: &Footprint) -> io::Result<()> {
    let mut json = Json::new(out);
    json.object(|json| {
        source(json, &footprint.source);
        if let Selection::Keys { profiles, .. } = &footprint.chosen {
            json.texts_at("profiles", profiles);
        }
        json.value("largest", footprint.chosen == Selection::Largest);
        json.objects_at("rows", &footprint.rows, put_row);
        let (pss, whole) = total_pss(&footprint.rows);
        json.value("total_pss_kib", footprint.has_sums().then_some(pss));
        json.value("total_whole", whole && !footprint.circumstances.hidden);
        json.object_at("system", |json| put_machine(json, &footprint.machine));
        json.texts_at("notes", notes(footprint))
    });
    json.line()
}

/// Writes units, slices, containers or pods.
///
/// # Errors
/// Those of `out`.
pub(crate) fn groups(out: &mut dyn Write, groups: &GroupTable) -> io::Result<()> {
    let mut json = Json::new(out);
    json.object(|json| {
        source(json, &groups.source);
        json.value("by", groups.by.name());
        json.value("cpu_over_s", groups.interval_s);
        json.objects_at("rows", &groups.groups, |json, group| {
            put_group(json, groups, group)
        });
        json.object_at("total", |json| put_group(json, groups, &groups.total));
        json.object_at("system", |json| put_machine(json, &groups.machine));
        json.texts_at("notes", group_notes(groups))
    });
    json.line()
}

fn source(json: &mut Json<'_>, source: &Source) {
    let Source::Log {
        product,
        stage,
        host,
        at_us,
        realtime_ns,
        ..
    } = source
    else {
        return json.value("source", "live");
    };
    json.value("source", "log");
    json.value("product", product);
    json.value("stage", stage);
    json.value("host", host);
    json.value("at_us", *at_us);
    json.value("realtime_ns", *realtime_ns)
}

fn put_row(json: &mut Json<'_>, row: &ProcessRow) {
    json.bytes("label", &row.label);
    let state = row.state();
    let word = match state {
        State::Absent => "absent",
        State::Elsewhere => "elsewhere",
        State::Unreadable => "unreadable",
        State::Known => "known",
    };
    json.value("state", word);
    json.value("processes", row.processes);
    json.array_at("pids", |json| {
        for pid in &row.pids {
            json.item(*pid);
        }
    });
    json.value("unreadable", row.unreadable);
    json.value("estimated", row.estimated);
    let known = state == State::Known;
    for (key, value) in [
        ("pss_kib", row.pss),
        ("shared_kib", row.shared),
        ("rss_kib", row.rss),
        ("swap_pss_kib", row.swap_pss),
    ] {
        json.value(key, known.then_some(value));
    }
    json.value("virtual_kib", (row.processes > 0).then_some(row.virt))
}

fn put_group(json: &mut Json<'_>, groups: &GroupTable, group: &GroupRow) {
    json.bytes("name", &group.name);
    if let Some(cgroup) = &group.cgroup {
        json.bytes("cgroup", cgroup);
    }
    json.value("processes", group.processes);
    json.value("unreadable", group.unreadable);
    json.value("estimated", group.estimated);
    json.value("pss_kib", group.known_pss());
    json.value("rss_kib", group.rss);
    let cpu = groups.cpu_percent(group);
    json.value("cpu_percent", cpu.map(Value::Thousandths));
    json.value("charged_kib", group.charged)
}

fn put_machine(json: &mut Json<'_>, machine: &MachineMemory) {
    json.value("mem_total_kib", machine.mem_total);
    json.value("used_kib", machine.used());
    json.value("mem_available_kib", machine.mem_available);
    let volatile = machine.volatile.as_ref();
    json.value("volatile_logging_kib", volatile.and_then(|v| v.used));
    let folders = volatile.map_or(&[][..], |v| &v.folders[..]);
    json.texts_at("volatile_folders", folders);
    json.value("swap_total_kib", machine.swap_total);
    json.value("swap_used_kib", machine.swap_used());
    json.value("zram_used_kib", machine.zram.map(|zram| zram.used));
    json.value("zram_stored_kib", machine.zram.map(|zram| zram.stored));
    json.value("anon_pages_kib", machine.anon_pages);
    json.value("mapped_kib", machine.mapped)
}
