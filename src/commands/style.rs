//! The style of standard output, for its terminal and locale.

use crate::render::style::ENDLESS;
use crate::render::Style;
use crate::system::terminal;
use std::env;
use std::ffi::OsString;
use std::io;

/// Narrower: charts are useless. Wider: lines are hard to read.
const NARROWEST: usize = 40;
const WIDEST: usize = 250;

/// The length of lines on standard output: a terminal's width.
pub(crate) fn width_of_output() -> usize {
    terminal::columns(io::stdout()).unwrap_or(ENDLESS)
}

/// The style of standard output.
pub(crate) fn of_output(charts: bool) -> Style {
    let columns = terminal::columns(io::stdout()).or_else(terminal::asked_columns);
    Style {
        width: columns.map_or(Style::PLAIN.width, |columns| {
            columns.clamp(NARROWEST, WIDEST)
        }),
        unicode: is_utf8(|name| env::var_os(name)),
        charts,
    }
}

/// Whether the locale's character set is UTF-8. The first variable that is set and not
/// empty decides; locale(7).
fn is_utf8(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
    let locale = locale
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    let charset = locale.split('@').next().unwrap_or_default().to_owned();
    charset.ends_with(".utf-8") || charset.ends_with(".utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> bool {
        is_utf8(|name| {
            let found = variables.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| value.into())
        })
    }

    #[test]
    fn the_first_variable_that_says_something_counts() {
        assert!(!of(&[]));
        assert!(of(&[("LANG", "en_GB.UTF-8")]));
        assert!(of(&[("LC_ALL", ""), ("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!of(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]));
        assert!(!of(&[("LC_CTYPE", "de_DE@euro"), ("LANG", "C.UTF-8")]));
        assert!(of(&[("LANG", "ca_ES.UTF-8@valencia")]));
    }
}
