//! This machine, beside awk over the same files.

use crate::emulation::emulated;
use crate::json;
use crate::support::{can, run, Folder};
use std::process::{Child, Command, Stdio};

/// In a PID namespace with four shells of 30 MB and more: awk's sum over what can be
/// read, footprint's, and awk's again, KiB.
const BESIDE: &str = r#"
mount -t proc none /proc || exit 1
for n in 1 2 3 4; do
    sh -c 'x=$(head -c 30000000 /dev/zero | tr "\0" x); : >"ready$0"; sleep 1000; : "$x"' $n &
done
until [ -e ready1 ] && [ -e ready2 ] && [ -e ready3 ] && [ -e ready4 ]; do sleep 0.02; done
sum() {
    cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ {s += $2} END {print s}'
}
sum
"$0" footprint --by=unit --over=0 --format=json
sum
"#;

/// Nothing but these processes is seen there, so that it does not matter who comes and
/// goes on this machine. 2 %, and 8 MiB: footprint counts itself, which awk does not
/// see, and a debug build of it is several MiB.
#[test]
fn all_processes_are_what_awk_sums() {
    let probe = "mount -t proc none /proc && awk 'BEGIN {}' && cat /proc/self/smaps_rollup";
    if !can(&["unshare", "-mpf", "sh", "-c", probe]) {
        return;
    }
    // Under qemu-user footprint counts its own emulator, which awk does not see.
    if emulated() {
        return;
    }
    let folder = Folder::new();
    let mut command = Command::new("unshare");
    command
        .args(["-mpf", "sh", "-c", BESIDE])
        .arg(crate::support::BINARY);
    let done = run(command.current_dir(folder.path()));
    let lines: Vec<&str> = done.out.lines().collect();
    let [before, json, after] = lines[..] else {
        panic!("{done:?}");
    };
    let total = json::parse(json).at("total").at("pss_kib").number();
    let [before, after]: [u64; 2] = [before, after].map(|sum| sum.parse().unwrap());
    let (least, most) = (before.min(after), before.max(after));
    assert!(least > 4 * 29_000, "{before} {after}");
    assert!(total >= least - least / 50, "{before} {total} {after}");
    assert!(
        total <= most + most / 50 + (8 << 10),
        "{before} {total} {after}"
    );
}

struct Sleep(Child);

impl Sleep {
    fn new() -> Self {
        let mut command = Command::new("sleep");
        command
            .arg("1000.125")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn one_process_is_what_its_file_says() {
    let child = Sleep::new();
    let read = || std::fs::read_to_string(format!("/proc/{}/smaps_rollup", child.0.id()));
    // Until it is sleep's memory, and no longer ours.
    crate::support::until("sleep", || {
        std::fs::read(format!("/proc/{}/comm", child.0.id())).unwrap() == b"sleep\n"
    });
    let folder = Folder::new();
    let mut command = folder.edgebench(["footprint", "--key=it=1000.125", "--format=json"]);
    let field = |text: &str, name: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap()
    };
    let mut tries = Vec::new();
    // Its share of libc changes with every program that comes and goes.
    let found = (0..50).any(|_| {
        let before = read().unwrap();
        let done = run(&mut command);
        let after = read().unwrap();
        let row = json::parse(done.out.trim_end()).at("rows").items()[0].clone();
        assert_eq!(row.at("pids").items()[0].number(), u64::from(child.0.id()));
        assert_eq!(
            row.at("pids").items().len(),
            1,
            "no process that runs this test"
        );
        // A process that has just begun still grows.
        let mut is_between = |key: &str, name: &str, less_percent: u64| {
            let (a, b) = (field(&before, name), field(&after, name));
            let found = row.at(key).number();
            tries.push((a, found, b));
            100 * found >= (100 - less_percent) * a.min(b) && found <= a.max(b)
        };
        // While footprint runs it shares libc too, so that all others have less of it:
        // where few programs do, that is several percent.
        is_between("rss_kib", "Rss:", 0) && is_between("pss_kib", "Pss:", 20)
    });
    assert!(found, "the file, footprint, the file: {tries:?} kB");
}
