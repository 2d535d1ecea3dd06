//! `bench`: the whole benchmark of a product, from a plan, unattended.

mod check;
mod commands;
mod conditions;
mod directory;
mod drive;
mod finish;
pub(super) mod init;
mod judgement;
mod machine;
mod measurement;
mod note;
mod orphans;
mod past;
mod plan;
mod software;
mod start;
mod status;

use super::arguments::one_of;
use super::outcome::{shown, Error, Status};
use crate::bench::examples;
use crate::commands::options::options;
use crate::proc::root::Root;
use crate::system::errno::why;
use directory::Directory;
use note::Note;
use start::Start;
use std::io::Write;
use std::path::{Path, PathBuf};

options! {
    /// Run the benchmark of a product from a plan, unattended: its stages, ramp, networks and
    /// restarts, each run once the board has settled and cooled down. A run that is invalid or
    /// cut off is made again. It goes on after a restart or a power cut.
    #[argh(
        subcommand,
        name = "bench",
        example = "edgebench-lite bench --example k3s >k3s.plan
edgebench-lite bench --check k3s.plan
sudo edgebench-lite bench k3s.plan",
        note = "Each line of a plan is a word and its values, quoted if they contain blanks.
`#` begins a comment.
product NAME                      what is measured; it names the logs
profile NAME                      profile of a product of another name
unit UNIT, key KEY, cgroup PATH   as of record; may be repeated
directory PATH                    for logs and page
install COMMAND [within TIME]     once, after the baseline
start COMMAND [within TIME]       starts the edge software
ready COMMAND [within TIME]       succeeds once it is ready
stop COMMAND [within TIME]        stops it, with all of its containers
deploy COMMAND [within TIME]      starts the workload
deployed COMMAND [within TIME]    succeeds once that runs
remove COMMAND [within TIME]      removes it
runs STAGE N of TIME              recordings of baseline, edge or workload
fresh START                       anew before each run: start, or boot
probe COMMAND [every TIME] [timeout TIME]
                                  timed beside edge, workload and ramp
ramp COMMAND [max N] [settle TIME] [step-timeout TIME] [reserve SIZE] [missed N]
                                  starts container {{n}}, as of ramp --step
ramp-ready COMMAND                succeeds once it is ready
ramp-undo COMMAND                 removes it
ip-change iface NAME to ADDRESS [from ADDRESS] [restart COMMAND]
                                  as of survive ip-change
firewall peer HOST [peer HOST] [role ROLE] [server-port PORT]
                                  as of survive firewall
check CHECK                       as of survive; may be repeated
restarts N                        restarts of the board that are timed
settle TIME [within TIME]         until no trend for this long (1m within 10m)
cool DEGREES [within TIME]        highest temperature (3 above the first, 10m)
clock TIME                        wait for a synchronised clock (2m)
again N                           repetitions of an invalid run, at most (3)"
    )]
    pub(crate) struct Bench {
        /// say what the plan does, how long that takes, how much it writes and to what, and
        /// what is missing here; nothing is started
        #[argh(switch)]
        check: bool,

        /// print a complete plan, for k3s, izuma, docker, containerd or systemd
        #[argh(option, arg_name = "product")]
        example: Option<String>,

        /// tell how far the benchmark is
        #[argh(switch)]
        status: bool,

        /// with --status: text (the default) or json
        #[argh(option)]
        format: Format = Format::Text => format,

        /// go on with the benchmark where it was cut off
        #[argh(switch)]
        resume: bool,

        /// end the benchmark; what was measured stays
        #[argh(switch)]
        cancel: bool,

        /// file that the benchmark is noted in
        #[argh(option, hidden_help)]
        note: PathBuf = PathBuf::from(note::PLACE),

        /// plan of the benchmark
        #[argh(positional, arg_name = "PLAN")]
        plan: Option<PathBuf>,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

fn format(text: &str) -> Result<Format, String> {
    one_of(text, &[("text", Format::Text), ("json", Format::Json)])
}

impl Bench {
    /// `understood`: whether this program understands a command line of its own.
    pub(crate) fn run(
        &self,
        proc_root: &Path,
        understood: &dyn Fn(&[&str]) -> Result<(), Error>,
        out: &mut dyn Write,
    ) -> Result<Status, Error> {
        let asked = [
            self.example.is_some(),
            self.status,
            self.resume,
            self.cancel,
            self.plan.is_some(),
        ];
        if asked.iter().filter(|asked| **asked).count() != 1 {
            return Err(Error::usage(
                "bench: one of PLAN, --example, --status, --resume and --cancel",
            ));
        }
        if (self.check && self.plan.is_none()) || (self.format != Format::Text && !self.status) {
            return Err(Error::usage(
                "bench: --check is for PLAN, and --format for --status",
            ));
        }
        if let Some(product) = &self.example {
            let text = examples::example(product).ok_or_else(|| {
                let known = examples::known();
                Error::usage(format!("--example: `{product}` is none of {known}"))
            })?;
            out.write_all(text.as_bytes()).map_err(Error::output)?;
            return Ok(Status::Yes);
        }
        let root = Root::open(proc_root).map_err(|error| {
            Error::new(format!(
                "cannot use {}/proc: {}",
                shown(proc_root),
                why(&error)
            ))
        })?;
        if let Some(path) = &self.plan {
            return self.of_plan(path, &root, understood, out);
        }
        let note = Note::read(&self.note)?;
        match (note, self.cancel, self.status) {
            (Some(note), true, _) => Start::new(&root, &self.note).cancel(&note, out),
            (Some(note), _, true) => self.status(&note, &root, out),
            (Some(note), ..) => Start::new(&root, &self.note).resume(&note, out),
            (None, _, true) if self.format == Format::Json => {
                writeln!(out, "null").map_err(Error::output)?;
                Ok(Status::No)
            }
            (None, _, true) => {
                writeln!(out, "No benchmark is under way.").map_err(Error::output)?;
                Ok(Status::No)
            }
            (None, ..) => Err(Error::new(
                "no benchmark is under way; bench PLAN begins one",
            )),
        }
    }

    /// Checks the plan in a file, or begins what it says.
    fn of_plan(
        &self,
        path: &Path,
        root: &Root,
        understood: &dyn Fn(&[&str]) -> Result<(), Error>,
        out: &mut dyn Write,
    ) -> Result<Status, Error> {
        let text = plan::text(path)?;
        let plan = plan::parse(path, &text)?;
        if let Some(why) = measurement::refusal(&plan, understood) {
            return Err(Error::new(format!("{}: {why}", shown(path))));
        }
        Directory::new(plan.text("directory"), plan.text("product")).is_apart(path)?;
        match self.check {
            true => check::check(&plan, root, &self.note, out),
            false => Start::new(root, &self.note).begin(&plan, path, &text, out),
        }
    }

    fn status(&self, note: &Note, root: &Root, out: &mut dyn Write) -> Result<Status, Error> {
        let progress = status::Progress::of(note, root)?;
        match self.format {
            Format::Text => progress.print(out),
            Format::Json => progress.print_json(out),
        }
        .map_err(Error::output)?;
        Ok(Status::Yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::vocabulary::VOCABULARY;

    #[test]
    fn the_help_has_every_word_with_its_form() {
        let info = <Bench as argh::ArgsInfo>::get_args_info();
        let note = info.notes.join("\n").replace("{{", "{").replace("}}", "}");
        for word in &VOCABULARY {
            let line = format!("{} {}", word.name, word.form);
            assert!(note.contains(&line), "{line}");
            assert_eq!(
                word.repeats,
                note.lines()
                    .any(|of| { of.contains(&line) && of.contains("may be repeated") })
                    || word.name == "runs",
                "{line}"
            );
        }
    }
}
