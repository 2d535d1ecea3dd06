//! The serial port that is watched: opened, reopened when it comes back, and told of
//! when it cannot be had.

use crate::boot::arrival::Pace;
use crate::boot::wait::comm;
use crate::commands::outcome::{shown, Error};
use crate::proc::number::decimal;
use crate::proc::root::{read_file, Root};
use crate::render::escaped;
use crate::system::clock::monotonic_ns;
use crate::system::errno::reason;
use crate::system::serial::{readable, Port, Refusal};
use nix::errno::Errno;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A port that is gone is looked for so often.
const RETRY: Duration = Duration::from_millis(100);

/// What came of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// So many bytes, in a read(2) that returned then.
    Bytes(usize, u64),
    /// A signal, or a key, on the other descriptor.
    Other,
    Nothing,
}

pub(super) struct Line {
    path: PathBuf,
    baud: u32,
    port: Option<Port>,
    pub(super) pace: Pace,
    latency: Option<Latency>,
    /// Since when the port is gone.
    gone_ns: Option<u64>,
    /// When it was gone, from and to.
    pub(super) gaps: Vec<(u64, u64)>,
}

impl Line {
    /// Opens the port.
    ///
    /// # Errors
    /// Where it cannot be had: by whom, by which group, or why.
    pub(super) fn open(path: &Path, baud: u32) -> Result<Self, Error> {
        let port = Port::open(path, baud).map_err(|refusal| refused(path, refusal))?;
        // Who reads it, too, takes bytes away; a pseudo-terminal is held open by its maker.
        if !port.is_pty() && holder(path).is_some() {
            return Err(refused(path, Refusal::Busy));
        }
        Ok(Self {
            pace: match port.is_pty() {
                true => Pace::PTY,
                false => Pace::of_baud(baud),
            },
            latency: Latency::lower(path),
            path: path.to_path_buf(),
            baud,
            port: Some(port),
            gone_ns: None,
            gaps: Vec::new(),
        })
    }

    /// What the adapter may hold a byte back, in nanoseconds.
    pub(super) fn delay_ns(&self) -> u64 {
        let latency = self.latency.as_ref();
        latency.map_or(0, |latency| latency.now_ms.saturating_mul(1_000_000))
    }

    /// Waits for bytes, or for the other descriptor, `time` at most.
    pub(super) fn wait(
        &mut self,
        other: BorrowedFd<'_>,
        time: Duration,
        buffer: &mut [u8],
    ) -> Came {
        let Some(port) = &self.port else {
            if readable([other], time.min(RETRY))[0] {
                return Came::Other;
            }
            self.reopen();
            return Came::Nothing;
        };
        let [has_bytes, has_other] = readable([port.as_fd(), other], time);
        if has_bytes {
            match port.read(buffer) {
                Ok((len @ 1.., read_ns)) => return Came::Bytes(len, read_ns),
                Err(Errno::EAGAIN) => {}
                Ok(_) | Err(_) => {
                    // Before the adapter is back, which may be another.
                    (self.port, self.latency) = (None, None);
                    self.gone_ns.get_or_insert(monotonic_ns());
                }
            }
        }
        match has_other {
            true => Came::Other,
            false => Came::Nothing,
        }
    }

    fn reopen(&mut self) {
        if let Ok(port) = Port::open(&self.path, self.baud) {
            self.port = Some(port);
            self.latency = Latency::lower(&self.path);
            self.gaps
                .extend(self.gone_ns.take().map(|gone| (gone, monotonic_ns())));
        }
    }

    /// Types something; what a port that is gone is told is lost.
    pub(super) fn write(&self, bytes: &[u8]) {
        if let Some(port) = &self.port {
            // No more than a name or a command: a port takes that at once.
            let _ = port.write(bytes);
        }
    }
}

/// `latency_timer` of an FTDI adapter: how long it waits for more before it hands bytes
/// over. It is put back when this is dropped.
struct Latency {
    path: PathBuf,
    before_ms: u64,
    now_ms: u64,
}

impl Latency {
    fn lower(tty: &Path) -> Option<Self> {
        let real = fs::canonicalize(tty).ok()?;
        let name = real.file_name()?;
        let path = Path::new("/sys/class/tty")
            .join(name)
            .join("device/latency_timer");
        let before_ms = decimal(line(&path, &mut [0; 64])?).ok()?;
        let lowered = before_ms > 1 && fs::write(&path, "1").is_ok();
        Some(Self {
            path,
            before_ms,
            now_ms: if lowered { 1 } else { before_ms },
        })
    }
}

impl Drop for Latency {
    fn drop(&mut self) {
        if self.now_ms != self.before_ms {
            let _ = fs::write(&self.path, self.before_ms.to_string());
        }
    }
}

fn refused(path: &Path, refusal: Refusal) -> Error {
    let tty = shown(path);
    Error::new(match refusal {
        Refusal::NotATerminal => format!("{tty} is not a serial port or terminal"),
        Refusal::Busy => match holder(path) {
            Some(who) => format!("{tty} is in use by {who}"),
            None => format!("{tty} is in use by another process"),
        },
        Refusal::Os(Errno::ENOENT) => format!("{tty}: no such tty; is the adapter plugged in?"),
        Refusal::Os(Errno::EACCES) => match group(path) {
            Some(group) => {
                format!("cannot open {tty}: permission denied; run as root, or join group {group}")
            }
            None => format!("cannot open {tty}: permission denied; run as root"),
        },
        Refusal::Os(errno) => format!("cannot open {tty}: {}", reason(errno)),
    })
}

/// `picocom (pid 812)`: who has it open, as far as that is to be seen.
fn holder(path: &Path) -> Option<String> {
    let real = fs::canonicalize(path).ok()?;
    let root = Root::open(Path::new("/")).ok()?;
    let has_it = |pid: &u32| {
        let folder = format!("proc/{pid}/fd");
        let mut numbers = root.list(&folder).into_iter();
        numbers.any(|number| {
            root.read_link(&format!("{folder}/{number}"))
                .is_ok_and(|to| *to == *real)
        })
    };
    let names = root.list("proc");
    let pids = names.iter().filter_map(|name| name.parse().ok());
    let pid = pids.filter(|pid| *pid != std::process::id()).find(has_it)?;
    let comm = comm(&root, pid).unwrap_or_default();
    Some(format!("{} (pid {pid})", escaped(&comm)))
}

/// Whose members may open it.
fn group(path: &Path) -> Option<String> {
    let gid = u64::from(nix::sys::stat::stat(path).ok()?.st_gid);
    let mut buffer = [0; 1 << 14];
    let groups = read_file(Path::new("/etc/group"), &mut buffer).ok()?;
    // `dialout:x:20:`
    let is_it = |line: &&[u8]| {
        let mut fields = line.split(|&byte| byte == b':').skip(2);
        fields.next().and_then(|gid| decimal(gid).ok()) == Some(gid)
    };
    let group = groups.split(|&byte| byte == b'\n').find(is_it)?;
    Some(escaped(group.split(|&byte| byte == b':').next()?))
}

/// The first line of a file.
fn line<'b>(path: &Path, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    read_file(path, buffer)
        .ok()?
        .split(|&byte| byte == b'\n')
        .next()
}
