//! The memory of several processes together, of some of which it may not be known.

/// The processes that were added, and their memory.
#[derive(Debug, Default)]
pub(super) struct MemorySum {
    pub(super) processes: u64,
    known: u64,
    kib: u64,
}

/// What is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum KnownMemory {
    /// There is no process.
    #[default]
    Absent,
    /// There are processes, and the memory of none of them is known.
    Unknown,
    /// KiB, of those whose memory is known.
    Known(u64),
}

impl MemorySum {
    pub(super) fn join(&mut self, memory: Option<u64>) {
        self.processes += 1;
        self.add(memory);
    }

    /// A process leaves with the memory it last had.
    pub(super) fn leave(&mut self, memory: Option<u64>) {
        self.processes = self.processes.saturating_sub(1);
        self.remove(memory);
    }

    #[inline(always)]
    pub(super) fn change(&mut self, before: Option<u64>, after: Option<u64>) {
        if before != after {
            self.remove(before);
            self.add(after);
        }
    }

    #[inline(always)]
    fn add(&mut self, memory: Option<u64>) {
        if let Some(kib) = memory {
            self.known += 1;
            self.kib = self.kib.saturating_add(kib);
        }
    }

    #[inline(always)]
    fn remove(&mut self, memory: Option<u64>) {
        if let Some(kib) = memory {
            self.known = self.known.saturating_sub(1);
            self.kib = self.kib.saturating_sub(kib);
        }
    }

    pub(super) fn level(&self) -> KnownMemory {
        match (self.processes, self.known) {
            (0, _) => KnownMemory::Absent,
            (_, 0) => KnownMemory::Unknown,
            _ => KnownMemory::Known(self.kib),
        }
    }

    /// The memory of some process is not known.
    pub(super) fn is_partial(&self) -> bool {
        self.known < self.processes
    }
}
