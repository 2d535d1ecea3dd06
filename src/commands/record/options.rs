//! The options of `record`.

use crate::commands::keys;
use crate::commands::name::Name;
use crate::commands::options::options;
use crate::commands::outcome::Error;
use crate::commands::units::{Interval, Size, Span};
use crate::log::record::PssMode;
use crate::products::Key;
use crate::sampler;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

options! {
    /// Record CPU and memory of the machine and of every process in a log, then print the
    /// summary. It ends when the duration is over, or at SIGINT, SIGTERM or SIGHUP.
    ///
    /// Run it as root: otherwise other users' memory is unreadable. Beside the log it opens
    /// one socket, on which the kernel tells root of processes that end (taskstats).
    #[argh(
        subcommand,
        name = "record",
        example = "sudo edgebench-lite record --product k3s --stage edge -o edge.ebl
edgebench-lite record -qd 0 --max-size 32M -o day.ebl"
    )]
    pub(crate) struct Record {
        /// how long to record, such as 90s, 5m or 1h30m; 0: until a signal
        /// (default: 5m)
        #[argh(option, short = 'd')]
        pub(crate) duration: Span = Span(Duration::from_secs(300)),

        /// interval between samples, 100ms to 1h (default: 1s)
        #[argh(option, short = 'i')]
        pub(crate) interval: Interval = Interval::SECOND,

        /// log to write; the run is appended to an existing log (default: a new
        /// edgebench-HOST-PRODUCT-STAGE-TIME.ebl)
        #[argh(option, short = 'o')]
        pub(crate) output: Option<PathBuf>,

        /// what is being measured, such as k3s or izuma (default: unnamed)
        #[argh(option)]
        pub(crate) product: Name = Name::unnamed(),

        /// stage of the benchmark: baseline, edge, workload or ramp (default:
        /// unnamed)
        #[argh(option)]
        pub(crate) stage: Name = Name::unnamed(),

        /// processes that make up the product, LABEL=PATTERN: PATTERN is their program
        /// or one of their arguments, whole or the end of a path; kept in the log, and
        /// added to the product's profile; may be repeated
        #[argh(option, long = "key")]
        pub(crate) keys: Vec<Key> => keys::key,

        /// systemd unit whose processes make up the product, such as nginx.service; may
        /// be repeated (default: without a profile, --key or --cgroup, the unit named
        /// like the product)
        #[argh(option, long = "unit")]
        pub(crate) units: Vec<Key> => keys::unit,

        /// cgroup whose processes, and those below it, make up the product; may be
        /// repeated
        #[argh(option, long = "cgroup")]
        pub(crate) cgroups: Vec<Key> => keys::cgroup,

        /// how to measure PSS: auto (read when due, estimated in between), exact (read
        /// for every process in every sample) or off (default: auto)
        #[argh(option)]
        pub(crate) pss: Pss = Pss(PssMode::Auto),

        /// CPU time per second that auto may spend on reading PSS (default: 10ms)
        #[argh(option)]
        pub(crate) pss_budget: Span = Span(Duration::from_millis(10)),

        /// maximum size of the log, such as 4M, at least 256k; when it is reached, the
        /// older half, FILE.old, is dropped; each half holds at least 10 samples
        /// (default: no limit)
        #[argh(option)]
        pub(crate) max_size: Option<Size>,

        /// how often the log is synced to the disk: a power loss costs at most this
        /// much (default: 1m)
        #[argh(option)]
        pub(crate) sync: Span = Span(Duration::from_secs(60)),

        /// most processes that are followed: of more, the largest (default: 4096)
        #[argh(option, hidden_help)]
        pub(crate) capacity: usize = sampler::CAPACITY,

        /// command to time during the recording, such as 'kubectl get nodes': sh runs it,
        /// the first time after the first sample (default: none)
        #[argh(option)]
        pub(crate) probe: Option<String>,

        /// how often the probe is run (default: 30s)
        #[argh(option)]
        pub(crate) probe_every: Option<Span>,

        /// how long a run of the probe may take before it is killed, with all that it
        /// started (default: 120s)
        #[argh(option)]
        pub(crate) probe_timeout: Option<Span>,

        /// keep only the first argument of each command line, and of the probe: the
        /// others may hold passwords
        #[argh(switch)]
        pub(crate) redact: bool,

        /// print the whole report at the end, not only what fits a screen
        #[argh(switch)]
        pub(crate) full: bool,

        /// show no progress, and print no summary at the end
        #[argh(switch, short = 'q')]
        pub(crate) quiet: bool,
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Pss(pub(crate) PssMode);

impl FromStr for Pss {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "exact" => Ok(Self(PssMode::Exact)),
            "off" => Ok(Self(PssMode::Off)),
            "auto" => Ok(Self(PssMode::Auto)),
            _ => Err(format!("`{text}` is none of auto, exact, off")),
        }
    }
}

/// A segment must hold the header, the identities and a keyframe, and more.
const SMALLEST_MAX_SIZE: u64 = 256 << 10;

impl Record {
    /// Checks what a single option cannot show.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(Size(size)) = self.max_size.filter(|size| size.0 < SMALLEST_MAX_SIZE) {
            return Err(Error::new(format!(
                "--max-size {size}: a log needs at least 256k"
            )));
        }
        let (duration, interval) = (self.duration.0, self.interval.0);
        if !duration.is_zero() && duration < interval {
            return Err(Error::usage(
                "--duration is shorter than --interval: there would be nothing to compare",
            ));
        }
        Ok(())
    }
}
