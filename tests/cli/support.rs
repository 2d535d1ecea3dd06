//! Running the binary, and looking at what it did.

use crate::json::{self, Value};
use crate::skip::skipped;
use edgebench_lite::log::reader::{Event, Reader};
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub const BINARY: &str = env!("CARGO_BIN_EXE_edgebench-lite");

/// A folder of a test's own, removed with this. Everybody may write into it.
pub struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // Of one width: no name is the beginning of another's, and a command line that has
        // it in it is this folder's.
        let name = format!("edgebench-cli-{:07}-{number:04}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.file(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// The binary, to be run in this folder.
    pub fn edgebench<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(BINARY);
        command.args(arguments);
        command.current_dir(&self.0).stdin(Stdio::null());
        command
    }

    /// `record` of a capture into `log.ebl`, every 100 ms.
    pub fn record<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.record_tree(&capture("x86_64-6.18"));
        command.args(["--output", "log.ebl"]).args(arguments);
        command
    }

    pub fn record_tree(&self, tree: &Path) -> Command {
        let mut command = self.edgebench(["--proc-root"]);
        command.arg(tree).args(["record", "--interval", "100ms"]);
        command
    }

    /// What `log cat` says of a log here.
    pub fn cat(&self, log: &str) -> Vec<Value> {
        let done = run(&mut self.edgebench(["log", "cat", log]));
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
        done.out.lines().map(json::parse).collect()
    }
}

/// How many samples a log has by now, and whether the end of a run is among them: while
/// it is written to, and long before `log cat` has turned thousands into JSON.
pub fn so_far(log: &Path) -> (usize, bool) {
    let bytes = fs::read(log).unwrap_or_default();
    let mut reader = Reader::new(&bytes[..]);
    let (mut samples, mut has_ended) = (0, false);
    while let Some(event) = reader.next_event().unwrap() {
        samples += usize::from(event == Event::Sample);
        has_ended |= matches!(event, Event::Footer(_));
    }
    (samples, has_ended)
}

pub fn capture(name: &str) -> PathBuf {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    captures.join(name)
}

/// The records of one kind.
pub fn of_kind<'v>(records: &'v [Value], kind: &str) -> Vec<&'v Value> {
    let is_it = |record: &&Value| record.at("record").text() == kind;
    records.iter().filter(is_it).collect()
}

/// The deadlines of a run: those with a sample, and those that a busy machine has
/// missed, which its footer counts.
pub fn deadlines(records: &[Value]) -> u64 {
    let missed = of_kind(records, "footer")[0].at("missed").number();
    of_kind(records, "sample").len() as u64 + missed
}

/// Whether all memory was read for this sample, as far as it can be read.
pub fn all_read(sample: &Value) -> bool {
    let is_read = |process: &Value| {
        let mut flags = process.at("flags").items().iter();
        flags.any(|flag| ["kernel_thread", "unreadable"].contains(&flag.text()))
            || process.at("rss").number() == 0
            || matches!(process.at("pss_age"), Value::Number(age) if age == "0")
    };
    sample.at("processes").items().iter().all(is_read)
}

/// How a command ended, and its output.
#[derive(Debug)]
pub struct Done {
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Done {
    /// The lines on stderr but the one that says where it is recorded.
    pub fn complaints(&self) -> Vec<&str> {
        let lines = self.err.lines();
        lines
            .filter(|l| !l.starts_with("edgebench-lite: recording into "))
            .collect()
    }
}

pub fn run(command: &mut Command) -> Done {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let done = child.spawn().unwrap().wait_with_output().unwrap();
    Done {
        status: done.status.code(),
        out: String::from_utf8(done.stdout).unwrap(),
        err: String::from_utf8(done.stderr).unwrap(),
    }
}

/// Longer than anything takes, however busy the machine is: after it, the test hangs.
const FOREVER: Duration = Duration::from_secs(600);

/// Polls until the condition holds.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + FOREVER;
    while !is_so() {
        assert!(
            Instant::now() < deadline,
            "not even after {FOREVER:?}: {what}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// What comes of the shortest of some time-outs in which this machine, however busy, does
/// all that is not to time out: that is so where the result is as it should be.
pub fn with_patience<T>(mut run: impl FnMut(&str) -> T, is_so: impl Fn(&T) -> bool) -> T {
    let hurried = ["1s", "8s"].iter().map(|time| run(time)).find(&is_so);
    hurried.unwrap_or_else(|| run("64s"))
}

/// A command that runs on its own; killed with this. Its stdout and stderr go into
/// files.
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    pub fn start(folder: &Folder, name: &str, command: &mut Command) -> Self {
        let out = folder.file(&format!("{name}.out"));
        let err = folder.file(&format!("{name}.err"));
        command.stdout(fs::File::create(&out).unwrap());
        command.stderr(fs::File::create(&err).unwrap());
        let child = heeding_signals(command).spawn().unwrap();
        Self { child, out, err }
    }

    /// Starts a recorder, and waits until it has written its first sample.
    pub fn recorder(folder: &Folder, name: &str, command: &mut Command) -> Self {
        let running = Self::start(folder, name, command);
        running.until_it_says("recording into");
        running
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn says(&self) -> String {
        fs::read_to_string(&self.err).unwrap()
    }

    pub fn until_it_says(&self, words: &str) {
        until(words, || self.says().contains(words));
    }

    pub fn signal(&self, signal: &str) {
        send(signal, self.pid());
    }

    pub fn end(&mut self) -> Done {
        let mut ended: Option<ExitStatus> = None;
        until("the end of the command", || {
            ended = self.child.try_wait().unwrap();
            ended.is_some()
        });
        Done {
            status: ended.unwrap().code(),
            out: fs::read_to_string(&self.out).unwrap(),
            err: self.says(),
        }
    }
}

/// Ignored signals are inherited, such as SIGINT where the tests run behind a `&`.
pub fn heeding_signals(command: &mut Command) -> &mut Command {
    // SAFETY: signal(2) may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
                libc::signal(signal, libc::SIG_DFL);
            }
            Ok(())
        })
    }
}

pub fn send(signal: &str, pid: u32) {
    let signal: Signal = format!("SIG{signal}").parse().unwrap();
    signal::kill(Pid::from_raw(pid as i32), signal).unwrap();
}

/// A made-up machine with processes of `rss` pages each, pids from 1.
pub fn made_up(folder: &Folder, processes: u32, rss: u64) -> PathBuf {
    folder.write("root/proc/stat", "cpu  1 2 3 4 5 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\nctxt 1\nbtime 1\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n");
    folder.write(
        "root/proc/meminfo",
        "MemTotal: 1000 kB\nMemFree: 600 kB\nMemAvailable: 700 kB\n",
    );
    folder.write("root/proc/loadavg", "0.00 0.00 0.00 1/1 1\n");
    for pid in 1..=processes {
        made_up_process(folder, pid, rss);
        let cmdline = format!("/usr/bin/made-up\0--number\0{pid}\0");
        folder.write(&format!("root/proc/{pid}/cmdline"), cmdline);
        folder.write(&format!("root/proc/{pid}/cgroup"), "0::/made-up.slice\n");
        folder.write(&format!("root/proc/{pid}/smaps_rollup"), "400000-500000 ---p 00000000 00:00 0 [rollup]\nRss: 12 kB\nPss: 12 kB\nShared_Clean: 0 kB\nShared_Dirty: 0 kB\nPrivate_Clean: 0 kB\nPrivate_Dirty: 12 kB\nSwap: 0 kB\nSwapPss: 0 kB\n");
    }
    folder.file("root")
}

/// Rewrites /proc/PID/stat of a made-up process.
pub fn made_up_process(folder: &Folder, pid: u32, rss: u64) {
    let stat = format!(
        "{pid} (made-up) S 1 1 1 0 -1 4194304 0 0 0 0 {rss} 0 0 0 20 0 1 0 {} 1048576 {rss} \
         18446744073709551615 4194304 0 0 0 0\n",
        1000 + pid
    );
    let path = folder.file(&format!("root/proc/{pid}/stat"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // Never shorter than before, and never empty: a recorder may be reading it.
    let file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    file.unwrap().write_all(stat.as_bytes()).unwrap();
}

/// Whether a command is there and does what it should; says that the caller's test is
/// skipped where not.
#[track_caller]
pub fn can(command: &[&str]) -> bool {
    let done = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let why = match done {
        Err(error) => error.to_string(),
        Ok(mut child) => {
            let mut said = String::new();
            let _ = child.stderr.take().unwrap().read_to_string(&mut said);
            if child.wait().unwrap().success() {
                return true;
            }
            said
        }
    };
    skipped(&format!("{}: {}", command.join(" "), why.trim()));
    false
}

/// As [`can`]: whether commands can be run as user 65534, which takes root, and a
/// user namespace that knows of that user.
#[track_caller]
pub fn can_be_nobody() -> bool {
    let nobody = Command::new("true").uid(65534).gid(65534).status();
    let why = match nobody {
        Err(error) => error.to_string(),
        Ok(_) if nix::unistd::geteuid().is_root() => return true,
        Ok(_) => "this is not root".to_owned(),
    };
    skipped(&format!("as user 65534: {why}"));
    false
}

/// The binary where other users can execute it.
pub fn binary_for_all(folder: &Folder) -> PathBuf {
    let path = folder.file("edgebench-lite");
    copy_program(BINARY, &path);
    path
}

/// By another process: had this one written it, a child that another thread forks off
/// meanwhile would have it open for writing, and executing it would fail (ETXTBSY).
pub fn copy_program(from: impl AsRef<Path>, to: &Path) {
    let copied = Command::new("cp").arg(from.as_ref()).arg(to).status();
    assert!(copied.unwrap().success());
    fs::set_permissions(to, fs::Permissions::from_mode(0o755)).unwrap();
}
