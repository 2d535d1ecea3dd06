//! Sentences as cards: the core large, the spread small.

use super::super::document::Sentence;
use super::super::markup::Plain;
use std::io::{self, Write};

pub(super) fn write(out: &mut dyn Write, all: &[Sentence]) -> io::Result<()> {
    out.write_all(b"<ul class=\"cards\">\n")?;
    for sentence in all {
        let class = if sentence.is_long {
            " class=\"wide\""
        } else {
            ""
        };
        let [before, core, after, spread] = [
            &sentence.before,
            &sentence.core,
            &sentence.after,
            &sentence.spread,
        ]
        .map(|text| Plain(text));
        write!(out, "<li{class}>{before}<strong>{core}</strong>{after}")?;
        if !sentence.spread.is_empty() {
            write!(out, "<small>{spread}</small>")?;
        }
        out.write_all(b"</li>\n")?;
    }
    out.write_all(b"</ul>\n")
}
