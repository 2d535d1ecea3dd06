//! The options of `footprint`, and the rows they choose.

use super::super::arguments::one_of;
use super::super::keys;
use super::super::name::Name;
use super::super::outcome::Error;
use super::super::units::Span;
use super::screen::Format;
use crate::attribution::CgroupKind;
use crate::commands::options::options;
use crate::footprint::machine_memory::MachineMemory;
use crate::footprint::rows::{assign, largest, running, shown};
use crate::footprint::summary::{Circumstances, Footprint, Selection, Source};
use crate::footprint::Snapshot;
use crate::products::{self, Key, Profile};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

options! {
    /// Print who takes the memory: the key processes of a product, or all processes by
    /// unit, slice, container or pod; live, or from a log. Pss, Shared, Rss and Virtual are
    /// in MiB, all instances summed.
    ///
    /// Run it as root: otherwise other users' memory is unreadable (exit status 2).
    #[argh(
        subcommand,
        name = "footprint",
        example = "edgebench-lite footprint --profile k3s
edgebench-lite footprint --by container --watch 2s
edgebench-lite footprint edge.ebl --at 2m"
    )]
    pub(crate) struct FootprintCommand {
        /// product whose key processes to show: izuma, k3s, microk8s, k0s, kubeedge, or
        /// auto (the products that run; if none does, the ten largest programs); may be
        /// repeated (default: auto, or none with --key)
        #[argh(option, long = "profile")]
        pub(super) profiles: Vec<ProfileChoice>,

        /// key process to add, LABEL=PATTERN: PATTERN is its program or one of its
        /// arguments, whole or the end of a path; replaces the profile's key of that
        /// label; may be repeated
        #[argh(option, long = "key")]
        pub(super) keys: Vec<Key> => keys::key,

        /// systemd unit to add, with all its processes in one row; may be repeated
        #[argh(option, long = "unit")]
        pub(super) units: Vec<Key> => keys::unit,

        /// cgroup to add, with all below it in one row; may be repeated
        #[argh(option, long = "cgroup")]
        pub(super) cgroups: Vec<Key> => keys::cgroup,

        /// group all processes instead, by unit, slice, container or pod
        #[argh(option)]
        pub(super) by: Option<CgroupKind>,

        /// with --by: how long to measure CPU; 0: not at all (default: 1s)
        #[argh(option)]
        pub(super) over: Option<Span>,

        /// reproduce the figures of another tool, its defects included: edge-info
        #[argh(option)]
        pub(super) compat: Option<Compat>,

        /// output format: text (the default) or json
        #[argh(option)]
        pub(super) format: Format = Format::Text,

        /// repeat at this interval, such as 2s, in place on a terminal, until SIGINT,
        /// SIGTERM or SIGHUP
        #[argh(option)]
        pub(super) watch: Option<Span>,

        /// with LOG: time after the start of its last run, such as 90s (default: its end)
        #[argh(option)]
        pub(super) at: Option<Span>,

        /// log to append the figures to, for compare; created if absent
        #[argh(option, short = 'o')]
        pub(super) output: Option<PathBuf>,

        /// with --output: what is being measured, such as k3s (default: the profile, or
        /// unnamed)
        #[argh(option)]
        pub(super) product: Option<Name>,

        /// with --output: stage of the benchmark: baseline, edge, workload or ramp
        /// (default: unnamed)
        #[argh(option)]
        pub(super) stage: Option<Name>,

        /// log to take the figures from; its older segment, LOG.old, is read with it
        #[argh(positional, arg_name = "LOG")]
        pub(super) log: Option<PathBuf>,
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) enum ProfileChoice {
    Auto,
    Profile(&'static Profile),
}

impl FromStr for ProfileChoice {
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
pub(super) enum Compat {
    EdgeInfo,
}

impl FromStr for Compat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        one_of(text, &[("edge-info", Self::EdgeInfo)])
    }
}

impl FootprintCommand {
    /// Refuses options that exclude each other.
    pub(super) fn check(&self) -> Result<(), Error> {
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

    /// The user's keys.
    pub(super) fn given(&self) -> Vec<Key> {
        [&self.keys[..], &self.units, &self.cgroups].concat()
    }

    /// The key processes to show, given those that run. If the user chooses none, `logged`
    /// are added: the log's definition of its product.
    pub(super) fn choose(&self, snapshot: &Snapshot, own: Option<u32>, logged: &[Key]) -> Choice {
        let mut given = self.given();
        let mut profiles: Vec<&'static Profile> = Vec::new();
        let auto = self.profiles.is_empty() && given.is_empty();
        if auto {
            given.extend_from_slice(logged);
        }
        let choices = self.profiles.iter().copied();
        for choice in choices.chain(auto.then_some(ProfileChoice::Auto)) {
            let more = match choice {
                ProfileChoice::Profile(profile) => vec![profile],
                ProfileChoice::Auto => running(&snapshot.processes, own),
            };
            for profile in more {
                if !profiles.contains(&profile) {
                    profiles.push(profile);
                }
            }
        }
        let keys = products::keys(&profiles, &given);
        match profiles.is_empty() && given.is_empty() {
            true => Choice {
                selection: Selection::Largest,
                keys: None,
            },
            false => Choice {
                selection: Selection::Keys {
                    profiles: profiles.iter().map(|p| p.name.to_owned()).collect(),
                    given: !given.is_empty(),
                },
                keys: Some(keys),
            },
        }
    }
}

/// The rows to show.
pub(super) struct Choice {
    selection: Selection,
    /// `None`: the largest programs.
    pub(super) keys: Option<Vec<Key>>,
}

impl Choice {
    /// The key of each process, by its index.
    pub(super) fn assign(&self, snapshot: &Snapshot, own: Option<u32>) -> Vec<Option<usize>> {
        let keys = self.keys.as_deref().unwrap_or_default();
        assign(&snapshot.processes, keys, own)
    }

    /// The footprint, once the processes' memory is known.
    pub(super) fn footprint(
        self,
        source: Source,
        snapshot: &Snapshot,
        own: Option<u32>,
        machine: MachineMemory,
    ) -> Footprint {
        let assigned = self.assign(snapshot, own);
        Footprint {
            source,
            rows: match &self.keys {
                Some(keys) => shown(&snapshot.processes, keys, &assigned, own),
                None => largest(snapshot),
            },
            chosen: self.selection,
            machine,
            circumstances: Circumstances::of(snapshot),
        }
    }
}
