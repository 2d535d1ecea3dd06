//! `footprint`: who takes the memory, now or at a moment of a log.

mod append;
mod edge_info;
mod live;
mod recorded;
mod watch;

use super::keys::{self, GivenCgroup, GivenKey, GivenUnit};
use super::name::Name;
use super::outcome::{complain, Error, Status};
use super::units::Span;

use crate::attribution::By;
use crate::footprint::rows::{assign, largest, rows, running, shown};
use crate::footprint::summary::{Chosen, Circumstances, Footprint as Summary, Groups, Source};
use crate::footprint::{machine::Machine, Moment};
use crate::log::record::End;
use crate::products::{self, Key, Profile};
use crate::render::counted;
use crate::render::footprint::{json, write_groups, write_text};
use crate::render::privilege;
use argh::{ArgsInfo, FromArgs};
use live::Look;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// Print who takes the memory: the key processes of a product (Pss, Shared, Rss,
/// Virtual, all instances summed) and the system's memory, in MiB; or all processes
/// by unit, slice, container or pod. Live, or from a log.
///
/// Run it as root: otherwise other users' memory is unreadable (exit status 2).
#[derive(ArgsInfo, FromArgs, Debug)]
#[argh(subcommand, name = "footprint")]
pub(crate) struct Footprint {
    /// product whose key processes to show: izuma, k3s, microk8s, k0s, kubeedge, or
    /// auto (the products that run; if none does, the ten largest programs); may be
    /// repeated (default: auto, or none with --key)
    #[argh(option, long = "profile")]
    profiles: Vec<Wanted>,

    /// key process to add, LABEL=PATTERN: PATTERN is its program or one of its
    /// arguments, whole or the end of a path; replaces the profile's key of that
    /// label; may be repeated
    #[argh(option, long = "key")]
    keys: Vec<GivenKey>,

    /// systemd unit to add, with all its processes in one row; may be repeated
    #[argh(option, long = "unit")]
    units: Vec<GivenUnit>,

    /// cgroup to add, with all below it in one row; may be repeated
    #[argh(option, long = "cgroup")]
    cgroups: Vec<GivenCgroup>,

    /// group all processes instead, by unit, slice, container or pod
    #[argh(option)]
    by: Option<By>,

    /// with --by: how long to measure CPU; 0: not at all (default: 1s)
    #[argh(option)]
    over: Option<Span>,

    /// reproduce the figures of another tool, its defects included: edge-info
    #[argh(option)]
    compat: Option<Compat>,

    /// output format: text (the default) or json
    #[argh(option, default = "Format::Text")]
    format: Format,

    /// repeat at this interval, such as 2s, in place on a terminal, until SIGINT,
    /// SIGTERM or SIGHUP
    #[argh(option)]
    watch: Option<Span>,

    /// with LOG: time after the start of its last run, such as 90s (default: its end)
    #[argh(option)]
    at: Option<Span>,

    /// log to append the figures to, for compare; created if absent
    #[argh(option, short = 'o')]
    output: Option<PathBuf>,

    /// with --output: what is being measured, such as k3s (default: the profile, or
    /// unnamed)
    #[argh(option)]
    product: Option<Name>,

    /// with --output: stage of the benchmark: baseline, edge, workload or ramp
    /// (default: unnamed)
    #[argh(option)]
    stage: Option<Name>,

    /// log to take the figures from; its older segment, LOG.old, is read with it
    #[argh(positional, arg_name = "LOG")]
    log: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy)]
enum Wanted {
    Auto,
    Profile(&'static Profile),
}

impl FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match products::profile(text) {
            Some(profile) => Ok(Self::Profile(profile)),
            None if text == "auto" => Ok(Self::Auto),
            None => Err(format!(
                "`{text}` is no known profile: those are {}, and auto",
                products::known()
            )),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compat {
    EdgeInfo,
}

impl FromStr for Compat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "edge-info" => Ok(Self::EdgeInfo),
            _ => Err(format!("`{text}` is not edge-info")),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("`{text}` is none of text, json")),
        }
    }
}

/// What is shown once, and whether all of it could be measured.
struct Shown {
    text: Vec<u8>,
    /// What could not.
    lacks: Option<String>,
}

impl Footprint {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        self.check()?;
        if let Some(log) = &self.log {
            let shown = self.recorded(log)?;
            return finish(&shown, out);
        }
        let root = live::open(proc_root)?;
        let mut look = Look::new(self, &root)?;
        match self.watch {
            Some(Span(every)) => {
                let told = watch::watch(&mut look, every);
                look.end(End::Signal).and(told)
            }
            None => {
                let wait = |time| {
                    std::thread::sleep(time);
                    true
                };
                let shown = look.take(&wait);
                let ended = look.end(End::Duration);
                // What was measured is told before what became of the log.
                let told = shown?.map_or(Ok(Status::Yes), |shown| finish(&shown, out));
                ended.and(told)
            }
        }
    }

    /// What cannot be meant.
    fn check(&self) -> Result<(), Error> {
        let (log, by) = (self.log.is_some(), self.by.is_some());
        let compat = self.compat.is_some();
        let choice = !self.profiles.is_empty() || !self.keys.is_empty();
        let places = !self.units.is_empty() || !self.cgroups.is_empty();
        for (wrong, why) in [
            (self.at.is_some() && !log, "--at needs a LOG"),
            (
                self.watch.is_some() && log,
                "--watch shows what is now: it takes no LOG",
            ),
            (
                compat && log,
                "--compat needs smaps, which a LOG does not have",
            ),
            (compat && by, "--compat and --by exclude each other"),
            (
                compat && self.format == Format::Json,
                "--compat edge-info is text only",
            ),
            (
                by && choice,
                "--by shows every process: it takes no --profile and no --key",
            ),
            (
                by && places,
                "--by shows every process: it takes no --unit and no --cgroup",
            ),
            (
                self.over.is_some() && (!by || log),
                "--over needs --by, and takes no LOG",
            ),
            (
                self.output.is_some() && (log || by || compat),
                "--output records key processes as they are now: it takes no LOG, no --by and \
                 no --compat",
            ),
            (
                self.output.is_none() && (self.product.is_some() || self.stage.is_some()),
                "--product and --stage are for --output",
            ),
            (
                self.watch
                    .is_some_and(|Span(every)| every < Duration::from_millis(100)),
                "--watch: at least 100ms",
            ),
        ] {
            if wrong {
                return Err(Error::usage(format!("footprint: {why}")));
            }
        }
        Ok(())
    }

    /// What the user adds.
    fn given(&self) -> Vec<Key> {
        keys::all(&self.keys, &self.units, &self.cgroups)
    }

    /// Profiles, and the user's keys, for who is there; `None`: the largest. Where nothing
    /// is asked for, `logged` are the user's: what a log says that its product is.
    fn choose(
        &self,
        moment: &Moment,
        own: Option<u32>,
        logged: &[Key],
    ) -> (Chosen, Option<Vec<Key>>) {
        let mut given = self.given();
        let mut profiles: Vec<&'static Profile> = Vec::new();
        let auto = self.profiles.is_empty() && given.is_empty();
        if auto {
            given.extend_from_slice(logged);
        }
        let wanted = self.profiles.iter().copied();
        for wanted in wanted.chain(auto.then_some(Wanted::Auto)) {
            let more = match wanted {
                Wanted::Profile(profile) => vec![profile],
                Wanted::Auto => running(&moment.processes, own),
            };
            for profile in more {
                if !profiles.contains(&profile) {
                    profiles.push(profile);
                }
            }
        }
        if profiles.is_empty() && given.is_empty() {
            return (Chosen::Largest, None);
        }
        let chosen = Chosen::Keys {
            profiles: profiles.iter().map(|p| p.name.to_owned()).collect(),
            given: !given.is_empty(),
        };
        (chosen, Some(products::keys(&profiles, &given)))
    }

    /// Key processes and the system, once their memory is known.
    fn summary(
        source: Source,
        (chosen, keys): (Chosen, Option<Vec<Key>>),
        assigned: &[Option<usize>],
        moment: &Moment,
        machine: Machine,
    ) -> Summary {
        Summary {
            source,
            chosen,
            rows: match keys {
                Some(keys) => shown(rows(&moment.processes, &keys, assigned), &keys),
                None => largest(moment),
            },
            machine,
            circumstances: Circumstances::of(moment),
        }
    }

    fn show(&self, summary: &Summary) -> Result<Shown, Error> {
        let mut out = Vec::new();
        match self.format {
            Format::Text => write_text(&mut out, summary),
            Format::Json => json::footprint(&mut out, summary),
        }
        .map_err(Error::output)?;
        Ok(Shown {
            text: out,
            lacks: lacks(
                &summary.source,
                (summary.unreadable(), summary.unreadable_process()),
                &summary.circumstances,
            ),
        })
    }

    fn show_groups(&self, groups: &Groups) -> Result<Shown, Error> {
        let mut out = Vec::new();
        match self.format {
            Format::Text => write_groups(&mut out, groups),
            Format::Json => json::groups(&mut out, groups),
        }
        .map_err(Error::output)?;
        Ok(Shown {
            text: out,
            lacks: lacks(
                &groups.source,
                (groups.total.unreadable, None),
                &groups.circumstances,
            ),
        })
    }
}

/// What could not be measured, of so many processes, and one of these.
fn lacks(
    source: &Source,
    (unreadable, one): (u64, Option<(u32, &[u8])>),
    circumstances: &Circumstances,
) -> Option<String> {
    let without_pss = matches!(
        source,
        Source::Log {
            without_pss: true,
            ..
        }
    );
    if without_pss {
        return Some("the log holds no PSS: it was recorded with --pss off".to_owned());
    }
    let privilege = circumstances.privilege;
    if circumstances.hidden {
        return Some(format!("other {}", privilege::hidden(privilege)));
    }
    let failed = circumstances.failed;
    if failed > 0 {
        let processes = counted(failed, "process");
        let why = match source {
            Source::Log { .. } => {
                "was not read by that moment (the recorder's budget was used up, or reading \
                 failed): take another moment"
            }
            Source::Live => {
                "could not be read (no descriptor or memory was left, or the kernel failed): try \
                 again"
            }
        };
        return Some(format!("the memory of {processes} {why}"));
    }
    (unreadable > 0).then(|| format!("the {}", privilege::unread(unreadable, one, privilege)))
}

fn finish(shown: &Shown, out: &mut dyn Write) -> Result<Status, Error> {
    let told = out.write_all(&shown.text).and_then(|()| out.flush());
    told.map_err(Error::output)?;
    Ok(match &shown.lacks {
        None => Status::Yes,
        Some(why) => {
            complain(why);
            Status::Partly
        }
    })
}

fn assigned(moment: &Moment, keys: Option<&[Key]>, own: Option<u32>) -> Vec<Option<usize>> {
    keys.map_or_else(Vec::new, |keys| assign(&moment.processes, keys, own))
}

fn cannot_read(path: &Path, error: &io::Error) -> Error {
    Error::new(format!("cannot read {}: {error}", path.display()))
}
