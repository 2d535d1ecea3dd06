//! `log info`.

use super::super::outcome::{file_error, printable, shown, Error, Status};
use super::super::style::width_of_output;
use super::standalone::Standalone;
use super::walk::Walk;
use crate::log::fields::recorder;
use crate::log::footprint::flag;
use crate::log::limits::{exceeded, KEYS};
use crate::log::losses::Losses;
use crate::log::reader::{Event, ProductKey};
use crate::log::record::{End, Footer, Header, Synchronised};
use crate::log::sample::Sample;
use crate::proc::capabilities::Privilege;
use crate::products::Kind;
use crate::render::counted;
use crate::render::style::{hanging, wrapped};
use crate::render::utc;
use crate::series::diagnosis::clauses;
use crate::words::privilege;
use std::io::{self, Write};
use std::path::Path;

/// The facts of one run, as far as it was read.
struct Run {
    header: Header<String>,
    begin: u64,
    samples: u64,
    /// Of the first sample and the last.
    ticks: Option<(u64, u64)>,
    processes: usize,
    unseen: Unseen,
    standalone: Standalone,
    /// The user's definition of the product's processes.
    product: Vec<String>,
    footer: Option<Footer>,
    losses: Losses,
}

impl Run {
    fn new(header: Header<String>, begin: u64) -> Self {
        Self {
            header,
            begin,
            samples: 0,
            ticks: None,
            processes: 0,
            unseen: Unseen::default(),
            standalone: Standalone::default(),
            product: Vec::new(),
            footer: None,
            losses: Losses::default(),
        }
    }

    /// Takes an event of the run; `sample` is the last one.
    fn take(&mut self, event: Event, sample: &Sample) {
        self.standalone.take(&event);
        match event {
            Event::Sample => {
                self.samples += 1;
                self.ticks.get_or_insert((sample.tick, 0)).1 = sample.tick;
                self.processes = self.processes.max(sample.processes().count());
                self.unseen.take(sample);
            }
            Event::Footer(footer) => self.footer = Some(footer),
            Event::Footprint(part) => self.unseen.hidden |= part.flags & flag::HIDDEN != 0,
            Event::End(losses) => self.losses = *losses,
            Event::Product(key) => {
                let option = as_option(&key);
                if !self.product.contains(&option) {
                    self.product.push(option);
                }
            }
            Event::Header(_) | Event::Identity(_) | Event::Damage(_) | Event::Result(_) => {}
        }
    }
}

/// What the recorder was not let see, or had no room for.
#[derive(Default)]
struct Unseen {
    hidden: bool,
    unreadable: u64,
    left_out: u64,
    cap_eff: u64,
}

impl Unseen {
    fn take(&mut self, sample: &Sample) {
        let own = |field| sample.machine.value(recorder::ID, field).unwrap_or(0);
        self.hidden |= own(recorder::HIDDEN) == 1;
        self.unreadable = self.unreadable.max(own(recorder::UNREADABLE));
        self.left_out = self.left_out.max(own(recorder::LEFT_OUT));
        self.cap_eff = own(recorder::CAP_EFF);
    }

    fn words(&self, euid: u32) -> String {
        let privilege = Privilege {
            euid,
            cap_eff: self.cap_eff,
        };
        let mut words = Vec::new();
        if self.hidden {
            words.push(format!("other {}", privilege::hidden(privilege)));
        } else if self.unreadable > 0 {
            words.push(privilege::unread(self.unreadable, None, privilege));
        }
        if self.left_out > 0 {
            words.push(format!(
                "{}: the table was full",
                counted(self.left_out, "process")
            ));
        }
        words.join("; ")
    }
}

/// Prints what the header, the footer and a count of the samples say of each run.
pub(crate) fn info(path: &Path, out: &mut dyn Write) -> Result<Status, Error> {
    let mut walk = Walk::open(path)?;
    let mut run: Option<Run> = None;
    let mut damaged = 0u64;
    while let Some(event) = walk.next()? {
        match event {
            Event::Header(header) if run.as_ref().map(|run| run.header.run) != Some(header.run) => {
                let begin = walk.reader.begin();
                if let Some(done) = run.replace(Run::new(*header, begin)) {
                    print(path, &done, begin, out).map_err(Error::output)?;
                }
            }
            Event::Damage(_) => damaged += 1,
            event => {
                if let Some(run) = &mut run {
                    run.take(event, walk.reader.sample());
                    if run.product.len() > KEYS {
                        let limit = exceeded("256 keys of its product");
                        return Err(file_error("read", path, &limit));
                    }
                }
            }
        }
    }
    let Some(done) = run else {
        return Err(Error::new(format!(
            "{}: no header can be read in it",
            shown(path)
        )));
    };
    print(path, &done, walk.reader.offset(), out).map_err(Error::output)?;
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

/// As an option of `report`.
fn as_option(key: &ProductKey) -> String {
    match Kind::from_number(key.kind) {
        Some(Kind::Pattern) => format!("--key {}={}", key.label, key.pattern),
        Some(kind) => format!("--{} {}", kind.option(), key.pattern),
        None => format!("{} (unknown)", key.pattern),
    }
}

fn print(path: &Path, run: &Run, end: u64, out: &mut dyn Write) -> io::Result<()> {
    let width = width_of_output();
    let log = ("log", shown(path));
    let facts = [log].into_iter().chain(machine(run));
    for (name, value) in facts.chain(recording(run, end)) {
        if !value.is_empty() {
            hanging(out, width, &format!("{name:<16} "), &printable(&value))?;
        }
    }
    Ok(())
}

type Fact = (&'static str, String);

/// The product, the machine and the recorder.
fn machine(run: &Run) -> [Fact; 13] {
    let header = &run.header;
    let (memory, swap) = (header.mem_total_kib / 1024, header.swap_total_kib / 1024);
    let (tick, page) = (header.clk_tck, header.page_size / 1024);
    let cores = format!("{}, {tick} Hz clock tick, {page} KiB page", header.cores);
    let clock = match header.synchronised {
        Synchronised::Yes => "clock synchronised",
        Synchronised::No => "clock not synchronised",
        Synchronised::Unknown => "clock synchronisation unknown",
    };
    let start = utc::readable(header.start_realtime_ns);
    let up_s = header.start_boottime_ns / 1_000_000_000;
    [
        ("product", header.product.clone()),
        ("its processes", run.product.join(" ")),
        ("stage", header.stage.clone()),
        ("host", header.host.clone()),
        ("board", header.board.clone()),
        ("system", header.os.clone()),
        ("kernel", format!("{} {}", header.release, header.machine)),
        ("command line", header.cmdline.clone()),
        ("boot id", header.boot_id.clone()),
        ("cores", cores),
        ("memory", format!("{memory} MiB, swap {swap} MiB")),
        (
            "start",
            format!("{start} UTC, {up_s} s after boot ({clock})"),
        ),
        ("tool", format!("{} as user {}", header.tool, header.euid)),
    ]
}

/// The extent of the recording, which ends at byte `end`, and its end.
fn recording(run: &Run, end: u64) -> Vec<Fact> {
    let (header, samples) = (&run.header, run.samples);
    let mut facts = Vec::new();
    let standalone = &run.standalone;
    if standalone.footprints > 0 {
        facts.push(("footprints", standalone.footprints.to_string()));
    }
    if standalone.results > 0 {
        facts.push(("results", standalone.results.to_string()));
    }
    facts.extend(standalone.newer().map(|newer| ("not shown", newer)));
    if samples > 0 || standalone.is_none() {
        let interval = header.interval_us as f64 / 1e6;
        let ticks = run
            .ticks
            .map_or(0, |(first, last)| last.saturating_sub(first));
        let seconds = ticks.saturating_mul(header.interval_us) as f64 / 1e6;
        let processes = counted(run.processes as u64, "process");
        facts.push((
            "interval",
            format!("{interval} s, PSS {}", header.pss.name()),
        ));
        facts.push((
            "samples",
            format!("{samples} over {seconds:.1} s, up to {processes}"),
        ));
    }
    facts.push(("not seen", run.unseen.words(header.euid)));
    let bytes = end.saturating_sub(run.begin);
    let size = match bytes.checked_div(samples) {
        Some(each) => format!("{bytes} bytes, {each} a sample"),
        None => format!("{bytes} bytes"),
    };
    facts.push(("size", size));
    facts.push(("run", format!("{:08x}", header.run)));
    facts.push(("losses", clauses(&run.losses).join("; ")));
    facts.push(("end", how_it_ended(run)));
    facts
}

fn how_it_ended(run: &Run) -> String {
    let Some(footer) = &run.footer else {
        return "none: cut off, or still being recorded".to_owned();
    };
    let cpu_ms = footer.cpu_us / 1000;
    if run.samples == 0 && !run.standalone.is_none() {
        return format!("complete; recorder's CPU {cpu_ms} ms");
    }
    let why = match footer.end {
        End::Duration => "duration over",
        End::Signal => "ended by a signal",
        End::Failure => "ended by a failure",
        End::Unwritten { .. } => "nothing more could be written",
    };
    format!(
        "{why}; {} missed, latest sample {} us late, recorder's CPU {cpu_ms} ms",
        counted(footer.missed, "deadline"),
        footer.latest_us
    )
}
