//! The shipped units: what they take away from root is nothing that their command needs.

use crate::situations::{are_possible, Place};
use crate::support::{can, of_kind, run};

// A package of the tests has the units nowhere: they are part of this program.
const RECORD: &str = include_str!("../../src/at-boot/edgebench-lite.service");
const BOOT: &str = include_str!("../../src/at-boot/edgebench-lite-boot.service");
const PEER: &str = include_str!("../../src/at-boot/edgebench-lite-peer.service");

/// The values of a unit's setting, in one.
fn setting(unit: &str, name: &str) -> String {
    let values = unit.lines().filter_map(|line| line.strip_prefix(name));
    values.collect::<Vec<_>>().join(" ")
}

/// As root with the capabilities of a unit, on files of which only the notes may be changed.
fn sandbox(unit: &str) -> String {
    let set = setting(unit, "CapabilityBoundingSet=").to_lowercase();
    let kept: Vec<String> = set
        .split_whitespace()
        .map(|name| format!("+{}", name.trim_start_matches("cap_")))
        .collect();
    assert!(!kept.is_empty(), "{unit}");
    assert_eq!(setting(unit, "NoNewPrivileges="), "yes", "{unit}");
    let files = match &*setting(unit, "ProtectSystem=") {
        "strict" => "mount -o bind,remount,ro /; ",
        _ => "",
    };
    // Socket families that are not in the list cannot be had: none, or one of two.
    let families = setting(unit, "RestrictAddressFamilies=");
    let refused = match families.is_empty() || families.contains("AF_NETLINK") {
        true => "",
        false => "strace -f -qq -o /dev/null -e trace=socket -e inject=socket:error=EAFNOSUPPORT",
    };
    format!(
        "{files}exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,{} {refused}",
        kept.join(",")
    )
}

#[test]
fn the_unit_that_records_hides_nothing_of_it() {
    if !are_possible() || crate::emulation::emulated() {
        return;
    }
    let place = Place::new();
    let script = format!(
        "{} \"$E\" record -q -i 5s -d 5s --pss exact -o /var/lib/edgebench-lite/record.ebl",
        sandbox(RECORD)
    );
    let (done, own) = place.tried("", &script);
    assert_eq!(done.status, Some(0), "{done:?}");
    let records = own.cat("state/record.ebl");
    let first = of_kind(&records, "sample")[0];
    assert!(first.process(place.beside()).at("pss").number() > 0);
    let exits = first.at("recorder").at("exits").number();
    // What this root itself is told, under no unit.
    let (alone, free) = place.tried("", "\"$E\" record -q -i 5s -d 5s --pss off -o log.ebl");
    assert_eq!(alone.status, Some(0), "{alone:?}");
    let records = free.cat("log.ebl");
    let told = of_kind(&records, "sample")[0].at("recorder").at("exits");
    assert_eq!(exits, told.number(), "1 is: the kernel tells");
}

#[test]
fn a_sandbox_without_netlink_is_not_taken_for_a_kernel_without_taskstats() {
    let inject = "inject=socket:error=EAFNOSUPPORT";
    if !can(&["strace", "-qq", "-e", "trace=socket", "-e", inject, "true"])
        || crate::emulation::emulated()
    {
        return;
    }
    let place = Place::new();
    let mut command = std::process::Command::new("strace");
    command.args(["-qq", "-o", "/dev/null", "-e", "trace=socket", "-e", inject]);
    command
        .arg(place.folder.file("edgebench-lite"))
        .arg("selftest");
    let done = run(&mut command);
    let said: Vec<&str> = done.out.split_whitespace().collect();
    let why = "no ended processes taskstats needs CAP_NET_ADMIN, which root has, and AF_NETLINK, which a unit may refuse";
    assert!(said.join(" ").contains(why), "{done:?}");
}

#[test]
fn the_unit_of_peer_has_the_ports_of_peer() {
    if !are_possible() {
        return;
    }
    let place = Place::new();
    let set = setting(PEER, "AmbientCapabilities=").to_lowercase();
    assert_eq!(set, "cap_net_bind_service");
    let script = "\"$E\" peer >said & pid=$!; until [ -s said ]; do kill -0 $pid || break; sleep 0.1; done; \
                  kill $pid; wait $pid; cat said";
    let before = "setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
                  --bounding-set=-all,+net_bind_service --inh-caps=+net_bind_service \
                  --ambient-caps=+net_bind_service";
    let (done, _) = place.tried(before, script);
    let all = "listening on TCP 80, 443, 6443, 8080 and UDP 53, 443, 3478, 3479";
    assert!(done.out.contains(all), "{done:?}");
}

#[test]
fn the_unit_of_boot_has_what_boot_reads() {
    if !are_possible() || !can(&["strace", "-V"]) {
        return;
    }
    let place = Place::new();
    let script = format!(
        "{} \"$E\" boot --output /var/lib/edgebench-lite/boot.ebl",
        sandbox(BOOT)
    );
    let (done, own) = place.tried("", &script);
    let (alone, _) = place.tried("", "\"$E\" boot");
    // Between the two the clock goes on, and the kernel's log loses lines.
    let words = |text: &str| text.replace(|c: char| c.is_ascii_digit(), "");
    assert_eq!(
        (done.status, words(&done.out)),
        (alone.status, words(&alone.out)),
        "{}",
        done.err
    );
    assert!(!own.cat("state/boot.ebl").is_empty());
}
