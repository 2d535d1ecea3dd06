//! Messages of the kernel about processes that ended.

use super::message::{exit, numbers, tells_processes};
use super::Tally;
use crate::log::exits::Ended;
use crate::system::netlink::message::messages;

pub(crate) fn exits(piece: &[u8]) {
    let mut tally = Tally::new();
    let payloads = messages(piece).map(|message| message.payload);
    for payload in payloads.chain([piece]) {
        if let Some(exit) = exit(payload) {
            assert!(exit.comm.len() <= 16);
            let ended = Ended {
                exits: 1,
                failures: exit.failed.into(),
                cpu_us: exit.cpu_us,
                peak_rss_kib: exit.peak_rss_kib,
            };
            tally.add(exit.comm, b"", &ended);
        }
        if let Some(numbers) = numbers(payload, 4) {
            tells_processes(numbers);
        }
    }
}
