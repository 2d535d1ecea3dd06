//! Records of processes that ended.

use edgebench_lite::log::exits::{Ended, Row, Rows};
use edgebench_lite::log::record::Record;
use edgebench_lite::log::result::ResultPart;
use edgebench_lite::log::Encoder;

/// name, parent's name, exits, failures, microseconds of CPU, peak RSS in KiB
pub type Line = (&'static str, &'static str, u64, u64, u64, u64);

/// The record that goes before the sample of `tick`; none for no lines.
pub fn record(encoder: &mut Encoder, run: u32, tick: u64, lines: &[Line]) -> Vec<u8> {
    let mut rows = Rows::new();
    rows.begin(tick);
    for (&(name, parent, exits, failures, cpu_us, peak_rss_kib), number) in lines.iter().zip(0..) {
        rows.add(&Row {
            number,
            names: Some((name.as_bytes(), parent.as_bytes())),
            ended: Ended {
                exits,
                failures,
                cpu_us,
                peak_rss_kib,
            },
        });
    }
    let (entries, value) = rows.end();
    let part = ResultPart {
        at_us: tick * 1_000_000,
        kind: 7,
        part: 0,
        parts: 1,
        verdict: 0,
        value,
        entries,
    };
    match lines {
        [] => Vec::new(),
        _ => (encoder.record(&Record::Result(run, part)).unwrap()).to_vec(),
    }
}
