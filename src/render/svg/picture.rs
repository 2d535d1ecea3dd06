//! A picture, and what it is drawn with.

use super::super::markup::Plain;
use std::io::{self, Write};

/// How all pictures look; in a page it is a part of the page's style.
pub(crate) const STYLE: &str = include_str!("picture.css");
/// What is behind them, in a file of their own.
pub(crate) const GROUND: &str =
    "svg{background:#fff}@media screen and (prefers-color-scheme:dark){\
     svg{background:#14181c}}";
/// Units across a picture.
pub(crate) const WIDTH: usize = 840;

/// A picture: its name, its description, and the drawing.
pub(crate) struct Picture {
    pub(crate) title: String,
    /// For those who cannot see it.
    pub(crate) description: String,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) drawing: String,
}

impl Default for Picture {
    fn default() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            width: WIDTH,
            height: 0,
            drawing: String::new(),
        }
    }
}

impl Picture {
    /// Writes it as an element, with `more` attributes, that names and describes
    /// itself.
    ///
    /// # Errors
    /// Those of `out`.
    pub(crate) fn write(&self, out: &mut dyn Write, more: &str) -> io::Result<()> {
        writeln!(
            out,
            "<svg role=\"img\" viewBox=\"0 0 {} {}\"{more}><title>{}</title><desc>{}</desc>{}</svg>",
            self.width,
            self.height,
            Plain(&self.title),
            Plain(&self.description),
            self.drawing
        )
    }
}

/// What pictures are drawn with.
#[derive(Default)]
pub(crate) struct Pen(pub(crate) String);

impl Pen {
    /// Text that stands at a place, or ends there (class `e`), or is in the middle
    /// (`m`).
    pub(crate) fn text(&mut self, x: usize, y: usize, class: &str, text: &str) {
        if !text.is_empty() {
            let text = Plain(text);
            self.0 += &format!("<text x=\"{x}\" y=\"{y}\" class=\"{class}\">{text}</text>");
        }
    }

    pub(crate) fn path(&mut self, class: &str, line: &str) {
        if !line.is_empty() {
            self.0 += &format!("<path class=\"{class}\" d=\"{line}\"/>");
        }
    }

    /// From one side to the other.
    pub(crate) fn across(&mut self, class: &str, from: usize, to: usize, y: usize) {
        self.path(class, &format!("M{from} {y}H{to}"));
    }
}
