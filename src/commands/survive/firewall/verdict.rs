//! Whether the product works behind this network, as a screen and a result have it.

use super::role::Role;
use crate::commands::outcome::{Error, Status};
use crate::commands::style::width_of_output;
use crate::firewall::class::Class;
use crate::firewall::finding::Finding;
use crate::firewall::told;
use crate::peer::message::Dialled;
use crate::proc::root::Root;
use crate::render::style::hanging;
use crate::results::{Kind, Measurement, Verdict};
use crate::survive::checks::{steady, Checks, Judged, Lack, Timing, Trial, Watcher};
use crate::system::clock::boottime_ns;
use crate::system::signals::EndSignals;
use std::io::{self, Write};
use std::os::fd::AsFd;

/// The width of a finding's name and of its answer.
const NAME: usize = 26;
const ANSWER: usize = 9;
const ENDED: &str = "ended by a signal";

pub(super) struct Product<'c> {
    pub(super) role: Role,
    pub(super) checks: &'c Checks,
    pub(super) timing: Timing,
    /// The port of its service, and how the peer's connection to it went.
    pub(super) service: Option<(u16, Result<(), Option<Dialled>>)>,
    /// Something shows that the peer can dial at all.
    pub(super) peer_can_dial: bool,
    /// A signal came while the network was looked at.
    pub(super) is_cut: bool,
}

/// What became of the product.
pub(super) struct Outcome {
    class: Option<Class>,
    role: Role,
    verdict: Verdict,
    reason: String,
    evidence: Vec<String>,
}

pub(super) fn print_findings(
    out: &mut dyn Write,
    findings: &[Finding],
    class: Option<Class>,
) -> io::Result<()> {
    let width = width_of_output();
    for finding in findings {
        let (name, known) = (finding.question.name(), finding.known.word());
        let head = format!("{name:<NAME$}  {known:<ANSWER$}  ");
        hanging(out, width, &head, &finding.evidence)?;
    }
    let class = match class {
        Some(Class::Open) => "open: inbound gets in",
        Some(Class::Simple) => "simple: inbound is kept out, and no other limit was seen",
        Some(Class::Complex) => "complex: more than inbound is limited",
        None => "not known: no limit was seen, but inbound may be kept out",
    };
    hanging(out, width, "class of the network: ", class)?;
    out.flush()
}

pub(super) fn print(out: &mut dyn Write, result: &Measurement) -> io::Result<()> {
    let width = width_of_output();
    let answer = match result.verdict {
        Verdict::Yes => "it works here",
        Verdict::No => "it does not work here",
        Verdict::None | Verdict::NotMeasured => "not measured",
    };
    let head = format!("{}: {answer}", result.source);
    match result.reason.is_empty() {
        true => writeln!(out, "{head}"),
        false => hanging(out, width, &format!("{head}: "), &result.reason),
    }
}

impl Product<'_> {
    /// Asks the product's checks, if there is a firewall.
    pub(super) fn judge(
        &self,
        class: Option<Class>,
        root: &Root,
        ending: &EndSignals,
    ) -> Result<Outcome, Error> {
        let mut outcome = Outcome {
            class,
            role: self.role,
            verdict: Verdict::NotMeasured,
            reason: String::new(),
            evidence: Vec::new(),
        };
        match class {
            _ if self.is_cut => outcome.reason = ENDED.to_owned(),
            Some(Class::Open) => outcome.reason = "no test of a firewall".to_owned(),
            None => outcome.reason = "whether inbound gets in is not known".to_owned(),
            Some(Class::Simple | Class::Complex) => self.check(&mut outcome, root, ending)?,
        }
        Ok(outcome)
    }

    fn check(&self, outcome: &mut Outcome, root: &Root, ending: &EndSignals) -> Result<(), Error> {
        let failed =
            |errno: nix::Error| Error::new(format!("cannot check the product: {}", errno.desc()));
        let signals = ending.descriptor().map_err(failed)?;
        let mut watcher = Watcher::new(self.checks, self.timing, root);
        let trial = Trial::new(boottime_ns(), self.timing.within, self.timing.stable);
        let judged = steady(&mut watcher, trial, ending, signals.as_fd());
        outcome.evidence = watcher.evidence();
        match judged {
            None => {
                outcome.reason = ENDED.to_owned();
                return Ok(());
            }
            Some(Judged::Stable { .. }) => outcome.verdict = Verdict::Yes,
            Some(Judged::Failed { why, lack, .. }) => {
                if lack != Lack::NotKnown {
                    outcome.verdict = Verdict::No;
                }
                outcome.reason = why;
            }
        }
        if let Some((port, reached)) = self.service {
            let how = match reached {
                Ok(()) => told(Some(Dialled::Connected)),
                Err(how) => told(how),
            };
            let mut line = format!("the peer's connection to port {port} of the server: {how}");
            let says_nothing = match reached {
                Err(None | Some(Dialled::CannotDial)) => true,
                Err(Some(Dialled::TimedOut | Dialled::Unreachable)) if !self.peer_can_dial => {
                    line.push_str(", as may all of this peer's: none has come to anybody yet");
                    true
                }
                _ => false,
            };
            match reached {
                Ok(()) => {}
                // Of this network.
                Err(_) if says_nothing && outcome.verdict == Verdict::Yes => {
                    outcome.verdict = Verdict::NotMeasured;
                    outcome.reason = line.clone();
                }
                Err(_) if says_nothing => {}
                Err(_) => {
                    outcome.verdict = Verdict::No;
                    if outcome.reason.is_empty() {
                        outcome.reason = line.clone();
                    }
                }
            }
            outcome.evidence.push(line);
        }
        Ok(())
    }
}

impl Outcome {
    pub(super) fn status(&self) -> Status {
        match self.verdict {
            Verdict::Yes => Status::Yes,
            Verdict::No => Status::No,
            Verdict::None | Verdict::NotMeasured => Status::Partly,
        }
    }

    /// The result: in the row of the class, if it is one of a firewall's.
    pub(super) fn result(&self, peers: &[String], findings: &[Finding]) -> Measurement {
        let kind = match self.class {
            Some(Class::Complex) => Kind::ComplexFirewall,
            _ => Kind::SimpleFirewall,
        };
        let class = self.class.map_or("not known", Class::name);
        let mut result = Measurement::of(kind);
        result.verdict = self.verdict;
        result.reason = self.reason.clone();
        let (role, peers) = (self.role.name(), peers.join(" and "));
        result.source = format!("{role}, class {class}, asked {peers}");
        let finding = |finding: &Finding| {
            let (name, known) = (finding.question.name(), finding.known.word());
            format!("{name}: {known}: {}", finding.evidence)
        };
        result.evidence = findings.iter().map(finding).collect();
        result.evidence.extend(self.evidence.iter().cloned());
        result
    }
}
