//! Sentences as cards: the core large, the spread small.

use super::super::document::Sentence;
use super::super::markup::Plain;
use super::pieces::pieces;
use std::io::{self, Write};

pub(super) fn write(out: &mut dyn Write, all: &[Sentence]) -> io::Result<()> {
    out.write_all(b"<ul class=\"cards\">\n")?;
    for sentence in all {
        let class = if sentence.is_long {
            " class=\"wide\""
        } else {
            ""
        };
        let [before, core, after] =
            [&sentence.before, &sentence.core, &sentence.after].map(|text| Plain(text));
        let spread = &sentence.spread;
        write!(out, "<li{class}>{before}<strong>{core}</strong>{after}")?;
        if !spread.is_empty() {
            out.write_all(b"<small>")?;
            pieces(out, spread, "", |next| {
                next.starts_with(['n', 'p']) || next.starts_with("95 %")
            })?;
            out.write_all(b"</small>")?;
        }
        out.write_all(b"</li>\n")?;
    }
    out.write_all(b"</ul>\n")
}
