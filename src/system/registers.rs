//! A device's registers, as memory: mem(4), mmap(2).

use nix::errno::Errno;
use nix::fcntl::{open, OFlag};
use nix::sys::stat::Mode;
use nix::unistd::{sysconf, SysconfVar};
use std::path::Path;

/// One page of a device's registers, which can only be read.
#[derive(Debug)]
pub(crate) struct Registers {
    page: *mut libc::c_void,
    len: usize,
    /// Where the registers begin in the page.
    start: usize,
}

impl Registers {
    /// Maps the registers at the physical `address`, through `memory` (/dev/mem).
    ///
    /// # Errors
    /// open(2)'s and mmap(2)'s; EINVAL where the registers do not lie as hardware has
    /// them, ENXIO where the address is none of this machine's.
    pub(crate) fn map(memory: &Path, address: u64) -> nix::Result<Self> {
        // What is larger than the first page's 4096 bytes is never asked for here.
        let page_size = sysconf(SysconfVar::PAGE_SIZE)?.unwrap_or(4096);
        let len = usize::try_from(page_size).map_err(|_| Errno::EINVAL)?;
        let start = usize::try_from(address % len as u64).map_err(|_| Errno::EINVAL)?;
        let from = libc::off_t::try_from(address - start as u64).map_err(|_| Errno::ENXIO)?;
        let file = open(
            memory,
            OFlag::O_RDONLY | OFlag::O_SYNC | OFlag::O_CLOEXEC,
            Mode::empty(),
        )?;
        let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
        // SAFETY: the kernel chooses where it lies, so nothing of ours is covered, and
        // nobody can write to it.
        let page = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ,
                libc::MAP_SHARED,
                fd,
                from,
            )
        };
        match page == libc::MAP_FAILED {
            true => Err(Errno::last()),
            false => Ok(Self { page, len, start }),
        }
    }

    /// Reads the 32 bits at `offset`, at once; `None` where that is no register of the
    /// page.
    pub(crate) fn load(&self, offset: usize) -> Option<u32> {
        let at = self.start.checked_add(offset)?;
        let fits = at % 4 == 0 && at.checked_add(4)? <= self.len;
        // SAFETY: it lies in the mapping, which lives as long as `self`, and is aligned;
        // volatile, for the device changes it.
        fits.then(|| unsafe { self.page.cast::<u8>().add(at).cast::<u32>().read_volatile() })
    }
}

impl Drop for Registers {
    fn drop(&mut self) {
        // SAFETY: it was mapped by `map`, of this length, and nobody has it any more.
        unsafe { libc::munmap(self.page, self.len) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn registers_of_a_file() {
        // A file takes the place of /dev/mem: its second page, from the 16th byte on.
        let page = sysconf(SysconfVar::PAGE_SIZE).unwrap().unwrap() as u64;
        let path = std::env::temp_dir().join(format!("registers-{}", std::process::id()));
        let mut file = std::fs::File::create(&path).unwrap();
        file.set_len(2 * page).unwrap();
        std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(page + 16)).unwrap();
        file.write_all(&[1, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde])
            .unwrap();
        let registers = Registers::map(&path, page + 16).unwrap();
        assert_eq!(registers.load(0).map(u32::from_le), Some(1));
        assert_eq!(registers.load(4).map(u32::from_le), Some(0xdead_beef));
        assert_eq!(registers.load(page as usize - 20), Some(0));
        for outside in [1, 6, page as usize - 16, usize::MAX] {
            assert_eq!(registers.load(outside), None, "{outside}");
        }
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn no_byte_beyond_the_page_is_read() {
        let len = 4096;
        let (how, what) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: memory of its own, which is written to within its length.
        let page = unsafe {
            let page = libc::mmap(std::ptr::null_mut(), len, how, what, -1, 0);
            assert_ne!(page, libc::MAP_FAILED);
            page.cast::<u32>().add(1023).write(0xdead_beef);
            page
        };
        let start = 16;
        let registers = Registers { page, len, start };
        assert_eq!(registers.load(4096 - 20), Some(0xdead_beef));
        for outside in [4096 - 18, 4096 - 17, 4096 - 16] {
            assert_eq!(registers.load(outside), None);
        }
    }

    #[test]
    fn no_such_memory() {
        let none = Registers::map(Path::new("/dev/no-such-memory"), 0x3f00_3000);
        assert_eq!(none.err(), Some(Errno::ENOENT));
    }
}
