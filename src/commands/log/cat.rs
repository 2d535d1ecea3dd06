//! `log cat`: the keys are the format's own names; see `log::fields`.

use super::super::outcome::{Error, Status};
use super::walk::{fault, Walk};
use crate::footprint::stored::Part;
use crate::log::exits;
use crate::log::fields::process::{self, flag};
use crate::log::fields::{self, core, device, Fields, NOT_OBSERVABLE};
use crate::log::footprint::{flag as footprint, pids, rows, FootprintRow};
use crate::log::model::Process;
use crate::log::reader::{Event, Identity, ProductKey};
use crate::log::record::{End, Footer, Header, Synchronised};
use crate::log::result::{entries, tag, Entry, ExitCode, Mark, RampStep, ResultPart};
use crate::log::sample::Sample;
use crate::products::Kind;
use crate::render::json::{Json, Value};
use std::io::{BufWriter, Write};
use std::path::Path;

/// Prints one object a record, a line each.
pub(crate) fn cat(path: &Path, out: &mut dyn Write) -> Result<Status, Error> {
    let mut walk = Walk::open(path)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, out);
    let mut interval_us = 0;
    while let Some(event) = walk.next()? {
        match &event {
            Event::Header(header) => interval_us = header.interval_us,
            // Losses are not a record of the log.
            Event::End(_) => continue,
            _ => {}
        }
        let sample = walk.reader.sample();
        let mut json = Json::new(&mut buffered);
        json.object(|json| match &event {
            Event::Header(header) => put_header(json, header),
            Event::Sample => put_sample(json, sample, interval_us),
            Event::Identity(identity) => put_identity(json, identity),
            Event::Footer(footer) => put_footer(json, footer),
            Event::Footprint(part) => put_footprint(json, part),
            Event::Result(part) => put_result(json, part),
            Event::End(_) => {}
            Event::Product(key) => put_product(json, key),
            Event::Damage(damage) => {
                json.value("record", "damage");
                json.value("fault", &fault(damage.fault));
                json.value("offset", damage.offset);
                json.value("len", damage.len)
            }
        });
        json.line().map_err(Error::output)?;
    }
    buffered.flush().map_err(Error::output)?;
    Ok(Status::Yes)
}

fn put_header(json: &mut Json<'_>, header: &Header<String>) {
    json.value("record", "header");
    json.value("version", header.version);
    json.value("run", header.run);
    json.texts(&[
        ("tool", &header.tool),
        ("product", &header.product),
        ("stage", &header.stage),
        ("host", &header.host),
        ("release", &header.release),
        ("machine", &header.machine),
        ("os", &header.os),
        ("board", &header.board),
        ("boot_id", &header.boot_id),
        ("cmdline", &header.cmdline),
    ]);
    json.numbers(&[
        ("clk_tck", header.clk_tck),
        ("page_size", header.page_size),
        ("cores", u64::from(header.cores)),
        ("mem_total_kib", header.mem_total_kib),
        ("swap_total_kib", header.swap_total_kib),
        ("interval_us", header.interval_us),
        ("euid", u64::from(header.euid)),
        ("start_realtime_ns", header.start_realtime_ns),
        ("start_boottime_ns", header.start_boottime_ns),
    ]);
    json.value("pss", header.pss.name());
    let synchronised = match header.synchronised {
        Synchronised::Unknown => None,
        Synchronised::No => Some(false),
        Synchronised::Yes => Some(true),
    };
    json.value("synchronised", synchronised)
}

fn put_sample(json: &mut Json<'_>, sample: &Sample, interval_us: u64) {
    let due_us = sample.tick.saturating_mul(interval_us);
    json.value("record", "sample");
    json.value("tick", sample.tick);
    json.value("time_us", due_us.saturating_add(sample.late_us));
    json.value("late_us", sample.late_us);
    json.value("after_loss", sample.after_loss);
    for (id, group) in fields::MACHINE.iter().enumerate() {
        if let Some(values) = sample.machine.group(id) {
            json.object_at(group.name, |json| put_values(json, group.fields, values));
        }
    }
    json.array_at("cores", |json| {
        for values in sample.machine.cores() {
            json.object(|json| put_values(json, core::FIELDS, values));
        }
    });
    json.array_at("devices", |json| {
        for (id, values) in sample.machine.devices().iter().enumerate() {
            if values[device::PRESENT] == 1 {
                json.object(|json| put_device(json, id, values, sample));
            }
        }
    });
    json.array_at("processes", |json| {
        for process in sample.processes() {
            json.object(|json| put_process(json, process, sample.tick));
        }
    })
}

fn put_device(json: &mut Json<'_>, id: usize, values: &[u64], sample: &Sample) {
    json.value("id", id);
    let Some(called) = sample.device(id) else {
        return json.value("name", Value::Null);
    };
    json.bytes("name", &called.name);
    match called.kind {
        device::kind::DISK => json.value("kind", "disk"),
        device::kind::NET => json.value("kind", "net"),
        later => json.value("kind", later),
    }
    if let Some(fields) = device::fields(called.kind) {
        put_values(json, fields, values);
    }
}

fn put_values(json: &mut Json<'_>, fields: Fields, values: &[u64]) {
    for ((name, unit), &value) in fields.names.iter().zip(fields.units).zip(values) {
        match value {
            NOT_OBSERVABLE => json.value(name, Value::Null),
            value if unit.is_signed() => json.value(name, value as i64),
            value => json.value(name, value),
        }
    }
}

fn put_process(json: &mut Json<'_>, process: &Process, tick: u64) {
    json.value("pid", process.pid);
    json.value("starttime", process.starttime);
    json.bytes("comm", &process.comm);
    let known = process.has(flag::HAS_PSS);
    for (index, name) in process::NAMES.iter().enumerate() {
        let value = process.values[index];
        match index {
            process::FLAGS => {
                let flags = [
                    (flag::STALE, "stale"),
                    (flag::UNREADABLE, "unreadable"),
                    (flag::KERNEL_THREAD, "kernel_thread"),
                ];
                let flags = flags.iter().filter(|(bit, _)| process.has(*bit));
                json.texts_at(name, flags.map(|(_, word)| word));
            }
            process::PSS_AT => {
                json.value("pss_age", known.then(|| tick.saturating_sub(value)));
            }
            process::PSS
            | process::PRIVATE
            | process::SHARED
            | process::SWAP
            | process::SWAP_PSS => json.value(name, known.then_some(value)),
            _ => json.value(name, value),
        }
    }
}

fn put_identity(json: &mut Json<'_>, identity: &Identity) {
    json.value("record", "identity");
    json.value("pid", identity.pid);
    json.value("starttime", identity.starttime);
    json.value("cut", identity.cut);
    json.bytes("cmdline", &identity.cmdline);
    json.bytes("cgroup", &identity.cgroup)
}

fn put_product(json: &mut Json<'_>, key: &ProductKey) {
    json.value("record", "product");
    let option = match Kind::from_number(key.kind) {
        Some(kind) => kind.option(),
        None => "unknown",
    };
    json.value("option", option);
    json.value("label", &key.label);
    json.value("pattern", &key.pattern)
}

fn put_footprint(json: &mut Json<'_>, part: &Part) {
    json.value("record", "footprint");
    json.value("at_us", part.at_us);
    json.value("part", part.part);
    json.value("parts", part.parts);
    json.value("profiles", &part.profiles);
    let flags = [
        (footprint::LARGEST, "largest"),
        (footprint::GIVEN, "given"),
        (footprint::HIDDEN, "hidden"),
        (footprint::VOLATILE_SEEN, "volatile_seen"),
    ];
    let flags = flags.iter().filter(|(bit, _)| part.flags & bit != 0);
    json.texts_at("flags", flags.map(|(_, word)| word));
    for (key, value) in [
        ("mem_total", part.mem_total),
        ("mem_available", part.mem_available),
        ("swap_total", part.swap_total),
        ("swap_free", part.swap_free),
        ("anon_pages", part.anon_pages),
        ("mapped", part.mapped),
        ("volatile_used", part.volatile_used),
        ("zram_used", part.zram_used),
        ("zram_stored", part.zram_stored),
        ("read", part.read),
        ("took_us", part.took_us),
        ("vanished", part.vanished),
    ] {
        json.value(key, (value != NOT_OBSERVABLE).then_some(value));
    }
    json.value("volatile_folders", &part.volatile_folders);
    json.array_at("rows", |json| {
        // The reader has refused malformed rows.
        for row in rows(&part.rows).flatten() {
            json.object(|json| put_row(json, &row));
        }
    })
}

fn put_row(json: &mut Json<'_>, row: &FootprintRow<'_>) {
    json.bytes("label", row.label);
    json.numbers(&[
        ("processes", u64::from(row.processes)),
        ("unreadable", u64::from(row.unreadable)),
        ("pss", row.pss),
        ("shared", row.shared),
        ("rss", row.rss),
        ("swap_pss", row.swap_pss),
        ("virt", row.virt),
    ]);
    json.array_at("pids", |json| {
        for pid in pids(row.pids).flatten() {
            json.item(pid);
        }
    })
}

fn put_result(json: &mut Json<'_>, part: &ResultPart<Vec<u8>>) {
    json.value("record", "result");
    json.numbers(&[
        ("kind", u64::from(part.kind)),
        ("at_us", part.at_us),
        ("part", u64::from(part.part)),
        ("parts", u64::from(part.parts)),
        ("verdict", u64::from(part.verdict)),
    ]);
    json.value("value", observed(part.value));
    json.array_at("entries", |json| {
        // The reader has seen that each makes sense.
        for entry in entries(&part.entries).flatten() {
            json.object(|json| put_entry(json, &entry));
        }
    })
}

fn put_entry(json: &mut Json<'_>, entry: &Entry<'_>) {
    json.value("tag", entry.tag);
    // The reader has seen that these have numbers.
    let number = || postcard::from_bytes::<u64>(entry.bytes).ok();
    match entry.tag {
        tag::MARK => {
            let mark = postcard::from_bytes::<Mark<'_>>(entry.bytes).ok();
            let (label, note) = mark.map_or((&b""[..], &b""[..]), |mark| (mark.label, mark.note));
            json.bytes("label", label);
            json.value("value", mark.and_then(|mark| observed(mark.value)));
            json.bytes("note", note)
        }
        tag::EXIT => {
            let exit = postcard::from_bytes::<ExitCode>(entry.bytes).ok();
            json.value("exit", exit.map(|exit| exit.how));
            json.value("number", exit.map(|exit| exit.number))
        }
        tag::CPU_US => json.value("cpu_us", number()),
        tag::MISSED => json.value("missed", number()),
        tag::FIRST => json.value("first", true),
        tag::RAMP => {
            let step = postcard::from_bytes::<RampStep>(entry.bytes).ok();
            json.value("phase", step.map(|step| step.phase));
            json.value("ready", step.map(|step| step.ready));
            json.value("cause", step.map(|step| step.cause));
        }
        tag::EXITS => put_exits(json, entry.bytes),
        _ => json.bytes("text", entry.bytes),
    }
}

fn put_exits(json: &mut Json<'_>, bytes: &[u8]) {
    json.array_at("ended", |json| {
        let _ = exits::read(bytes, &mut |since, row| {
            json.object(|json| {
                let ended = row.ended;
                json.numbers(&[
                    ("since", since),
                    ("number", row.number.into()),
                    ("exits", ended.exits),
                    ("failures", ended.failures),
                    ("cpu_us", ended.cpu_us),
                    ("peak_rss_kib", ended.peak_rss_kib),
                ]);
                if let Some((name, parent)) = row.names {
                    json.bytes("name", name);
                    json.bytes("parent", parent);
                }
            });
        });
    });
}

fn observed(value: u64) -> Option<u64> {
    (value != NOT_OBSERVABLE).then_some(value)
}

fn put_footer(json: &mut Json<'_>, footer: &Footer) {
    json.value("record", "footer");
    let end = match footer.end {
        End::Duration => "duration",
        End::Signal => "signal",
        End::Failure => "failure",
        End::Unwritten { .. } => "unwritten",
    };
    json.value("end", end);
    if let End::Unwritten {
        unwritten,
        write_errno,
    } = footer.end
    {
        json.value("unwritten", unwritten);
        json.value("write_errno", write_errno);
    }
    json.numbers(&[
        ("samples", footer.samples),
        ("missed", footer.missed),
        ("latest_us", footer.latest_us),
        ("unreadable", footer.unreadable),
        ("left_out", footer.left_out),
        ("cpu_us", footer.cpu_us),
        ("written_bytes", footer.written_bytes),
    ]);
}
