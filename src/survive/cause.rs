//! Why a product does not work under a new address: the first known line of its unit's
//! journal.

use crate::system::command::Command;
use std::time::Duration;

/// Pieces of the lines that tell why, in small letters.
const KNOWN: [&str; 8] = [
    "no such interface",
    "failed to find interface with specified node ip",
    "not a member of the etcd cluster",
    "cannot assign requested address",
    "invalid node-ip",
    "invalid node ip",
    "certificate is valid for",
    "certificate is not valid for",
];
/// Of a line so much is kept.
const LINE: usize = 400;
const PATIENCE: Duration = Duration::from_secs(30);

/// Finds the first known line in text that comes in pieces.
#[derive(Default)]
struct Finder {
    line: Vec<u8>,
    found: Option<String>,
}

impl Finder {
    fn take(&mut self, piece: &[u8]) {
        for &byte in piece {
            match byte {
                b'\n' => self.end(),
                // The known piece stands near the beginning of a line or not at all.
                byte if self.line.len() < 8 * LINE => self.line.push(byte),
                _ => {}
            }
        }
    }

    fn end(&mut self) {
        let line = String::from_utf8_lossy(&self.line);
        let small = line.to_ascii_lowercase();
        let known = KNOWN.iter().find_map(|known| small.find(known));
        if let (None, Some(at)) = (&self.found, known) {
            // What is known stands in what is kept.
            let from = (0..=at.saturating_sub(LINE / 2))
                .rev()
                .find(|from| line.is_char_boundary(*from));
            let kept = line[from.unwrap_or(0)..].chars().take(LINE);
            self.found = Some(kept.collect());
        }
        self.line.clear();
    }
}

/// The first known line of the unit's journal since then, in seconds since 1970.
pub(crate) fn cause(unit: &str, since: u64) -> Option<String> {
    let since = format!("--since=@{since}");
    let arguments = [
        "journalctl",
        "-q",
        "--no-pager",
        "-o",
        "cat",
        "-u",
        unit,
        &since,
    ];
    let command = Command::new(&arguments).ok()?;
    let mut finder = Finder::default();
    // Without a journal there is no cause.
    command
        .run(PATIENCE, &mut |piece| finder.take(piece))
        .ok()?;
    finder.end();
    finder.found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pieces: &[&str]) -> Option<String> {
        let mut finder = Finder::default();
        pieces
            .iter()
            .for_each(|piece| finder.take(piece.as_bytes()));
        finder.end();
        finder.found
    }

    #[test]
    fn the_first_known_line() {
        let etcd = "level=fatal msg=\"starting: this server is a not a member of the etcd cluster. Found [a]\"";
        let bind = "listen tcp 10.0.0.1:80: bind: Cannot assign requested address";
        let text = format!("Starting\n{etcd}\n{bind}\n");
        assert_eq!(found(&[&text]).as_deref(), Some(etcd));
        let (start, end) = text.split_at(60);
        assert_eq!(found(&[start, end]).as_deref(), Some(etcd));
        assert_eq!(found(&["a\n", bind]).as_deref(), Some(bind));
        assert_eq!(found(&["all is well\n"]), None);
    }

    #[test]
    fn what_is_known_stands_in_a_long_line() {
        let line = format!(
            "{}x509: certificate is valid for 10.0.0.1, not 10.0.0.2",
            "é".repeat(900)
        );
        let found = found(&[&line]).unwrap();
        assert!(found.ends_with("not 10.0.0.2"), "{found}");
        assert!(found.len() < 500);
    }
}
