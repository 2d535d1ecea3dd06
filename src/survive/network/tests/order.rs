//! The order of the addresses, on the same dumps.

use super::*;

#[test]
fn the_first_address_of_a_subnet_is_first_again() {
    let (board, usual) = (board(), usual());
    let mut now = board.clone();
    // With promotion 10.0.0.3 became the primary address.
    let new = usual.rewritten(&now.addresses.remove(0));
    now.addresses.push(new);
    let expected = |first: &str| {
        [
            "Delete address 10.0.0.77/24",
            "Delete address 10.0.0.4/24",
            "Delete address 10.0.0.3/24",
            "Delete address 192.168.9.1/24",
            first,
            "Create address 192.168.9.1/24",
            "Create address 10.0.0.3/24",
            "Create address 10.0.0.4/24",
        ]
        .map(str::to_owned)
    };
    let back = expected("Create address 10.0.0.1/24");
    assert_eq!(steps(&usual, &board, &now, true), back);
    let target = usual.target(&board);
    let there = expected("Create address 10.0.0.77/24");
    assert_eq!(steps(&usual, &target, &now, false), there);
}

/// A new address of IPv4 is the last of all, one of IPv6 the first of its scope.
#[test]
fn no_more_is_made_anew_than_the_order_needs() {
    let board = board();
    // The only primary address behind it is that of the other subnet.
    let last = change("192.168.9.1", "192.168.9.77", 24);
    let mut now = last.target(&board);
    let expected = [
        "Delete address 10.0.0.4/24",
        "Delete address 10.0.0.3/24",
        "Delete address 192.168.9.77/24",
        "Create address 192.168.9.1/24",
        "Create address 10.0.0.3/24",
        "Create address 10.0.0.4/24",
    ];
    assert_eq!(steps(&last, &board, &now, true), expected);
    // fd00::3 is the newer one.
    let older = change("fd00::1", "fd00::77", 64);
    now = older.target(&board);
    now.addresses.swap(4, 5);
    let mut target = older.target(&board);
    let newest = ["Delete address fd00::3/64", "Create address fd00::3/64"];
    assert_eq!(steps(&older, &target, &now, false), newest);
    let changed = [older.from, older.to];
    let told = differences(&target, &now, ETH0, changed);
    assert_eq!(told, ["the addresses are in another order"]);
    // One that a router advertises stays where it is.
    let flags = |of: &Object| of.address_flags() & !0x80;
    for state in [&mut now, &mut target] {
        for of in state.addresses.iter_mut().filter(|of| of.family() == 10) {
            let flags = flags(of).to_ne_bytes();
            *of = of.with(|kind, value| match kind {
                object::IFA_FLAGS => Some(flags.to_vec()),
                _ => Some(value.to_vec()),
            });
        }
    }
    assert_eq!(steps(&older, &target, &now, false), [""; 0]);
    assert_eq!(differences(&target, &now, ETH0, changed), [""; 0]);
}

/// One whose time is over is not waited for.
#[test]
fn an_address_that_has_run_out_stays_away() {
    let (board, usual) = (board(), usual());
    let mut now = board.clone();
    now.taken_ns = 6000 * S;
    now.addresses.remove(1);
    assert_eq!(steps(&usual, &board, &now, true), [""; 0]);
    assert_eq!(
        differences(&board, &now, ETH0, [usual.from, usual.to]),
        [""; 0]
    );
}
