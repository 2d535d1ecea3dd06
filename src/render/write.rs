//! The writers of a document.

use super::document::Document;
use super::style::Medium;
use super::{html, markdown, text};
use std::io::{self, Write};

/// Writes a document that was made for `medium`.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(
    out: &mut dyn Write,
    document: &Document<'_>,
    medium: Medium,
) -> io::Result<()> {
    match medium {
        Medium::Text(style) => text::write(out, document, &style),
        Medium::Markdown => markdown::write(out, document),
        Medium::Html => html::write(out, document),
    }
}
