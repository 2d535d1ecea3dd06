//! A start that is watched on the serial line, from its beginning to the prompt.

use super::options::{Begin, Watch};
use super::port::{Came, Line};
use super::restart::not_done;
use super::transcript::Transcript;
use crate::boot::nudge::Nudges;
use crate::boot::parts::Between;
use crate::boot::pattern::Pattern;
use crate::boot::scan::{Milestones, Scan};
use crate::boot::typist::{Seen, Step, Typist};
use crate::commands::outcome::{complain, printable, Error};
use crate::system::clock::monotonic_ns;
use crate::system::command::{Command, Ended, Exit};
use crate::system::errno::reason;
use crate::system::signals::EndSignals;
use crate::system::terminal;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// As much as the kernel keeps of a terminal's input.
pub(super) const BUFFER: usize = 4096;
/// A command that switches the power is done by then, or hangs.
const PATIENCE_NS: u64 = 60_000_000_000;
/// Between two looks at a command that runs.
const LOOK_NS: u64 = 2_000_000;
const ENTER: &[u8] = b"\r";

/// What became of it.
pub(super) struct Run {
    pub(super) milestones: Milestones,
    /// `None`: it did not begin.
    pub(super) start: Option<Between>,
    /// `None`: no prompt came in time.
    pub(super) prompt: Option<Between>,
    /// Why a prompt that came is no result.
    pub(super) spoilt: Option<String>,
    /// The prompt came when Enter was pressed.
    pub(super) answered: bool,
    /// When the port was gone, from and to.
    pub(super) gaps: Vec<(u64, u64)>,
    pub(super) last_lines: Vec<Vec<u8>>,
}

/// A port and what is done with it.
pub(super) struct Session<'s> {
    pub(super) asked: &'s Watch,
    pub(super) line: Line,
    pub(super) ending: &'s EndSignals,
    /// Has something to read once one came.
    pub(super) signals: OwnedFd,
    pub(super) transcript: Option<Transcript>,
    /// For logging in on the board.
    pub(super) password: Option<String>,
    pub(super) buffer: Box<[u8; BUFFER]>,
    pub(super) last_byte_ns: Option<u64>,
}

impl Session<'_> {
    /// Watches one start; `None` where a signal ended that.
    pub(super) fn run(&mut self) -> Result<Option<Run>, Error> {
        self.line.gaps.clear();
        let mut scan = self.asked.scan();
        let Some(begun) = self.begin(&mut scan)? else {
            return Ok(None);
        };
        let mut nudges = self.asked.nudges();
        let from_ns = begun.map_or(monotonic_ns(), |begun| begun.from_ns);
        let deadline_ns = from_ns.saturating_add(nanoseconds(self.asked.timeout.0));
        loop {
            let now_ns = monotonic_ns();
            let start = self.asked.start_of(&scan.milestones, begun);
            if now_ns >= deadline_ns || self.is_over(&scan.milestones, start) {
                break;
            }
            let start_ns = start.map_or(from_ns, |start| start.from_ns);
            let due_ns = nudges.due_ns(start_ns, &scan.milestones);
            if due_ns.is_some_and(|due| due <= now_ns) {
                self.line.write(ENTER);
                nudges.pressed(now_ns, self.last_byte_ns);
                continue;
            }
            let until_ns = due_ns.map_or(deadline_ns, |due| due.min(deadline_ns));
            if !self.pump(&mut scan, until_ns)? {
                return Ok(None);
            }
        }
        Ok(Some(self.ended(scan, begun, &nudges)))
    }

    fn ended(&self, scan: Scan, begun: Option<Between>, nudges: &Nudges) -> Run {
        let start = self.asked.start_of(&scan.milestones, begun);
        let met = scan
            .milestones
            .prompt_ns
            .filter(|_| self.is_over(&scan.milestones, start));
        let prompt = met.map(|to_ns| Between {
            from_ns: nudges.since_ns(to_ns).saturating_sub(self.line.delay_ns()),
            to_ns,
        });
        // A prompt that a key brought up may have come while nobody could read it.
        let hidden = |prompt: Between| {
            let mut gaps = self.line.gaps.iter();
            gaps.find(|(_, to)| *to >= prompt.from_ns).copied()
        };
        let spoilt = prompt.and_then(hidden).map(|(from, to)| {
            let seconds = to.saturating_sub(from) as f64 / 1e9;
            format!("the port was gone for {seconds:.2} s, in which the prompt may have come")
        });
        Run {
            start,
            answered: met.is_some_and(|to_ns| nudges.since_ns(to_ns) < to_ns),
            prompt,
            spoilt,
            gaps: self.line.gaps.clone(),
            last_lines: scan.last_lines().map(<[u8]>::to_vec).collect(),
            milestones: scan.milestones,
        }
    }

    /// The prompt is there, and is one of this start.
    fn is_over(&self, milestones: &Milestones, start: Option<Between>) -> bool {
        let mut since = start.map(|start| start.from_ns);
        if self.asked.restart.is_some() {
            since = since.and_then(|since| milestones.restarted_ns(since));
        }
        let prompt = milestones.prompt_ns.zip(since);
        prompt.is_some_and(|(prompt, since)| prompt >= since)
    }

    /// Takes what comes until then, or the first of it; false where a signal came.
    fn pump(&mut self, scan: &mut Scan, until_ns: u64) -> Result<bool, Error> {
        let time = Duration::from_nanos(until_ns.saturating_sub(monotonic_ns()));
        match self
            .line
            .wait(self.signals.as_fd(), time, &mut self.buffer[..])
        {
            Came::Bytes(len, read_ns) => self.take(scan, len, read_ns)?,
            Came::Other if self.ending.within(Duration::ZERO) => return Ok(false),
            Came::Other | Came::Nothing => {}
        }
        Ok(true)
    }

    fn take(&mut self, scan: &mut Scan, len: usize, read_ns: u64) -> Result<(), Error> {
        let bytes = self.buffer.get(..len).unwrap_or_default();
        if let Some(transcript) = &mut self.transcript {
            transcript.add(bytes, read_ns)?;
        }
        for (at, &byte) in bytes.iter().enumerate() {
            scan.take(byte, self.line.pace.arrival_ns(read_ns, len - at - 1));
        }
        self.last_byte_ns = Some(read_ns);
        Ok(())
    }

    /// Begins it, as asked for: `None` where a signal came, and no moment where the line
    /// tells when it begins.
    fn begin(&mut self, scan: &mut Scan) -> Result<Option<Option<Between>>, Error> {
        if let Some(command) = &self.asked.restart {
            return Ok(self.type_restart(command)?.map(Some));
        }
        if let Some(command) = &self.asked.power_off {
            if self.switch(command, scan)?.is_none() {
                complain("the power may be off");
                return Ok(None);
            }
            if !self.rest(self.asked.off.0, scan)? {
                complain("the power is off");
                return Ok(None);
            }
            *scan = self.asked.scan();
        }
        if let Some(command) = &self.asked.power_on {
            let on = self.switch(command, scan)?;
            if on.is_none() && self.asked.power_off.is_some() {
                complain("the power may be off");
            }
            return Ok(on.map(Some));
        }
        match &self.asked.start {
            Some(Begin::Key) => Ok(self.key(scan)?.map(Some)),
            _ => Ok(Some(None)),
        }
    }

    /// Runs a command that switches the power, and reads on meanwhile. Says between which
    /// moments it was done.
    fn switch(&mut self, line: &str, scan: &mut Scan) -> Result<Option<Between>, Error> {
        let failed = |why: String| Error::new(format!("`{}` {why}", printable(line)));
        let os = |errno: nix::Error| failed(format!("cannot be run: {}", reason(errno)));
        let command = Command::shell(line).map_err(os)?;
        let mut said = Vec::new();
        let mut listen = |piece: &[u8]| {
            // Of a command that does not stop talking the last is enough.
            if said.len() > BUFFER {
                said.clear();
            }
            said.extend_from_slice(piece);
        };
        let from_ns = monotonic_ns();
        let mut child = command.start().map_err(os)?;
        let exit = loop {
            if let Some(Ended { exit, .. }) = child.poll(&mut listen) {
                break exit;
            }
            let now_ns = monotonic_ns();
            if now_ns > from_ns.saturating_add(PATIENCE_NS) {
                child.kill(&mut listen);
                break Exit::TimedOut;
            }
            if !self.pump(scan, now_ns.saturating_add(LOOK_NS))? {
                return Ok(None);
            }
        };
        let to_ns = monotonic_ns();
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().last().unwrap_or_default();
        let why = match exit {
            Exit::Status(0) => return Ok(Some(Between { from_ns, to_ns })),
            Exit::Status(_) if !last.is_empty() => format!("failed: {}", printable(last)),
            exit => not_done(exit),
        };
        Err(failed(why))
    }

    fn rest(&mut self, time: Duration, scan: &mut Scan) -> Result<bool, Error> {
        let until_ns = monotonic_ns().saturating_add(nanoseconds(time));
        while monotonic_ns() < until_ns {
            if !self.pump(scan, until_ns)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits for the user to press Enter as the power is switched on.
    fn key(&mut self, scan: &mut Scan) -> Result<Option<Between>, Error> {
        // A signal is looked for now and then.
        const LOOK: Duration = Duration::from_millis(100);
        loop {
            match self
                .line
                .wait(terminal::stdin(), LOOK, &mut self.buffer[..])
            {
                Came::Other => {
                    let now_ns = monotonic_ns();
                    // Whatever else the line has.
                    if !matches!(terminal::line(), Ok(Some(_))) {
                        let why = "--start key: standard input has ended, so that no key comes";
                        return Err(Error::new(why));
                    }
                    *scan = self.asked.scan();
                    return Ok(Some(Between::exactly(now_ns)));
                }
                Came::Bytes(len, read_ns) => self.take(scan, len, read_ns)?,
                Came::Nothing => {}
            }
            if self.ending.within(Duration::ZERO) {
                return Ok(None);
            }
        }
    }

    /// Logs in, where that is asked for, and types the command.
    fn type_restart(&mut self, command: &str) -> Result<Option<Between>, Error> {
        let passwords = [Pattern::of("*assword: ")];
        let mut typist = Typist::new(self.asked.login.is_some(), monotonic_ns());
        let mut scan = Scan::new(None, &passwords);
        // What the board sends back of what was typed says nothing of what it does.
        let mut echo = 0;
        loop {
            let seen = Seen {
                login_ns: scan.milestones.prompt_ns,
                password_ns: scan.milestones.marks_ns.first().copied().flatten(),
                last_byte_ns: self
                    .last_byte_ns
                    .filter(|_| scan.milestones.bytes.all > echo),
            };
            let now_ns = monotonic_ns();
            let step = typist.step(now_ns, &seen);
            let text = match step {
                Step::Wait(until_ns) => {
                    if !self.pump(&mut scan, until_ns)? {
                        return Ok(None);
                    }
                    continue;
                }
                Step::Enter => "",
                Step::Name => self.asked.login.as_deref().unwrap_or_default(),
                Step::Password => self.password.as_deref().ok_or_else(|| {
                    Error::new("the board asks for a password: give it with --password-file")
                })?,
                Step::Command => command,
                Step::Refused => return Err(Error::new("the board did not let the user log in")),
                Step::Silent => {
                    return Err(Error::new("no prompt to log in came on the serial line"));
                }
            };
            self.line.write(text.as_bytes());
            self.line.write(ENTER);
            if step == Step::Command {
                return Ok(Some(Between::exactly(now_ns)));
            }
            scan = Scan::new(None, &passwords);
            let typed = if step == Step::Name { text } else { "" };
            echo = typed.len() as u64 + 2;
        }
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
