//! What is refused before anything is started.

use crate::{done, machine, ramp, READY, STEP, UNDO};
use std::process::Command;

/// The one line of a command that is refused.
fn refused(command: &mut Command) -> String {
    let done = done(command);
    assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{done:?}");
    assert_eq!(done.err.lines().count(), 1, "{}", done.err);
    done.err
}

#[test]
fn what_cannot_be_measured() {
    let missing = "edgebench-no-such-command {n}";
    let long = format!("{STEP} {}", "x".repeat(1000));
    for (commands, more, told) in [
        (["true", READY, UNDO], "", "--step has no {n}"),
        ([STEP, READY, "true"], "", "--undo has no {n}"),
        (
            [STEP, "true", UNDO],
            "",
            "--ready succeeds before the first step",
        ),
        (
            [STEP, READY, UNDO],
            "--probe=echo gone; exit 3",
            "(status 3): gone",
        ),
        (
            [STEP, READY, UNDO],
            "--reserve=800M",
            "683 MiB of memory are available",
        ),
        ([STEP, READY, UNDO], "--memory-of=edge", "no such cgroup"),
        ([" ", READY, UNDO], "", "--step: the command is empty"),
        ([STEP, " ", UNDO], "", "--ready: the command is empty"),
        (
            [missing, READY, UNDO],
            "",
            "command `edgebench-no-such-command` not found; nothing was started",
        ),
        ([STEP, missing, UNDO], "", "--ready: command"),
        ([STEP, READY, missing], "", "--undo: command"),
        (
            [STEP, READY, UNDO],
            "--probe=edgebench-none",
            "--probe: command",
        ),
        ([&long, READY, UNDO], "", "--step has more than 1000 bytes"),
        ([STEP, READY, UNDO], "--max=0", "--max is 0"),
        ([STEP, READY, UNDO], "--full=101", "--full is a percentage"),
        (
            [STEP, READY, UNDO],
            "--step-timeout=0",
            "--step-timeout is 0",
        ),
    ] {
        let folder = machine();
        let more: Vec<&str> = [more].into_iter().filter(|more| !more.is_empty()).collect();
        let said = refused(&mut ramp(&folder, commands, &more));
        assert!(said.contains(told), "{said}");
        assert!(!folder.file("log.ebl").exists(), "{said}");
        assert!(!folder.file("c1").exists(), "{said}");
    }
}

#[test]
fn what_is_missing() {
    let folder = machine();
    for (arguments, told) in [
        (&["ramp"][..], "ramp needs --step"),
        (&["ramp", "--step={n}", "--undo={n}"], "ramp needs --ready"),
        (
            &["ramp", "--step={n}", "--ready={n}", "--undo={n}"],
            "ramp needs --output",
        ),
        (&["ramp", "--undo-of=none.ebl"], "none.ebl"),
    ] {
        let said = refused(&mut folder.edgebench(arguments.iter().copied()));
        assert!(said.contains(told), "{said}");
    }
    folder.write("text", "no log");
    let said = refused(&mut folder.edgebench(["ramp", "--undo-of=text"]));
    assert!(said.contains("not an edgebench-lite log"), "{said}");
}
