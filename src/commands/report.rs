//! `report`: the summary of logs.

use super::arguments::one_of;
use super::export::{self, Export, Form, Format, Forms};
use super::keys;
use super::logs::input::{self, Input};
use super::logs::{self, about, LoggedRun};
use super::outcome::{Error, Status};
use super::style;
use crate::attribution;
use crate::commands::options::options;
use crate::log::record::Header;
use crate::products::{Definition, Key};
use crate::render::brief::{self, Context};
use crate::render::{csv, openmetrics, report, report_json, svg, Medium, Style};
use crate::results::Collector;
use crate::series::{self, By, DefinitionOf, Memory, Options, Standalone};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

options! {
    /// Print the summary of one or more logs: CPU and memory of the machine, and the
    /// processes that use most of either. Several logs of one product and stage are
    /// repeated runs. The older segment of a log, LOG.old, is read with it; of a
    /// directory, every *.ebl file is read.
    #[argh(
        subcommand,
        name = "report",
        example = "edgebench-lite report --brief logs/
edgebench-lite report edge.ebl --export edge.html"
    )]
    pub(crate) struct Report {
        /// processes in each table (default: 10)
        #[argh(option)]
        top: usize = 10,

        /// group rows by name (the default), process, unit, slice, container or pod
        #[argh(option)]
        by: By = By::Name => by,

        /// memory of a process to show: pss (the default) or rss
        #[argh(option)]
        memory: Memory = Memory::Pss => memory,

        /// processes that make up the product, LABEL=PATTERN: PATTERN is their program
        /// or one of their arguments, whole or the end of a path; replaces what the log
        /// says; may be repeated
        #[argh(option, long = "key")]
        keys: Vec<Key> => keys::key,

        /// systemd unit whose processes make up the product; may be repeated
        #[argh(option, long = "unit")]
        units: Vec<Key> => keys::unit,

        /// cgroup whose processes, and those below it, make up the product; may be
        /// repeated
        #[argh(option, long = "cgroup")]
        cgroups: Vec<Key> => keys::cgroup,

        /// print only what fits a screen for each product and stage: headline figures,
        /// the largest processes, the worst findings
        #[argh(switch)]
        brief: bool,

        /// print each run of a stage too, not only all of them together
        #[argh(switch)]
        runs: bool,

        /// print figures only: no charts, and no history in the tables
        #[argh(switch)]
        no_charts: bool,

        /// output format: text (the default), markdown, json, csv, html, svg (the
        /// charts alone) or prom (for node_exporter's textfile collector)
        #[argh(option)]
        format: Format<Kind> = Format::Text,

        /// file to write the report to as well; its suffix gives the format: .md,
        /// .json, .csv, .html, .svg or .prom; may be repeated
        #[argh(option, long = "export", arg_name = "file")]
        exports: Vec<Export<Kind>>,

        /// log, or directory of logs, to report on
        #[argh(positional, arg_name = "LOG")]
        logs: Vec<PathBuf>,
    }
}

/// The common formats, and metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Of(Form),
    Metrics,
}

impl Forms for Kind {
    const ALL: &'static [(&'static str, Self)] = &[
        ("md", Self::Of(Form::Markdown)),
        ("json", Self::Of(Form::Json)),
        ("csv", Self::Of(Form::Csv)),
        ("html", Self::Of(Form::Html)),
        ("svg", Self::Of(Form::Svg)),
        ("prom", Self::Metrics),
    ];
}

fn by(text: &str) -> Result<By, String> {
    let places = attribution::CgroupKind::ALL.map(|(name, by)| (name, By::Cgroup(by)));
    let own = [("name", By::Name), ("process", By::Process)];
    one_of(text, &[&own[..], &places].concat())
}

fn memory(text: &str) -> Result<Memory, String> {
    one_of(text, &[("pss", Memory::Pss), ("rss", Memory::Rss)])
}

impl Report {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<Status, Error> {
        if self.logs.is_empty() {
            return Err(Error::usage("report: no log given"));
        }
        if self.brief && self.format != Format::Text {
            return Err(Error::usage("report: --brief is for text alone"));
        }
        export::check("report", &self.exports, &[&self.logs])?;
        let options = Options {
            top: self.top,
            by: self.by,
            memory: self.memory,
        };
        let drawn = self.is_drawn();
        let given = [&self.keys[..], &self.units, &self.cgroups].concat();
        let definition_of = |header: &Header<String>| definition(header, given.clone());
        let runs = logs::each(
            &logs::named(&self.logs)?,
            &mut |_, input| runs_of(input, &options, &definition_of, drawn),
            |run: &LoggedRun| &run.header,
        )?;
        let report = report_of(runs, options).with_single_runs(self.runs);
        // Before printing, which a closed pipe may cut short.
        let status = export::write(&self.exports, |form, out| write(&report, form, out));
        match self.format {
            Format::Text => self.write_text(out, &report),
            Format::As(form) => write(&report, form, out),
        }
        .map_err(Error::output)?;
        Ok(status)
    }

    fn write_text(&self, out: &mut dyn Write, report: &crate::render::Report) -> io::Result<()> {
        let style = style::of_output(!self.no_charts);
        match self.brief {
            true => brief::write(out, report, style, Context::default()),
            false => write_whole(out, report, style),
        }
    }

    /// Whether any output has pictures.
    fn is_drawn(&self) -> bool {
        let drawn = |form| matches!(form, Kind::Of(Form::Html | Form::Svg));
        let exported = self.exports.iter().any(|export| drawn(export.form));
        exported || matches!(self.format, Format::As(form) if drawn(form))
    }
}

/// Several runs come in brief first. Of one, a terminal shows the end.
fn write_whole(
    out: &mut dyn Write,
    report: &crate::render::Report,
    style: Style,
) -> io::Result<()> {
    let in_brief = |out: &mut dyn Write| brief::write(out, report, style, Context::default());
    if report.runs() > 1 {
        in_brief(out)?;
        writeln!(out)?;
    }
    report::write(out, report, Medium::Text(style))?;
    if report.runs() == 1 {
        writeln!(out)?;
        in_brief(out)?;
    }
    Ok(())
}

/// The runs of a log, which may have results and no samples.
///
/// # Errors
/// If it cannot be read, or holds neither.
pub(crate) fn runs_of(
    input: &Input,
    options: &Options,
    definition_of: &DefinitionOf<'_>,
    drawn: bool,
) -> Result<Vec<LoggedRun>, input::Error> {
    let mut results = Collector::default();
    let runs = input.runs(options, definition_of, drawn, &mut |header, of| {
        if let Standalone::Result(part) = of {
            results.add(header, part);
        }
    });
    let results = results.finish()?;
    let runs = match runs {
        Err(input::Error::Log(series::Error::OnlyStandalone)) if !results.is_empty() => Vec::new(),
        runs => runs?,
    };
    Ok(logs::with_results(runs, results))
}

fn report_of(runs: impl IntoIterator<Item = LoggedRun>, options: Options) -> crate::render::Report {
    let (mut sampled, mut results) = (Vec::new(), Vec::new());
    for run in runs {
        sampled.extend(run.sampled);
        results.extend(run.results);
    }
    crate::render::Report::new(sampled, options).with_results(results)
}

/// The processes that make up the product of a run.
fn definition(header: &Header<String>, given: Vec<Key>) -> Definition {
    Definition {
        given,
        ..Definition::of_name(&header.product)
    }
}

/// Prints the summary of the run just recorded: it begins at byte `begin` of `file`, or in
/// the older segment of the log at `path`. Whole, unless a brief form is asked for.
///
/// # Errors
/// If the log cannot be read, or `out` not written.
pub(crate) fn print_run(
    file: File,
    begin: u64,
    path: &Path,
    brief: Option<Context<'_>>,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let options = Options {
        top: 10,
        by: By::Name,
        memory: Memory::Pss,
    };
    let input = Input::of(file, begin, path).map_err(|error| about(path, &error))?;
    let definition_of = |header: &Header<String>| definition(header, Vec::new());
    let runs = runs_of(&input, &options, &definition_of, false);
    let runs = runs.map_err(|error| about(path, &error))?;
    // The older segment may begin with earlier runs.
    let report = report_of(runs.into_iter().last(), options);
    let style = style::of_output(true);
    match brief {
        Some(context) => brief::write(out, &report, style, context),
        None => write_whole(out, &report, style),
    }
    .map_err(Error::output)
}

fn write(report: &crate::render::Report, kind: Kind, out: &mut dyn Write) -> io::Result<()> {
    match kind {
        Kind::Of(Form::Markdown) => report::write(out, report, Medium::Markdown),
        Kind::Of(Form::Json) => report_json::write(out, report),
        Kind::Of(Form::Csv) => csv::write(out, report),
        Kind::Of(Form::Html) => report::write(out, report, Medium::Html),
        Kind::Of(Form::Svg) => svg::write(out, report),
        Kind::Metrics => openmetrics::write(out, report),
    }
}
