//! What the kernel says of the network: dumps, events, and what was kept of them.

use super::Bytes;
use crate::survive::network::plan::Change;
use crate::survive::network::state::{differences, State};
use crate::survive::network::{link, neighbour};
use crate::survive::saved::Saved;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

fn address(input: &mut Bytes<'_>) -> IpAddr {
    let last = input.byte();
    match last & 1 {
        0 => Ipv4Addr::new(10, 0, 2, last).into(),
        _ => Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, last.into()).into(),
    }
}

pub(super) fn netlink(input: &[u8]) {
    let mut input = Bytes(input);
    let change = Change {
        index: 2,
        from: address(&mut input),
        to: address(&mut input),
        prefix_len: input.byte(),
    };
    let middle = usize::from(input.number()).min(input.0.len());
    let (one, other) = input.0.split_at(middle);
    link::events(input.0);
    neighbour::owner(input.0, [2; 6], change.from);
    let before = State::read(0, one);
    let now = State::read(90_000_000_000, other);
    for object in [
        &before.addresses,
        &before.routes,
        &before.rules,
        &before.nexthops,
    ] {
        for object in object {
            assert!(!object.to_string().is_empty());
            assert_eq!(object.asked(), object.asked().asked(), "{object:?}");
            object.later(60);
            change.rewritten(object);
        }
    }
    let changed = [change.from, change.to];
    differences(&before, &now, change.index, changed);
    // The kernel has no address twice, with two lifetimes.
    let asked: Vec<_> = before.addresses.iter().map(|of| of.asked()).collect();
    let is_twice = |at: usize| asked[..at].contains(&asked[at]);
    if !(0..asked.len()).any(is_twice) {
        let told = differences(&before, &before, change.index, changed);
        assert_eq!(told, [""; 0]);
    }
    change.lost_route(&before);
    crate::survive::network::fuzz::steps(&change, &before, &now);
    // What is kept is read back.
    let saved = Saved {
        state: before,
        change,
        mac: None,
    };
    assert_eq!(Saved::of(&saved.bytes()).as_ref(), Some(&saved));
    Saved::of(input.0);
}
