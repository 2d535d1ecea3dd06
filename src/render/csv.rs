//! A report as CSV (RFC 4180), tidy: a line for each number, with all that says which
//! it is; see [`super::data`]. Any of the figures' names may be filtered by.

use super::data::{self, Subject};
use super::{utc, Report};
use crate::log::record::Header;
use crate::words::escape::escaped;
use std::borrow::Cow;
use std::io::{self, Write};

const HEAD: &str = "product,stage,run,host,start_utc,subject,name,pid,figure,statistic,value";

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "{HEAD}")?;
    for block in &report.blocks {
        for (run, nth) in block.runs.iter().zip(1..) {
            put(out, &run.header, &nth.to_string(), &data::of(run))?;
        }
        for run in &block.results {
            put(out, &run.header, "", &data::of_results(run))?;
        }
    }
    Ok(())
}

/// Writes a line for each figure of a run.
fn put(
    out: &mut dyn Write,
    header: &Header<String>,
    nth: &str,
    subjects: &[Subject<'_>],
) -> io::Result<()> {
    let begin = joined(&[
        plain(header.product.as_bytes()),
        plain(header.stage.as_bytes()),
        nth.to_owned(),
        plain(header.host.as_bytes()),
        utc::readable(header.start_realtime_ns),
    ]);
    for subject in subjects {
        let pid = subject.process.map(|(pid, _)| pid.to_string());
        let kind = subject.kind.to_owned();
        let of = joined(&[kind, name(subject), pid.unwrap_or_default()]);
        for (figure, numbers) in &subject.figures {
            for (statistic, value) in numbers {
                let value = value.map(|value| data::rounded(value).to_string());
                let value = value.unwrap_or_default();
                writeln!(out, "{begin},{of},{figure},{statistic},{value}")?;
            }
        }
    }
    Ok(())
}

/// A kernel thread stands in brackets, as in text.
fn name(subject: &Subject<'_>) -> String {
    match subject.kernel_thread {
        true => plain(&[&b"["[..], &subject.name, b"]"].concat()),
        false => plain(&subject.name),
    }
}

/// Foreign text, as in text: control characters as `\n` or `\x1b`, so that a
/// line is a line to every reader.
pub(crate) fn plain(text: &[u8]) -> String {
    harmless(escaped(text))
}

/// The same of text whose parts are escaped: a first character that makes a spreadsheet
/// take a field for a formula, the wide ones of Japanese keyboards too, is escaped.
pub(crate) fn harmless(text: String) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first @ ('=' | '+' | '-' | '@')) => {
            format!("\\x{:02x}{}", first as u32, characters.as_str())
        }
        Some(first @ ('＝' | '＋' | '－' | '＠')) => {
            format!("{}{}", first.escape_unicode(), characters.as_str())
        }
        _ => text,
    }
}

/// Fields with commas between them, in quotes where they must be.
pub(crate) fn joined(fields: &[String]) -> String {
    let quoted = fields
        .iter()
        .map(|field| match field.contains([',', '"', ';', '\'']) {
            true => Cow::from(format!("\"{}\"", field.replace('"', "\"\""))),
            false => Cow::from(field),
        });
    quoted.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::{joined, plain};

    #[test]
    fn fields_stay_fields() {
        let field = |text: &[u8]| joined(&[plain(text)]);
        assert_eq!(field(b"k3s-server"), "k3s-server");
        assert_eq!(field(b"a,b"), "\"a,b\"");
        assert_eq!(field(b"say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(field(b"a\nb\0\xff"), "a\\nb\\x00\\xff");
        assert_eq!(field(b"=1+1"), "\\x3d1+1");
        assert_eq!(field("＝1+1".as_bytes()), "\\u{ff1d}1+1");
        assert_eq!(field(b"\t=1"), "\\t=1");
        assert_eq!(field(b"-,"), "\"\\x2d,\"");
        assert_eq!(field(b""), "");
    }
}
