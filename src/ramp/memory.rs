//! The memory that a cgroup has left below its limit: memory(7) of cgroups, v2 and v1.

use crate::proc::number::decimal;
use crate::proc::root::{reread_to_end, Root};
use crate::proc::text::whole_lines;
use std::os::fd::OwnedFd;

/// Where the hierarchies with the memory controller are mounted; limit, usage, and what of
/// that the kernel gives back first.
const VERSIONS: [(&str, [&str; 2], &[u8]); 2] = [
    (
        "sys/fs/cgroup",
        ["memory.max", "memory.current"],
        b"inactive_file ",
    ),
    (
        "sys/fs/cgroup/memory",
        ["memory.limit_in_bytes", "memory.usage_in_bytes"],
        b"total_inactive_file ",
    ),
];
const MOUNTED: &str = "/sys/fs/cgroup/";
const BUFFER: usize = 1 << 13;

/// The files, kept open.
pub(crate) struct CgroupMemory {
    files: [OwnedFd; 3],
    inactive: &'static [u8],
    buffer: Box<[u8]>,
}

impl CgroupMemory {
    /// `None` where there is no such cgroup, or none with a limit of memory.
    pub(crate) fn open(root: &Root, cgroup: &str) -> Option<Self> {
        let path = cgroup.strip_prefix(MOUNTED).unwrap_or(cgroup);
        let path = path.strip_prefix("memory/").unwrap_or(path);
        let path = path.trim_matches('/');
        let mut versions = VERSIONS.iter();
        versions.find_map(|(mount, [limit, usage], inactive)| {
            let open = |name: &str| root.open_file(&format!("{mount}/{path}/{name}")).ok();
            let mut of = Self {
                files: [open(limit)?, open(usage)?, open("memory.stat")?],
                inactive,
                buffer: vec![0; BUFFER].into_boxed_slice(),
            };
            of.limit_kib().map(|_| of)
        })
    }

    /// `None` where there is none.
    pub(crate) fn limit_kib(&mut self) -> Option<u64> {
        let limit = self.number(0)?;
        // v1 writes the greatest number of whole pages.
        (limit < 1 << 62).then_some(limit / 1024)
    }

    pub(crate) fn available_kib(&mut self) -> Option<u64> {
        let (limit, used) = (self.number(0)?, self.number(1)?);
        let text = reread_to_end(&self.files[2], &mut self.buffer).ok()?;
        let mut lines = whole_lines(text);
        let inactive = lines.find_map(|line| line.strip_prefix(self.inactive));
        let inactive = inactive
            .and_then(|number| decimal(number).ok())
            .unwrap_or(0);
        let kept = used.saturating_sub(inactive);
        Some(limit.saturating_sub(kept) / 1024)
    }

    fn number(&mut self, file: usize) -> Option<u64> {
        let text = reread_to_end(&self.files[file], &mut self.buffer).ok()?;
        decimal(text.strip_suffix(b"\n")?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    /// A tree with a cgroup that has these files; it is removed at the end.
    struct Tree(PathBuf);

    impl Tree {
        fn with(name: &str, cgroup: &str, files: [(&str, &str); 3]) -> Self {
            let tree = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            fs::create_dir_all(tree.join("proc")).unwrap();
            fs::create_dir_all(tree.join(cgroup)).unwrap();
            for (file, text) in files {
                fs::write(tree.join(cgroup).join(file), text).unwrap();
            }
            Self(tree)
        }

        fn root(&self) -> Root {
            Root::open(&self.0).unwrap()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// 100 MiB, of which 60 are used, 20 of them inactive: 60 are left.
    #[test]
    fn both_versions() {
        let v2 = Tree::with(
            "cgroup-v2",
            "sys/fs/cgroup/a/b",
            [
                ("memory.max", "104857600\n"),
                ("memory.current", "62914560\n"),
                (
                    "memory.stat",
                    "anon 41943040\ninactive_file 20971520\nx 1\n",
                ),
            ],
        );
        let v1 = Tree::with(
            "cgroup-v1",
            "sys/fs/cgroup/memory/a/b",
            [
                ("memory.limit_in_bytes", "104857600\n"),
                ("memory.usage_in_bytes", "62914560\n"),
                (
                    "memory.stat",
                    "inactive_file 4096\ntotal_inactive_file 20971520\n",
                ),
            ],
        );
        for (tree, paths) in [
            (&v2, ["a/b", "/a/b/", "/sys/fs/cgroup/a/b"]),
            (&v1, ["/a/b", "a/b", "/sys/fs/cgroup/memory/a/b"]),
        ] {
            for path in paths {
                let mut memory = CgroupMemory::open(&tree.root(), path).expect(path);
                assert_eq!(memory.limit_kib(), Some(102_400));
                assert_eq!(memory.available_kib(), Some(61_440));
            }
            assert!(CgroupMemory::open(&tree.root(), "a").is_none());
        }
    }

    #[test]
    fn without_a_limit_there_is_nothing_to_read() {
        for (name, limit) in [
            ("no-limit-v2", "max\n"),
            ("no-limit-v1", "9223372036854771712\n"),
        ] {
            let files = [
                ("memory.max", limit),
                ("memory.current", "4096\n"),
                ("memory.stat", "inactive_file 0\n"),
            ];
            let tree = Tree::with(name, "sys/fs/cgroup/a", files);
            assert!(CgroupMemory::open(&tree.root(), "a").is_none(), "{limit}");
        }
    }
}
