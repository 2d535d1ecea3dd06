//! The options of `ramp`, and what they mean.

use crate::commands::keys;
use crate::commands::name::Name;
use crate::commands::options::options;
use crate::commands::outcome::Error;
use crate::commands::record::{Pss, Record};
use crate::commands::units::{Interval, Size, Span};
use crate::log::record::PssMode;
use crate::products::Key;
use crate::ramp::course::Rules;
use crate::ramp::ends::Limits;
use crate::ramp::template::{Template, PLACE};
use crate::results::TEXT_BYTES;
use crate::sampler;
use std::path::PathBuf;
use std::time::Duration;

/// Samples of a window, and runs of the probe in it.
const WINDOW: u64 = 30;
const PROBES: u64 = 3;

options! {
    /// Start one container after another until the board, the product, a limit or a signal
    /// ends it, then remove them all. All is recorded, with a window of 30 samples at each
    /// number of them, from 0 on. sh runs the commands, with the container's number for each n
    /// in braces. Its own oom_score_adj becomes -999, and it opens the socket of record.
    #[argh(
        subcommand,
        name = "ramp",
        example = "k3s: --step 'kubectl scale deploy web --replicas={{n}}'
      --ready 'kubectl rollout status deploy web --timeout=1s'
      --undo 'kubectl scale deploy web --replicas=$(({{n}}-1))'
Docker: --step 'docker run -d --name r{{n}} image' --undo 'docker rm -f r{{n}}'
      --ready 'docker top r{{n}}'"
    )]
    pub(crate) struct Ramp {
        /// command that starts a container
        #[argh(option)]
        pub(super) step: Option<String>,

        /// command that succeeds once that container is ready; without its number: once all are
        #[argh(option)]
        pub(super) ready: Option<String>,

        /// command that removes it
        #[argh(option)]
        pub(super) undo: Option<String>,

        /// log to write; the run is appended to an existing log
        #[argh(option, short = 'o')]
        pub(super) output: Option<PathBuf>,

        /// what is being measured, such as k3s or izuma (default: unnamed)
        #[argh(option)]
        pub(super) product: Name = Name::unnamed(),

        /// processes that make up the product, LABEL=PATTERN, as of record; may be repeated
        #[argh(option, long = "key")]
        keys: Vec<Key> => keys::key,

        /// systemd unit whose processes make up the product; may be repeated
        #[argh(option, long = "unit")]
        units: Vec<Key> => keys::unit,

        /// cgroup whose processes make up the product; may be repeated
        #[argh(option, long = "cgroup")]
        cgroups: Vec<Key> => keys::cgroup,

        /// command to time three times in each window, such as 'kubectl get nodes'
        #[argh(option)]
        probe: Option<String>,

        /// how long a run of the probe may take (default: 120s)
        #[argh(option)]
        probe_timeout: Span = Span(Duration::from_secs(120)),

        /// number of containers that ends the ramp (default: no limit)
        #[argh(option)]
        pub(super) max: Option<u64>,

        /// how long the board settles before a window (default: 20s)
        #[argh(option)]
        settle: Span = Span(Duration::from_secs(20)),

        /// how long a step may take until its container is ready, and an undo (default: 5m)
        #[argh(option)]
        pub(super) step_timeout: Span = Span(Duration::from_secs(300)),

        /// available memory that ends the ramp if two samples have less (default: 32M or 4 %,
        /// whichever is more)
        #[argh(option)]
        pub(super) reserve: Option<Size>,

        /// cgroup whose limit of memory counts, instead of the machine's memory
        #[argh(option)]
        pub(super) memory_of: Option<String>,

        /// OOM kills that end the ramp; 0: none (default: 1)
        #[argh(option)]
        oom_kills: u64 = 1,

        /// time of a probe that ends the ramp if two in a row take longer (default: 10 times
        /// the median without any container, at least 5s)
        #[argh(option)]
        slow: Option<Span>,

        /// percent of 10 s with all tasks waiting for memory that ends the ramp; 0: none
        /// (default: 40)
        #[argh(option)]
        full: u64 = 40,

        /// missed deadlines in a row that end the ramp; 0: none (default: 3)
        #[argh(option)]
        missed: u64 = 3,

        /// interval between samples (default: 1s)
        #[argh(option, short = 'i')]
        interval: Interval = Interval::SECOND,

        /// samples of a window
        #[argh(option, hidden_help)]
        window: u64 = WINDOW,

        /// log whose last ramp was cut off: remove the containers that it left; takes
        /// --step-timeout only
        #[argh(option, arg_name = "log")]
        pub(super) undo_of: Option<PathBuf>,

        /// show no progress, and print no summary at the end
        #[argh(switch, short = 'q')]
        pub(super) quiet: bool,
    }
}

impl Ramp {
    /// The commands.
    ///
    /// # Errors
    /// Where one is missing, or cannot be used.
    pub(super) fn lines(&self) -> Result<[&str; 3], Error> {
        let mut lines = [""; 3];
        let given = [
            ("--step", &self.step),
            ("--ready", &self.ready),
            ("--undo", &self.undo),
        ];
        for (into, (option, line)) in lines.iter_mut().zip(given) {
            let Some(line) = line else {
                return Err(Error::usage(format!("ramp needs {option}")));
            };
            // One that is empty is refused with the others that cannot be run.
            let is_empty = line.trim().is_empty();
            if option != "--ready" && !is_empty && !Template::new(line).has_place() {
                return Err(Error::usage(format!(
                    "{option} has no {PLACE}, the number of the container"
                )));
            }
            if line.len() > TEXT_BYTES {
                return Err(Error::usage(format!(
                    "{option} has more than {TEXT_BYTES} bytes: put it into a script"
                )));
            }
            *into = line;
        }
        if self.output.is_none() {
            return Err(Error::usage("ramp needs --output"));
        }
        if self.max == Some(0) {
            return Err(Error::usage("--max is 0: no container would be started"));
        }
        if self.full > 100 {
            return Err(Error::usage("--full is a percentage: 0 to 100"));
        }
        if self.step_timeout.0.is_zero() {
            return Err(Error::usage("--step-timeout is 0: no step could end"));
        }
        Ok(lines)
    }

    pub(super) fn rules(&self, asks_each: bool) -> Rules {
        Rules {
            samples: self.window.max(1),
            probes: self.probe.as_ref().map_or(0, |_| PROBES),
            settle_ns: nanoseconds(self.settle),
            time_out_ns: nanoseconds(self.step_timeout),
            most: self.max.unwrap_or(u64::MAX),
            asks_each,
        }
    }

    pub(super) fn limits(&self, reserve_kib: u64) -> Limits {
        let some = |number: u64| Some(number).filter(|number| *number > 0);
        Limits {
            reserve_kib,
            oom_kills: some(self.oom_kills),
            slow_us: self.slow.map(|slow| nanoseconds(slow) / 1000),
            full_percent: some(self.full),
            missed: some(self.missed),
        }
    }

    /// As a recording.
    pub(super) fn record(&self) -> Record {
        let every = self.interval.0 * u32::try_from(self.window / PROBES).unwrap_or(1).max(1);
        let of_probe = |time: Span| self.probe.as_ref().map(|_| time);
        Record {
            duration: Span(Duration::ZERO),
            interval: self.interval,
            output: self.output.clone(),
            product: self.product.clone(),
            stage: Name("ramp".to_owned()),
            keys: self.keys.clone(),
            units: self.units.clone(),
            cgroups: self.cgroups.clone(),
            pss: Pss(PssMode::Auto),
            pss_budget: Span(Duration::from_millis(10)),
            max_size: None,
            sync: Span(Duration::from_secs(60)),
            capacity: sampler::CAPACITY,
            probe: self.probe.clone(),
            probe_every: of_probe(Span(every)),
            probe_timeout: of_probe(self.probe_timeout),
            redact: false,
            full: true,
            quiet: self.quiet,
        }
    }
}

pub(super) fn nanoseconds(span: Span) -> u64 {
    u64::try_from(span.0.as_nanos()).unwrap_or(u64::MAX / 4)
}
