//! The version of this binary, for a bug report.

use std::env::consts::{ARCH, OS};

const NUMBER: &str = env!("CARGO_PKG_VERSION");
/// Set by the build: cargo itself does not know which commit it builds.
const COMMIT: Option<&str> = option_env!("EDGEBENCH_COMMIT");

/// What the line of an internal error begins with: its address is of one build.
pub(crate) fn build() -> [&'static str; 3] {
    [
        concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
        " ",
        COMMIT.unwrap_or(""),
    ]
}

/// `0.1.0 (aarch64-linux-musl, commit 762012e)`.
pub(crate) fn version() -> String {
    let abi = if cfg!(target_env = "musl") {
        "-musl"
    } else if cfg!(target_env = "gnu") {
        "-gnu"
    } else {
        ""
    };
    match COMMIT.filter(|commit| !commit.is_empty()) {
        Some(commit) => format!("{NUMBER} ({ARCH}-{OS}{abi}, commit {commit})"),
        None => format!("{NUMBER} ({ARCH}-{OS}{abi}, source build of an unknown commit)"),
    }
}
