//! Boots as text: those that were watched on a serial line, and the board's own.

use super::columns::{columns, shortened};
use super::escape::escaped;
use super::style::{wrapped, Style};
use crate::results::{Mark, Measurement};
use crate::stats::{median, median_interval};
use std::io::{self, Write};

/// The mark of the time before the kernel, which is no moment after it.
pub(crate) const FIRMWARE: &str = "firmware";

/// Microseconds as seconds with two decimals.
pub(crate) fn seconds(us: u64) -> String {
    let hundredths = us / 10_000 + u64::from(us % 10_000 >= 5000);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Columns of a mark's label, and of the picture of when it was.
const LABEL: usize = 22;
const PICTURE: usize = 16;

/// Writes this machine's last start: moments since the kernel began, and the firmware's
/// time before that.
///
/// # Errors
/// Those of `out`.
pub(crate) fn board(out: &mut dyn Write, result: &Measurement) -> io::Result<()> {
    let width = Style::PLAIN.width;
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
    writeln!(out, "\nSeconds before and after the kernel began")?;
    let (mut before_us, mut latest_us) = (0, 0);
    for mark in &result.marks {
        let us = mark.value.unwrap_or(0);
        match mark.label == FIRMWARE {
            true => before_us = us,
            false => latest_us = us.max(latest_us),
        }
    }
    let whole_us = latest_us.saturating_add(before_us).max(1);
    let column = |us: u64| (us.saturating_mul(PICTURE as u64 - 1) / whole_us) as usize;
    for mark in &result.marks {
        let (value, picture) = match mark.value {
            Some(us) if mark.label == FIRMWARE => {
                (format!("-{}", seconds(us)), "=".repeat(column(us).max(1)))
            }
            Some(us) => {
                let at = column(us.saturating_add(before_us));
                (seconds(us), format!("{:>1$}", "|", at + 1))
            }
            None => ("-".to_owned(), String::new()),
        };
        let label = shortened(&escaped(mark.label.as_bytes()), LABEL);
        let pad = " ".repeat(LABEL.saturating_sub(columns(&label)));
        let head = format!("  {label}{pad}{value:>8}  {picture:<PICTURE$}  ");
        wrapped(out, width, &head, columns(&head), &mark.note)?;
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
