//! A log, behind the width of the pieces that it comes in and three bytes that other
//! targets use.

use super::Bytes;
use crate::log::cobs;
use crate::log::frame::{self, MAX_FRAME};
use crate::log::reader::{Event, Reader};
use std::io::Read;

/// Gives a few bytes at a time.
struct Narrow<'t>(&'t [u8], usize);

impl Read for Narrow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = self.1.min(buffer.len());
        (&mut self.0).take(most as u64).read(&mut buffer[..most])
    }
}

pub(super) fn reader(input: &[u8]) {
    let mut input = Bytes(input);
    let width = usize::from(input.byte()) + 1;
    input.take(3);
    let log = input.0;
    assert_eq!(told(log, log.len().max(1)), told(log, width));
    for frame in log.split(|&byte| byte == 0) {
        once_more(frame);
    }
}

/// All that a reader says of a log, with what it holds of each sample.
fn told(log: &[u8], width: usize) -> Vec<String> {
    let mut reader = Reader::new(Narrow(log, width));
    let mut told = Vec::new();
    while let Some(event) = reader.next_event().expect("no file is read") {
        let sample = match event {
            Event::Sample => {
                let sample = reader.sample();
                let processes = sample.processes().fold(0_u64, |sum, process| {
                    let values = process.values.iter();
                    values.fold(sum, |sum, value| sum.wrapping_mul(31).wrapping_add(*value))
                });
                format!("{} {processes}", sample.tick)
            }
            _ => String::new(),
        };
        told.push(format!("{event:?} {sample}"));
        assert!(reader.offset() <= log.len() as u64);
    }
    assert_eq!(reader.offset(), log.len() as u64);
    told
}

/// A frame that is read can be written, and is the same then.
fn once_more(frame: &[u8]) {
    let mut plain = frame.to_vec();
    if frame.len() >= MAX_FRAME {
        return;
    }
    if let Some(text) = cobs::decode(&mut plain) {
        let mut again = vec![0; cobs::encoded_len(text.len())];
        let len = cobs::encode(text, &mut again);
        let text = text.to_vec();
        assert_eq!(cobs::decode(&mut again[..len]), Some(&text[..]));
    }
    let mut bytes = frame.to_vec();
    if let Ok((seq, record)) = frame::decode(&mut bytes) {
        let mut out = [0; MAX_FRAME];
        let written = frame::encode(seq, &record, &mut out).expect("it was no longer");
        let mut written = written[..written.len() - 1].to_vec();
        assert_eq!(frame::decode(&mut written), Ok((seq, record)));
    }
}
