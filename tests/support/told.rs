//! What a log says, in the words of `tests/logs/decode.py`.

use super::support::by_slot;
use edgebench_lite::log::exits;
use edgebench_lite::log::footprint::{pids, rows, Footprint};
use edgebench_lite::log::reader::{Event, Reader};
use edgebench_lite::log::record::{End, Footer, Header};
use edgebench_lite::log::result::{entries, tag, ExitCode, Mark, RampStep, ResultPart};
use edgebench_lite::log::sample::Sample;
use std::fmt::Write;

/// Everything a log says, in the words of `decode.py`; of damage that there is some.
pub fn told(bytes: &[u8]) -> String {
    let mut reader = Reader::new(bytes);
    let mut out = String::new();
    while let Some(event) = reader.next_event().expect("bytes in memory can be read") {
        match event {
            Event::Header(header) => tell_header(&header, &mut out),
            Event::Sample => tell_sample(reader.sample(), &mut out),
            Event::Identity(identity) => line(
                &mut out,
                format_args!(
                    "identity pid={} starttime={} cut={} cmdline={} cgroup={}",
                    identity.pid,
                    identity.starttime,
                    u8::from(identity.cut),
                    hex(&identity.cmdline),
                    hex(&identity.cgroup)
                ),
            ),
            Event::Footer(footer) => tell_footer(&footer, &mut out),
            Event::Footprint(part) => tell_footprint(&part, &mut out),
            Event::Result(part) => tell_result(&part, &mut out),
            Event::Product(key) => line(
                &mut out,
                format_args!(
                    "product kind={} label='{}' pattern='{}'",
                    key.kind, key.label, key.pattern
                ),
            ),
            Event::Damage(_) => line(&mut out, format_args!("damage")),
            Event::End(_) => {}
        }
    }
    out
}

pub fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a string takes everything");
}

fn tell_header(header: &Header<String>, out: &mut String) {
    line(
        out,
        format_args!("header version={} run={}", header.version, header.run),
    );
    for (name, text) in [
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
    ] {
        line(out, format_args!("  {name}='{text}'"));
    }
    for (name, value) in [
        ("clk_tck", header.clk_tck),
        ("page_size", header.page_size),
        ("cores", header.cores.into()),
        ("mem_total_kib", header.mem_total_kib),
        ("swap_total_kib", header.swap_total_kib),
        ("interval_us", header.interval_us),
        ("pss", header.pss as u64),
        ("synchronised", header.synchronised as u64),
        ("euid", header.euid.into()),
        ("start_realtime_ns", header.start_realtime_ns),
        ("start_boottime_ns", header.start_boottime_ns),
    ] {
        line(out, format_args!("  {name}={value}"));
    }
}

fn tell_footer(footer: &Footer, out: &mut String) {
    let end = match footer.end {
        End::Duration => "0".to_owned(),
        End::Signal => "1".to_owned(),
        End::Failure => "2".to_owned(),
        End::Unwritten {
            unwritten,
            write_errno,
        } => format!("3 {unwritten} {write_errno}"),
    };
    line(
        out,
        format_args!(
            "footer {end} {} {} {} {} {} {} {}",
            footer.samples,
            footer.missed,
            footer.latest_us,
            footer.unreadable,
            footer.left_out,
            footer.cpu_us,
            footer.written_bytes
        ),
    );
}

fn tell_footprint(part: &Footprint<String, Vec<u8>>, out: &mut String) {
    let numbers = [
        part.mem_total,
        part.mem_available,
        part.swap_total,
        part.swap_free,
        part.anon_pages,
        part.mapped,
        part.volatile_used,
        part.zram_used,
        part.zram_stored,
        part.read,
        part.took_us,
        part.vanished,
    ];
    line(
        out,
        format_args!(
            "footprint {}/{} at_us={} profiles='{}' flags={} folders='{}' {}",
            part.part,
            part.parts,
            part.at_us,
            part.profiles,
            part.flags,
            part.volatile_folders,
            numbers.map(|number| number.to_string()).join(",")
        ),
    );
    for row in rows(&part.rows) {
        let row = row.expect("the reader has seen that it makes sense");
        let pids: Vec<String> = pids(row.pids)
            .map(|pid| pid.expect("likewise").to_string())
            .collect();
        line(
            out,
            format_args!(
                "  row {} {} {} {} {} {} {} {} {}",
                hex(row.label),
                row.processes,
                row.unreadable,
                row.pss,
                row.shared,
                row.rss,
                row.swap_pss,
                row.virt,
                pids.join(",")
            ),
        );
    }
}

fn tell_result(part: &ResultPart<Vec<u8>>, out: &mut String) {
    line(
        out,
        format_args!(
            "result {}/{} at_us={} kind={} verdict={} value={}",
            part.part, part.parts, part.at_us, part.kind, part.verdict, part.value
        ),
    );
    for entry in entries(&part.entries) {
        let entry = entry.expect("the reader has seen that it makes sense");
        let number = || postcard::from_bytes::<u64>(entry.bytes).expect("likewise");
        let told = match entry.tag {
            tag::MARK => {
                let mark: Mark<'_> = postcard::from_bytes(entry.bytes).expect("likewise");
                let (label, note) = (hex(mark.label), hex(mark.note));
                format!("mark {label} {} {note}", mark.value)
            }
            tag::EXIT => {
                let exit: ExitCode = postcard::from_bytes(entry.bytes).expect("likewise");
                format!("exit {} {}", exit.how, exit.number)
            }
            tag::CPU_US => format!("cpu_us {}", number()),
            tag::FIRST => "first".to_owned(),
            tag::MISSED => format!("missed {}", number()),
            tag::RAMP => {
                let step: RampStep = postcard::from_bytes(entry.bytes).expect("likewise");
                format!("ramp {} {} {}", step.phase, step.ready, step.cause)
            }
            tag::EXITS => {
                let told = exits::read(entry.bytes, &mut |since, row| {
                    let names = row.names.map(|(name, parent)| (hex(name), hex(parent)));
                    let none = || ("-".to_owned(), "-".to_owned());
                    let (name, parent) = names.unwrap_or_else(none);
                    let of = row.ended;
                    let numbers = [of.exits, of.failures, of.cpu_us, of.peak_rss_kib];
                    let [exits, failures, cpu_us, rss] = numbers;
                    let number = row.number;
                    line(
                        out,
                        format_args!(
                            "  exits since={since} {number} {name} {parent} {exits} {failures} \
                             {cpu_us} {rss}"
                        ),
                    );
                });
                told.expect("likewise");
                continue;
            }
            other => format!("entry {other} {}", hex(entry.bytes)),
        };
        line(out, format_args!("  {told}"));
    }
}

fn tell_sample(sample: &Sample, out: &mut String) {
    line(
        out,
        format_args!("sample tick={} late_us={}", sample.tick, sample.late_us),
    );
    for id in 0..16 {
        if let Some(values) = sample.machine.group(id) {
            line(out, format_args!("  group {id} {}", numbers(values)));
        }
    }
    for (core, values) in sample.machine.cores().iter().enumerate() {
        line(out, format_args!("  core {core} {}", numbers(values)));
    }
    for (id, values) in sample.machine.devices().iter().enumerate() {
        let called = sample.device(id).map_or("unknown".to_owned(), |device| {
            format!("kind={} name={}", device.kind, hex(&device.name))
        });
        line(
            out,
            format_args!("  device {id} {called} {}", numbers(values)),
        );
    }
    for (slot, process) in by_slot(sample) {
        line(
            out,
            format_args!(
                "  slot {slot} pid={} starttime={} comm={} {}",
                process.pid,
                process.starttime,
                hex(&process.comm),
                numbers(&process.values)
            ),
        );
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").expect("a string takes everything");
        out
    })
}

/// Without the zeros at the end.
fn numbers(values: &[u64]) -> String {
    let len = values
        .iter()
        .rposition(|value| *value != 0)
        .map_or(0, |at| at + 1);
    let words: Vec<_> = values[..len].iter().map(u64::to_string).collect();
    words.join(",")
}
