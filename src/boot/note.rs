//! What a restart leaves behind for the boot that follows it: who asked for it, and when.

use crate::proc::number::decimal;
use std::fmt;

/// The first line; another version's note is not understood.
const TITLE: &str = "edgebench-lite restart 1";
/// Older notes are of a restart that nobody waits for any more.
const OLDEST_NS: u64 = 3600 * 1_000_000_000;
/// A note has no more bytes.
pub(crate) const LONGEST: usize = 4096;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Note {
    pub(crate) machine_id: String,
    /// Of the boot that was to end.
    pub(crate) boot_id: String,
    pub(crate) boottime_ns: u64,
    pub(crate) realtime_ns: u64,
    /// Whether the kernel took its clock to be synchronised.
    pub(crate) synchronised: bool,
    /// How many restarts were asked for, and how many are done.
    pub(crate) runs: u64,
    pub(crate) done: u64,
    pub(crate) product: String,
    /// The log; empty: none.
    pub(crate) output: String,
    /// The boot that has begun to finish it; empty: none has.
    pub(crate) followed: String,
}

/// What stands before the boot that has begun to finish it: a line that is appended.
pub(crate) const FOLLOWED: &str = "followed";

/// Why a note is not one of this boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    OtherMachine,
    /// The boot that asked is still running.
    NotRestarted,
    TooOld,
    /// Another boot had begun to finish it, and never did.
    Unfinished,
}

/// The machine that reads a note.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'n> {
    pub(crate) machine_id: &'n str,
    pub(crate) boot_id: &'n str,
    pub(crate) boottime_ns: u64,
    pub(crate) realtime_ns: u64,
    pub(crate) synchronised: bool,
}

impl Note {
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        // A line that was cut, as by a full disk, is none.
        let (text, _) = text.rsplit_once('\n')?;
        let mut lines = text.lines();
        if lines.next()? != TITLE {
            return None;
        }
        let value = |key: &str| {
            let mut lines = lines.clone();
            lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(' '))
        };
        let text = |key: &str| value(key).map(str::to_owned);
        let number = |key: &str| decimal(value(key)?.as_bytes()).ok();
        Some(Self {
            machine_id: text("machine-id")?,
            boot_id: text("boot-id")?,
            boottime_ns: number("boottime-ns")?,
            realtime_ns: number("realtime-ns")?,
            synchronised: value("synchronised")? == "yes",
            runs: number("runs")?,
            done: number("done")?,
            product: text("product")?,
            output: text("output")?,
            followed: text(FOLLOWED).unwrap_or_default(),
        })
    }

    /// Whether the reader's boot is the one that this waits for.
    pub(crate) fn check(&self, reader: &Reader<'_>) -> Result<(), Refusal> {
        // Where both ends know the time; else the boot itself may be too old.
        let since_ns = match self.synchronised && reader.synchronised {
            true => reader.realtime_ns.saturating_sub(self.realtime_ns),
            false => reader.boottime_ns,
        };
        match () {
            () if self.machine_id != reader.machine_id => Err(Refusal::OtherMachine),
            () if self.boot_id == reader.boot_id => Err(Refusal::NotRestarted),
            () if !self.followed.is_empty() && self.followed != reader.boot_id => {
                Err(Refusal::Unfinished)
            }
            () if since_ns > OLDEST_NS => Err(Refusal::TooOld),
            () => Ok(()),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let synchronised = match self.synchronised {
            true => "yes",
            false => "no",
        };
        writeln!(f, "{TITLE}")?;
        writeln!(f, "machine-id {}", self.machine_id)?;
        writeln!(f, "boot-id {}", self.boot_id)?;
        writeln!(f, "boottime-ns {}", self.boottime_ns)?;
        writeln!(f, "realtime-ns {}", self.realtime_ns)?;
        writeln!(f, "synchronised {synchronised}")?;
        writeln!(f, "runs {}\ndone {}", self.runs, self.done)?;
        writeln!(f, "product {}", self.product)?;
        writeln!(f, "output {}", self.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const TEXT: &str = "edgebench-lite restart 1\nmachine-id 4b1d\nboot-id 6a-1\n\
        boottime-ns 93000000000\nrealtime-ns 1795000000000000000\nsynchronised yes\n\
        runs 3\ndone 1\nproduct k3s\noutput /var/log/my boot.ebl\n";

    fn note() -> Note {
        Note {
            machine_id: "4b1d".into(),
            boot_id: "6a-1".into(),
            boottime_ns: 93_000_000_000,
            realtime_ns: 1_795_000_000_000_000_000,
            synchronised: true,
            runs: 3,
            done: 1,
            product: "k3s".into(),
            output: "/var/log/my boot.ebl".into(),
            followed: String::new(),
        }
    }

    fn reader() -> Reader<'static> {
        Reader {
            machine_id: "4b1d",
            boot_id: "6a-2",
            boottime_ns: 60_000_000_000,
            realtime_ns: 1_795_000_100_000_000_000,
            synchronised: true,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(note().to_string(), TEXT);
        assert_eq!(Note::parse(TEXT.as_bytes()), Some(note()));
        let bare = Note {
            output: String::new(),
            product: String::new(),
            ..note()
        };
        assert_eq!(Note::parse(bare.to_string().as_bytes()), Some(bare));
    }

    #[test]
    fn what_was_cut_or_is_of_another_kind_is_none() {
        let whole = TEXT.as_bytes();
        for cut in prefixes(whole) {
            assert_eq!(Note::parse(cut), None, "{}", cut.len());
        }
        for wrong in [
            TEXT.replace("restart 1", "restart 2"),
            TEXT.replace("runs 3", "runs three"),
            TEXT.replace("done", "made"),
        ] {
            assert_eq!(Note::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn which_boot_it_waits_for() {
        assert_eq!(note().check(&reader()), Ok(()));
        let other = Reader {
            machine_id: "4b1e",
            ..reader()
        };
        assert_eq!(note().check(&other), Err(Refusal::OtherMachine));
        let same = Reader {
            boot_id: "6a-1",
            ..reader()
        };
        assert_eq!(note().check(&same), Err(Refusal::NotRestarted));
        let late = Reader {
            realtime_ns: 1_795_003_600_000_000_001,
            ..reader()
        };
        assert_eq!(note().check(&late), Err(Refusal::TooOld));
        // Without a clock only the boot's own age counts.
        let unknown = Reader {
            synchronised: false,
            ..late
        };
        assert_eq!(note().check(&unknown), Ok(()));
        let old = Reader {
            boottime_ns: 3_600_000_000_001,
            ..unknown
        };
        assert_eq!(note().check(&old), Err(Refusal::TooOld));
    }

    #[test]
    fn a_boot_that_began_to_finish_it() {
        let text = format!("{TEXT}followed 6a-2\n");
        let followed = Note {
            followed: "6a-2".into(),
            ..note()
        };
        assert_eq!(Note::parse(text.as_bytes()), Some(followed.clone()));
        // The power went while that was written.
        let cut = &text[..text.len() - 3];
        assert_eq!(Note::parse(cut.as_bytes()), Some(note()));
        assert_eq!(followed.check(&reader()), Ok(()));
        let next = Reader {
            boot_id: "6a-3",
            ..reader()
        };
        assert_eq!(followed.check(&next), Err(Refusal::Unfinished));
        assert_eq!(note().check(&next), Ok(()));
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(TEXT.as_bytes())) {
            let _ = Note::parse(&text);
        }
    }
}
