//! `/proc/mounts`, proc_pid_mounts(5): the mounts of the reader's namespace.

use super::text::{split_once, whole_lines};

/// One mount. Blanks, backslashes and newlines in the fields stay as the kernel
/// escapes them, in octal: a blank is `\040`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mount<'a> {
    pub(crate) target: &'a [u8],
    pub(crate) fstype: &'a [u8],
    /// Comma-separated, those of the mount before those of the file system.
    pub(crate) options: &'a [u8],
}

/// The mounts, lowest first; a malformed or cut line is skipped.
pub(crate) fn all(text: &[u8]) -> impl Iterator<Item = Mount<'_>> {
    whole_lines(text).filter_map(mount)
}

/// Single blanks separate the fields; the first is empty where the device has no name.
fn mount(line: &[u8]) -> Option<Mount<'_>> {
    let (_device, rest) = split_once(b' ', line)?;
    let (target, rest) = split_once(b' ', rest)?;
    let (fstype, rest) = split_once(b' ', rest)?;
    let (options, _) = split_once(b' ', rest)?;
    Some(Mount {
        target,
        fstype,
        options,
    })
}

/// The value of option `name`, empty for one without a value. The last counts,
/// as it does for the kernel.
pub(crate) fn option<'a>(options: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    options
        .rsplit(|&b| b == b',')
        .find_map(|option| match option.strip_prefix(name)? {
            [] => Some(&[][..]),
            [b'=', value @ ..] => Some(value),
            _ => None,
        })
}

/// What `/proc` hides from users who are neither root nor in its `gid=` group.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HidePid {
    /// Nothing.
    #[default]
    Off,
    /// Others' processes are listed, but their files cannot be opened.
    NoAccess,
    /// Others' processes are not listed.
    Invisible,
    /// Only processes that the reader may trace are listed; since 5.8.
    Ptraceable,
}

/// How `/proc` is mounted; of several mounts on top of each other the last one is visible.
/// An unknown value counts as `Invisible`.
pub(crate) fn hidepid(text: &[u8]) -> HidePid {
    match option_of_proc(text, b"hidepid") {
        // Words since 5.8, numbers before.
        None | Some(b"0" | b"off") => HidePid::Off,
        Some(b"1" | b"noaccess") => HidePid::NoAccess,
        Some(b"4" | b"ptraceable") => HidePid::Ptraceable,
        Some(_) => HidePid::Invisible,
    }
}

/// Whether `/proc` shows processes and nothing else (`subset=pid`); since 5.8.
pub(crate) fn has_processes_only(text: &[u8]) -> bool {
    option_of_proc(text, b"subset") == Some(b"pid")
}

fn option_of_proc<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let proc = all(text).filter(|mount| mount.fstype == b"proc" && mount.target == b"/proc");
    proc.last().and_then(|mount| option(mount.options, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/mounts");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/mounts");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/mounts");

    #[test]
    fn entries_in_order() {
        let root = Mount {
            target: b"/",
            fstype: b"rootfs",
            options: b"rw,size=431564k,nr_inodes=107891,inode64",
        };
        assert_eq!(all(PI).next(), Some(root));
        assert_eq!(all(PI).count(), 8);
        assert_eq!(all(X86).count(), 19);
    }

    #[test]
    fn a_proc_of_processes_only() {
        let mounted = |options: &str| {
            let text = format!("proc /proc proc {options} 0 0\n");
            has_processes_only(text.as_bytes())
        };
        assert!(mounted("rw,nosuid,hidepid=invisible,subset=pid"));
        assert!(!mounted("rw,nosuid") && !mounted("rw,subset"));
        assert!(!has_processes_only(X86));
    }

    #[test]
    fn device_without_a_name() {
        let nameless = all(OLD).nth(4).unwrap();
        assert_eq!(nameless.target, br"/media/no\040name");
        assert_eq!(nameless.fstype, b"tmpfs");
    }

    #[test]
    fn options_by_name() {
        let options = b"rw,gid=27,hidepid=2,size=,gid=28";
        assert_eq!(option(options, b"rw"), Some(&b""[..]));
        assert_eq!(option(options, b"hidepid"), Some(&b"2"[..]));
        assert_eq!(option(options, b"size"), Some(&b""[..]));
        assert_eq!(option(options, b"gid"), Some(&b"28"[..]));
        assert_eq!(option(options, b"hide"), None);
        assert_eq!(option(options, b"ro"), None);
    }

    #[test]
    fn hidepid_of_captures() {
        assert_eq!(hidepid(X86), HidePid::Off);
        assert_eq!(hidepid(PI), HidePid::Off);
        assert_eq!(hidepid(OLD), HidePid::Invisible);
    }

    #[test]
    fn hidepid_in_numbers_and_words() {
        for (value, expected) in [
            ("0", HidePid::Off),
            ("off", HidePid::Off),
            ("1", HidePid::NoAccess),
            ("noaccess", HidePid::NoAccess),
            ("2", HidePid::Invisible),
            ("invisible", HidePid::Invisible),
            ("4", HidePid::Ptraceable),
            ("ptraceable", HidePid::Ptraceable),
            ("8", HidePid::Invisible),
        ] {
            let text = format!("proc /proc proc rw,hidepid={value} 0 0\n");
            assert_eq!(hidepid(text.as_bytes()), expected, "{value}");
        }
    }

    #[test]
    fn hidepid_of_the_mount_that_is_seen() {
        let seen = b"proc /proc proc rw,hidepid=2 0 0\nproc /proc proc rw 0 0\n\
            proc /chroot/proc proc rw,hidepid=1 0 0\ntmpfs /proc/x tmpfs rw,hidepid=1 0 0\n";
        assert_eq!(hidepid(seen), HidePid::Off);
        assert_eq!(hidepid(b""), HidePid::Off);
    }

    #[test]
    fn cut_text_gives_whole_all() {
        for cut in prefixes(OLD) {
            let lines = cut.iter().filter(|&&b| b == b'\n').count();
            assert_eq!(all(cut).count(), lines);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(OLD)) {
            let named = text.windows(7).any(|word| word == b"hidepid");
            prop_assert!(named || hidepid(&text) == HidePid::Off);
        }
    }
}
