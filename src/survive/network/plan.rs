//! How the network gets from the state that it is in to another.

use super::kernel::{Action, Kernel};
use super::object::{self, hops_of, is_within, octets, Object};
use super::object::{INET, INET6, NEW_ADDRESS, ON_LINK, SCOPE_LINK};
use super::state::{has_an_order, State};
use crate::system::errno::reason;
use crate::system::netlink::message::{attributes, u32_at};
use std::net::IpAddr;

/// An address that takes the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// The interface.
    pub(crate) index: u32,
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    pub(crate) prefix_len: u8,
}

/// IFA_F_NODAD: whether others have the address is known already.
const UNDETECTED: u32 = 2;
/// IFA_F_NOPREFIXROUTE: the kernel makes no route to its subnet.
const NO_PREFIX_ROUTE: u32 = 0x200;
/// Addresses, nexthops, routes, rules: what hangs on what.
pub(super) const STAGES: std::ops::Range<usize> = 0..4;
/// Each pass may need what the one before has made.
const PASSES: u32 = 10;

impl Change {
    pub(super) fn pair(&self) -> [IpAddr; 2] {
        [self.from, self.to]
    }

    /// The object with the new address for the old.
    // No object is shorter than its struct.
    #[allow(clippy::indexing_slicing)]
    pub(crate) fn rewritten(&self, of: &Object) -> Object {
        let (from, to) = (octets(self.from), octets(self.to));
        if of.kind != NEW_ADDRESS {
            return of.with(|kind, value| match kind {
                object::RTA_PREFSRC if value == from => Some(to.clone()),
                _ => Some(value.to_vec()),
            });
        }
        if of.local() != Some(self.from) {
            return of.clone();
        }
        let mut of = of.with(|kind, value| match kind {
            object::IFA_LOCAL | object::IFA_ADDRESS if value == from => Some(to.clone()),
            object::IFA_BROADCAST => self.broadcast(),
            _ => Some(value.to_vec()),
        });
        of.payload[1] = self.prefix_len;
        of
    }

    fn broadcast(&self) -> Option<Vec<u8>> {
        let IpAddr::V4(to) = self.to else {
            return None;
        };
        let hosts = u32::MAX.checked_shr(self.prefix_len.into()).unwrap_or(0);
        let all = u32::from(to) | hosts;
        (self.prefix_len < 31).then(|| all.to_be_bytes().to_vec())
    }

    /// The state that is to be: routes of the old address are the new one's.
    pub(crate) fn target(&self, before: &State) -> State {
        let rewritten = |of: &Object| self.rewritten(of);
        State {
            taken_ns: before.taken_ns,
            addresses: before.addresses.iter().map(rewritten).collect(),
            nexthops: before.nexthops.clone(),
            routes: before.routes.iter().map(rewritten).collect(),
            rules: Vec::new(),
        }
    }

    /// A route whose gateway nothing leads to any more.
    pub(crate) fn lost_route<'s>(&self, before: &'s State) -> Option<&'s Object> {
        let reachable = |gateway: IpAddr| {
            let is_local = matches!(gateway, IpAddr::V6(of) if of.segments()[0] & 0xffc0 == 0xfe80);
            let has_route = |of: &&Object| of.address_flags() & NO_PREFIX_ROUTE == 0;
            let is_old = |of: &Object| of.local() == Some(self.from);
            let all = before.addresses.iter();
            // The new one leads to the other end of the old, where that has one.
            let mut after = all
                .filter(|of| is_old(of) || has_route(of))
                .map(|of| self.rewritten(of));
            // The kernel removes its own with the address.
            let goes = |route: &Object| {
                let source = route.address_at(object::RTA_PREFSRC);
                route.is_the_kernels() && (source == Some(self.from) || route.leads_to(self.from))
            };
            let mut links = before.routes.iter().filter(|route| {
                (route.byte(6) >= SCOPE_LINK || route.family() == INET6)
                    && route.attribute(object::RTA_GATEWAY).is_none()
                    && route.leads_over(self.index)
                    && route.leads_to(gateway)
                    && !goes(route)
            });
            let leads_there = |of: Object| {
                let subnet = of.address_at(object::IFA_ADDRESS);
                subnet.is_some_and(|subnet| is_within(gateway, subnet, of.prefix_len()))
            };
            is_local || after.any(leads_there) || links.next().is_some()
        };
        let mut routes = before.routes.iter().filter(|route| {
            (route.family() == INET) == self.to.is_ipv4() && route.leads_over(self.index)
        });
        routes.find(|route| {
            route
                .gateways(self.index)
                .into_iter()
                .any(|gateway| !reachable(gateway))
        })
    }

    /// What brings `now` nearer to `target` in a stage; nothing where it is there, but for
    /// what the kernel makes itself, soon. `restoring`: the new address goes.
    pub(super) fn steps(
        &self,
        target: &State,
        now: &State,
        restoring: bool,
        stage: usize,
    ) -> Vec<(Action, Object)> {
        let seconds = now.taken_ns.saturating_sub(target.taken_ns) / 1_000_000_000;
        let steps = match stage {
            0 => self.address_steps(target, now, seconds, restoring),
            1 => missing(&target.nexthops, &now.nexthops)
                .map(create)
                .collect(),
            2 => self.route_steps(target, now, restoring),
            _ => missing(&target.rules, &now.rules).map(create).collect(),
        };
        let later = |(action, object): (Action, Object)| match action {
            Action::Create | Action::Append => Some((action, object.later(seconds)?)),
            _ => Some((action, object)),
        };
        steps.into_iter().filter_map(later).collect()
    }

    fn address_steps(
        &self,
        target: &State,
        now: &State,
        seconds: u64,
        restoring: bool,
    ) -> Vec<(Action, Object)> {
        let mut steps = Vec::new();
        for family in [INET, INET6] {
            let mut wanted = target.in_the_order_of_making(family);
            wanted.retain(|of| of.later(seconds).is_some());
            let mut ours = now.in_the_order_of_making(family);
            // Those that others have added stay.
            ours.retain(|of| {
                let is_changed = of.local().is_some_and(|of| self.pair().contains(&of));
                has(&wanted, of) || restoring && is_changed
            });
            let kept = kept(&wanted, &ours, family);
            let gone = ours.iter().rev().filter(|of| !has(&kept, of));
            steps.extend(gone.map(|of| (Action::Delete, of.asked())));
            let new = wanted.iter().filter(|of| !has(&kept, of));
            steps.extend(new.map(|of| create(of)));
        }
        steps
    }

    fn route_steps(&self, target: &State, now: &State, restoring: bool) -> Vec<(Action, Object)> {
        let concerns = |route: &&Object| route.concerns(self.index, self.pair());
        let there: Vec<Object> = now.routes.iter().map(Object::asked).collect();
        let first = |state: &State, route: &Object| {
            let mut all = state.routes.iter();
            all.find(|other| other.is_beside(route)).map(Object::asked)
        };
        let is_missing = |route: &&Object| {
            let asked = route.asked();
            let is_there = there.contains(&asked);
            if !route.is_the_kernels() {
                return !is_there;
            }
            let asked = Some(asked);
            // With a new address, the kernel puts it behind that of another interface; or
            // makes none like it.
            let is_behind = || first(target, route) == asked && first(now, route) != asked;
            !is_there && target.is_made_by_hand(route)
                || (is_there || restoring && now.has_source_of(route)) && is_behind()
        };
        let missing: Vec<&Object> = target
            .routes
            .iter()
            .filter(|route| match concerns(route) {
                true => is_missing(route),
                false => self.is_overtaking(route, target, now),
            })
            .collect();
        // IPv6 keeps a route whose source goes, without it.
        let is_left_of = |route: &Object| {
            let sourceless = route.sourceless();
            missing.iter().any(|other| other.sourceless() == sourceless)
        };
        let is_of_pair = |route: &Object| {
            let source = route.address_at(object::RTA_PREFSRC);
            source.is_some_and(|source| self.pair().contains(&source))
        };
        let is_stale = |route: &&Object| {
            let asked = route.asked();
            let is_it = |other: &Object| other.asked() == asked;
            let is_wanted = || target.routes.iter().any(is_it);
            let is_left = || !route.is_the_kernels() && is_left_of(route);
            let is_made_anew = missing.iter().any(|other| is_it(other));
            let is_too_much = || restoring && is_of_pair(route) || is_left();
            is_made_anew || concerns(route) && is_too_much() && !is_wanted()
        };
        let stale = now.routes.iter().filter(is_stale);
        let stale = stale.map(|route| (Action::Delete, route.asked()));
        let new = missing.iter().copied().map(|route| {
            let mut before = target.routes.iter().take_while(|other| *other != route);
            match before.any(|other| other.is_beside(route)) {
                true => (Action::Append, route.clone()),
                false => create(route),
            }
        });
        stale.chain(new).collect()
    }

    /// Makes it the state that is to be. Returns what could not be done, and why.
    ///
    /// # Errors
    /// Where the kernel does not tell its state.
    pub(crate) fn bring(
        &self,
        kernel: &mut Kernel,
        target: &State,
        restoring: bool,
    ) -> nix::Result<Vec<String>> {
        let mut failures = Vec::new();
        // What fails in a stage is no reason to do without the next.
        for stage in STAGES {
            let before = failures.len();
            for _ in 0..PASSES {
                let now = kernel.state(self.index)?;
                let steps = self.steps(target, &now, restoring, stage);
                failures.truncate(before);
                let all = steps.len().saturating_add(before);
                for (action, object) in steps {
                    if let Err(errno) = do_step(kernel, action, &object) {
                        failures.push(format!("{object}: {}", reason(errno)));
                    }
                }
                if failures.len() == all {
                    break;
                }
            }
        }
        Ok(failures)
    }
}

/// Does it; an address of IPv6 is had at once, not when nobody has answered for a second.
pub(crate) fn do_step(kernel: &mut Kernel, action: Action, object: &Object) -> nix::Result<()> {
    let is_new = (action, object.kind, object.family()) == (Action::Create, NEW_ADDRESS, INET6);
    if !is_new {
        return kernel.ask(action, object);
    }
    let flags = (object.address_flags() | UNDETECTED).to_ne_bytes();
    let undetected = object.with(|kind, value| match kind {
        object::IFA_FLAGS => Some(flags.to_vec()),
        _ => Some(value.to_vec()),
    });
    kernel.ask(action, &undetected)?;
    kernel.ask(Action::Replace, object)
}

fn create(object: &Object) -> (Action, Object) {
    (Action::Create, object.clone())
}

fn missing<'o>(wanted: &'o [Object], now: &[Object]) -> impl Iterator<Item = &'o Object> {
    let now: Vec<Object> = now.iter().map(Object::asked).collect();
    wanted
        .iter()
        .filter(move |object| !now.contains(&object.asked()))
}

/// The addresses that can stay where they are: a new one is the last of all, so the others
/// are made anew behind these. In IPv4 one goes with an earlier one of its subnet.
// A place that was found in `ours`, or the one behind it.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
fn kept<'o>(wanted: &[&'o Object], ours: &[&'o Object], family: u8) -> Vec<&'o Object> {
    let is_ordered = [wanted, ours].iter().all(|all| has_an_order(all, family));
    let mut kept: Vec<&Object> = Vec::new();
    let mut from = 0;
    for of in wanted {
        let place = ours[from..].iter().position(|other| of.is_same(other));
        let goes = |before: &[&Object]| {
            let mut gone = before.iter().filter(|other| !has(&kept, other));
            family == INET && gone.any(|other| of.is_of_subnet(other))
        };
        match place.map(|place| from + place) {
            Some(place) if !goes(&ours[..place]) => {
                kept.push(of);
                from = if is_ordered { place + 1 } else { 0 };
            }
            _ if is_ordered => break,
            _ => {}
        }
    }
    kept
}

fn has(all: &[&Object], of: &Object) -> bool {
    all.iter().any(|other| of.is_same(other))
}

impl State {
    fn has_source_of(&self, route: &Object) -> bool {
        let source = route.address_at(object::RTA_PREFSRC);
        self.addresses.iter().any(|of| of.local() == source)
    }

    /// Whether a route to a subnet bears the kernel's name though the kernel makes none:
    /// NetworkManager's, whose addresses are without.
    fn is_made_by_hand(&self, route: &Object) -> bool {
        let Some(to) = route.address_at(object::RTA_DST) else {
            return false;
        };
        let source = route.address_at(object::RTA_PREFSRC);
        self.addresses.iter().any(|of| {
            let own = of.local();
            route.byte(7) == libc::RTN_UNICAST
                && of.address_flags() & NO_PREFIX_ROUTE != 0
                && of.prefix_len() == route.prefix_len()
                && (source.is_none() || source == own)
                && own.is_some_and(|own| is_within(own, to, of.prefix_len()))
        })
    }
}

impl Object {
    /// Whether a route to a subnet is one to that address.
    fn leads_to(&self, address: IpAddr) -> bool {
        let to = self.address_at(object::RTA_DST);
        to.is_some_and(|to| is_within(address, to, self.prefix_len()))
    }

    /// A route whatever its source.
    fn sourceless(&self) -> Self {
        self.asked().with(|kind, value| match kind {
            object::RTA_PREFSRC => None,
            _ => Some(value.to_vec()),
        })
    }

    /// Whether two routes of IPv4 lead to the same place, and the kernel takes the first.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        let bytes = [0, 1, 3].map(|at| (self.byte(at), other.byte(at)));
        let keys = [object::RTA_DST, object::RTA_TABLE, object::RTA_PRIORITY];
        self.family() == INET
            && bytes.iter().all(|(a, b)| a == b)
            && keys
                .iter()
                .all(|&key| self.attribute(key) == other.attribute(key))
    }

    /// The gateways of a route over the interface, where they must be reachable.
    // No hop is shorter than its struct, of eight bytes.
    #[allow(clippy::indexing_slicing)]
    fn gateways(&self, index: u32) -> Vec<IpAddr> {
        if self.attribute(object::RTA_NH_ID).is_some() {
            return Vec::new();
        }
        let hops = self.attribute(object::RTA_MULTIPATH).unwrap_or_default();
        let of_hop = |hop: &[u8]| {
            let is_here = u32_at(hop, 4) == Some(index);
            let is_on_link = hop[2] & ON_LINK != 0;
            let mut values = attributes(hop.get(8..).unwrap_or_default());
            let gateway = values.find(|(kind, _)| *kind == object::RTA_GATEWAY)?.1;
            object::ip(gateway).filter(|_| is_here && !is_on_link)
        };
        let mut gateways: Vec<IpAddr> = hops_of(hops).filter_map(of_hop).collect();
        let flags = u32_at(&self.payload, 8).unwrap_or(0);
        if flags & u32::from(ON_LINK) == 0 {
            gateways.extend(self.address_at(object::RTA_GATEWAY));
        }
        gateways
    }
}
