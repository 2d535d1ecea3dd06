//! A process: /proc/PID/stat and /proc/PID/smaps_rollup.

fields! {
    /// CPU time of its threads, since the process started.
    UTIME "utime" UserHz,
    STIME "stime" UserHz,
    /// Resident set.
    RSS "rss" Pages,
    /// Which of the memory figures below are known, see [`flag`].
    FLAGS "flags" Code,
    /// Proportional set; read or estimated, see [`PSS_AT`].
    PSS "pss" Kib,
    /// Private_Clean + Private_Dirty + Private_Hugetlb; as PSS.
    PRIVATE "private" Kib,
    /// The tick at which the memory was last read.
    PSS_AT "pss_at" Tick,
    /// Shared_Clean + Shared_Dirty + Shared_Hugetlb, when last read.
    SHARED "shared" Kib,
    NUM_THREADS "num_threads" Count,
    /// Virtual size.
    VSIZE "vsize" Kib,
    /// Swap and its proportional part, when last read.
    SWAP "swap" Kib,
    SWAP_PSS "swap_pss" Kib,
    /// CPU time of reaped children.
    CUTIME "cutime" UserHz,
    CSTIME "cstime" UserHz,
    MAJFLT "majflt" Count,
    PPID "ppid" Id,
}

/// Bits of [`FLAGS`].
pub mod flag {
    /// PSS, private, shared and swap are known, from smaps_rollup or smaps.
    pub const HAS_PSS: u64 = 1;
    /// They were due but not read: the budget was used up, or reading failed. Without
    /// [`HAS_PSS`] they are not known yet.
    pub const STALE: u64 = 1 << 1;
    /// It has memory that this user may not read.
    pub const UNREADABLE: u64 = 1 << 2;
    pub const KERNEL_THREAD: u64 = 1 << 3;
}

/// The properties of a sample that predictions depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When {
    pub(crate) tick: u64,
    /// The memory of every process was read, unless its entry says otherwise.
    pub(crate) all_read: bool,
    pub(crate) page_kib: u64,
}

/// Prepares the values of a process for the entries of a sample.
pub(crate) fn begin_sample(values: &mut [u64; COUNT], when: &When) {
    if when.all_read && values[FLAGS] & flag::HAS_PSS != 0 {
        values[PSS_AT] = when.tick;
    }
}

/// The value of field `index` where nothing is written. It follows from the values of the
/// field and of the resident set before the sample, and from the values `after` it of the
/// fields before `index`.
pub(crate) fn predicted(
    index: usize,
    before: u64,
    rss_before: u64,
    after: &[u64; COUNT],
    when: &When,
) -> u64 {
    let has_pss = after[FLAGS] & flag::HAS_PSS != 0;
    match index {
        PSS | PRIVATE if has_pss => before.wrapping_add(grown_kib(rss_before, after, when)),
        PSS_AT if has_pss && when.all_read => when.tick,
        _ => before,
    }
}

fn grown_kib(rss_before: u64, after: &[u64; COUNT], when: &When) -> u64 {
    let pages = after[RSS].wrapping_sub(rss_before);
    pages.wrapping_mul(when.page_kib)
}

/// Adds to all values the differences that are [`predicted`]: at once, because a reader
/// does this for each entry.
pub(crate) fn add_predicted(
    values: &mut [u64; COUNT],
    rss_before: u64,
    pss_at_before: u64,
    when: &When,
) {
    if values[FLAGS] & flag::HAS_PSS == 0 {
        return;
    }
    let grown = grown_kib(rss_before, values, when);
    values[PSS] = values[PSS].wrapping_add(grown);
    values[PRIVATE] = values[PRIVATE].wrapping_add(grown);
    if when.all_read {
        let passed = when.tick.wrapping_sub(pss_at_before);
        values[PSS_AT] = values[PSS_AT].wrapping_add(passed);
    }
}
