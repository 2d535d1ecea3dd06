//! Names that others chose, in every form, read back by programs that are not ours.

use crate::others::checked;
use crate::{board, report, written, FORMS};
use edgebench_lite::log::record::Header;
use edgebench_lite::render::Report;

/// Each with what it is in text, which markdown and html show, in csv, and in json.
const NAMES: [(&[u8], &str, &str, &str); 12] = [
    (b"<script>", "<script>", "<script>", "<script>"),
    (b"a|b", "a|b", "a|b", "a|b"),
    (b"a\nb", "a\\nb", "a\\nb", "a\nb"),
    (b"a,b", "a,b", "a,b", "a,b"),
    (b"q\"uo'te", "q\"uo'te", "q\"uo'te", "q\"uo'te"),
    (b"nul\0x", "nul\\x00x", "nul\\x00x", "nul\0x"),
    (b"\xffbad", "\\xffbad", "\\xffbad", "ff626164"),
    (b"=1+1", "=1+1", "\\x3d1+1", "=1+1"),
    (b"&amp;</td>", "&amp;</td>", "&amp;</td>", "&amp;</td>"),
    (b"`*_[x](y)", "`*_[x](y)", "`*_[x](y)", "`*_[x](y)"),
    (
        b"back\\slash\\",
        "back\\\\slash\\\\",
        "back\\\\slash\\\\",
        "back\\slash\\",
    ),
    (
        b"-->]]>\x1b[2J",
        "-->]]>\\x1b[2J",
        "\\x2d->]]>\\x1b[2J",
        "-->]]>\x1b[2J",
    ),
];

fn hostile() -> Report {
    let header = Header {
        product: "</title><script>alert(1)</script>",
        stage: "a|b\n# c,\"d",
        host: "\u{202e}\0<b onload='x'>",
        board: "=HYPERLINK(\"x\")",
        os: "]]>--><!--",
        ..board::header()
    };
    let names = NAMES.map(|(name, ..)| name);
    report(&[board::named(&header, &names, |_, _| {})])
}

/// As JSON has it, in ASCII, which is how python writes it.
fn quoted(name: &str) -> String {
    let mut text = String::from('"');
    for c in name.chars() {
        text += &match c {
            '"' | '\\' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            c if c.is_control() => format!("\\u{:04x}", c as u32),
            c => c.to_string(),
        };
    }
    text + "\""
}

#[test]
fn other_programs_read_every_name_in_every_form() {
    let report = hostile();
    for form in FORMS {
        let Some(names) = checked(form, &written(&report, form)) else {
            return;
        };
        let mut names: Vec<_> = names.lines().map(str::to_owned).collect();
        names.sort();
        let mut expected = NAMES.map(|(_, text, csv, json)| match form {
            "csv" => quoted(csv),
            "json" => quoted(json),
            _ => quoted(text),
        });
        expected.sort();
        match form {
            "svg" => assert_eq!(names, [""; 0]),
            _ => assert_eq!(names, expected, "{form}"),
        }
    }
}

/// The same without other programs.
#[test]
fn nothing_acts_in_any_form() {
    let report = hostile();
    for form in FORMS {
        let text = written(&report, form);
        let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(acts) || form == "json", "{form}");
        if matches!(form, "html" | "svg") {
            for tag in ["<script", "<b ", "<!--", "</td>\""] {
                assert!(!text.contains(tag), "{form}: {tag}");
            }
        }
    }
    let markdown = written(&report, "md");
    let begin =
        "# product &lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;, stage a\\|b\\\\n\\# c,\"d\n";
    assert!(markdown.starts_with(begin), "{markdown}");
}

/// Markdown's own readers of the several forms find the whole of a plain report too.
#[test]
fn several_runs_are_well_formed() {
    let logs: Vec<_> = crate::several().into_iter().map(|(_, log)| log).collect();
    let report = report(&logs);
    for form in FORMS {
        if checked(form, &written(&report, form)).is_none() {
            return;
        }
    }
}
