//! `survive ip-change`: another address, two verdicts, and the old address again.

use super::asked::{restarting, Asked};
use super::course::{change, healthy, healthy_again, observe, Ready};
use super::judgement::show;
use super::options::{IpChange, Subnet};
use super::prospect::{plan, refresh};
use super::undo::{complain_of, kernel_error, put_back, undo};
use crate::commands::outcome::{complain, Error, Status};
use crate::commands::unsampled_run::UnsampledRun;
use crate::proc::capabilities::{Privilege, NET_ADMIN};
use crate::proc::root::Root;
use crate::results::Verdict;
use crate::survive::cause::cause;
use crate::survive::checks::{defaults, Checks, Timing, Watcher};
use crate::survive::manager::managers;
use crate::survive::network::kernel::Kernel;
use crate::survive::network::link::GROUPS;
use crate::survive::session::{Session, Stop};
use crate::system::clock::realtime_ns;
use crate::system::detach::ignore;
use crate::system::errno::why;
use crate::system::netlink::Netlink;
use crate::system::signals::EndSignals;
use nix::sys::signal::Signal;
use std::io::Write;
use std::os::fd::AsFd;
use std::path::Path;

impl IpChange {
    pub(super) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        let root = Root::open(proc_root)
            .map_err(|error| Error::new(format!("cannot open /proc: {}", why(&error))))?;
        if !root.is_live() {
            return Err(Error::new("a captured tree has no network"));
        }
        let may = Privilege::own(&root).has(NET_ADMIN);
        if !may && !self.observe {
            return Err(Error::new(
                "cannot change addresses: no CAP_NET_ADMIN; run as root",
            ));
        }
        if self.undo {
            return undo(self.force, out);
        }
        let (iface, to, asked) = self.asked(&root)?;
        let mut kernel = Kernel::open().map_err(kernel_error)?;
        let saved = plan(&mut kernel, iface, to, self.from.map(|of| of.0))?;
        let managers = managers(&root, iface, saved.change.index);
        let log = UnsampledRun::of_results(self.output.as_deref(), self.product.as_ref(), &root)?;
        let mut ready = Ready {
            root: &root,
            iface,
            saved,
            managers,
            forced: self.force,
        };
        self.measure(&mut ready, &asked, kernel, log, out)
    }

    pub(super) fn understood(&self, root: &Root) -> Result<(), Error> {
        self.asked(root).map(|_| ())
    }

    /// The interface, its new address, and what is checked.
    fn asked(&self, root: &Root) -> Result<(&str, Option<Subnet>, Asked), Error> {
        let (iface, to) = self.checked()?;
        let asked = Asked::of(
            &self.checks,
            self.restart.as_deref(),
            self.product.as_ref(),
            defaults::part(root),
            root,
        )?;
        Ok((iface, to, asked))
    }

    fn timing(&self) -> Timing {
        Timing {
            every: self.every.0,
            time_out: self.check_timeout.0,
            within: self.within.0,
            stable: self.stable.0,
        }
    }

    fn measure(
        &self,
        ready: &mut Ready<'_>,
        asked: &Asked,
        mut kernel: Kernel,
        mut log: UnsampledRun,
        out: &mut dyn Write,
    ) -> Result<Status, Error> {
        let failed = |errno: nix::Error| Error::cannot("begin", errno);
        let checks = Checks::new(asked.specs.clone(), ready.root).map_err(Error::new)?;
        let restart = asked.restart.as_deref().map(restarting);
        let restart = restart.transpose().map_err(failed)?;
        // It goes on without its terminal.
        ignore(Signal::SIGHUP).map_err(failed)?;
        let signals = EndSignals::block().map_err(failed)?;
        let descriptor = signals.descriptor().map_err(failed)?;
        let mut watcher = Watcher::new(&checks, self.timing(), ready.root);
        healthy(&mut watcher, &signals, descriptor.as_fd())?;
        let events = Netlink::open(GROUPS).map_err(kernel_error)?;
        // A lease may have been renewed meanwhile.
        refresh(&mut ready.saved, &mut kernel, ready.iface)?;
        let mut session = Session::new(kernel, events, &ready.saved, &signals, descriptor.as_fd());
        let since = realtime_ns() / 1_000_000_000;
        let ready = &*ready;
        let (what, judgement) = match self.observe {
            true => observe(ready, &mut session, &mut watcher, out),
            false => change(ready, &mut session, &mut watcher, restart.as_ref(), out)?,
        };
        let left = put_back(&mut session)?;
        let needs_cause = judgement.needs_cause();
        let mut units = asked.units.iter().filter(|_| needs_cause);
        let cause = units.find_map(|unit| Some(format!("{unit}: {}", cause(unit, since)?)));
        let mut result = judgement.result(&what, &ready.managers, cause.as_deref());
        let mut after = String::new();
        if !self.observe {
            result.evidence.push(match left.is_empty() {
                true => "all of the old state is back".to_owned(),
                false => format!("not as before: {}", left.join("; ")),
            });
            if judgement.stop != Some(Stop::Signal) {
                after = healthy_again(&mut watcher, restart.as_ref(), &signals, descriptor.as_fd());
                let told = (!after.is_empty()).then(|| format!("unhealthy afterwards: {after}"));
                result.evidence.extend(told);
            }
        }
        // The terminal may be gone, and the log not.
        let _ = show(out, &result).and_then(|()| out.flush());
        let verdict = result.verdict;
        let logged = log.add_result(result).and_then(|()| log.end());
        loudest(ready, &left, &after);
        logged?;
        Ok(match verdict {
            _ if !left.is_empty() || !after.is_empty() => Status::Partly,
            Verdict::Yes => Status::Yes,
            Verdict::No => Status::No,
            Verdict::NotMeasured | Verdict::None => Status::Partly,
        })
    }
}

/// What must not be overlooked.
fn loudest(ready: &Ready<'_>, left: &[String], after: &str) {
    let iface = ready.iface;
    complain_of(left, iface);
    if !after.is_empty() {
        let from = ready.saved.change.from;
        let back = match left.is_empty() {
            true => format!(", though {from} is back on {iface}"),
            false => String::new(),
        };
        complain(&format!("THE PRODUCT IS UNHEALTHY{back}: {after}"));
    }
}
