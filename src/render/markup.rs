//! Text as HTML and XML take it.

use std::fmt::{self, Display, Write};

/// Text between tags, or in an attribute's quotes: nothing of it is markup, and no
/// character is one that XML 1.0 or HTML forbids.
pub struct Plain<'t>(pub &'t str);

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(' ')?,
                c if c.is_control() || c as u32 & 0xfffe == 0xfffe => {
                    f.write_char(char::REPLACEMENT_CHARACTER)?;
                }
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Plain;

    #[test]
    fn nothing_is_markup() {
        let plain = |text| Plain(text).to_string();
        assert_eq!(plain("k3s-server 7.5 %"), "k3s-server 7.5 %");
        assert_eq!(
            plain("</title><script>a&&b('x\")"),
            "&lt;/title&gt;&lt;script&gt;a&amp;&amp;b(&#39;x&quot;)"
        );
        assert_eq!(
            plain("a\0b\x1b\u{9b}\u{fffe}\n"),
            "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd} "
        );
    }
}
