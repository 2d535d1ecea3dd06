//! Text as HTML and XML take it.

use std::fmt::{self, Display, Write};

/// Text between tags, or in an attribute's quotes: nothing of it is markup, and no
/// character is one that XML 1.0 or HTML forbids.
pub(crate) struct Plain<'t>(pub(crate) &'t str);

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

/// The same as HTML, of a sentence: no line breaks within the name of an option,
/// which a browser does behind its hyphens.
pub(crate) struct Prose<'t>(pub(crate) &'t str);

/// No option's name is longer; a file may be called so, but its name may break.
const OPTION: usize = 24;

impl Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(begin) = rest.find("--") {
            let (before, option) = rest.split_at(begin);
            let is_name = |c: char| c == '-' || c.is_ascii_lowercase();
            let length = option.find(|c| !is_name(c)).unwrap_or(option.len());
            let (option, after) = option.split_at(length);
            write!(f, "{}", Plain(before))?;
            match (3..=OPTION).contains(&length) {
                true => write!(f, "<span class=\"whole\">{option}</span>")?,
                false => f.write_str(option)?,
            }
            rest = after;
        }
        write!(f, "{}", Plain(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::{Plain, Prose};

    #[test]
    fn options_are_kept_together() {
        let prose = |text| Prose(text).to_string();
        assert_eq!(
            prose("at a longer --interval, or with --pss off."),
            "at a longer <span class=\"whole\">--interval</span>, or with \
             <span class=\"whole\">--pss</span> off."
        );
        assert_eq!(prose("a <b> -- 3-4"), "a &lt;b&gt; -- 3-4");
        assert_eq!(prose("--<script>"), "--&lt;script&gt;");
        assert_eq!(prose("-->"), "--&gt;");
        let long = format!("--{}", "a".repeat(23));
        assert_eq!(prose(&long), long);
        assert_eq!(prose(""), "");
    }

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
