//! The system calls that the standard library and nix, as this crate has it, do
//! not offer.

use nix::libc;
use std::io;
use std::ptr;

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        result => Ok(result),
    }
}

/// The children that this process starts from now on are in a PID namespace of
/// their own, and what is mounted from now on is seen there alone.
pub fn set_apart() -> io::Result<()> {
    // SAFETY: takes no memory of this process; there is one thread.
    check(unsafe { libc::unshare(libc::CLONE_NEWPID | libc::CLONE_NEWNS) })?;
    let private = libc::MS_REC | libc::MS_PRIVATE;
    // SAFETY: the path is a constant that ends with NUL, the rest may be null.
    let mounted = unsafe {
        libc::mount(
            ptr::null(),
            c_str(b"/\0"),
            ptr::null(),
            private,
            ptr::null(),
        )
    };
    check(mounted).map(drop)
}

/// Mounts `/proc` of this process's PID namespace over the one that is there.
pub fn mount_proc() -> io::Result<()> {
    let (proc, path) = (c_str(b"proc\0"), c_str(b"/proc\0"));
    // SAFETY: the three are constants that end with NUL, and proc takes no data.
    check(unsafe { libc::mount(proc, path, proc, 0, ptr::null()) }).map(drop)
}

fn c_str(bytes: &'static [u8]) -> *const libc::c_char {
    assert_eq!(bytes.last(), Some(&0));
    bytes.as_ptr().cast()
}

/// Whatever ends the parent ends this process too.
pub fn die_with_parent() {
    // SAFETY: PR_SET_PDEATHSIG takes a number.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

/// Forks; the child's pid, or `None` in the child.
pub fn fork() -> io::Result<Option<i32>> {
    // SAFETY: this program never has a second thread, so that the child's memory
    // is whole.
    let pid = check(unsafe { libc::fork() })?;
    Ok((pid > 0).then_some(pid))
}

/// Ends `pid`, a child that [`fork`] made, and reaps it.
pub fn end(pid: i32) {
    let mut status = 0;
    // SAFETY: `status` outlives the calls; what fails has no effect.
    unsafe {
        libc::kill(pid, libc::SIGKILL);
        libc::waitpid(pid, &mut status, 0);
    }
}

/// CPU time that `pid` has used, nanoseconds: exact, not in clock ticks.
pub fn cpu_ns(pid: u32) -> io::Result<u64> {
    let mut clock = 0;
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `clock` outlives the call.
    let error = unsafe { libc::clock_getcpuclockid(pid as libc::pid_t, &mut clock) };
    if error != 0 {
        return Err(io::Error::from_raw_os_error(error));
    }
    // SAFETY: `time` outlives the call.
    check(unsafe { libc::clock_gettime(clock, &mut time) })?;
    Ok(time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
}

/// Anonymous memory, unmapped when dropped.
pub struct Mapping {
    start: *mut u8,
    len: usize,
}

pub const PAGE: usize = 4096;

impl Mapping {
    /// So many pages, all resident.
    pub fn filled(pages: usize) -> io::Result<Self> {
        let mapping = Self::new(pages)?;
        mapping.touch(1);
        Ok(mapping)
    }

    /// One that the kernel keeps as so many: of each four pages, two may only be
    /// read. One of the four is resident.
    pub fn split(mappings: usize) -> io::Result<Self> {
        let mapping = Self::new(2 * mappings)?;
        mapping.touch(4);
        for offset in (2 * PAGE..mapping.len.saturating_sub(PAGE)).step_by(4 * PAGE) {
            // SAFETY: two pages from `offset` on are inside the mapping.
            let page = unsafe { mapping.start.add(offset) };
            // SAFETY: as above; nothing refers to these pages.
            check(unsafe { libc::mprotect(page.cast(), 2 * PAGE, libc::PROT_READ) })?;
        }
        Ok(mapping)
    }

    fn new(pages: usize) -> io::Result<Self> {
        let len = pages * PAGE;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: new memory, where the kernel wants it.
        let start = unsafe { libc::mmap(ptr::null_mut(), len, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let start = start.cast();
        Ok(Self { start, len })
    }

    fn touch(&self, step: usize) {
        for offset in (0..self.len).step_by(step * PAGE) {
            // SAFETY: `offset` is below `len`, and nobody else knows of this memory.
            unsafe { self.start.add(offset).write_volatile(1) };
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: it was mapped with this length, and nothing refers to it.
        unsafe { libc::munmap(self.start.cast(), self.len) };
    }
}
