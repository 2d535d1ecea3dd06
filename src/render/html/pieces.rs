//! Text that breaks where it may.

use super::super::markup::Plain;
use std::io::{self, Write};

/// Text whose line may break only before what `breaks` is true of, and markup behind it.
pub(super) fn pieces(
    out: &mut dyn Write,
    text: &str,
    behind: &str,
    breaks: fn(&str) -> bool,
) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest
        .match_indices(' ')
        .find_map(|(at, _)| breaks(rest.get(at + 1..)?).then_some(at))
    {
        let (piece, after) = rest.split_at(at);
        write!(out, "<span class=\"whole\">{}</span> ", Plain(piece))?;
        rest = after.trim_start();
    }
    write!(out, "<span class=\"whole\">{}{behind}</span>", Plain(rest))
}
