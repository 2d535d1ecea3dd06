//! What a run says of its product.

use super::*;
use crate::log::record::Identity;
use crate::products::{self, Key, Kind};

/// The run, as one of k3s or of what is known of no profile.
fn product(script: &Script, profile: Option<&str>) -> Product {
    let profile = profile.and_then(products::profile);
    let options = Options {
        top: 2,
        by: By::Name,
        memory: Memory::Pss,
    };
    let definition_of = |_: &Header<String>| Definition {
        profile,
        given: Vec::new(),
    };
    let mut open = || Ok(&script.log[..]);
    let question = Question {
        options: &options,
        definition_of: &definition_of,
        compared: true,
        drawn: false,
    };
    let runs = answer(&mut open, &question, &mut |_, _| {}).unwrap();
    runs.into_iter().next().unwrap().product.unwrap()
}

fn identity(script: &mut Script, pid: u32, cmdline: &[u8]) {
    let identity: Identity<&[u8]> = Identity {
        pid,
        starttime: 1,
        cut: false,
        cmdline,
        cgroup: b"/",
    };
    script.record(&Record::Identity(RUN, identity));
}

/// Of k3s: 100 from the start; with a shim of 10, which its whole name tells, then 30
/// more; then a shell that becomes traefik, 7; then nobody but the shim. Others do not
/// count: a kernel thread of that name, and a shim of another maker.
fn script() -> Script {
    let mut script = Script::new(PssMode::Exact);
    script.born(0, 20, 1, b"k3s-server");
    script.pss(0, 100);
    script.born(1, 21, 1, b"coredns");
    script.set(1, process::FLAGS, process::flag::KERNEL_THREAD);
    script.born(2, 22, 1, b"containerd-shim");
    script.pss(2, 500);
    identity(&mut script, 22, b"/bin/containerd-shim-other\0");
    script.sample(0);
    script.born(3, 23, 1, b"containerd-shim");
    script.pss(3, 10);
    identity(
        &mut script,
        23,
        b"/k3s/bin/containerd-shim-runc-v2\0-id\0x\0",
    );
    script.sample(1);
    script.pss(0, 130);
    script.born(4, 24, 1, b"sh");
    script.pss(4, 7);
    script.sample(2);
    identity(&mut script, 24, b"traefik\0");
    script.slots[4].as_mut().unwrap().comm = comm(b"traefik");
    script.encoder.rename(4);
    script.sample(3);
    script.slots[0] = None;
    script.slots[4] = None;
    script.sample(4);
    script
}

/// 100 110 140 147 10: the median is 110, the mean 507 / 5.
#[test]
fn the_memory_of_its_processes() {
    let product = product(&script(), Some("k3s"));
    let pss = product.pss_kib.unwrap();
    assert_eq!((pss.count, pss.min, pss.max), (5, 10.0, 147.0));
    assert_eq!((pss.median, pss.mean), (110.0, 101.4));
    assert_eq!((product.profile, product.pss_partly), (Some("k3s"), 0));
    let ran: Vec<_> = product
        .sightings
        .iter()
        .map(|ran| ran.label.as_str())
        .collect();
    // In the order of the profiles: Izuma, the first, has shims as well.
    assert_eq!(ran, ["containerd-shim-runc-v2", "k3s-server", "traefik"]);
    let telling: Vec<_> = product.sightings.iter().map(|ran| ran.telling).collect();
    assert_eq!(telling, [false, true, false]);
}

#[test]
fn no_profile_and_no_pss_have_no_sum() {
    assert_eq!(product(&script(), None).pss_kib, None);
    // At first nobody of it ran: that is nothing, and known. A shim that is in no unit
    // may be any product's.
    let izuma = product(&script(), Some("izuma")).pss_kib.unwrap();
    assert_eq!((izuma.count, izuma.min, izuma.max), (5, 0.0, 10.0));
    let mut off = Script::new(PssMode::Off);
    off.born(0, 20, 1, b"k3s-server");
    off.sample(0);
    assert_eq!(product(&off, Some("k3s")).pss_kib, None);
}

/// The first sample has two processes of k3s, of 50 KiB each.
fn two_servers(pss: PssMode) -> Script {
    let mut script = Script::new(pss);
    for slot in [0, 1] {
        script.born(slot, 20 + slot as u32, 1, b"k3s-server");
        script.pss(slot, 50);
    }
    script.sample(0);
    script
}

/// At the second sample one of two may not be read, at the third neither.
#[test]
fn what_may_not_be_read_is_told() {
    let mut script = two_servers(PssMode::Exact);
    script.set(0, process::FLAGS, process::flag::UNREADABLE);
    script.sample(1);
    script.set(1, process::FLAGS, process::flag::UNREADABLE);
    script.sample(2);
    let product = product(&script, Some("k3s"));
    let pss = product.pss_kib.unwrap();
    assert_eq!((pss.count, pss.min, pss.max), (2, 50.0, 100.0));
    assert_eq!((product.pss_partly, product.pss_denied), (2, true));
}

/// At the second sample one of two is new, and its reading was put off.
#[test]
fn what_was_not_read_yet_is_no_matter_of_permission() {
    let mut script = two_servers(PssMode::Auto);
    script.set(1, process::FLAGS, process::flag::STALE);
    script.sample(1);
    let product = product(&script, Some("k3s"));
    assert_eq!((product.pss_partly, product.pss_denied), (1, false));
}

/// Of 1000 KiB 300 are free, 50 buffers, 200 page cache, 40 slab that can be dropped.
#[test]
fn what_free_calls_used() {
    let mut script = Script::new(PssMode::Exact);
    script.available(700);
    for (field, kib) in [
        (memory::MEM_FREE, 300),
        (memory::BUFFERS, 50),
        (memory::CACHED, 200),
        (memory::S_RECLAIMABLE, 40),
    ] {
        script.machine(memory::ID, field, kib);
    }
    script.sample(0);
    let product = product(&script, None);
    assert_eq!(product.free_used_kib.unwrap().median, 410.0);
    assert_eq!(product.available_kib.unwrap().median, 700.0);
}

fn defined(script: &Script, top: usize, given: &[Key]) -> Run {
    let options = Options {
        top,
        by: By::Name,
        memory: Memory::Pss,
    };
    let definition_of = |_: &Header<String>| Definition {
        profile: None,
        given: given.to_vec(),
    };
    let mut open = || Ok(&script.log[..]);
    let question = Question {
        options: &options,
        definition_of: &definition_of,
        compared: false,
        drawn: false,
    };
    let runs = answer(&mut open, &question, &mut |_, _| {}).unwrap();
    runs.into_iter().next().unwrap()
}

/// The medians of the table's rows by memory, the product's marked.
fn medians(run: &Run) -> Vec<(String, f64)> {
    let name = |row: &GroupSummary| {
        let name = String::from_utf8(row.name.to_vec()).unwrap();
        if row.is_product {
            format!("*{name}")
        } else {
            name
        }
    };
    let rows = run.by_memory.iter();
    rows.map(|row| (name(row), row.figures.median)).collect()
}

/// web: 40 40 40; its helper 5 5 5; a shell that becomes web at the second sample, 8.
fn web(log: bool) -> Script {
    let mut script = Script::new(PssMode::Exact);
    if log {
        let key = crate::log::record::Product {
            kind: 0,
            label: "web",
            pattern: "web",
        };
        script.record(&Record::Product(RUN, key));
    }
    script.born(0, 20, 1, b"web");
    script.pss(0, 40);
    script.born(1, 21, 1, b"helper");
    script.pss(1, 5);
    script.born(2, 22, 1, b"sh");
    script.pss(2, 8);
    identity(&mut script, 21, b"helper\0--of=/srv/web\0");
    script.sample(0);
    script.set(0, process::UTIME, 10);
    script.set(1, process::UTIME, 20);
    // No value of it changes: only what it is.
    identity(&mut script, 22, b"/bin/web\0");
    script.spend(30, 170);
    script.sample(1);
    script.spend(0, 200);
    script.sample(2);
    script
}

#[test]
fn the_products_row_is_on_top() {
    let key = Key::given(Kind::Pattern, "web", "web");
    let run = defined(&web(false), 1, &[key]);
    let row = |name: &str, kib| (name.to_owned(), kib);
    // 45 53 53; of the others there is room for one.
    assert_eq!(
        medians(&run),
        [row("*this product", 53.0), row("web", 40.0)]
    );
    // 30 % of a core in the first interval, and nothing in the second.
    let cpu = &run.by_cpu[0];
    assert!(cpu.is_product);
    assert_eq!((cpu.figures.max, cpu.figures.min), (30_000.0, 0.0));
    assert_eq!((cpu.processes, cpu.seen), (3, 3));
    assert!(defined(&web(false), 1, &[])
        .by_memory
        .iter()
        .all(|row| !row.is_product));
}

#[test]
fn a_log_says_which_processes_its_product_is() {
    let run = defined(&web(true), 0, &[]);
    assert!(run.by_memory.is_empty());
    let run = defined(&web(true), 1, &[]);
    assert_eq!(medians(&run)[0], ("*this product".to_owned(), 53.0));
    // The command line goes before it.
    let key = Key::given(Kind::Pattern, "x", "helper");
    assert_eq!(medians(&defined(&web(true), 1, &[key]))[0].1, 5.0);
}
