//! No function is longer than a screen.

use crate::code::{code_of, tokens};
use crate::File;

const LONGEST_FUNCTION: usize = 60;

/// From the line of `fn` to that of its closing brace. A declaration without a body,
/// as in a trait, has no length; `fn` in a type has no name.
pub fn too_long(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for file in files {
        let code = code_of(&file.text);
        let tokens = tokens(&code);
        for (at, pair) in tokens.windows(2).enumerate() {
            let [keyword, name] = pair else { continue };
            if keyword.text != "fn" || name.text == "(" {
                continue;
            }
            // `[u8; 4]` in a signature is no end of it.
            let (mut brackets, mut braces) = (0, 0);
            for token in &tokens[at..] {
                match token.text {
                    "[" | "(" => brackets += 1,
                    "]" | ")" => brackets -= 1,
                    "{" => braces += 1,
                    "}" => braces -= 1,
                    _ => {}
                }
                let ends = matches!(token.text, ";" | "}") && braces == 0 && brackets == 0;
                if !ends {
                    continue;
                }
                let lines = token.line - keyword.line + 1;
                if lines > LONGEST_FUNCTION {
                    let (path, line, name) = (&file.path, keyword.line, name.text);
                    wrong.push(format!(
                        "{path}:{line}: {name} has {lines} lines, {LONGEST_FUNCTION} are allowed"
                    ));
                }
                break;
            }
        }
    }
    wrong
}

fn judge(text: &str) -> Vec<String> {
    let path = "src/a.rs".to_string();
    let text = text.to_string();
    too_long(&[File { path, text }])
}

#[test]
fn line_61_is_refused() {
    let full = format!("fn full() {{\n{}}}\n", "a();\n".repeat(58));
    let long = format!(
        "impl A {{\n    pub(crate) const fn long<'a>(b: [u8; 4]) -> [u8; 2] {{\n{}    }}\n}}\n",
        "        if b { \"}\"; }\n".repeat(59)
    );
    assert_eq!(
        judge(&format!("{full}{long}")),
        ["src/a.rs:62: long has 61 lines, 60 are allowed"]
    );
}

#[test]
fn a_function_inside_counts_for_both() {
    let inner = format!("fn inner() {{\n{}}}\n", "a();\n".repeat(59));
    assert_eq!(
        judge(&format!("fn outer() {{\n{inner}}}\n")),
        [
            "src/a.rs:1: outer has 63 lines, 60 are allowed",
            "src/a.rs:2: inner has 61 lines, 60 are allowed"
        ]
    );
}

#[test]
fn what_has_no_body_has_no_length() {
    let text = format!(
        "trait A {{ fn a(&self); }}\ntype B = fn(u8);\n{}",
        "mod b {}\n".repeat(70)
    );
    assert_eq!(judge(&text), [""; 0]);
}
