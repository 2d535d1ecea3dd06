//! `/proc/meminfo`, proc_meminfo(5). All values in KiB (the kernel writes "kB").

use super::text::{lines, ParseError};

/// Memory of the machine, in KiB. Fields without a remark are in every kernel
/// since 4.14; a kernel built without swap, CMA or hugetlb leaves out lines that
/// could only be 0.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct MemInfo {
    pub(crate) mem_total: u64,
    pub(crate) mem_free: u64,
    /// What new programs could use without swapping, as the kernel estimates it;
    /// since 3.14. Not `MemFree` plus `Cached`: shmem cannot be dropped. In some
    /// containers it is more than `mem_total`: see [`Self::available`].
    pub(crate) mem_available: Option<u64>,
    pub(crate) buffers: u64,
    /// Page cache; includes `shmem`, that is tmpfs too.
    pub(crate) cached: u64,
    pub(crate) swap_cached: u64,
    pub(crate) active: u64,
    pub(crate) inactive: u64,
    pub(crate) swap_total: u64,
    pub(crate) swap_free: u64,
    pub(crate) dirty: u64,
    pub(crate) writeback: u64,
    pub(crate) anon_pages: u64,
    pub(crate) mapped: u64,
    pub(crate) shmem: u64,
    pub(crate) slab: u64,
    pub(crate) s_reclaimable: u64,
    pub(crate) s_unreclaim: u64,
    pub(crate) kernel_stack: u64,
    pub(crate) page_tables: u64,
    /// Compressed size of `zswapped`; since 5.19, with CONFIG_ZSWAP.
    pub(crate) zswap: u64,
    /// Size before compression; since 5.19, with CONFIG_ZSWAP.
    pub(crate) zswapped: u64,
    /// With CONFIG_CMA.
    pub(crate) cma_total: u64,
    /// With CONFIG_CMA.
    pub(crate) cma_free: u64,
    /// All huge pages of all sizes, used or not; since 4.16. They are neither
    /// free nor in any process's `Rss`.
    pub(crate) hugetlb: u64,
}

impl MemInfo {
    /// `mem_available`, where it says something of `mem_total`: lxcfs may give the
    /// container's total, and what is available on the host.
    pub(crate) fn available(&self) -> Option<u64> {
        self.mem_available
            .filter(|available| *available <= self.mem_total)
    }
}

/// Read `/proc/meminfo`. `MemTotal` and `MemFree` must be there.
pub(crate) fn parse(text: &[u8]) -> Result<MemInfo, ParseError> {
    let (mut mem_total, mut mem_free) = (None, None);
    let mut info = MemInfo::default();
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        match line.key() {
            Some(b"MemTotal") => mem_total = Some(line.number("MemTotal")?),
            Some(b"MemFree") => mem_free = Some(line.number("MemFree")?),
            Some(b"MemAvailable") => info.mem_available = Some(line.number("MemAvailable")?),
            Some(b"Buffers") => info.buffers = line.number("Buffers")?,
            Some(b"Cached") => info.cached = line.number("Cached")?,
            Some(b"SwapCached") => info.swap_cached = line.number("SwapCached")?,
            Some(b"Active") => info.active = line.number("Active")?,
            Some(b"Inactive") => info.inactive = line.number("Inactive")?,
            Some(b"SwapTotal") => info.swap_total = line.number("SwapTotal")?,
            Some(b"SwapFree") => info.swap_free = line.number("SwapFree")?,
            Some(b"Dirty") => info.dirty = line.number("Dirty")?,
            Some(b"Writeback") => info.writeback = line.number("Writeback")?,
            Some(b"AnonPages") => info.anon_pages = line.number("AnonPages")?,
            Some(b"Mapped") => info.mapped = line.number("Mapped")?,
            Some(b"Shmem") => info.shmem = line.number("Shmem")?,
            Some(b"Slab") => info.slab = line.number("Slab")?,
            Some(b"SReclaimable") => info.s_reclaimable = line.number("SReclaimable")?,
            Some(b"SUnreclaim") => info.s_unreclaim = line.number("SUnreclaim")?,
            Some(b"KernelStack") => info.kernel_stack = line.number("KernelStack")?,
            Some(b"PageTables") => info.page_tables = line.number("PageTables")?,
            Some(b"Zswap") => info.zswap = line.number("Zswap")?,
            Some(b"Zswapped") => info.zswapped = line.number("Zswapped")?,
            Some(b"CmaTotal") => info.cma_total = line.number("CmaTotal")?,
            Some(b"CmaFree") => info.cma_free = line.number("CmaFree")?,
            Some(b"Hugetlb") => info.hugetlb = line.number("Hugetlb")?,
            _ => {}
        }
    }
    lines.ended()?;
    info.mem_total = mem_total.ok_or(lines.missing("MemTotal"))?;
    info.mem_free = mem_free.ok_or(lines.missing("MemFree"))?;
    Ok(info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    use crate::proc::text::Reason;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/meminfo");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/meminfo");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/meminfo");

    #[test]
    fn x86_64() {
        let expected = MemInfo {
            mem_total: 24684092,
            mem_free: 23644212,
            mem_available: Some(24261436),
            buffers: 4828,
            cached: 678572,
            swap_cached: 0,
            active: 265184,
            inactive: 425788,
            swap_total: 0,
            swap_free: 0,
            dirty: 2376,
            writeback: 0,
            anon_pages: 22388,
            mapped: 16796,
            shmem: 8856,
            slab: 273392,
            s_reclaimable: 241672,
            s_unreclaim: 31720,
            kernel_stack: 1760,
            page_tables: 1508,
            zswap: 0,
            zswapped: 0,
            cma_total: 0,
            cma_free: 0,
            hugetlb: 0,
        };
        assert_eq!(parse(X86), Ok(expected));
    }

    #[test]
    fn raspi3b_has_cma() {
        let info = parse(PI).unwrap();
        assert_eq!((info.mem_total, info.available()), (936104, Some(871136)));
        assert_eq!((info.cma_total, info.cma_free), (65536, 65024));
        assert_eq!((info.cached, info.shmem), (1860, 1860));
    }

    #[test]
    fn kernel_4_9_lacks_zswap_and_hugetlb() {
        let info = parse(OLD).unwrap();
        assert_eq!((info.mem_free, info.s_unreclaim), (601204, 12600));
        assert_eq!((info.zswap, info.zswapped, info.hugetlb), (0, 0, 0));
    }

    #[test]
    fn similar_names_are_told_apart() {
        let text = b"MemTotal: 1 kB\nMemFree: 2 kB\nMemAvailable: 3 kB\nActive: 4 kB\n\
            Active(anon): 5 kB\nSwapCached: 6 kB\nWriteback: 7 kB\nWritebackTmp: 8 kB\n\
            Zswap: 9 kB\nZswapped: 10 kB\nHugetlb: 11 kB\nHugePages_Total: 12\n";
        let expected = MemInfo {
            mem_total: 1,
            mem_free: 2,
            mem_available: Some(3),
            active: 4,
            swap_cached: 6,
            writeback: 7,
            zswap: 9,
            zswapped: 10,
            hugetlb: 11,
            ..MemInfo::default()
        };
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn what_is_available_may_not_be_known() {
        let available = |text: &[u8]| parse(text).unwrap().available();
        let total = b"MemTotal: 9 kB\nMemFree: 2 kB\nMemAvailable: 9 kB\n";
        assert_eq!(available(total), Some(9));
        assert_eq!(available(b"MemTotal: 9 kB\nMemFree: 2 kB\n"), None);
        let host = b"MemTotal: 9 kB\nMemFree: 2 kB\nMemAvailable: 10 kB\n";
        assert_eq!(available(host), None);
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = parse(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "MemTotal", Reason::Missing));
        assert_eq!(
            fault(b"MemTotal: 1 kB\nMemAvailable: 1 kB\n"),
            (3, "MemFree", Reason::Missing)
        );
        assert_eq!(
            fault(b"MemTotal: 1 kB\nSlab:  18446744073709551616 kB\n"),
            (2, "Slab", Reason::TooLarge)
        );
        assert_eq!(
            fault(b"MemFree: x kB\n"),
            (1, "MemFree", Reason::NotANumber)
        );
        assert_eq!(fault(b"MemFree:\n"), (1, "MemFree", Reason::Missing));
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        for cut in prefixes(X86) {
            let needed = X86.windows(9).position(|w| w == b"\nMemAvail").unwrap() + 1;
            let whole_lines = cut.last() == Some(&b'\n');
            assert_eq!(parse(cut).is_ok(), whole_lines && cut.len() >= needed);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            let _ = parse(&text);
        }
    }
}
