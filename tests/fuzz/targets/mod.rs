//! What the fuzzer does with an input, target by target; see `tests/fuzz/run`. A target
//! panics where something is wrong.

mod files;
pub(crate) mod json;
mod log;
mod network;
mod serial;
mod smaps;
mod typed;

use crate::{boot, commands, firewall, peer, sampler};

/// Each target by its name.
pub const TARGETS: [(&str, fn(&[u8])); 15] = [
    ("proc", files::proc),
    ("texts", files::texts),
    ("reader", log::reader),
    ("report", commands::fuzz::report),
    ("compare", commands::fuzz::compare),
    ("facts", typed::facts),
    ("plan", typed::plan),
    ("serial", serial::serial),
    ("tree", boot::tree::fuzz::tree),
    ("netlink", network::netlink),
    ("exits", sampler::exits::fuzz::exits),
    ("peer", peer::server::fuzz::peer),
    ("board", firewall::fuzz::board),
    ("smaps", smaps::smaps),
    ("options", commands::fuzz::options),
];

/// What is left of an input; zeros behind its end.
pub(crate) struct Bytes<'i>(pub(crate) &'i [u8]);

impl<'i> Bytes<'i> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    pub(crate) fn number(&mut self) -> u16 {
        u16::from_le_bytes([self.byte(), self.byte()])
    }

    /// So many bytes, or as many as there are.
    pub(crate) fn take(&mut self, count: usize) -> &'i [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Bytes behind their number.
    pub(crate) fn piece(&mut self) -> &'i [u8] {
        let len = self.byte();
        self.take(len.into())
    }
}

/// What a screen or a file gets is text, and no name in a log moves the cursor.
pub(crate) fn is_clean(text: &[u8]) {
    let text = std::str::from_utf8(text).expect("it is UTF-8");
    let is_foul = |c: &char| c.is_control() && !matches!(c, '\n' | '\r');
    let foul = text.chars().find(is_foul);
    assert_eq!(foul, None, "a control character in {text:?}");
}
