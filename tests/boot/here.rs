//! `boot`: what a machine tells of its own start.

use crate::support::{can, capture, run, Folder, BINARY};

#[test]
fn of_a_captured_tree_there_are_only_files() {
    let folder = Folder::new();
    let mut command = folder.edgebench(["--proc-root"]);
    let done = run(command.arg(capture("aarch64-raspi3b")).arg("boot"));
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    assert_eq!(
        done.out,
        "No total: the login prompt is not known\n\
         \n\
         Seconds before and after the kernel began\n\
         \x20 firmware                     -                    no Raspberry Pi: no BCM\n\
         \x20                                                   system timer\n\
         \x20 init                         -                    a captured tree\n\
         \x20 initrd                       -                    a captured tree\n\
         \x20 userspace                    -                    a captured tree\n\
         \x20 finished                     -                    a captured tree\n\
         \x20 login prompt                 -                    no getty and no login runs\n"
    );
}

/// The stamps of the kernel's log stand still while the machine sleeps, and so does the clock
/// that they are held against.
#[test]
fn a_machine_that_was_suspended() {
    let folder = Folder::new();
    let init_s = |done: crate::support::Done| {
        let line = done
            .out
            .lines()
            .find(|line| line.trim_start().starts_with("init "));
        let value = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        (value, done.out)
    };
    let (Some(init), _) = init_s(run(&mut folder.edgebench(["boot"]))) else {
        return crate::skip::skipped("the kernel's log does not tell when init was started");
    };
    let asleep = ["unshare", "-fT", "--boottime", "3600"];
    if !can(&[&asleep[..], &["true"]].concat()) {
        return;
    }
    let mut command = std::process::Command::new(asleep[0]);
    command.args(&asleep[1..]).args([BINARY, "boot"]);
    let (later, out) = init_s(run(&mut command));
    let later = later.unwrap_or_else(|| panic!("{out}"));
    assert!((later - init).abs() < 60.0, "{later} {init}");
}

/// Without systemd nothing tells a getty of the boot from one that came after a logout.
#[test]
fn a_getty_without_systemd() {
    let script = r#"mount -t tmpfs t /run
        cp "$(command -v sleep)" /run/getty
        /run/getty 600 & "$E" boot; kill $!"#;
    let alone = ["unshare", "-mpf", "--mount-proc", "sh", "-c"];
    if !can(&[&alone[..], &["mount -t tmpfs t /run"]].concat()) {
        return;
    }
    let mut command = std::process::Command::new(alone[0]);
    command.args(&alone[1..]).arg(script).env("E", BINARY);
    let done = run(&mut command);
    let told: String = done.out.split_whitespace().collect();
    assert!(told.ends_with(",ifnotafteralogout"), "{done:?}");
}

#[test]
fn this_machine_says_why_it_does_not_know() {
    let folder = Folder::new();
    let done = run(&mut folder.edgebench(["boot"]));
    assert_eq!((done.status, &*done.err), (Some(0), ""));
    for label in [
        "firmware",
        "init",
        "initrd",
        "userspace",
        "finished",
        "login prompt",
    ] {
        let mut lines = done.out.lines();
        let line = lines
            .find(|line| line.trim_start().starts_with(label))
            .unwrap();
        // A moment, or a reason.
        let rest = line.trim_start().strip_prefix(label).unwrap().trim_start();
        assert!(
            rest.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
            "{line}"
        );
        assert!(rest.len() > 10, "{line}");
    }
}
