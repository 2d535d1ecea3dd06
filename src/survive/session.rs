//! A change of address while the product is watched: what is done, and what may come
//! between.

use super::checks::{Judged, Trial, Watcher};
use super::dead_man::DeadMan;
use super::network::kernel::{Action, Kernel};
use super::network::link::{events, Event};
use super::network::plan::do_step;
use super::saved::Saved;
use crate::system::clock::boottime_ns;
use crate::system::command::{Command, Exit};
use crate::system::errno::reason;
use crate::system::netlink::{Netlink, PIECE};
use crate::system::signals::EndSignals;
use nix::errno::Errno;
use std::net::IpAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// The second announcement of an address comes so long after the first.
const AGAIN_NS: u64 = 1_000_000_000;
/// Between two looks at a command that runs.
const LOOK_NS: u64 = 20_000_000;
/// A command that restarts a product: its stop alone may take systemd's 90 s.
const RESTART_NS: u64 = 240_000_000_000;

/// Why it is not carried through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    Signal,
    /// The process that rolls back is dead.
    DeadMan,
    /// Somebody has put the old address back.
    Returned,
    /// Somebody has taken the new one away.
    Gone,
    /// Somebody has put the interface down.
    Down,
}

/// A change under way. All that it waits for, it waits for together.
pub(crate) struct Session<'s> {
    pub(crate) kernel: Kernel,
    pub(crate) events: Netlink,
    pub(crate) saved: &'s Saved,
    signals: &'s EndSignals,
    descriptor: BorrowedFd<'s>,
    /// `None`: nothing is changed.
    pub(crate) dead_man: Option<DeadMan>,
    announce_ns: u64,
    /// Addresses that others have taken away since: they are not put back, as another
    /// machine may have them by now.
    pub(crate) gone: Vec<IpAddr>,
    /// The old address was back at once.
    is_returned: bool,
    piece: Vec<u8>,
}

impl<'s> Session<'s> {
    pub(crate) fn new(
        kernel: Kernel,
        events: Netlink,
        saved: &'s Saved,
        signals: &'s EndSignals,
        descriptor: BorrowedFd<'s>,
    ) -> Self {
        Self {
            kernel,
            events,
            saved,
            signals,
            descriptor,
            dead_man: None,
            announce_ns: u64::MAX,
            gone: Vec::new(),
            is_returned: false,
            piece: vec![0; PIECE],
        }
    }

    /// Puts the new address in place of the old. Returns when the old one went, and what
    /// could not be done.
    ///
    /// # Errors
    /// The kernel's: the new address cannot be added, or the old not taken away.
    pub(crate) fn change(&mut self) -> nix::Result<(u64, Vec<String>)> {
        let change = &self.saved.change;
        let mut all = self.saved.state.addresses.iter();
        let old = all
            .find(|of| of.local() == Some(change.from))
            .ok_or(Errno::EADDRNOTAVAIL)?;
        let target = change.target(&self.saved.state);
        let new = change.rewritten(old);
        let seconds = (boottime_ns() - self.saved.state.taken_ns) / 1_000_000_000;
        let new = new.later(seconds).ok_or(Errno::EADDRNOTAVAIL)?;
        do_step(&mut self.kernel, Action::Create, &new)?;
        let mark_ns = boottime_ns();
        self.kernel.ask(Action::Delete, &old.asked())?;
        let failures = change.bring(&mut self.kernel, &target, false)?;
        self.saved.announce(change.to);
        self.announce_ns = boottime_ns().saturating_add(AGAIN_NS);
        // What the kernel tells so far was done here, if not by a manager that is as quick.
        self.happened();
        let now = self.kernel.state(change.index)?;
        self.is_returned = now
            .addresses
            .iter()
            .any(|of| of.local() == Some(change.from));
        Ok((mark_ns, failures))
    }

    /// What the kernel has told since it was last asked.
    fn happened(&mut self) -> Vec<Event> {
        let mut all = Vec::new();
        loop {
            match self.events.receive(&mut self.piece) {
                Ok(piece) => all.extend(events(piece)),
                // Some are lost; those that come are looked at.
                Err(Errno::ENOBUFS) => {}
                Err(_) => return all,
            }
        }
    }

    /// Asks the checks, and waits until something happens, or it is `until_ns`.
    ///
    /// # Errors
    /// What ends the change.
    fn turn(&mut self, watcher: &mut Watcher<'_>, until_ns: u64) -> Result<(), Stop> {
        let until_ns = until_ns.min(self.announce_ns);
        let mut fds = vec![self.descriptor, self.events.as_fd()];
        fds.extend(self.dead_man.as_ref().map(DeadMan::line));
        let ready = watcher.wait(&fds, until_ns);
        if boottime_ns() >= self.announce_ns {
            self.saved.announce(self.saved.change.to);
            self.announce_ns = u64::MAX;
        }
        if ready & 1 != 0 && self.signals.within(Duration::ZERO) {
            return Err(Stop::Signal);
        }
        if self.is_returned {
            return Err(Stop::Returned);
        }
        if ready & 4 != 0 {
            return Err(Stop::DeadMan);
        }
        let happened = if ready & 2 != 0 {
            self.happened()
        } else {
            Vec::new()
        };
        let change = self.saved.change;
        if self.dead_man.is_none() && !happened.is_empty() {
            let now = self.address_now();
            watcher.follow(now.map(|now| (change.from, now)));
            return Ok(());
        }
        self.follow(happened)
    }

    /// Takes note of what others do to the interface.
    ///
    /// # Errors
    /// What ends the change.
    fn follow(&mut self, happened: Vec<Event>) -> Result<(), Stop> {
        let change = self.saved.change;
        for event in happened {
            match event {
                Event::Link(link) if link.index == change.index && !link.is_up => {
                    return Err(Stop::Down)
                }
                Event::Address {
                    index,
                    came,
                    address,
                } if index == change.index => match (came, address) {
                    (true, address) if address == change.from => return Err(Stop::Returned),
                    (false, address) if address == change.to => {
                        // The kernel may have taken the others with it.
                        self.gone.clear();
                        self.keep();
                        return Err(Stop::Gone);
                    }
                    // Those of IPv6 also go when the interface is put down.
                    (false, IpAddr::V6(_)) => {}
                    (came, address) => {
                        self.gone.retain(|gone| *gone != address);
                        self.gone.extend((!came).then_some(address));
                        self.keep();
                    }
                },
                _ => {}
            }
        }
        Ok(())
    }

    /// Whoever puts the state back after this process's death goes by what is kept.
    fn keep(&self) {
        self.saved.without(&self.gone).renew();
    }

    /// Asks the checks until the trial has ended.
    ///
    /// # Errors
    /// What ends the change.
    pub(crate) fn judge(
        &mut self,
        watcher: &mut Watcher<'_>,
        mut trial: Trial,
    ) -> Result<Judged, Stop> {
        loop {
            let wake_ns = trial.wake_ns(watcher.health());
            self.turn(watcher, wake_ns)?;
            if let Some(judged) = trial.look(watcher.health(), boottime_ns()) {
                return Ok(judged);
            }
        }
    }

    /// Restarts the product; otherwise why that failed.
    ///
    /// # Errors
    /// What ends the change.
    pub(crate) fn restart(
        &mut self,
        watcher: &mut Watcher<'_>,
        command: &Command,
    ) -> Result<Result<(), String>, Stop> {
        let mut child = match command.start() {
            Ok(child) => child,
            Err(errno) => return Ok(Err(format!("cannot be started: {}", reason(errno)))),
        };
        let deadline_ns = boottime_ns().saturating_add(RESTART_NS);
        loop {
            if let Some(ended) = child.poll(&mut |_| ()) {
                return Ok(match ended.exit {
                    Exit::Status(0) => Ok(()),
                    Exit::Status(status) => Err(format!("status {status}")),
                    Exit::Signal(signal) => Err(format!("signal {signal}")),
                    Exit::TimedOut => Err("killed".to_owned()),
                });
            }
            let now_ns = boottime_ns();
            if now_ns >= deadline_ns {
                child.kill(&mut |_| ());
                return Ok(Err("no end within 240 s".to_owned()));
            }
            self.turn(watcher, now_ns.saturating_add(LOOK_NS))?;
        }
    }

    /// Waits, changing nothing, until somebody else changes the interface's addresses of a
    /// family, or its cable; returns when that was, and what it was.
    ///
    /// # Errors
    /// What ends it.
    pub(crate) fn await_change(
        &mut self,
        watcher: &mut Watcher<'_>,
    ) -> Result<(u64, String), Stop> {
        loop {
            let ready = watcher.wait(&[self.descriptor, self.events.as_fd()], u64::MAX);
            if ready & 1 != 0 && self.signals.within(Duration::ZERO) {
                return Err(Stop::Signal);
            }
            let now_ns = boottime_ns();
            let change = self.saved.change;
            for event in self.happened() {
                match event {
                    Event::Link(link) if link.index == change.index && !link.has_carrier => {
                        return Ok((now_ns, "the cable, or the interface, went".to_owned()));
                    }
                    Event::Address {
                        index,
                        came,
                        address,
                    } if index == change.index
                        && address.is_ipv4() == change.from.is_ipv4()
                        && self.is_news(came, address) =>
                    {
                        let what = if came { "came" } else { "went" };
                        return Ok((now_ns, format!("{address} {what}")));
                    }
                    _ => {}
                }
            }
        }
    }

    /// A lease that is renewed is none.
    fn is_news(&self, came: bool, address: IpAddr) -> bool {
        let mut before = self.saved.state.addresses.iter();
        came != before.any(|of| of.local() == Some(address))
    }

    /// The first address of the interface now, of the family that is watched.
    pub(crate) fn address_now(&mut self) -> Option<IpAddr> {
        let from = self.saved.change.from;
        let now = self.kernel.state(self.saved.change.index).ok()?;
        let mut all = now
            .addresses
            .iter()
            .filter(|of| of.is_global())
            .filter_map(super::network::object::Object::local);
        all.find(|address| address.is_ipv4() == from.is_ipv4())
    }
}
