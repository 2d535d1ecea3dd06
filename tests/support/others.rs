//! Output, read back by programs that are not ours.

use crate::skip::skipped;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// What `check.py` makes of it; `None`, and the caller's test is skipped, where there is
/// no python3, or one without the modules that it needs, as distributions for boards
/// split it.
#[track_caller]
pub fn checked(form: &str, text: &str) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/check.py");
    let child = Command::new("python3")
        .arg(script)
        .arg(form)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            skipped("python3 is not there");
            return None;
        }
        child => child.unwrap(),
    };
    let mut input = child.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    drop(input);
    let done = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    if errors.starts_with("No module named ") {
        skipped(&format!("python3: {}", errors.trim()));
        return None;
    }
    assert!(done.status.success(), "{form}: {errors}");
    Some(String::from_utf8(done.stdout).unwrap())
}
