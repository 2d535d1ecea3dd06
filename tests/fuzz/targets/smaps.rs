//! The sum of `smaps` against `smaps_rollup`, and in pieces against the whole.

use super::Bytes;
use crate::footprint::edge_info::Sums;
use crate::proc::smaps::Sum;
use crate::proc::smaps_rollup;
use std::fmt::Write;

/// What both files have; `smaps_rollup` has `Pss_Anon` beside them.
const FIELDS: [&str; 12] = [
    "Rss",
    "Pss",
    "Pss_Dirty",
    "Shared_Clean",
    "Shared_Dirty",
    "Private_Clean",
    "Private_Dirty",
    "Anonymous",
    "Shared_Hugetlb",
    "Private_Hugetlb",
    "Swap",
    "SwapPss",
];

/// A mapping is made of seven bytes, and of each come 200 bytes of text: what has as many as
/// fit took a third of a second, and a busy machine a minute.
const MAPPINGS: u64 = 256;

pub(super) fn smaps(input: &[u8]) {
    let mut input = Bytes(input);
    match input.byte() {
        0 => mappings(&mut input),
        1 => drop(smaps_rollup::parse(input.0)),
        width => pieces(input.0, width.into()),
    }
}

fn pieces(text: &[u8], width: usize) {
    let mut whole = Sum::default();
    whole.feed(text);
    let whole = whole.finish();
    let mut sum = Sum::default();
    text.chunks(width).for_each(|chunk| sum.feed(chunk));
    assert_eq!(sum.finish(), whole);
    let sums = Sums::of(text);
    assert_eq!(sums.is_some(), whole.is_ok_and(|(_, vmas)| vmas > 0));
}

/// Mappings of which the input has the values, as the kernel writes them.
fn mappings(input: &mut Bytes<'_>) {
    let lacks = input.number() & !3;
    let (mut text, mut sums, mut count) = (String::new(), [0_u64; FIELDS.len()], 0);
    while !input.is_empty() && count < MAPPINGS {
        count += 1;
        let name = String::from_utf8_lossy(input.piece()).replace('\n', "\\012");
        let begin = 0x5500_0000_u64 + (count << 12);
        let end = begin + 4096;
        let _ = writeln!(text, "{begin:x}-{end:x} r-xp 00000000 00:15 7  {name}");
        let _ = writeln!(
            text,
            "Size:                  4 kB\nKernelPageSize:        4 kB"
        );
        for (at, field) in FIELDS.iter().enumerate() {
            if lacks >> at & 1 == 0 {
                let value = u64::from(input.number()) << (input.byte() % 32);
                sums[at] += value;
                let _ = writeln!(text, "{field}: {value:>18} kB");
            }
        }
        let _ = writeln!(text, "THPeligible:           0\nVmFlags: rd ex mr mw me sd");
    }
    let mut rollup = String::from("55000000-ffffffff ---p 00000000 00:00 0    [rollup]\n");
    for (at, field) in FIELDS.iter().enumerate() {
        if lacks >> at & 1 == 0 {
            let _ = writeln!(rollup, "{field}: {:>18} kB", sums[at]);
        }
    }
    let expected = smaps_rollup::parse(rollup.as_bytes());
    let mut sum = Sum::default();
    sum.feed(text.as_bytes());
    match count {
        0 => assert_eq!(sum.finish().map(|(_, vmas)| vmas), Ok(0)),
        _ => assert_eq!(sum.finish(), expected.map(|rollup| (rollup, count as u32))),
    }
    if let Some(shown) = Sums::of(text.as_bytes()) {
        assert_eq!(shown.right.pss, sums[1]);
    }
}
