//! Whatever is in a log, and however long it is, reading it takes no more memory than is
//! written here: the program is run within so much address space, beyond what it takes
//! itself.

#[path = "../day_log/mod.rs"]
mod day_log;
#[path = "../support/emulation.rs"]
mod emulation;
mod logs;
#[path = "../support/skip.rs"]
mod skip;

use emulation::emulated;
use logs::SHAPES;
use skip::skipped;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

const BINARY: &str = env!("CARGO_BIN_EXE_edgebench-lite");

/// MiB that `log verify` takes, and `report` and `compare`; of results, identities and
/// the like a log may hold as much as fits.
const VERIFY: u64 = 4;
const REPORT: u64 = 64;
/// With as many results as are kept: those of a probe a second for a week.
const REPORT_RESULTS: u64 = 512;
/// The same where 65,536 processes run at once, more than any recorder follows: what is
/// last known of each is kept, for the next sample tells only what is new.
const VERIFY_ALL: u64 = 32;
const REPORT_ALL: u64 = 160;

/// A folder of a test's own, removed with this.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("edgebench-bounds-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes the log of a shape, so long.
    fn log(&self, shape: &str, bytes: u64) -> PathBuf {
        let path = self.0.join(shape).with_extension("ebl");
        let shape = SHAPES.iter().find(|known| known.name == shape).unwrap();
        let mut out = BufWriter::new(File::create(&path).unwrap());
        shape.write(&mut out, bytes).unwrap();
        out.flush().unwrap();
        path
    }
}

/// Two programs that take half a GiB are too many for a board that has one.
fn alone() -> MutexGuard<'static, ()> {
    static LARGE: Mutex<()> = Mutex::new(());
    LARGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs the program within so much address space.
fn within(mib: u64, arguments: &[&str], log: &Path) -> Output {
    within_kib(mib << 10, arguments, log)
}

fn within_kib(kib: u64, arguments: &[&str], log: &Path) -> Output {
    let script = format!("ulimit -v {kib} && exec \"$0\" \"$@\"");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script, BINARY]).args(arguments);
    command.arg(log).stdin(Stdio::null()).stdout(Stdio::null());
    command.output().unwrap()
}

/// What the program takes itself, MiB: what it needs for a log of one sample. `None` where
/// it cannot be bounded, as with an address sanitizer.
fn own() -> Option<u64> {
    static OWN: OnceLock<Option<u64>> = OnceLock::new();
    *OWN.get_or_init(|| {
        let folder = Folder::new("own");
        let log = folder.log("keys", 200);
        let fits = |mib: u64| within(mib, &["report"], &log).status.success();
        let (mut too_little, mut enough) = (0, 512);
        if !fits(enough) {
            return None;
        }
        while enough - too_little > 1 {
            let middle = (too_little + enough) / 2;
            match fits(middle) {
                true => enough = middle,
                false => too_little = middle,
            }
        }
        Some(enough)
    })
}

/// The same; says where it is unknown that the caller's test is skipped.
#[track_caller]
fn bounded() -> Option<u64> {
    if emulated() {
        return None;
    }
    let own = own();
    if own.is_none() {
        skipped("the address space of this build cannot be bounded");
    }
    own
}

/// Whether so little memory is told; `false` where it is enough. The stack is of the address
/// space, too: where it cannot grow as the start needs it, the kernel kills.
fn too_little(kib: u64, least_kib: u64, arguments: &[&str], log: &Path) -> bool {
    let output = within_kib(kib, arguments, log);
    let err = String::from_utf8_lossy(&output.stderr);
    let is_killed = output.status.signal() == Some(libc::SIGSEGV) && kib < least_kib + 256;
    if output.status.code() == Some(0) || is_killed {
        return false;
    }
    let what = format!("{arguments:?} within {kib} KiB");
    assert_said(
        &output,
        (
            2,
            "bytes more: RLIMIT_AS (ulimit -v) or the system refuses them",
        ),
        &what,
    );
    let begin = "edgebench-lite: not enough memory for ";
    assert!(err.starts_with(begin), "{what}: {err}");
    true
}

/// Less than the version needs nobody can tell: the program does not start.
#[test]
fn too_little_memory_is_told_in_one_line() {
    let Some(own) = bounded() else { return };
    let folder = Folder::new("little");
    let log = folder.0.join("little.ebl");
    let record = ["record", "-q", "-i", "100ms", "-d", "100ms", "-o"];
    let recorded = within(own + REPORT, &record, &log);
    assert!(recorded.status.success(), "{recorded:?}");
    let before = fs::read(&log).unwrap();
    let starts = |kib: u64| {
        let output = within_kib(kib, &["--version", "--proc-root"], Path::new("/proc"));
        output.status.success()
    };
    let first = (1..).map(|steps| steps * 256).find(|kib| starts(*kib));
    let first = first.unwrap();
    let long = folder.log("marks", 100_000);
    let told = |command: &[&str], log: &Path| {
        let limits = (first..own << 10).step_by(128);
        let told = limits.filter(|kib| too_little(*kib, first, command, log));
        told.count()
    };
    assert!(told(&record, &log) > 0, "{first} KiB are enough to record");
    for command in [&["report"], &["compare"]] {
        assert!(told(command, &long) > 0, "{first} KiB: {command:?}");
    }
    // Needs hardly more than to start.
    told(&["log", "verify"], &log);
    assert!(fs::read(&log).unwrap().starts_with(&before));
}

/// The status of each command for a shape of so many bytes, and how its one line on stderr
/// ends.
struct Expected {
    shape: &'static str,
    bytes: u64,
    report_mib: u64,
    verify: (i32, &'static str),
    report: (i32, &'static str),
    compare: (i32, &'static str),
}

const fn whole(shape: &'static str) -> Expected {
    Expected {
        shape,
        bytes: 300_000,
        report_mib: REPORT,
        verify: (0, ""),
        report: (0, ""),
        compare: (0, ""),
    }
}

const fn refused(shape: &'static str, bytes: u64, why: &'static str) -> Expected {
    Expected {
        bytes,
        report: (2, why),
        compare: (2, why),
        ..whole(shape)
    }
}

/// With more results than are kept.
const fn results(shape: &'static str, bytes: u64, why: &'static str) -> Expected {
    Expected {
        report_mib: REPORT_RESULTS,
        ..refused(shape, bytes, why)
    }
}

const NO_LOG: (i32, &str) = (2, "is not an edgebench-lite log");

const fn no_log(shape: &'static str) -> Expected {
    Expected {
        verify: NO_LOG,
        report: NO_LOG,
        compare: NO_LOG,
        ..whole(shape)
    }
}

fn assert_said(output: &Output, expected: (i32, &str), what: &str) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(expected.0), "{what}: {err}");
    assert!(err.trim_end().ends_with(expected.1), "{what}: {err}");
    let lines = err.lines().count();
    assert_eq!(lines, usize::from(!expected.1.is_empty()), "{what}: {err}");
}

fn takes_no_more_than_its_bound(expected: &Expected) {
    let Some(own) = bounded() else { return };
    let _alone = (expected.report_mib > REPORT).then(alone);
    let name = expected.shape;
    let folder = Folder::new(name);
    let log = folder.log(name, expected.bytes);
    let verified = within(own + VERIFY, &["log", "verify"], &log);
    assert_said(&verified, expected.verify, &format!("log verify of {name}"));
    let reported = within(own + expected.report_mib, &["report"], &log);
    assert_said(&reported, expected.report, &format!("report of {name}"));
    let compared = within(own + expected.report_mib, &["compare"], &log);
    assert_said(&compared, expected.compare, &format!("compare of {name}"));
}

/// A test of each: all of them together would say nothing for longer than a slow board may.
macro_rules! shapes {
    ($($test:ident: $expected:expr;)*) => {$(
        #[test]
        fn $test() {
            takes_no_more_than_its_bound(&$expected);
        }
    )*};
}

shapes! {
    zeros: no_log("zeros");
    noise: no_log("noise");
    a_frame_without_end: no_log("a-frame-without-end");
    holes: Expected {
        verify: (1, ""),
        ..whole("holes")
    };
    headers: whole("headers");
    runs: Expected {
        verify: (2, "it holds more than 4096 runs"),
        ..refused("runs", 1_000_000, "holds more than 1000 runs")
    };
    runs_of_results: Expected {
        verify: (2, "it holds more than 4096 runs"),
        ..refused("runs-of-results", 1_000_000, "it holds more than 4096 runs")
    };
    keys: whole("keys");
    keys_of_many: whole("keys-of-many");
    names: whole("names");
    pids_that_come_again: whole("pids-that-come-again");
    // Damage: more changes than there are slots.
    a_sample_without_end: Expected {
        verify: (1, ""),
        ..whole("a-sample-without-end")
    };
    identities: refused(
        "identities",
        8_000_000,
        "it holds more than 131072 identities a sample",
    );
    homes: whole("homes");
    probes: results(
        "probes",
        60_000_000,
        "it holds more than 384 MiB of results",
    );
    a_result_without_end: results(
        "a-result-without-end",
        24_000_000,
        "it holds more than 384 MiB of results",
    );
    marks: results("marks", 40_000_000, "it holds more than 384 MiB of results");
    steps_of_a_ramp: refused(
        "steps-of-a-ramp",
        1_500_000,
        "it holds more than 4096 steps of a ramp",
    );
    a_window_without_end: refused(
        "a-window-without-end",
        3_000_000,
        "it holds more than 131072 samples of one step",
    );
    exits: whole("exits");
    exits_of_long_names: whole("exits-of-long-names");
    exits_before_a_sample: whole("exits-before-a-sample");
    footprints: Expected {
        report: (2, "edgebench-lite footprint shows them"),
        ..whole("footprints")
    };
    a_footprint_without_end: Expected {
        report: (2, "edgebench-lite footprint shows them"),
        compare: (2, "no log holds samples"),
        ..whole("a-footprint-without-end")
    };
    devices: whole("devices");
    products: refused(
        "products",
        20_000,
        "it holds more than 256 keys of its product",
    );
    footers: whole("footers");
    later_kinds: whole("later-kinds");
}

/// Each has a row in the report.
#[test]
fn as_many_marks_as_are_kept() {
    let Some(own) = bounded() else { return };
    let _alone = alone();
    let folder = Folder::new("marks");
    let refused = "it holds more than 384 MiB of results";
    for (bytes, expected) in [(2_200_000, (0, "")), (4_000_000, (2, refused))] {
        let log = folder.log("marks", bytes);
        let reported = within(own + REPORT_RESULTS, &["report"], &log);
        assert_said(&reported, expected, &format!("{bytes} bytes"));
    }
}

/// A picture takes the most of a run: two curves of 512 columns of 32 bytes for each of the
/// largest processes, half a MiB; the longest log, of 1000 runs, 500 MiB.
#[test]
fn what_is_drawn_of_a_hundred_runs() {
    let Some(own) = bounded() else { return };
    let folder = Folder::new("drawn");
    let log = folder.log("busy-runs", 8_700_000);
    let svg = folder.0.join("drawn.svg");
    let export = svg.to_str().unwrap();
    let report = ["report", "--format", "html", "--export", export];
    let drawn = within(own + REPORT, &report, &log);
    assert_said(&drawn, (0, ""), "report as HTML and as SVG");
    // CPU, memory and cores of each.
    let pictures = fs::read_to_string(&svg).unwrap();
    assert_eq!(pictures.matches("<svg role=\"img\"").count(), 3 * 100);
}

#[test]
fn as_many_processes_as_a_log_can_name() {
    let Some(own) = bounded() else { return };
    let folder = Folder::new("all");
    let log = folder.log("all-slots", 2_500_000);
    let verified = within(own + VERIFY_ALL, &["log", "verify"], &log);
    assert_said(&verified, (0, ""), "log verify");
    let reported = within(own + REPORT_ALL, &["report", "--by", "process"], &log);
    assert_said(&reported, (0, ""), "report");
}

/// Leaves every shape in a folder, to be measured: see tests/bounds/run.
#[test]
fn logs_are_left_where_they_are_asked_for() {
    let Some(folder) = std::env::var_os("BOUNDS_LOGS") else {
        return;
    };
    let bytes = std::env::var("BOUNDS_BYTES").unwrap().parse().unwrap();
    let only = std::env::var("BOUNDS_ONLY").unwrap_or_default();
    let is_asked = |name: &str| only.is_empty() || only.split(' ').any(|one| one == name);
    for shape in SHAPES.iter().filter(|shape| is_asked(shape.name)) {
        let path = Path::new(&folder).join(shape.name).with_extension("ebl");
        let mut out = BufWriter::new(File::create(path).unwrap());
        shape.write(&mut out, bytes).unwrap();
        out.flush().unwrap();
    }
}

/// A file that people write is never longer than 16 MiB, and a device may never end.
#[test]
fn a_facts_file_and_a_plan_without_end() {
    for arguments in [&["compare", "--facts"][..], &["bench", "--check"]] {
        let mut command = Command::new(BINARY);
        let output = command.args(arguments).arg("/dev/zero").output().unwrap();
        let expected = "cannot read /dev/zero: it is longer than 16 MiB";
        assert_said(&output, (2, expected), arguments[0]);
    }
}
