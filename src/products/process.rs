//! The parts of a process that tell its product: its name, its arguments, its cgroup.

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

use crate::attribution::place;

/// A sign that recognises a process; the better sign is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sign {
    Place,
    Argument,
    Name,
}

/// The kernel keeps so many bytes of a process's name; proc_pid_comm(5).
const COMM_BYTES: usize = 15;

/// This program, whose arguments name other programs.
const RECORDER: &[u8] = b"edgebench-lite";

/// Programs whose arguments name files and programs that they only look at or start: no
/// argument makes them a key process.
const ONLOOKERS: [&str; 29] = [
    "cat",
    "docker",
    "ed",
    "emacs",
    "gdb",
    "grep",
    "head",
    "journalctl",
    "kubectl",
    "less",
    "man",
    "more",
    "nano",
    "nohup",
    "nvim",
    "perf",
    "pgrep",
    "pkill",
    "rsync",
    "scp",
    "ssh",
    "strace",
    "sudo",
    "systemctl",
    "systemd-run",
    "tail",
    "timeout",
    "vi",
    "vim",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Process<'p> {
    pub comm: &'p [u8],
    /// Arguments, each ended by NUL, as in /proc/PID/cmdline.
    pub(crate) cmdline: &'p [u8],
    /// The path that tells its unit or container; see [`crate::proc::cgroup::of`].
    pub(crate) cgroup: &'p [u8],
    /// Its comm, and the file that its first argument names: both are compared with all
    /// names of all products.
    name: &'p [u8],
    program: &'p [u8],
}

impl<'p> Process<'p> {
    pub(crate) fn new(comm: &'p [u8], cmdline: &'p [u8], cgroup: &'p [u8]) -> Self {
        let process = Self {
            comm,
            cmdline,
            cgroup,
            name: unwrapped(comm),
            program: &[],
        };
        let first = process.arguments().next();
        Self {
            program: first.map(program_of).unwrap_or_default(),
            ..process
        }
    }

    /// Whether this program has that `name`: as its comm, or as the file that its first
    /// argument names. Further words of a name are the next arguments.
    pub(super) fn is_named(&self, name: &str) -> bool {
        // Nearly always neither begins with the same letter.
        let initial = name.as_bytes().first();
        if self.name.first() != initial && self.program.first() != initial {
            return false;
        }
        let (program, words) = match name.split_once(' ') {
            None => (name, None),
            Some((program, words)) => (program, Some(words)),
        };
        let (comm, first) = (self.name, self.program);
        // A comm of full length may be the beginning of a longer name.
        let is_cut = comm.len() == COMM_BYTES && first.len() > COMM_BYTES;
        let is_comm = comm == program.as_bytes() && !(is_cut && first.starts_with(comm));
        let is_program = is_comm || first == program.as_bytes();
        is_program
            && words.map_or(true, |words| {
                let mut arguments = self.arguments();
                arguments.next();
                let mut words = words.split(' ');
                words.all(|word| arguments.next() == Some(word.as_bytes()))
            })
    }

    /// Whether one of the arguments after the program is `wanted` as a whole, or a path
    /// that ends with it or, where `wanted` has a slash, contains it.
    pub(super) fn has_argument(&self, wanted: &str) -> bool {
        let mut rest = self.arguments();
        while rest.next().is_some() {
            if begins(rest.clone(), wanted) {
                return true;
            }
        }
        false
    }

    /// The sign by which a user's pattern recognises it.
    pub(super) fn sign(&self, pattern: &str) -> Option<Sign> {
        if pattern.is_empty() {
            return None;
        }
        let is_at = || pattern.contains('/') && begins(self.arguments(), pattern);
        if self.is_named(pattern) || is_at() {
            return Some(Sign::Name);
        }
        let looks_on = || ONLOOKERS.iter().any(|program| self.is_named(program));
        (self.has_argument(pattern) && !looks_on()).then_some(Sign::Argument)
    }

    /// Whether it is in a unit of the system or of a user; units inside a container do not
    /// count.
    pub(crate) fn is_in_unit(&self, unit: &str) -> bool {
        let outermost = place(self.cgroup).outermost;
        let path = outermost.map_or(self.cgroup, |container| container.path);
        let mut parts = path.split(|&b| b == b'/');
        parts.any(|part| part.strip_prefix(b"_").unwrap_or(part) == unit.as_bytes())
    }

    /// Whether it is this program, or runs it: sudo, nohup, a shell.
    pub(super) fn is_recorder(&self) -> bool {
        let is_it = |argument: &[u8]| base(argument) == RECORDER;
        self.comm == RECORDER || self.arguments().any(is_it)
    }

    /// The arguments, or the words of the title that a program wrote over them.
    // The end is the place of a byte of it.
    #[allow(clippy::indexing_slicing)]
    fn arguments(&self) -> impl Iterator<Item = &'p [u8]> + Clone {
        let end = self.cmdline.iter().rposition(|&b| b != 0);
        let text = end.map_or(&[][..], |end| &self.cmdline[..=end]);
        let apart = match text.contains(&0) {
            true => 0,
            false => b' ',
        };
        text.split(move |&b| b == apart)
    }
}

/// The name of the file, without the hyphen of a login shell and the colon of a title.
fn program_of(argument: &[u8]) -> &[u8] {
    let name = base(argument);
    let name = name.strip_prefix(b"-").unwrap_or(name);
    unwrapped(name.strip_suffix(b":").unwrap_or(name))
}

/// Nix renames a program to `.NAME-wrapped` where a script of its name starts it.
fn unwrapped(name: &[u8]) -> &[u8] {
    let inner = name.strip_prefix(b".");
    inner
        .and_then(|inner| inner.strip_suffix(b"-wrapped"))
        .unwrap_or(name)
}

fn base(path: &[u8]) -> &[u8] {
    path.rsplit(|&b| b == b'/').next().unwrap_or_default()
}

/// Whether the first of the arguments is the first of the words `wanted`, and the next are
/// its next.
fn begins<'a>(mut arguments: impl Iterator<Item = &'a [u8]>, wanted: &str) -> bool {
    let mut words = wanted.split(' ').map(str::as_bytes);
    let first = words.next().unwrap_or_default();
    arguments
        .next()
        .is_some_and(|argument| is_it(argument, first))
        && words.all(|word| arguments.next() == Some(word))
}

/// Whether an argument, or the value of an option in it, is `wanted`.
// Places that were found in the text, and lengths of its parts.
#[allow(clippy::arithmetic_side_effects)]
fn is_it(argument: &[u8], wanted: &[u8]) -> bool {
    let is_path_of = |text: &[u8]| {
        let before = |at: usize| at == 0 || text.get(at - 1) == Some(&b'/');
        let tail = text.len().checked_sub(wanted.len());
        let ends = tail.is_some_and(|at| text.ends_with(wanted) && before(at));
        let within = || {
            let mut windows = text.windows(wanted.len()).enumerate();
            wanted.contains(&b'/')
                && windows.any(|(at, part)| {
                    part == wanted && before(at) && text.get(at + wanted.len()) == Some(&b'/')
                })
        };
        ends || within()
    };
    let value = match argument.first() {
        Some(b'-') => argument.iter().position(|&b| b == b'='),
        _ => None,
    };
    let value = value.and_then(|at| argument.get(at + 1..));
    !wanted.is_empty() && (is_path_of(argument) || value.is_some_and(is_path_of))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_key_may_be_the_path_of_the_program() {
        let is_it = |comm: &str, cmdline: &str, pattern| {
            let process = Process::new(comm.as_bytes(), cmdline.as_bytes(), b"");
            process.sign(pattern).is_some()
        };
        assert!(is_it("MainThread", "/usr/bin/app\0-v\0", "/usr/bin/app"));
        assert!(is_it("python3", "python3\0/usr/bin/app\0", "/usr/bin/app"));
        assert!(!is_it("app", "/opt/bin/app\0", "/usr/bin/app"));
        assert!(!is_it("apps", "/usr/bin/apps\0", "/usr/bin/app"));
        let words = "bin/edge-core --config";
        assert!(is_it("x", "/usr/bin/edge-core\0--config\0", words));
        assert!(!is_it("x", "/usr/bin/edge-core\0-v\0", words));
    }
}
