//! `footprint --watch`: again and again.

use super::super::outcome::{complaint, Error, Status};
use super::live::Look;
use super::screen::{Format, Screen};
use crate::system::outlet::Outlet;
use crate::system::signals::EndSignals;
use crate::system::{clock, terminal};
use std::io::{self, Write};
use std::time::Duration;

/// How long a complaint waits for the reader of standard error.
const PATIENCE: Duration = Duration::from_secs(2);

/// Standard output that a signal interrupts, even while its pipe is full and nobody reads
/// it.
struct Patient<'e> {
    outlet: Outlet,
    signals: &'e EndSignals,
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.outlet.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return done,
            }
            if self.signals.within(Duration::from_millis(100)) {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Prints a screen at each interval until a signal comes.
pub(super) fn watch(look: &mut Look<'_>, every: Duration) -> Result<Status, Error> {
    let format = look.options().format;
    let signals = EndSignals::block().map_err(|errno| Error::cannot("wait for signals", errno))?;
    let mut out = Patient {
        outlet: Outlet::stdout(),
        signals: &signals,
    };
    let mut shortfall: Option<String> = None;
    let mut first = true;
    let start = clock::monotonic_ns();
    let every = u64::try_from(every.as_nanos()).unwrap_or(u64::MAX).max(1);
    loop {
        let wait = |time| !signals.within(time);
        let Some(shown) = look.take(&wait)? else {
            break;
        };
        // Before drawing: it must not end up in the middle of the screen.
        if shown.shortfall != shortfall {
            shown.shortfall.iter().for_each(|why| complain(why));
        }
        let mut text = Vec::new();
        let drawn = match terminal::rows(io::stdout()) {
            Some(rows) if format == Format::Text => in_place(&shown, rows, first, &mut text),
            _ => below(&shown, format == Format::Text && !first, &mut text),
        };
        drawn
            .and_then(|()| out.write_all(&text))
            .map_err(Error::output)?;
        shortfall = shown.shortfall;
        first = false;
        // Absolute deadlines: the time that a look takes does not add up.
        let since = clock::monotonic_ns().saturating_sub(start);
        let rest = every - since % every;
        if signals.within(Duration::from_nanos(rest)) {
            break;
        }
    }
    Ok(match shortfall {
        None => Status::Yes,
        Some(_) => Status::Partly,
    })
}

/// Gives up if standard error is blocked.
fn complain(message: &str) {
    let outlet = Outlet::stderr();
    let text = complaint(message, outlet.columns());
    let _ = outlet.write_all(text.as_bytes(), Some(PATIENCE));
}

/// Draws from the upper left corner, as much as fits the rows.
fn in_place(shown: &Screen, rows: usize, first: bool, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(if first { b"\x1b[2J\x1b[H" } else { b"\x1b[H" })?;
    let lines = shown.text.split(|&b| b == b'\n');
    let lines: Vec<&[u8]> = lines.collect();
    // The text ends in a newline; the cursor stays in the last row.
    let count = lines.len().saturating_sub(1);
    let fits = rows.saturating_sub(1);
    let kept = if count > fits {
        fits.saturating_sub(1)
    } else {
        count
    };
    for line in lines.iter().take(kept) {
        out.write_all(line)?;
        out.write_all(b"\x1b[K\n")?;
    }
    if count > kept {
        writeln!(out, "({} more lines)\x1b[K", count - kept)?;
    }
    out.write_all(b"\x1b[J")
}

fn below(shown: &Screen, apart: bool, out: &mut dyn Write) -> io::Result<()> {
    if apart {
        writeln!(out)?;
    }
    out.write_all(&shown.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(rows: usize, first: bool) -> String {
        let shown = Screen {
            text: b"a\nb\nc\n".to_vec(),
            shortfall: None,
        };
        let mut out = Vec::new();
        in_place(&shown, rows, first, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_line_takes_the_place_of_the_one_before() {
        let all = "\x1b[Ha\x1b[K\nb\x1b[K\nc\x1b[K\n\x1b[J";
        assert_eq!(drawn(4, false), all);
        assert_eq!(drawn(4, true), format!("\x1b[2J{all}"));
    }

    #[test]
    fn nothing_scrolls_away() {
        let some = "\x1b[Ha\x1b[K\n(2 more lines)\x1b[K\n\x1b[J";
        assert_eq!(drawn(3, false), some);
        let none = "\x1b[H(3 more lines)\x1b[K\n\x1b[J";
        assert_eq!(drawn(2, false), none);
        assert_eq!(drawn(1, false), none);
    }
}
