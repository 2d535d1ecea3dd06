//! The program's own memory, and what of it only the start has used: madvise(2).

use libc::c_void;
use nix::unistd::{sysconf, SysconfVar};

extern "C" {
    // Both GNU ld and lld set them: the first byte of the program as it lies in
    // memory, and the first after its code.
    static __executable_start: u8;
    static etext: u8;
}

/// How deep the stack may have been, bytes. The kernel keeps more than that free below a
/// stack (stack_guard_gap): no other mapping is hit.
const DEPTH: usize = 256 << 10;

/// Releases the pages of the program's code, its largest part of memory, and those of the
/// stack that are no longer in use. What the loop needs comes back when it is next used;
/// `src/together.ld` keeps that together, so that only a few pages do.
///
/// It does nothing in a thread that is not the main one: its stack may have a neighbour.
pub(crate) fn release() {
    if nix::unistd::gettid() != nix::unistd::getpid() {
        return;
    }
    let page = sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
    if let Some(page) = page.and_then(|page| usize::try_from(page).ok()) {
        release_stack(page);
        release_code(page);
    }
}

fn release_code(page: usize) {
    // SAFETY: their addresses are taken, and nothing is read. Since Rust 1.82 that is
    // not unsafe any more.
    #[allow(unused_unsafe)]
    let (begin, end) = unsafe {
        let begin = std::ptr::addr_of!(__executable_start) as usize;
        let end = std::ptr::addr_of!(etext) as usize;
        (begin / page * page, end / page * page)
    };
    // SAFETY: from the start of the program to the end of its code lie only pages of its
    // file that are never written to; the kernel reads them again from there.
    unsafe { release_pages(begin, end) };
}

/// Not inlined: its frame, and all that is called from it, must lie in the two pages that
/// are spared.
#[inline(never)]
fn release_stack(page: usize) {
    let here = 0u8;
    let top = (std::ptr::addr_of!(here) as usize / page).saturating_sub(2) * page;
    let begin = top.saturating_sub(DEPTH / page * page);
    // SAFETY: on every machine that Linux runs on the stack grows downwards, so that below
    // this frame and its callees nothing is in use; it is the main thread's, which has
    // nothing but its own growth within that depth.
    unsafe { release_pages(begin, top) };
}

/// Pages of a file are read from there again, others become zeros.
///
/// # Safety
/// What is lost must be of no use to anyone.
unsafe fn release_pages(begin: usize, end: usize) {
    if let Some(len) = end.checked_sub(begin).filter(|len| *len > 0) {
        // SAFETY: by the caller. A failure changes nothing; where some of the pages are
        // not mapped, the others are released.
        unsafe { libc::madvise(begin as *mut c_void, len, libc::MADV_DONTNEED) };
    }
}
