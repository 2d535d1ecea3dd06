//! The machine and run, for the log's header.

use crate::log::crc32::crc32;
use crate::log::fields::{memory, Values};
use crate::log::record::{Header, PssMode, Synchronised, MAGIC, VERSION};
use crate::proc::meminfo;
use crate::proc::root::Root;
use crate::sampler::machine::read_stat;
use crate::sampler::Clocks;
use crate::system::clock;
use nix::sys::resource::{getrlimit, rlim_t, Resource};
use nix::unistd::{geteuid, sysconf, SysconfVar};

/// The kernel memory that kept descriptors may take, a page each.
const KEPT_BYTES: u64 = 1 << 20;
/// Descriptors for other files than processes'.
const OTHER_DESCRIPTORS: rlim_t = 32;

/// The machine's part of the header, gathered before the first sample.
pub(crate) struct MachineHeader {
    host: String,
    release: String,
    machine: String,
    os: String,
    board: String,
    boot_id: String,
    cmdline: String,
    mem_total_kib: u64,
    swap_total_kib: u64,
    synchronised: Synchronised,
}

/// The user's part of the header.
pub(crate) struct RunHeader<'a> {
    pub(crate) product: &'a str,
    pub(crate) stage: &'a str,
    pub(crate) interval_us: u64,
    pub(crate) pss: PssMode,
    pub(crate) cores: u32,
}

impl MachineHeader {
    pub(crate) fn gather(root: &Root) -> Self {
        let text = |name: &str, most: usize| text(root, name, most);
        let mut buffer = [0; 8192];
        let mut info = Values::default();
        if let Ok(text) = root.read("proc/meminfo", &mut buffer) {
            if meminfo::parse(text, &mut info).is_err() {
                info = Values::default();
            }
        }
        let uname = nix::sys::utsname::uname().ok();
        let machine = uname.map(|u| u.machine().to_string_lossy().into_owned());
        Self {
            host: text("proc/sys/kernel/hostname", 64),
            release: text("proc/sys/kernel/osrelease", 128),
            machine: machine.unwrap_or_default(),
            os: pretty_name(&text("etc/os-release", 4096)),
            board: text("proc/device-tree/model", 128),
            boot_id: text("proc/sys/kernel/random/boot_id", 64),
            cmdline: text("proc/cmdline", 2048),
            mem_total_kib: info[memory::MEM_TOTAL],
            swap_total_kib: info[memory::SWAP_TOTAL],
            synchronised: match clock::is_synchronised() {
                Some(true) => Synchronised::Yes,
                Some(false) => Synchronised::No,
                None => Synchronised::Unknown,
            },
        }
    }

    pub(crate) fn host(&self) -> &str {
        match self.host.as_str() {
            "" => "localhost",
            host => host,
        }
    }

    pub(crate) fn header(&self, run: &RunHeader<'_>, start: &Clocks) -> Header<String> {
        Header {
            magic: MAGIC,
            version: VERSION,
            run: self.run(start),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            product: run.product.to_owned(),
            stage: run.stage.to_owned(),
            host: self.host.clone(),
            release: self.release.clone(),
            machine: self.machine.clone(),
            os: self.os.clone(),
            board: self.board.clone(),
            boot_id: self.boot_id.clone(),
            cmdline: self.cmdline.clone(),
            clk_tck: clk_tck(),
            page_size: page_size(),
            cores: run.cores,
            mem_total_kib: self.mem_total_kib,
            swap_total_kib: self.swap_total_kib,
            interval_us: run.interval_us,
            pss: run.pss,
            synchronised: self.synchronised,
            euid: geteuid().as_raw(),
            start_realtime_ns: start.realtime_ns,
            start_boottime_ns: start.boottime_ns,
        }
    }

    /// Unique, unless two runs start in the same nanosecond of the same boot.
    fn run(&self, start: &Clocks) -> u32 {
        let mut seed = self.boot_id.clone().into_bytes();
        seed.extend_from_slice(&start.boottime_ns.to_le_bytes());
        seed.extend_from_slice(&start.realtime_ns.to_le_bytes());
        crc32(&seed)
    }
}

/// Cores that are online; 0 where that is not to be seen.
pub(crate) fn cores(root: &Root) -> u32 {
    let mut buffer = vec![0; 1 << 14];
    let mut cores = 0;
    if let Ok(file) = root.open_proc("stat") {
        // What is wrong with the rest of the file is of no concern here.
        let _ = read_stat(&file, &mut buffer, |_, _| cores += 1);
    }
    cores
}

/// USER_HZ.
pub(crate) fn clk_tck() -> u64 {
    system_value(SysconfVar::CLK_TCK, 100)
}

/// Bytes of a page.
pub(crate) fn page_size() -> u64 {
    system_value(SysconfVar::PAGE_SIZE, 4096)
}

/// How many descriptors the memory budget and the limit of open files allow.
pub(crate) fn kept_descriptors() -> usize {
    let limit = getrlimit(Resource::RLIMIT_NOFILE).map_or(256, |(soft, _)| soft);
    let memory = (KEPT_BYTES / page_size()).min(256) as usize;
    memory.min(limit.saturating_sub(OTHER_DESCRIPTORS) as usize)
}

fn system_value(name: SysconfVar, otherwise: u64) -> u64 {
    let value = sysconf(name).ok().flatten();
    value
        .and_then(|value| u64::try_from(value).ok())
        .unwrap_or(otherwise)
}

/// A small file's text, without the newline or NUL at its end, cut to `most` bytes; empty
/// if it is missing.
fn text(root: &Root, name: &str, most: usize) -> String {
    let mut buffer = [0; 4096];
    let bytes = root.read(name, &mut buffer).unwrap_or_default();
    let bytes = &bytes[..bytes.len().min(most)];
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches(['\n', '\0']);
    // Replacing invalid UTF-8 makes the text longer.
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

/// PRETTY_NAME of os-release(5), without its quotes.
fn pretty_name(os_release: &str) -> String {
    let value = os_release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .unwrap_or_default();
    let name = value.trim_matches(['"', '\'']);
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}
