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
        let reason = match class {
            _ if self.is_cut => ENDED,
            Some(Class::Open) => "no test of a firewall",
            None => "whether inbound gets in is not known",
            Some(Class::Simple | Class::Complex) => return self.check(outcome, root, ending),
        };
        outcome.reason = reason.to_owned();
        Ok(outcome)
    }

    fn check(
        &self,
        mut outcome: Outcome,
        root: &Root,
        ending: &EndSignals,
    ) -> Result<Outcome, Error> {
        let failed = |errno: nix::Error| Error::cannot("check the product", errno);
        let signals = ending.descriptor().map_err(failed)?;
        let mut watcher = Watcher::new(self.checks, self.timing, root);
        let trial = Trial::new(boottime_ns(), self.timing.within, self.timing.stable);
        let judged = steady(&mut watcher, trial, ending, signals.as_fd());
        outcome.evidence = watcher.evidence();
        match judged {
            None => {
                outcome.reason = ENDED.to_owned();
                return Ok(outcome);
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
            let is_reached = match reached {
                Ok(()) => Some(true),
                Err(None | Some(Dialled::CannotDial)) => None,
                Err(Some(Dialled::TimedOut | Dialled::Unreachable)) if !self.peer_can_dial => {
                    line.push_str(", as may all of this peer's: none has come to anybody yet");
                    None
                }
                Err(_) => Some(false),
            };
            outcome.take_service(is_reached, line);
        }
        Ok(outcome)
    }
}

impl Outcome {
    /// Takes whether the peer has reached the server, where that tells of this network.
    fn take_service(&mut self, is_reached: Option<bool>, line: String) {
        let verdict = match is_reached {
            Some(false) => Verdict::No,
            None if self.verdict == Verdict::Yes => Verdict::NotMeasured,
            _ => self.verdict,
        };
        if verdict != self.verdict {
            self.reason.clone_from(&line);
        }
        self.verdict = verdict;
        self.evidence.push(line);
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_what_has_decided() {
        let of = |verdict, reason: &str, is_reached| {
            let mut outcome = Outcome {
                class: Some(Class::Simple),
                role: Role::Server,
                verdict,
                reason: reason.to_owned(),
                evidence: Vec::new(),
            };
            outcome.take_service(is_reached, "refused".to_owned());
            assert_eq!(outcome.evidence, ["refused"]);
            (outcome.verdict, outcome.reason)
        };
        let told = |verdict, reason: &str| (verdict, reason.to_owned());
        use Verdict::{No, NotMeasured, Yes};
        assert_eq!(of(Yes, "", Some(true)), told(Yes, ""));
        assert_eq!(of(Yes, "", Some(false)), told(No, "refused"));
        assert_eq!(of(Yes, "", None), told(NotMeasured, "refused"));
        assert_eq!(of(No, "unit", Some(false)), told(No, "unit"));
        assert_eq!(of(No, "unit", None), told(No, "unit"));
        assert_eq!(of(No, "unit", Some(true)), told(No, "unit"));
        // The node's address could not be asked for.
        assert_eq!(of(NotMeasured, "node", Some(false)), told(No, "refused"));
        assert_eq!(of(NotMeasured, "node", None), told(NotMeasured, "node"));
    }
}
