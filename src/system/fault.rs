//! A program error: the signal that it ends with is told in one line, sigaction(2). Where
//! the build for boards has left the texts of panics out, a panic is one instruction, and
//! its address is all there is to tell.

use nix::sys::signal::{sigaction, SaFlags, SigAction, SigHandler, SigSet, Signal};
use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

/// Those of the largest number, decimal.
const MOST_DIGITS: usize = 20;

/// What every line begins with.
static BUILD: OnceLock<[&str; 3]> = OnceLock::new();

const BEFORE: &[u8] = b": internal error at 0x";
const AFTER: &[u8] = b"; please report this line\n";

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
        put_number(address as u64, 16);
        put(AFTER);
    }
    // SAFETY: the signal is blocked here; on return it meets its default action.
    unsafe { libc::raise(signal) };
}

/// write(2) to stderr, which signal-safety(7) lists.
pub(super) fn put(text: &[u8]) {
    // SAFETY: the pointer and the length are those of a slice that lives through the call.
    unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
}

pub(super) fn put_number(number: u64, base: u64) {
    let mut digits = [0; MOST_DIGITS];
    let (mut left, mut begin) = (number, 0);
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b"0123456789abcdef"[(left % base) as usize];
        left /= base;
        begin = at;
        if left == 0 {
            break;
        }
    }
    put(&digits[begin..]);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use nix::sys::wait::{waitpid, WaitStatus};
    use nix::unistd::{fork, ForkResult};
    use std::fs::File;
    use std::io::Read;
    use std::os::fd::{FromRawFd, IntoRawFd};

    /// What a child says that ends by `how`, and how it ends.
    pub(in crate::system) fn said(how: fn()) -> (String, WaitStatus) {
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
        (text, waitpid(child, None).unwrap())
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
        let (text, end) = said(fails);
        let address = text
            .strip_prefix("tool 1.2: internal error at 0x")
            .and_then(|rest| rest.strip_suffix("; please report this line\n"))
            .unwrap_or_else(|| panic!("{text:?}"));
        let address = usize::from_str_radix(address, 16).unwrap();
        assert!(address.abs_diff(fails as fn() as usize) < 64, "{address:x}");
        let by_target =
            [Signal::SIGILL, Signal::SIGTRAP][usize::from(cfg!(target_arch = "aarch64"))];
        assert!(matches!(end, WaitStatus::Signaled(_, signal, _) if signal == by_target));
    }

    /// Elsewhere the signal would end the test.
    #[cfg(miri)]
    #[test]
    fn what_the_kernel_hands_over_is_read() {
        // SAFETY: all zeros are valid.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        info.si_code = 1;
        told(libc::SIGILL, &mut info, std::ptr::null_mut());
    }

    #[test]
    fn numbers() {
        let (text, _) = said(|| {
            put_number(0x0025_63f4, 16);
            put_number(0, 10);
            put_number(u64::MAX, 10);
            put_number(u64::MAX, 16);
            fails();
        });
        let numbers = "2563f4018446744073709551615ffffffffffffffff";
        assert!(text.starts_with(numbers), "{text}");
    }

    #[test]
    fn a_signal_of_another_process_ends_it_without_a_word() {
        // SAFETY: the child sends itself a signal.
        let (text, end) = said(|| {
            unsafe { libc::kill(libc::getpid(), libc::SIGTRAP) };
        });
        assert_eq!(text, "");
        assert!(matches!(end, WaitStatus::Signaled(_, Signal::SIGTRAP, _)));
    }
}
