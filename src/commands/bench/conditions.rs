//! The conditions of a run: cool, the clock synchronised, not throttled, nobody logged in,
//! settled. What does not come about in time is remarked upon, and the run goes ahead.

use super::commands::{Commands, Failure};
use super::directory::Directory;
use super::judgement::Judgement;
use crate::bench::estimate::settling;
use crate::bench::plan::Plan;
use crate::log::fields::board::throttled::{ALL, PAST};
use crate::proc::attribute;
use crate::proc::root::Root;
use crate::sampler::board::throttled;
use crate::sampler::thermometer::Thermometer;
use crate::system::clock::{boottime_ns, is_synchronised};
use std::fs;
use std::time::Duration;

/// How long a condition is waited for, where the plan does not say so.
const PATIENCE: Duration = Duration::from_secs(600);
/// Where a network gives the time, it takes no longer.
const CLOCK: Duration = Duration::from_secs(120);
/// Between two looks.
const LOOK: Duration = Duration::from_secs(2);
/// The board may be so much hotter than before the first run, thousandths of a degree.
const HOTTER_MC: i64 = 3000;
/// Samples in which a trend shows.
const SAMPLES: u32 = 60;
/// Of an interval, and so of what is recorded.
const SHORTEST: Duration = Duration::from_millis(100);

pub(super) struct Conditions<'c> {
    pub(super) plan: &'c Plan,
    pub(super) root: &'c Root,
    pub(super) commands: &'c Commands<'c>,
    pub(super) directory: &'c Directory,
    /// It was not waited for in vain before.
    pub(super) waits_for_clock: bool,
}

impl Conditions<'_> {
    /// Thousandths of a degree; `None` where no sensor tells.
    pub(super) fn temperature_mc(&self) -> Option<i64> {
        let mut buffer = [0; 4096];
        let mut thermometer = Thermometer::find(self.root, &mut buffer)?;
        thermometer.read(self.root, &mut buffer).ok()
    }

    /// Waits for all of them; `first_mc` is the temperature before the first run. Returns
    /// those that did not come about.
    pub(super) fn wait(&self, first_mc: Option<i64>) -> Result<Vec<String>, Failure> {
        let mut lacking = Vec::new();
        self.cool(first_mc, &mut lacking)?;
        let entry = self.plan.entry("clock");
        let clock = match self.waits_for_clock {
            true => entry.and_then(|entry| entry.time("TIME")).unwrap_or(CLOCK),
            false => Duration::ZERO,
        };
        if !self.await_it(clock, &|| is_synchronised() != Some(false))? {
            lacking.push("the clock is not synchronised".to_owned());
        }
        if !self.await_it(PATIENCE, &|| !self.is_throttled())? {
            lacking.push("the board is throttled".to_owned());
        }
        lacking.extend(self.logins());
        self.settle(&mut lacking)?;
        Ok(lacking)
    }

    fn cool(&self, first_mc: Option<i64>, lacking: &mut Vec<String>) -> Result<(), Failure> {
        let asked = self
            .plan
            .number("cool")
            .map(|degrees| degrees as i64 * 1000);
        let Some(most_mc) = asked.or(first_mc.map(|first| first + HOTTER_MC)) else {
            return Ok(());
        };
        let is_cool = || self.temperature_mc().map_or(true, |now| now <= most_mc);
        if !self.await_it(self.patience("cool"), &is_cool)? {
            let degrees = most_mc / 1000;
            lacking.push(format!("the processor is hotter than {degrees} degrees"));
        }
        Ok(())
    }

    fn patience(&self, word: &str) -> Duration {
        let entry = self.plan.entry(word);
        entry
            .and_then(|entry| entry.time("within"))
            .unwrap_or(PATIENCE)
    }

    fn await_it(&self, patience: Duration, is_so: &dyn Fn() -> bool) -> Result<bool, Failure> {
        let until_ns = boottime_ns().saturating_add(patience.as_nanos() as u64);
        while !is_so() {
            if boottime_ns() >= until_ns {
                return Ok(false);
            }
            self.commands.sleep(LOOK)?;
        }
        Ok(true)
    }

    fn is_throttled(&self) -> bool {
        let mut buffer = [0; 4096];
        let bits = throttled(self.root, &mut buffer).and_then(|file| {
            let text = self.root.read(&file, &mut buffer).ok()?;
            attribute::hexadecimal(text).ok()
        });
        bits.is_some_and(|bits| bits & (ALL >> PAST) != 0)
    }

    /// Those who log in get a terminal each.
    fn logins(&self) -> Option<String> {
        let is_terminal = |name: &&String| name.bytes().all(|byte| byte.is_ascii_digit());
        let terminals = self.root.list("dev/pts");
        match terminals.iter().filter(is_terminal).count() {
            0 => None,
            count => Some(format!("somebody is logged in, terminals: {count}")),
        }
    }

    /// Records, until what is recorded has no trend.
    fn settle(&self, lacking: &mut Vec<String>) -> Result<(), Failure> {
        let window = settling(self.plan);
        if window.is_zero() {
            return Ok(());
        }
        let window = window.max(SHORTEST);
        let log = self.directory.settling();
        let output = log.to_string_lossy();
        let interval = (window / SAMPLES).max(SHORTEST).as_millis();
        let (window_ms, interval) = (window.as_millis(), format!("{interval}ms"));
        let duration = format!("{window_ms}ms");
        let until_ns = boottime_ns().saturating_add(self.patience("settle").as_nanos() as u64);
        loop {
            let _ = fs::remove_file(&log);
            self.commands.own_succeeds(&[
                "record",
                "--quiet",
                "--pss",
                "off",
                "--duration",
                &duration,
                "--interval",
                &interval,
                "--output",
                &output,
            ])?;
            let is_settled = Judgement::of(&log)?.is_settled;
            let _ = fs::remove_file(&log);
            if is_settled {
                return Ok(());
            }
            if boottime_ns().saturating_add(window.as_nanos() as u64) > until_ns {
                lacking.push("the board has not settled".to_owned());
                return Ok(());
            }
        }
    }
}
