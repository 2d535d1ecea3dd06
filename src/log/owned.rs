//! Records that a reader hands out, with text of their own.

use super::record;

/// The long text of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub pid: u32,
    pub starttime: u64,
    pub cut: bool,
    pub cmdline: Vec<u8>,
    pub cgroup: Vec<u8>,
}

impl From<&record::Identity<'_>> for Identity {
    fn from(identity: &record::Identity<'_>) -> Self {
        Self {
            pid: identity.pid,
            starttime: identity.starttime,
            cut: identity.cut,
            cmdline: identity.cmdline.to_vec(),
            cgroup: identity.cgroup.to_vec(),
        }
    }
}

/// Which processes are the product's; see [`record::Product`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductKey {
    pub kind: u8,
    pub label: String,
    pub pattern: String,
}

impl From<&record::Product<'_>> for ProductKey {
    fn from(key: &record::Product<'_>) -> Self {
        Self {
            kind: key.kind,
            label: key.label.to_owned(),
            pattern: key.pattern.to_owned(),
        }
    }
}
