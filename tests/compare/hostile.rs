//! Names that others chose break nothing, in any form.

use super::forms::csv;
use super::others::checked;
use super::{compared, made, runs, Folder, Made};
use crate::json;

const PRODUCT: &str = "a|b<script>alert(1)</script>\n\"c\",\u{1b}[2J`d`*e*\u{202e}";
const OTHER: &str = "=1+2,\0'x' [y](z)";

fn folder() -> Folder {
    let mut loud = runs("", 10, 9);
    loud.comm = b"<b>|\n,\"\xff\x1b`";
    let mut silent = runs("", 10, 8);
    silent.comm = b"x\0y";
    let logs = [
        Made {
            processes: vec![loud],
            ..made(1, PRODUCT, "edge")
        },
        Made {
            processes: vec![silent],
            ..made(2, OTHER, "edge")
        },
        made(3, OTHER, "|\n<i>"),
    ];
    super::folder(&logs)
}

#[test]
fn text_keeps_its_lines() {
    let text = compared(&folder(), ["."]);
    assert!(
        text.bytes().all(|byte| byte == b'\n' || byte >= b' '),
        "{text}"
    );
    assert!(!text.contains('\u{202e}'));
    let shown = "a|b<script>alert(1)</script>\\n\"c\",\\x1b[2J`d`*e*\\u{202e}";
    assert!(text.contains(shown), "{text}");
    assert!(text.contains("<b>|\\n,\"\\xff\\x.. 9.00 %"), "{text}");
    assert!(text.contains("x\\x00y 8.00 %"), "{text}");
}

#[test]
fn markdown_keeps_its_cells() {
    let text = compared(&folder(), [".", "--format=markdown"]);
    assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains("<i>"));
    let bars = |line: &str| {
        line.replace("\\\\", "")
            .replace("\\|", "")
            .matches('|')
            .count()
    };
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    let (first, second) = (
        rows.iter().filter(|row| bars(row) == 4),
        rows.iter().filter(|row| bars(row) == 7),
    );
    // Two products; and the second against the first.
    assert_eq!(first.count() + second.count(), rows.len(), "{text}");
    assert!(text.contains(
        "a\\|b&lt;script&gt;alert(1)&lt;/script&gt;\\\\n\"c\",\\\\x1b\\[2J\\`d\\`\\*e\\*"
    ));
}

#[test]
fn json_has_all_of_it() {
    let text = compared(&folder(), [".", "--format=json"]);
    let value = json::parse(text.trim_end());
    assert_eq!(value.at("products").items()[0].at("name").text(), PRODUCT);
    assert_eq!(value.at("products").items()[1].at("name").text(), OTHER);
    let mut rows = value.at("rows").items().iter();
    let top =
        rows.find(|row| row.at("row").text() == "top_cpu" && row.at("stage").text() == "edge");
    let cells = top.unwrap().at("cells").items();
    assert_eq!(cells[0].at("name").text(), "<b>|\n,\"\u{fffd}\u{1b}`");
    assert_eq!(cells[0].at("name_hex").text(), "3c623e7c0a2c22ff1b60");
    assert_eq!(cells[1].at("name").text(), "x\0y");
}

#[test]
fn csv_keeps_its_fields() {
    let text = compared(&folder(), [".", "--format=csv"]);
    let records = csv(&text);
    assert!(records.iter().all(|record| record.len() == 15), "{text}");
    let names: Vec<&str> = records
        .iter()
        .skip(1)
        .map(|record| record[0].as_str())
        .collect();
    let shown = "a|b<script>alert(1)</script>\\n\"c\",\\x1b[2J`d`*e*\\u{202e}";
    assert_eq!(names[0], shown);
    assert_eq!(names[1], "\\x3d1+2,\\x00'x' [y](z)");
    assert_eq!(text.lines().count(), records.len());
}

/// Read by python's HTML and XML parsers, which find no tag that is not ours.
#[test]
fn pages_and_pictures_keep_their_elements() {
    for form in ["html", "svg"] {
        let text = compared(&folder(), [".", "--format", form]);
        assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains("<i>"));
        let _ = checked(form, &text);
    }
}
