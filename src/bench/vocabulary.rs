//! The words of a plan, each with the form of its values.

use crate::typed::units::{Size, Span};

/// A word of a plan.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) name: &'static str,
    /// Its values: a value's kind in capitals, keywords as they are typed, in brackets what
    /// may be left out.
    pub(crate) form: &'static str,
    /// It may stand in several lines.
    pub(crate) repeats: bool,
}

const fn word(name: &'static str, form: &'static str) -> Word {
    Word {
        name,
        form,
        repeats: false,
    }
}

const fn repeated(name: &'static str, form: &'static str) -> Word {
    Word {
        repeats: true,
        ..word(name, form)
    }
}

/// All words, in the order in which a plan has them.
pub(crate) const VOCABULARY: [Word; 27] = [
    word("product", "NAME"),
    word("profile", "NAME"),
    repeated("unit", "UNIT"),
    repeated("key", "KEY"),
    repeated("cgroup", "PATH"),
    word("directory", "PATH"),
    word("install", "COMMAND [within TIME]"),
    word("start", "COMMAND [within TIME]"),
    word("ready", "COMMAND [within TIME]"),
    word("stop", "COMMAND [within TIME]"),
    word("deploy", "COMMAND [within TIME]"),
    word("deployed", "COMMAND [within TIME]"),
    word("remove", "COMMAND [within TIME]"),
    repeated("runs", "STAGE N of TIME"),
    word("fresh", "START"),
    word("probe", "COMMAND [every TIME] [timeout TIME]"),
    word(
        "ramp",
        "COMMAND [max N] [settle TIME] [step-timeout TIME] [reserve SIZE] [missed N]",
    ),
    word("ramp-ready", "COMMAND"),
    word("ramp-undo", "COMMAND"),
    word(
        "ip-change",
        "iface NAME to ADDRESS [from ADDRESS] [restart COMMAND]",
    ),
    word(
        "firewall",
        "peer HOST [peer HOST] [role ROLE] [server-port PORT]",
    ),
    repeated("check", "CHECK"),
    word("restarts", "N"),
    word("settle", "TIME [within TIME]"),
    word("cool", "DEGREES [within TIME]"),
    word("clock", "TIME"),
    word("again", "N"),
];

/// The most of anything that is counted.
const MOST: u64 = 1000;

/// What a value of this kind has to be, where `value` is none.
pub(super) fn refusal(kind: &str, value: &str) -> Option<&'static str> {
    let whole = || value.parse::<u64>().ok();
    let (is_one, wanted) = match kind {
        "N" => (
            whole().is_some_and(|number| (1..=MOST).contains(&number)),
            "a number from 1 to 1000",
        ),
        "DEGREES" => (
            whole().is_some_and(|degrees| degrees < 150),
            "degrees Celsius, such as 55",
        ),
        "TIME" => (
            value.parse::<Span>().is_ok(),
            "a time, such as 90s, 5m or 1h30m",
        ),
        "SIZE" => (value.parse::<Size>().is_ok(), "a size, such as 64M"),
        "STAGE" => (
            matches!(value, "baseline" | "edge" | "workload"),
            "one of baseline, edge, workload",
        ),
        "START" => (matches!(value, "start" | "boot"), "start or boot"),
        "PATH" => (
            value.starts_with('/') && !value.contains(char::is_control),
            "an absolute path in plain characters: whatever resumes may run elsewhere",
        ),
        "NAME" => (
            is_name(value),
            "1 to 64 letters, digits, dots, hyphens and underscores: it names files",
        ),
        _ => (!value.trim().is_empty(), "a value: it is empty"),
    };
    (!is_one).then_some(wanted)
}

fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=64).contains(&text.len()) && text.chars().all(is_plain) && !text.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_their_bounds() {
        for (kind, good, bad) in [
            ("N", "1", "0"),
            ("N", "1000", "1001"),
            ("N", "5", "five"),
            ("DEGREES", "0", "150"),
            ("TIME", "1h30m", "soon"),
            ("SIZE", "64M", "64 M"),
            ("STAGE", "edge", "ramp"),
            ("START", "boot", "stop"),
            ("PATH", "/var", "var"),
            ("PATH", "/a b", "/a\x1bb"),
            ("NAME", "k3s-1.2_x", "../k3s"),
            ("NAME", "a", ".a"),
            ("NAME", "a", ""),
            ("COMMAND", "true", " "),
        ] {
            assert_eq!(refusal(kind, good), None, "{kind} {good}");
            assert!(refusal(kind, bad).is_some(), "{kind} {bad}");
        }
    }

    /// A form is read while a plan is: each has to be one.
    #[test]
    fn forms_are_well_formed() {
        for word in &VOCABULARY {
            let open = word.form.matches('[').count();
            assert_eq!(word.form.matches(']').count(), open, "{}", word.name);
            let optional = word.form.split('[').skip(1);
            for group in optional {
                let inside = group.trim_end().trim_end_matches(']');
                assert_eq!(inside.split(' ').count(), 2, "{}", word.name);
            }
        }
    }
}
