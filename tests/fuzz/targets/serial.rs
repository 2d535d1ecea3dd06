//! A serial line: a pattern to wait for, one to mark, and what comes. Bytes come 87 us
//! apart, as at 115,200 baud, but behind a line's end when the input says.

use super::Bytes;
use crate::boot::pattern::Pattern;
use crate::boot::scan::Scan;

pub(super) fn serial(input: &[u8]) {
    let mut input = Bytes(input);
    let patterns = [(); 3].map(|()| {
        let text = String::from_utf8_lossy(input.piece()).into_owned();
        text.parse::<Pattern>().ok()
    });
    let [until, mark, begin] = patterns;
    let marks: Vec<Pattern> = mark.into_iter().collect();
    let gaps = u64::from(input.number());
    let mut scan = Scan::new(until, &marks).beginning(begin);
    let mut now_ns = 1_000_000_000_u64;
    for (at, &byte) in input.0.iter().enumerate() {
        now_ns += match byte {
            b'\n' => gaps << (at % 24),
            _ => 87_000,
        };
        scan.take(byte, now_ns);
    }
    scan.end_line();
    assert!(scan.last_lines().count() <= 5);
    let milestones = &scan.milestones;
    assert_eq!(milestones.bytes.all, input.0.len() as u64);
    let times = [
        milestones.prompt_ns,
        milestones.begun_ns,
        milestones.reset.least_ns,
        milestones.kernel.least_ns,
        milestones.shutdown_ns,
        milestones.restarting_ns,
    ];
    let marks = milestones.marks_ns.iter().copied();
    assert!(times
        .into_iter()
        .chain(marks)
        .flatten()
        .all(|at| at <= now_ns));
    if let Some(holdup) = milestones.holdups.longest() {
        assert!(holdup.took_ns() <= now_ns);
    }
    milestones.restarted_ns(0);
    milestones.kernel.is_again(0);
}
