//! Processes that end between two samples.

use crate::emulation::emulated;
use crate::json::{self, Value};
use crate::skip::skipped;
use crate::support::{copy_program, of_kind, run, until, Folder, Running};
use std::collections::HashMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Records while `meanwhile` runs, and returns for each pair of names how many ended and
/// how many of them failed; `None` where the kernel does not tell.
fn recorded(folder: &Folder, meanwhile: &dyn Fn()) -> Option<HashMap<[String; 2], [u64; 2]>> {
    let words = ["record", "-d", "0", "-i", "200ms", "--sync", "200ms"];
    let mut command = folder.edgebench(words);
    let mut running = Running::recorder(folder, "record", command.args(["-o", "log.ebl"]));
    meanwhile();
    let samples = || of_kind(&folder.cat("log.ebl"), "sample").len();
    let before = samples();
    // One may have been begun before the last of them ended.
    until("two samples more", || samples() > before + 1);
    running.signal("INT");
    assert_eq!(running.end().status, Some(0));
    let records = folder.cat("log.ebl");
    let samples = of_kind(&records, "sample");
    let recorder = samples.last().unwrap().at("recorder");
    if recorder.at("exits").number() != 1 {
        skipped("the kernel does not tell of processes that end");
        return None;
    }
    assert_eq!(recorder.at("exits_lost").number(), 0);
    let (mut names, mut all) = (HashMap::new(), HashMap::new());
    for result in of_kind(&records, "result") {
        assert_eq!(result.at("kind").number(), 7);
        let mut sum = 0;
        for row in result.at("entries").items()[0].at("ended").items() {
            let number = (row.at("since").number(), row.at("number").number());
            if row.has("name") {
                let pair = ["name", "parent"].map(|key| row.at(key).text().to_owned());
                names.insert(number, pair);
            }
            let [exits, failures] = ["exits", "failures"].map(|key| row.at(key).number());
            let counts: &mut [u64; 2] = all.entry(names[&number].clone()).or_default();
            *counts = [counts[0] + exits, counts[1] + failures];
            sum += exits;
        }
        assert_eq!(result.at("value").number(), sum);
    }
    Some(all)
}

#[test]
fn each_is_counted_under_its_name_and_its_parents() {
    if emulated() {
        return;
    }
    let folder = Folder::new();
    let short = folder.file("short-lived");
    copy_program("/bin/sh", &short);
    let short_lived = |script: &str| {
        let mut command = Command::new(&short);
        // Some shells are many programs, and go by this name.
        command.arg0("sh").args(["-c", script]);
        command.stdin(Stdio::null());
        command.status().unwrap()
    };
    let all = recorded(&folder, &|| {
        for _ in 0..20 {
            assert!(short_lived("exit 0").success());
        }
        for _ in 0..5 {
            assert!(!short_lived("exit 3").success());
        }
        // It kills itself, and is no less of a failure.
        assert!(!short_lived("kill -9 $$").success());
    });
    let Some(all) = all else {
        return;
    };
    let own = fs::read_to_string("/proc/self/comm").unwrap();
    let key = ["short-lived", own.trim_end()].map(str::to_owned);
    assert_eq!(all.get(&key), Some(&[26, 6]), "{all:?}");
    let done = run(&mut folder.edgebench(["report", "log.ebl", "--format", "json"]));
    let report = json::parse(done.out.trim_end());
    let ended = report.at("blocks").items()[0].at("runs").items()[0].at("ended");
    let is_it = |row: &&Value| row.at("name").text() == key[0];
    let counts = ended.items().iter().find(is_it).unwrap().at("counts");
    let counts = ["exits", "failures"].map(|key| counts.at(key).number());
    assert_eq!(counts, [26, 6]);
    // On a busy machine others took more time.
    let done = run(&mut folder.edgebench(["report", "--top", "1000", "log.ebl"]));
    let (_, table) = done.out.split_once("\nProcesses that ended ").unwrap();
    let line = table.lines().find(|line| line.contains("short-lived"));
    let words: Vec<_> = line.unwrap().split_whitespace().collect();
    assert_eq!(words[0], key[0]);
    assert!(
        words.windows(2).any(|words| words == ["26", "6"]),
        "{line:?}"
    );
}
