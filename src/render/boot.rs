//! Boots as text: those that were watched on a serial line, and the board's own.

use super::style::{hanging, wrapped};
use crate::results::{Mark, Measurement};
use crate::stats::{median, median_interval};
use crate::words::columns::{columns, shortened};
use crate::words::escape::escaped;
use std::io::{self, Write};

/// The mark of the time before the kernel, which is no moment after it.
pub(crate) const FIRMWARE: &str = "firmware";
/// The mark of the time from the kernel's beginning to init.
pub(crate) const KERNEL: &str = "kernel";
/// The mark of a moment after the kernel began, in the result of a restart.
pub(crate) const READY: &str = "product ready";
/// The mark that only the board's own result has.
pub(crate) const PROMPT: &str = "login prompt";

/// Microseconds as seconds with two decimals.
pub(crate) fn seconds(us: u64) -> String {
    let hundredths = us / 10_000 + u64::from(us % 10_000 >= 5000);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Columns of a mark's label, and of the picture of when it was.
const LABEL: usize = 22;
const PICTURE: usize = 16;
/// What a picture consists of: where nothing is, parts, moments.
pub(crate) type Ink = [&'static str; 3];
pub(crate) const TEXT: Ink = [" ", "=", "|"];
/// Where letters differ in width, and blanks are lost.
pub(crate) const PAGE: Ink = ["\u{2591}", "\u{2588}", "\u{2588}"];

/// A picture of when each mark was, of as many columns all; empty where it is not known.
/// Parts follow each other up to the prompt. What the board tells itself are moments
/// after the kernel began, but for the firmware's time before that.
pub(crate) fn pictures(result: &Measurement, ink: Ink) -> Vec<String> {
    const PARTS: [&str; 5] = [
        "shutdown",
        "shutdown, firmware",
        FIRMWARE,
        KERNEL,
        "userspace",
    ];
    let own = result.marks.iter().any(|mark| mark.label == PROMPT);
    let is_part = |mark: &Mark| match own {
        true => mark.label == FIRMWARE,
        false => PARTS.contains(&&*mark.label),
    };
    let mut sum = 0_u64;
    for part in result.marks.iter().filter(|mark| is_part(mark)) {
        sum = sum.saturating_add(part.value.unwrap_or(0));
    }
    // A part at the beginning may be unknown.
    let mut end = match result.value {
        Some(total) if !own => total.saturating_sub(sum),
        _ => 0,
    };
    let (mut kernel, mut whole) = (0, 1);
    let mut spans = Vec::new();
    for mark in &result.marks {
        let us = mark.value.unwrap_or(0);
        if mark.label == KERNEL {
            kernel = end;
        }
        let from = match () {
            () if own || is_part(mark) => end,
            () if mark.label == READY => kernel,
            () => 0,
        };
        let to = from.saturating_add(us);
        if is_part(mark) {
            end = to;
        }
        whole = whole.max(to);
        spans.push((from, to));
    }
    let column = |us: u64| (us.saturating_mul(PICTURE as u64 - 1) / whole) as usize;
    let of = |(mark, (from, to)): (&Mark, (u64, u64))| {
        let (from, to) = match is_part(mark) {
            true => (column(from), column(to)),
            false => (column(to), 0),
        };
        let len = to.saturating_sub(from).max(1);
        let inked = ink[if is_part(mark) { 1 } else { 2 }].repeat(len);
        match mark.value {
            Some(_) => {
                ink[0].repeat(from) + &inked + &ink[0].repeat(PICTURE.saturating_sub(from + len))
            }
            None => String::new(),
        }
    };
    result.marks.iter().zip(spans).map(of).collect()
}

/// Narrower terminals have no room for pictures beside notes.
const WITH_PICTURES: usize = 76;

/// Writes this machine's last start: moments since the kernel began, and the firmware's
/// time before that.
///
/// # Errors
/// Those of `out`.
pub(crate) fn board(out: &mut dyn Write, result: &Measurement, width: usize) -> io::Result<()> {
    match result.value {
        Some(us) => wrapped(
            out,
            width,
            &format!("{} s, ", seconds(us)),
            2,
            &result.source,
        )?,
        None => wrapped(out, width, "No total: ", 2, &result.reason)?,
    }
    writeln!(out)?;
    wrapped(
        out,
        width,
        "",
        2,
        "Seconds before and after the kernel began",
    )?;
    for (mark, picture) in result.marks.iter().zip(pictures(result, TEXT)) {
        let value = mark.value.map_or("-".to_owned(), seconds);
        let sign = match mark.label == FIRMWARE && mark.value.is_some() {
            true => "-",
            false => "",
        };
        let label = shortened(&escaped(mark.label.as_bytes()), LABEL);
        let pad = " ".repeat(LABEL.saturating_sub(columns(&label)));
        let value = sign.to_owned() + &value;
        let head = match width < WITH_PICTURES {
            true => format!("  {label}{pad}{value:>8}  "),
            false => format!("  {label}{pad}{value:>8}  {picture:<PICTURE$}  "),
        };
        hanging(out, width, &head, &mark.note)?;
    }
    Ok(())
}

/// Writes one start of several.
///
/// # Errors
/// Those of `out`.
pub(crate) fn run(out: &mut dyn Write, number: u64, result: &Measurement) -> io::Result<()> {
    match result.value {
        Some(us) => writeln!(out, "Run {number}: {} s, {}", seconds(us), result.source)?,
        None => writeln!(out, "Run {number}: not measured: {}", result.reason)?,
    }
    for Mark { label, value, note } in &result.marks {
        let value = value.map_or("-".to_owned(), seconds);
        writeln!(out, "  {:<24}{value:>8}  {note}", escaped(label.as_bytes()))?;
    }
    result
        .evidence
        .iter()
        .try_for_each(|line| writeln!(out, "  {line}"))
}

/// Writes what several starts come to, in seconds.
///
/// # Errors
/// Those of `out`.
pub(crate) fn totals(out: &mut dyn Write, totals: &[f64]) -> io::Result<()> {
    let n = totals.len();
    let least = totals.iter().copied().reduce(f64::min);
    let most = totals.iter().copied().reduce(f64::max);
    let (Some(median), Some(least), Some(most)) = (median(totals), least, most) else {
        return writeln!(out, "No run was measured.");
    };
    match median_interval(totals) {
        Some(of) => writeln!(
            out,
            "Median {median:.2} s (95 % CI {:.2} to {:.2}, n {n})",
            of.low, of.high
        ),
        None => writeln!(out, "Median {median:.2} s ({least:.2} to {most:.2}, n {n})"),
    }
}

/// Lines of a serial line on one line.
pub(crate) fn last_lines(lines: &[Vec<u8>]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("`{}`", escaped(line)))
        .collect();
    lines.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Kind;

    fn of(value_us: Option<u64>, marks: &[(&str, Option<u64>)]) -> Vec<String> {
        let mut told = Measurement::of(Kind::BootRestart);
        told.value = value_us;
        for (label, us) in marks {
            told.mark(label, *us, "");
        }
        pictures(&told, ["-", "=", "|"])
    }

    #[test]
    fn moments_after_the_kernel_began() {
        // 30 s: two seconds a column, and the last is that of the end.
        let marks = [
            (FIRMWARE, Some(6_000_000)),
            ("init", Some(2_000_000)),
            ("initrd", None),
            ("finished", Some(24_000_000)),
            (PROMPT, Some(20_000_000)),
        ];
        let expected = [
            "===-------------",
            "----|-----------",
            "",
            "---------------|",
            "-------------|--",
        ];
        assert_eq!(of(None, &marks), expected);
        let only = [(FIRMWARE, None), (PROMPT, Some(0))];
        assert_eq!(of(Some(9), &only), ["", "|---------------"]);
    }

    #[test]
    fn parts_follow_each_other_up_to_the_prompt() {
        // The shutdown took the 6 s that are left.
        let marks = [
            (FIRMWARE, Some(6_000_000)),
            ("kernel", Some(3_000_000)),
            ("userspace", Some(15_000_000)),
            ("network", Some(21_000_000)),
        ];
        let expected = [
            "---===----------",
            "------=---------",
            "-------========-",
            "----------|-----",
        ];
        assert_eq!(of(Some(30_000_000), &marks), expected);
        // Ready 18 s after the kernel began, and that 12 s after the request.
        let restart = [
            ("shutdown, firmware", Some(12_000_000)),
            (KERNEL, Some(8_000_000)),
            (READY, Some(18_000_000)),
        ];
        let expected = ["======----------", "------====------", "---------------|"];
        assert_eq!(of(Some(20_000_000), &restart), expected);
        let huge = [("kernel", Some(u64::MAX)), ("userspace", Some(u64::MAX))];
        assert_eq!(of(None, &huge).len(), 2);
        assert_eq!(of(None, &[]), Vec::<String>::new());
    }
}
