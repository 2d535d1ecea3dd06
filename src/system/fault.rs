//! A program error: the signal that it ends with is told in one line, sigaction(2). Where
//! the build for boards has left the texts of panics out, a panic is one instruction, and
//! its address is all there is to tell.

use nix::sys::signal::{sigaction, SaFlags, SigAction, SigHandler, SigSet, Signal};
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

/// What every line begins with.
static BUILD: OnceLock<[&str; 3]> = OnceLock::new();

const BEFORE: &[u8] = b": internal error at 0x";
const AFTER: &[u8] = b"; please report this line\n";
/// An address in hexadecimal.
const DIGITS: usize = 16;

/// From now on an error of the program is told on stderr, after `build`: its name, its
/// version and what else tells one build from another. The signal ends it as before.
///
/// # Errors
/// Those of sigaction(2).
pub(crate) fn tell(build: [&'static str; 3]) -> nix::Result<()> {
    BUILD.get_or_init(|| build);
    let action = SigAction::new(
        SigHandler::SigAction(told),
        SaFlags::SA_RESETHAND,
        SigSet::empty(),
    );
    for signal in [Signal::SIGTRAP, Signal::SIGILL] {
        // SAFETY: the handler calls write(2) and raise(3) alone, which signal-safety(7) lists,
        // and reads what was set before it was installed, without a lock.
        unsafe { sigaction(signal, &action) }?;
    }
    Ok(())
}

extern "C" fn told(signal: c_int, info: *mut libc::siginfo_t, _: *mut c_void) {
    // SAFETY: the kernel passes a siginfo_t, which lives as long as the handler runs.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr() as usize) };
    // Not positive where another process sent the signal; there is no address then.
    if code > 0 {
        for part in BUILD.get().into_iter().flatten() {
            put(part.as_bytes());
        }
        put(BEFORE);
        put(&hexadecimal(address));
        put(AFTER);
    }
    // SAFETY: the signal is blocked here; on return it meets its default action.
    unsafe { libc::raise(signal) };
}

fn put(text: &[u8]) {
    // SAFETY: the pointer and the length are those of a slice that lives through the call.
    unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
}

fn hexadecimal(address: usize) -> [u8; DIGITS] {
    let mut digits = [b'0'; DIGITS];
    let mut left = address;
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[left & 15];
        left >>= 4;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::wait::{waitpid, WaitStatus};
    use nix::unistd::{fork, ForkResult};
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::{FromRawFd, IntoRawFd};

    #[test]
    fn digits() {
        assert_eq!(&hexadecimal(0x0025_63f4), b"00000000002563f4");
        assert_eq!(&hexadecimal(0), b"0000000000000000");
    }

    /// What a child says that ends by `how`, and the signal that it ends with.
    fn said(how: fn()) -> (String, Signal) {
        let mut ends = [0; 2];
        // SAFETY: the array has room for two descriptors, each of which is owned once below.
        let (mut read, write) = unsafe {
            assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
            (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1]))
        };
        // SAFETY: the child makes system calls alone, and ends by a signal.
        let child = match unsafe { fork() }.unwrap() {
            ForkResult::Child => {
                // SAFETY: both are open descriptors.
                unsafe { libc::dup2(write.into_raw_fd(), libc::STDERR_FILENO) };
                let _ = tell(["tool", " ", "1.2"]);
                how();
                // SAFETY: ends the child without running what the tests have registered.
                unsafe { libc::_exit(0) }
            }
            ForkResult::Parent { child } => child,
        };
        drop(write);
        let mut text = String::new();
        read.read_to_string(&mut text).unwrap();
        // qemu-user adds a line of its own.
        let end = text.find("qemu: ").unwrap_or(text.len());
        text.truncate(end);
        match waitpid(child, None).unwrap() {
            WaitStatus::Signaled(_, signal, _) => (text, signal),
            other => panic!("{other:?}"),
        }
    }

    #[inline(never)]
    fn fails() {
        // SAFETY: the instruction is meant to fail.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            std::arch::asm!("ud2");
        }
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            std::arch::asm!("brk #1");
        }
    }

    #[test]
    fn an_error_of_the_program_is_told_with_its_address() {
        let (text, signal) = said(fails);
        let address = text
            .strip_prefix("tool 1.2: internal error at 0x")
            .and_then(|rest| rest.strip_suffix("; please report this line\n"))
            .unwrap_or_else(|| panic!("{text:?}"));
        let address = usize::from_str_radix(address, 16).unwrap();
        assert!(address.abs_diff(fails as fn() as usize) < 64, "{address:x}");
        let by_target =
            [Signal::SIGILL, Signal::SIGTRAP][usize::from(cfg!(target_arch = "aarch64"))];
        assert_eq!(signal, by_target);
    }

    #[test]
    fn a_signal_of_another_process_ends_it_without_a_word() {
        // SAFETY: the child sends itself a signal.
        let trapped = said(|| {
            unsafe { libc::kill(libc::getpid(), libc::SIGTRAP) };
        });
        assert_eq!(trapped, (String::new(), Signal::SIGTRAP));
    }
}
