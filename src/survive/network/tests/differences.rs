//! What is told of a state that is not as it was.

use super::*;

#[test]
fn differences_are_told() {
    let board = board();
    let changed = [ip("10.0.0.1"), ip("10.0.0.77")];
    let told = |now: &State| differences(&board, now, ETH0, changed);
    assert_eq!(told(&board), [""; 0]);
    let later = State {
        taken_ns: 100 * S,
        ..board.clone()
    };
    // A lease may be renewed meanwhile, but not cut, nor made endless.
    assert_eq!(told(&later), [""; 0]);
    let lifetime = |valid: u32| {
        let mut now = board.clone();
        let place = now
            .addresses
            .iter()
            .position(|of| of.local() == Some(ip("192.168.9.1")));
        let of = &mut now.addresses[place.unwrap()];
        *of = of.with(|kind, value| match kind {
            object::IFA_CACHEINFO => Some([2999, valid, 0, 0].map(u32::to_ne_bytes).concat()),
            _ => Some(value.to_vec()),
        });
        told(&now)
    };
    assert_eq!(lifetime(4997), [""; 0]);
    let cut = "address 192.168.9.1/24 is valid for 4996 s, not 4999 s";
    assert_eq!(lifetime(4996), [cut]);
    let endless = "address 192.168.9.1/24 is valid for 4294967295 s, not 4999 s";
    assert_eq!(lifetime(u32::MAX), [endless]);
    let mut now = board.clone();
    now.addresses[0] = usual().rewritten(&now.addresses[0]);
    now.routes
        .retain(|of| of.to_string() != "route 10.7.0.0/24");
    let expected = [
        "address 10.0.0.1/24 is missing",
        "address 10.0.0.77/24 was not there",
        "route 10.7.0.0/24 is missing",
    ];
    assert_eq!(told(&now), expected);
}

/// What others add to the interface meanwhile is theirs, with the routes that the kernel
/// makes for it.
#[test]
fn what_others_add_is_no_difference() {
    let (board, vip) = (board(), change("10.0.0.1", "10.0.0.200", 32));
    let mut now = board.clone();
    now.addresses.push(vip.rewritten(&board.addresses[0]));
    let of_old = |route: &&Object| route.address_at(object::RTA_PREFSRC) == Some(vip.from);
    let routes = board.routes.iter().filter(of_old);
    now.routes.extend(routes.map(|route| {
        vip.rewritten(route).with(|kind, value| match kind {
            object::RTA_DST if value == [10, 0, 0, 1] => Some(vec![10, 0, 0, 200]),
            _ => Some(value.to_vec()),
        })
    }));
    assert!(now.routes.len() > board.routes.len());
    let changed = [ip("10.0.0.1"), ip("10.0.0.77")];
    assert_eq!(differences(&board, &now, ETH0, changed), [""; 0]);
    let of_new = differences(&board, &now, ETH0, [vip.from, vip.to]);
    assert_eq!(of_new[0], "address 10.0.0.200/32 was not there");
}

/// An address that ran out is not put back, and that is told; its routes are the kernel's.
#[test]
fn an_old_address_that_has_run_out() {
    let (board, change) = (board(), change("192.168.9.1", "192.168.9.77", 24));
    let mut now = board.clone();
    now.taken_ns = 6000 * S;
    now.addresses.remove(1);
    now.routes
        .retain(|route| route.address_at(object::RTA_PREFSRC) != Some(change.from));
    assert!(now.routes.len() < board.routes.len());
    assert_eq!(
        differences(&board, &now, ETH0, [change.from, change.to]),
        ["address 192.168.9.1/24 has run out"]
    );
}
