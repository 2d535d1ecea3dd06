//! The state before a change, kept in /run until it is put back.

use super::network::kernel::Kernel;
use super::network::neighbour::{announcement, protocol, Mac};
use super::network::object::{ip, octets};
use super::network::plan::Change;
use super::network::state::{differences, State};
use crate::system::clock::boottime_ns;
use crate::system::netlink::message::{attributes, messages, put, put_message, u32_at};
use crate::system::packet::Packets;
use nix::errno::Errno;
use nix::fcntl::{open, OFlag};
use nix::sys::stat::Mode;
use nix::unistd::{mkdir, unlink, write};
use std::net::IpAddr;
use std::time::Duration;

const DIRECTORY: &str = "/run/edgebench-lite";
pub(crate) const FILE: &str = "/run/edgebench-lite/ip-change";
/// What becomes [`FILE`] when it is whole.
const RENEWED: &str = "/run/edgebench-lite/ip-change.new";
/// The message that says what was changed; the kernel has none of this kind.
const CHANGE: u16 = 0xeb00;
/// Its attributes.
const TAKEN: u16 = 1;
const INDEX: u16 = 2;
const FROM: u16 = 3;
const TO: u16 = 4;
const PREFIX: u16 = 5;
const MAC: u16 = 6;
/// Between two tries to put everything back.
const PAUSE: Duration = Duration::from_millis(200);

/// What is put back, and after what change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) state: State,
    pub(crate) change: Change,
    pub(crate) mac: Option<Mac>,
}

impl Saved {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut payload = Vec::new();
        put(&mut payload, TAKEN, &self.state.taken_ns.to_ne_bytes());
        put(&mut payload, INDEX, &self.change.index.to_ne_bytes());
        put(&mut payload, FROM, &octets(self.change.from));
        put(&mut payload, TO, &octets(self.change.to));
        put(&mut payload, PREFIX, &[self.change.prefix_len]);
        if let Some(mac) = self.mac {
            put(&mut payload, MAC, &mac);
        }
        let mut bytes = Vec::new();
        put_message(&mut bytes, CHANGE, 0, 0, &payload);
        self.state.write(&mut bytes);
        bytes
    }

    /// Reads what was written; `None` where it is something else.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let head = messages(bytes).next().filter(|head| head.kind == CHANGE)?;
        let value = |wanted| {
            let mut all = attributes(head.payload);
            all.find_map(|(kind, value)| (kind == wanted).then_some(value))
        };
        let taken_ns = u64::from_ne_bytes(value(TAKEN)?.try_into().ok()?);
        Some(Self {
            state: State::read(taken_ns, bytes),
            change: Change {
                index: u32_at(value(INDEX)?, 0)?,
                from: ip(value(FROM)?)?,
                to: ip(value(TO)?)?,
                prefix_len: *value(PREFIX)?.first()?,
            },
            mac: value(MAC).and_then(|mac| mac.try_into().ok()),
        })
    }

    /// Keeps it, where nothing is kept yet.
    ///
    /// # Errors
    /// EEXIST where something is; those of mkdir(2), open(2) and write(2).
    pub(crate) fn keep(&self) -> nix::Result<()> {
        match mkdir(DIRECTORY, Mode::S_IRWXU) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(errno),
        }
        self.write(FILE, OFlag::O_EXCL)
    }

    /// The same without addresses that others have taken away since.
    pub(crate) fn without(&self, gone: &[IpAddr]) -> Self {
        let mut saved = self.clone();
        saved.state.forget(gone);
        saved
    }

    /// Takes the place of what is kept, which stays where there is no room for both.
    pub(crate) fn renew(&self) {
        let written = self.write(RENEWED, OFlag::O_TRUNC);
        if written.is_err() || std::fs::rename(RENEWED, FILE).is_err() {
            let _ = unlink(RENEWED);
        }
    }

    fn write(&self, path: &str, how: OFlag) -> nix::Result<()> {
        let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_CLOEXEC | how;
        let file = open(path, flags, Mode::S_IRUSR | Mode::S_IWUSR)?;
        let bytes = self.bytes();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match write(&file, rest) {
                Ok(len) => rest = &rest[len..],
                Err(errno) => {
                    let _ = unlink(path);
                    return Err(errno);
                }
            }
        }
        Ok(())
    }

    /// What is kept; `None` where it is something else.
    ///
    /// # Errors
    /// ENOENT where nothing is; those of open(2) and read(2).
    pub(crate) fn kept() -> std::io::Result<Option<Self>> {
        Ok(Self::of(&std::fs::read(FILE)?))
    }

    /// Puts the state back, and goes on trying for that long. Returns what is still another.
    ///
    /// # Errors
    /// Where the kernel does not tell its state.
    pub(crate) fn restore(
        &self,
        kernel: &mut Kernel,
        patience: Duration,
    ) -> nix::Result<Vec<String>> {
        let start_ns = boottime_ns();
        let changed = [self.change.from, self.change.to];
        loop {
            let failures = self.change.bring(kernel, &self.state, true)?;
            let now = kernel.state(self.change.index)?;
            let mut left = differences(&self.state, &now, self.change.index, changed);
            let is_over = u128::from(boottime_ns() - start_ns) >= patience.as_nanos();
            if left.is_empty() || is_over {
                left.extend(failures);
                // One that has run out may be another machine's by now.
                let mut all = now.addresses.iter();
                if all.any(|of| of.local() == Some(self.change.from)) {
                    self.announce(self.change.from);
                }
                return Ok(left);
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Tells the link who has an address now.
    pub(crate) fn announce(&self, address: IpAddr) {
        if let Some(mac) = self.mac {
            if let Ok(socket) = Packets::open(self.change.index, protocol(address)) {
                let _ = socket.send(&announcement(mac, address));
            }
        }
    }
}

/// Nothing is to be put back any more.
pub(crate) fn forget() {
    let _ = unlink(FILE);
}
