//! The parsers and the plan, on dumps that Linux 6.18 gave of the board of tests/networks
//! with all that `hard` in its board.sh makes; `ip addr`, `ip route`, `ip rule` and `ip
//! nexthop` of iproute2 beside them gave the values expected here.

mod differences;
mod order;

use super::link::{self, events, Link};
use super::object::{self, is_within, Object};
use super::plan::{Change, STAGES};
use super::state::{differences, State};
use crate::proc::hostile::{mangled, prefixes};
use crate::system::netlink::message::messages;
use proptest::prelude::*;
use std::net::IpAddr;

const LINKS: &[u8] = include_bytes!("../../../tests/networks/dumps/links");
const ADDRESSES: &[u8] = include_bytes!("../../../tests/networks/dumps/addresses");
const ROUTES: &[u8] = include_bytes!("../../../tests/networks/dumps/routes");
const RULES: &[u8] = include_bytes!("../../../tests/networks/dumps/rules");
const NEXTHOPS: &[u8] = include_bytes!("../../../tests/networks/dumps/nexthops");
const ETH0: u32 = 3;
const S: u64 = 1_000_000_000;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The dumps; the loopback's address, which is first of each family, is of another interface.
fn board() -> State {
    let mut state = State::read(S, &[ADDRESSES, ROUTES, RULES, NEXTHOPS].concat());
    state.addresses.retain(|of| of.index() == Some(ETH0));
    state
}

fn change(from: &str, to: &str, prefix_len: u8) -> Change {
    Change {
        index: ETH0,
        from: ip(from),
        to: ip(to),
        prefix_len,
    }
}

fn usual() -> Change {
    change("10.0.0.1", "10.0.0.77", 24)
}

fn shown(objects: &[Object]) -> Vec<String> {
    objects.iter().map(Object::to_string).collect()
}

fn address<'s>(state: &'s State, text: &str) -> &'s Object {
    let mut all = state.addresses.iter();
    all.find(|of| of.local() == Some(ip(text))).unwrap()
}

fn steps(change: &Change, target: &State, now: &State, restoring: bool) -> Vec<String> {
    // Of the first stage in which there is something to do.
    let mut all = STAGES.map(|stage| change.steps(target, now, restoring, stage));
    let steps = all.find(|steps| !steps.is_empty()).unwrap_or_default();
    let told = steps
        .iter()
        .map(|(action, object)| format!("{action:?} {object}"));
    told.collect()
}

#[test]
fn what_the_kernel_told() {
    let board = board();
    let addresses = [
        "address 10.0.0.1/24",
        "address 192.168.9.1/24",
        "address 10.0.0.3/24",
        "address 10.0.0.4/24",
        "address fd00::3/64",
        "address fd00::1/64",
        "address fe80::5c00:32ff:fe1b:e948/64",
    ];
    assert_eq!(shown(&board.addresses), addresses);
    assert_eq!(shown(&board.nexthops), ["nexthop 7"]);
    let routes = shown(&board.routes);
    assert_eq!((routes.len(), board.rules.len()), (26, 6));
    for route in [
        "route default via 10.0.0.254 table 100",
        "route default via 10.0.0.254",
        "route 10.9.0.0/24 via 10.0.0.253",
        "route 10.7.0.0/24",
        "route fd01::/64 via fd00::fe",
        "route 10.0.0.255/32 table 255",
    ] {
        assert!(routes.iter().any(|of| of == route), "{route}: {routes:?}");
    }
    let links: Vec<Object> = messages(LINKS)
        .filter(|message| message.kind == object::NEW_LINK)
        .map(|message| Object {
            kind: message.kind,
            payload: message.payload.to_vec(),
        })
        .collect();
    let eth0 = Link {
        index: ETH0,
        is_up: true,
        has_carrier: true,
        mac: Some([0x5e, 0, 0x32, 0x1b, 0xe9, 0x48]),
    };
    assert_eq!(link::named(&links, "eth0"), Some(eth0));
    assert_eq!(link::named(&links, "eth"), None);
    assert_eq!(link::name(&links, ETH0), "eth0");
}

#[test]
fn what_is_kept_is_read_back() {
    let board = board();
    let mut bytes = Vec::new();
    board.write(&mut bytes);
    assert_eq!(State::read(S, &bytes), board);
}

#[test]
fn subnets() {
    for (a, b, len, expected) in [
        ("10.0.0.1", "10.0.0.254", 24, true),
        ("10.0.0.1", "10.0.1.1", 24, false),
        ("10.0.0.1", "10.0.1.1", 23, true),
        ("10.0.0.127", "10.0.0.128", 25, false),
        ("10.0.0.1", "10.0.0.1", 32, true),
        ("10.0.0.1", "10.0.0.0", 32, false),
        ("10.0.0.1", "11.0.0.1", 0, true),
        ("10.0.0.1", "10.0.0.1", 255, false),
        ("fd00::1", "fd00::ffff", 64, true),
        ("fd00::1", "fd00:0:0:1::1", 63, true),
        ("fd00::1", "10.0.0.1", 0, false),
    ] {
        assert_eq!(is_within(ip(a), ip(b), len), expected, "{a} {b} {len}");
    }
}

#[test]
fn the_new_address_in_the_place_of_the_old() {
    let board = board();
    let old = address(&board, "10.0.0.1");
    let new = change("10.0.0.1", "10.0.0.77", 20).rewritten(old);
    assert_eq!(new.to_string(), "address 10.0.0.77/20");
    assert_eq!(new.address_at(object::IFA_ADDRESS), Some(ip("10.0.0.77")));
    assert_eq!(
        new.address_at(object::IFA_BROADCAST),
        Some(ip("10.0.15.255"))
    );
    let target = usual().target(&board);
    let from = |state: &State, source: &str| {
        let sourced = |of: &&Object| of.address_at(object::RTA_PREFSRC) == Some(ip(source));
        state.routes.iter().filter(sourced).count()
    };
    // As `ip route show table all` has them, with src.
    assert_eq!(
        (from(&board, "10.0.0.1"), from(&board, "10.0.0.77")),
        (7, 0)
    );
    assert_eq!(
        (from(&target, "10.0.0.1"), from(&target, "10.0.0.77")),
        (0, 7)
    );
}

#[test]
fn a_gateway_that_nothing_leads_to_any_more() {
    let mut board = board();
    let far = change("10.0.0.1", "172.17.0.2", 24);
    // 10.0.0.3 still leads there.
    assert_eq!(far.lost_route(&board), None);
    board
        .addresses
        .retain(|of| of.local() != Some(ip("10.0.0.3")));
    let lost = far.lost_route(&board).map(Object::to_string);
    assert_eq!(
        lost.as_deref(),
        Some("route default via 10.0.0.254 table 100")
    );
    assert_eq!(usual().lost_route(&board), None);
    // Only the route with `onlink` does without.
    board
        .routes
        .retain(|of| of.to_string() == "route 10.8.0.0/24 via 172.16.0.1");
    assert_eq!((board.routes.len(), far.lost_route(&board)), (1, None));
}

/// An address that leads to another end: its own subnet is none.
#[test]
fn the_other_end_stays_where_it_was() {
    let mut board = board();
    let other_end = |end: &str| {
        let mut of = address(&super::tests::board(), "10.0.0.1").with(|kind, value| match kind {
            object::IFA_ADDRESS => Some(object::octets(ip(end))),
            object::IFA_BROADCAST => None,
            _ => Some(value.to_vec()),
        });
        of.payload[1] = 32;
        of
    };
    board
        .routes
        .retain(|of| of.to_string() == "route default via 10.0.0.254 table 100");
    let to = |len| change("10.0.0.1", "10.0.0.77", len);
    board.addresses = vec![other_end("10.0.0.254")];
    assert_eq!(board.routes.len(), 1);
    assert_eq!(to(32).lost_route(&board), None);
    assert_eq!(to(24).lost_route(&board), None);
    board.addresses = vec![other_end("192.168.5.254")];
    assert_eq!(to(24).lost_route(&board), board.routes.first());
}

/// What the kernel leaves with `promote_secondaries` 0: the primary takes its secondaries
/// with it, and every route from it.
fn without_promotion() -> State {
    let mut now = board();
    now.addresses
        .retain(|of| !of.to_string().starts_with("address 10.0.0."));
    let old = Some(ip("10.0.0.1"));
    now.routes
        .retain(|of| of.address_at(object::RTA_PREFSRC) != old);
    now
}

#[test]
fn what_went_is_made_again() {
    let (board, usual) = (board(), usual());
    let target = usual.target(&board);
    assert_eq!(steps(&usual, &board, &board, true), [""; 0]);
    let mut now = without_promotion();
    // The primary address of the other subnet comes behind the new one.
    let addresses = [
        "Delete address 192.168.9.1/24",
        "Create address 10.0.0.77/24",
        "Create address 192.168.9.1/24",
        "Create address 10.0.0.3/24",
        "Create address 10.0.0.4/24",
    ];
    assert_eq!(steps(&usual, &target, &now, false), addresses);
    now.addresses = target.addresses.clone();
    now.nexthops.clear();
    assert_eq!(steps(&usual, &target, &now, false), ["Create nexthop 7"]);
    now.nexthops = board.nexthops.clone();
    // Those of the kernel come with the addresses.
    let routes = [
        "Create route default via 10.0.0.254 table 100",
        "Create route 10.9.0.0/24 via 10.0.0.253",
    ];
    assert_eq!(steps(&usual, &target, &now, false), routes);
}

#[test]
fn ipv6_keeps_a_route_without_its_source() {
    let board = board();
    let change = change("fd00::1", "fd00::77", 64);
    let target = change.target(&board);
    let mut now = target.clone();
    for route in &mut now.routes {
        *route = route.with(|kind, value| {
            let is_source = kind == object::RTA_PREFSRC && value.len() == 16;
            (!is_source).then(|| value.to_vec())
        });
    }
    let expected = [
        "Delete route fd01::/64 via fd00::fe",
        "Create route fd01::/64 via fd00::fe",
    ];
    assert_eq!(steps(&change, &target, &now, false), expected);
}

#[test]
fn lifetimes_are_less_what_passed() {
    let board = board();
    let dynamic = address(&board, "192.168.9.1");
    let lifetimes = |of: &Object| {
        let info = of.attribute(object::IFA_CACHEINFO).unwrap();
        let number = |at: usize| u32::from_ne_bytes(info[at..at + 4].try_into().unwrap());
        (number(0), number(4))
    };
    assert_eq!(lifetimes(dynamic), (2999, 4999));
    assert_eq!(lifetimes(&dynamic.later(1200).unwrap()), (1799, 3799));
    assert_eq!(lifetimes(&dynamic.later(4000).unwrap()), (0, 999));
    assert_eq!(dynamic.later(4999), None);
    let fixed = address(&board, "10.0.0.1").later(u64::MAX).unwrap();
    assert_eq!(lifetimes(&fixed), (u32::MAX, u32::MAX));
}

/// NetworkManager's: the address is without a route to its subnet, and a route that is
/// called the kernel's is added to it.
#[test]
fn a_route_to_a_subnet_that_is_made_by_hand() {
    let mut before = board();
    let from = ip("10.0.0.1");
    let place = before
        .addresses
        .iter()
        .position(|of| of.local() == Some(from));
    let own = &mut before.addresses[place.unwrap()];
    let flags = (own.address_flags() | 0x200).to_ne_bytes();
    *own = own.with(|kind, value| match kind {
        object::IFA_FLAGS => Some(flags.to_vec()),
        _ => Some(value.to_vec()),
    });
    let change = usual();
    let target = change.target(&before);
    let mut now = target.clone();
    now.routes
        .retain(|of| of.to_string() != "route 10.0.0.0/24");
    let expected = ["Create route 10.0.0.0/24"];
    assert_eq!(steps(&change, &target, &now, false), expected);
    // Of an address that has one, the kernel makes it.
    let target = change.target(&board());
    assert_eq!(steps(&change, &target, &now, false), [""; 0]);
}

#[test]
fn cut_dumps() {
    for dump in [LINKS, ADDRESSES, ROUTES, RULES, NEXTHOPS] {
        for cut in prefixes(dump) {
            everything(cut);
        }
    }
}

/// All that is done with what the kernel tells.
fn everything(bytes: &[u8]) {
    let (board, usual) = (board(), usual());
    let state = State::read(S, bytes);
    let _ = events(bytes);
    let _ = usual.lost_route(&state);
    for target in [&state, &usual.target(&state)] {
        let _ = steps(&usual, target, &board, true);
        let _ = steps(&usual, &board, target, true);
    }
    let _ = differences(&state, &board, ETH0, [usual.from, usual.to]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn hostile_bytes_never_panic(
        routes in mangled(ROUTES),
        addresses in mangled(ADDRESSES),
        links in mangled(LINKS),
    ) {
        for bytes in [routes, addresses, links] {
            everything(&bytes);
        }
    }
}
