//! A recording on stderr: messages, and on a terminal the progress line
//! below them. The recording never waits for a reader.

use crate::commands::outcome::complaint;
use crate::log::model::Machine;
use crate::render::progress::{line, Line, Progress, LONGEST};
use crate::sampler::Clocks;
use crate::series::cpu::CpuTracker;
use crate::series::interval::Interval;
use crate::system::outlet::Outlet;
use std::io;
use std::time::Duration;

/// Back to the line's beginning, and clear: what a narrower window has wrapped as
/// well.
const ERASE: &str = "\r\x1b[J";
/// The most bytes that are kept for a stopped terminal or a full pipe.
const KEPT: usize = 4096;
/// How long the end waits for a reader that takes nothing, unless that is a terminal with
/// a user at it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) struct Display {
    /// `None` where standard error is gone.
    outlet: Option<Outlet>,
    /// Whether the progress line is shown.
    draws: bool,
    /// When it was last drawn, seconds from the start.
    second: Option<u64>,
    is_drawn: bool,
    /// CPU time when it was last drawn, and how long ago that was.
    busy: CpuTracker,
    looked_at: Option<Clocks>,
    clk_tck: u64,
    /// Messages that stderr has not taken yet.
    waiting: Vec<u8>,
}

impl Display {
    /// `clk_tck`: USER_HZ. Without a line where `quiet`, or where the terminal cannot erase one.
    pub(crate) fn new(quiet: bool, clk_tck: u64) -> Self {
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let outlet = Outlet::stderr();
        Self {
            draws: !quiet && !is_dumb && outlet.is_terminal(),
            outlet: Some(outlet),
            second: None,
            is_drawn: false,
            busy: CpuTracker::new(0),
            looked_at: None,
            clk_tck,
            waiting: Vec::new(),
        }
    }

    /// Writes a message above the progress line. What stderr does not take now is kept
    /// until it does, or the recording ends.
    pub(crate) fn say(&mut self, message: &str) {
        let Some(outlet) = &self.outlet else {
            return;
        };
        let columns = outlet.columns();
        self.erase();
        let text = complaint(message, columns);
        if self.waiting.len() + text.len() <= KEPT {
            self.waiting.extend_from_slice(text.as_bytes());
        }
        self.write_waiting();
        self.second = None;
    }

    /// Redraws the line, at most once a second.
    pub(crate) fn draw(
        &mut self,
        now: &Clocks,
        start: &Clocks,
        machine: &Machine,
        known: &Progress,
    ) {
        let Some(outlet) = self.outlet.as_ref().filter(|_| self.draws) else {
            return self.write_waiting();
        };
        let elapsed_s = now.boottime_ns.saturating_sub(start.boottime_ns) / 1_000_000_000;
        if self.second == Some(elapsed_s) {
            return;
        }
        self.second = Some(elapsed_s);
        // Sent to the background, it leaves the terminal to the shell.
        if !outlet.is_ours() {
            self.is_drawn = false;
            return;
        }
        let progress = Progress {
            elapsed_s,
            cpu_permille: self.busy_permille(now, machine),
            memory_kib: machine.memory_used(),
            ..*known
        };
        let Some(columns) = self.outlet.as_ref().and_then(Outlet::columns) else {
            return;
        };
        self.write_waiting();
        if !self.waiting.is_empty() {
            return;
        }
        // The cursor rests at the beginning: what is typed, and its echo, such as
        // ^C, is drawn over, and a window made narrower does not move it.
        let mut drawn = heapless::String::<{ LONGEST + 8 }>::new();
        let line: Line = line(&progress, columns);
        let _ = write_to(&mut drawn, &["\r", &line, "\x1b[J\r"]);
        // Of a stopped terminal, which takes nothing, the line before it is still there.
        self.is_drawn |= self.write(drawn.as_bytes()) > 0;
    }

    /// Of all cores since the line was last drawn, by the rule of the report.
    fn busy_permille(&mut self, now: &Clocks, machine: &Machine) -> Option<u64> {
        let before = self.looked_at.replace(*now);
        let interval = before
            .map(|before| Interval::between(before.monotonic_ns, now.monotonic_ns, self.clk_tck));
        let spent = self.busy.advance(machine, interval.as_ref());
        spent.and_then(|spent| spent.busy_permille())
    }

    /// Erases the line and writes what is waiting, for up to `patience` without progress.
    /// Call it when the log is whole.
    pub(crate) fn end(&mut self, patience: Option<Duration>) {
        self.second = None;
        self.draws = false;
        self.erase();
        let waiting = std::mem::take(&mut self.waiting);
        if let Some(outlet) = &self.outlet {
            let patience = match outlet.is_terminal() {
                true => patience,
                false => Some(PATIENCE),
            };
            let _ = outlet.write_all(&waiting, patience);
        }
    }

    fn erase(&mut self) {
        if self.is_drawn && self.waiting.is_empty() {
            self.is_drawn = false;
            self.waiting.extend_from_slice(ERASE.as_bytes());
        }
    }

    fn write_waiting(&mut self) {
        if !self.waiting.is_empty() {
            let waiting = std::mem::take(&mut self.waiting);
            let written = self.write(&waiting);
            self.waiting = waiting;
            self.waiting.drain(..written);
        }
    }

    /// Writes what stderr takes now; returns how many bytes. A stderr that is gone (EIO,
    /// EPIPE) takes everything.
    fn write(&mut self, bytes: &[u8]) -> usize {
        match self.outlet.as_ref().map(|outlet| outlet.write(bytes)) {
            Some(Ok(written)) => written,
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Some(Err(_)) | None => {
                self.outlet = None;
                bytes.len()
            }
        }
    }
}

fn write_to<const N: usize>(text: &mut heapless::String<N>, parts: &[&str]) -> Result<(), ()> {
    parts.iter().try_for_each(|part| text.push_str(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::fields::{core, cpu};

    /// A second of one core, of which a quarter was busy; then 16,000,000 s of steal, a
    /// quarter of a second, and all counts beginning anew.
    #[test]
    fn the_line_goes_by_the_rule_of_the_report() {
        let mut display = Display::new(true, 100);
        let mut machine = Machine::default();
        let mut times = [1000, 0, 500, 9000, 400, 0, 0, 20];
        let mut shown = Vec::new();
        for second in 0..5_u64 {
            match second {
                1 | 3 => times[cpu::USER] += 25,
                2 => times[cpu::STEAL] += 1_600_000_000,
                4 => times = [5, 0, 5, 90, 0, 0, 0, 0],
                _ => {}
            }
            if second < 4 {
                times[cpu::IDLE] += 75;
            }
            machine.group_mut(cpu::ID)[..cpu::COUNT].copy_from_slice(&times);
            let values = machine.core_mut(0).unwrap();
            values[..cpu::COUNT].copy_from_slice(&times);
            values[core::ONLINE] = 1;
            let now = Clocks {
                monotonic_ns: second * 1_000_000_000,
                ..Clocks::default()
            };
            shown.push(display.busy_permille(&now, &machine));
        }
        assert_eq!(shown, [None, Some(250), None, Some(250), None]);
    }
}
