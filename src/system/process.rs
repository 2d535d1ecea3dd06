//! Other processes, asked of the kernel by pid: kcmp(2).

/// From the kernel's `linux/kcmp.h`.
const KCMP_VM: libc::c_long = 1;

/// Whether two processes have one address space, as between vfork(2) and
/// execve(2); `None` where the kernel does not say: it was built without kcmp, this
/// user may not ask, or one of them is gone.
pub fn share_memory(a: u32, b: u32) -> Option<bool> {
    let pid = |pid: u32| libc::pid_t::try_from(pid).ok().map(libc::c_long::from);
    // SAFETY: kcmp takes no pointer.
    let order = unsafe { libc::syscall(libc::SYS_kcmp, pid(a)?, pid(b)?, KCMP_VM, 0, 0) };
    (order >= 0).then_some(order == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_shares_with_itself_and_with_no_other() {
        let own = std::process::id();
        let parent = std::os::unix::process::parent_id();
        // Where kcmp is not to be had, it says nothing of both.
        if let Some(shares) = share_memory(own, own) {
            assert!(shares);
            assert_ne!(share_memory(own, parent), Some(true));
        }
        assert_eq!(share_memory(own, u32::MAX), None);
    }
}
