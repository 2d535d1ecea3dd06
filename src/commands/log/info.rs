//! `log info`.

use super::super::outcome::{printable, shown, Error, Status};
use super::super::style::width_of_output;
use super::walk::Walk;
use crate::log::losses::Losses;
use crate::log::reader::{Event, ProductKey};
use crate::log::record::{End, Footer, Header, Synchronised};
use crate::products::Kind;
use crate::render::counted;
use crate::render::findings::clauses;
use crate::render::style::{hanging, wrapped};
use crate::render::utc;
use std::io::{self, Write};
use std::path::Path;

/// One run, as far as it was read.
struct Run {
    header: Header<String>,
    begin: u64,
    samples: u64,
    last_tick: u64,
    processes: usize,
    footprints: u64,
    results: u64,
    /// Which processes are the product's, as the user said.
    product: Vec<String>,
    footer: Option<Footer>,
    losses: Losses,
}

/// Prints what the header, the footer and a count of the samples say of each run.
pub(crate) fn info(path: &Path, out: &mut dyn Write) -> Result<Status, Error> {
    let mut walk = Walk::open(path)?;
    let mut run: Option<Run> = None;
    let mut damaged = 0u64;
    loop {
        let begin = walk.reader.offset();
        let Some(event) = walk.next()? else {
            break;
        };
        match event {
            Event::Header(header) if run.as_ref().map(|r| r.header.run) != Some(header.run) => {
                if let Some(done) = run.take() {
                    print(path, &done, begin, out).map_err(Error::output)?;
                }
                run = Some(Run {
                    header: *header,
                    begin,
                    samples: 0,
                    last_tick: 0,
                    processes: 0,
                    footprints: 0,
                    results: 0,
                    product: Vec::new(),
                    footer: None,
                    losses: Losses::default(),
                });
            }
            Event::Sample => {
                if let Some(run) = &mut run {
                    let sample = walk.reader.sample();
                    run.samples += 1;
                    run.last_tick = sample.tick;
                    run.processes = run.processes.max(sample.processes().count());
                }
            }
            Event::Footer(footer) => {
                if let Some(run) = &mut run {
                    run.footer = Some(footer);
                }
            }
            Event::Footprint(part) => {
                if let Some(run) = &mut run {
                    run.footprints += u64::from(part.part == 0);
                }
            }
            Event::Result(part) => {
                if let Some(run) = &mut run {
                    run.results += u64::from(part.part == 0);
                }
            }
            Event::End(losses) => {
                if let Some(run) = &mut run {
                    run.losses = *losses;
                }
            }
            Event::Product(key) => {
                let said = as_option(&key);
                if let Some(run) = run.as_mut().filter(|run| !run.product.contains(&said)) {
                    run.product.push(said);
                }
            }
            Event::Damage(_) => damaged += 1,
            Event::Header(_) | Event::Identity(_) => {}
        }
    }
    match &run {
        Some(done) => print(path, done, walk.reader.offset(), out).map_err(Error::output)?,
        None => {
            return Err(Error::new(format!(
                "{}: no header can be read in it",
                path.display()
            )))
        }
    }
    if damaged > 0 {
        let places = counted(damaged, "damaged place");
        let path = shown(path);
        let width = width_of_output();
        let told = format!("{places}: see edgebench-lite log verify {path}");
        writeln!(out).map_err(Error::output)?;
        wrapped(out, width, "", 2, &told).map_err(Error::output)?;
    }
    Ok(Status::Yes)
}

/// As it may be given to `report`.
fn as_option(key: &ProductKey) -> String {
    match Kind::from_number(key.kind) {
        Some(Kind::Pattern) => format!("--key {}={}", key.label, key.pattern),
        Some(kind) => format!("--{} {}", kind.option(), key.pattern),
        None => format!("{} (unknown)", key.pattern),
    }
}

fn print(path: &Path, run: &Run, end: u64, out: &mut dyn Write) -> io::Result<()> {
    let header = &run.header;
    let bytes = end.saturating_sub(run.begin);
    let seconds = run.last_tick.saturating_mul(header.interval_us) as f64 / 1e6;
    let width = width_of_output();
    let mut line = |name: &str, value: String| match value.as_str() {
        "" => Ok(()),
        value => hanging(out, width, &format!("{name:<16} "), &printable(value)),
    };
    line("log", path.display().to_string())?;
    line("product", header.product.clone())?;
    line("its processes", run.product.join(" "))?;
    line("stage", header.stage.clone())?;
    line("host", header.host.clone())?;
    line("board", header.board.clone())?;
    line("system", header.os.clone())?;
    line("kernel", format!("{} {}", header.release, header.machine))?;
    line("command line", header.cmdline.clone())?;
    line("boot id", header.boot_id.clone())?;
    line(
        "cores",
        format!(
            "{}, {} Hz clock tick, {} KiB page",
            header.cores,
            header.clk_tck,
            header.page_size / 1024
        ),
    )?;
    line(
        "memory",
        format!(
            "{} MiB, swap {} MiB",
            header.mem_total_kib / 1024,
            header.swap_total_kib / 1024
        ),
    )?;
    let clock = match header.synchronised {
        Synchronised::Yes => "clock synchronised",
        Synchronised::No => "the kernel says its clock is unsynchronised",
        Synchronised::Unknown => "clock synchronised or not: unknown",
    };
    let start = utc::readable(header.start_realtime_ns);
    line("start", format!("{start} UTC ({clock})"))?;
    line("tool", format!("{} as user {}", header.tool, header.euid))?;
    if run.footprints > 0 {
        line("footprints", run.footprints.to_string())?;
    }
    if run.results > 0 {
        line("results", run.results.to_string())?;
    }
    let standalone = run.footprints + run.results;
    let (samples, processes) = (run.samples, run.processes);
    if samples > 0 || standalone == 0 {
        let interval = header.interval_us as f64 / 1e6;
        line(
            "interval",
            format!("{interval} s, PSS {}", header.pss.name()),
        )?;
        line(
            "samples",
            format!(
                "{samples} over {seconds:.1} s, {} at most",
                counted(processes as u64, "process")
            ),
        )?;
    }
    match bytes.checked_div(samples) {
        Some(each) => line("size", format!("{bytes} bytes, {each} a sample"))?,
        None => line("size", format!("{bytes} bytes"))?,
    }
    line("run", format!("{:08x}", header.run))?;
    line("losses", clauses(&run.losses).join("; "))?;
    let end = match &run.footer {
        None => "none: cut off, or still being recorded".to_owned(),
        Some(footer) if samples == 0 && standalone > 0 => {
            format!("whole; recorder's CPU {} ms", footer.cpu_us / 1000)
        }
        Some(footer) => {
            let why = match footer.end {
                End::Duration => "the time was over",
                End::Signal => "by a signal",
                End::Failure => "by a failure",
                End::Unwritten { .. } => "nothing more could be written",
            };
            format!(
                "{why}; {} missed, latest sample {} us late, recorder's CPU {} ms",
                counted(footer.missed, "deadline"),
                footer.latest_us,
                footer.cpu_us / 1000
            )
        }
    };
    line("end", end)
}
