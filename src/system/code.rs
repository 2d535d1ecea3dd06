//! The program's own code, as memory: madvise(2).

use nix::unistd::{sysconf, SysconfVar};

extern "C" {
    // Both GNU ld and lld set them: the first byte of the program as it lies in
    // memory, and the first after its code.
    static __executable_start: u8;
    static etext: u8;
}

/// Releases the pages of the program's code, its largest part of memory; the loop's pages
/// are mapped again when next used. `src/together.ld` keeps these together, so that only a
/// few come back.
pub(crate) fn release() {
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
    let Some(page) = page.and_then(|page| usize::try_from(page).ok()) else {
        return;
    };
    // SAFETY: their addresses are taken, and nothing is read. Since Rust 1.82 that is
    // not unsafe any more.
    #[allow(unused_unsafe)]
    let (begin, end) = unsafe {
        let begin = std::ptr::addr_of!(__executable_start) as usize;
        let end = std::ptr::addr_of!(etext) as usize;
        (begin / page * page, end / page * page)
    };
    if let Some(len) = end.checked_sub(begin).filter(|len| *len > 0) {
        // SAFETY: from the start of the program to the end of its code lie only pages
        // of its file that are never written to; the kernel reads them again from
        // there. A failure changes nothing.
        unsafe { libc::madvise(begin as *mut libc::c_void, len, libc::MADV_DONTNEED) };
    }
}
