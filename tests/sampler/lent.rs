//! A child between vfork(2) and execve(2), which runs in its parent's memory.

use crate::emulation::emulated;
use crate::tree::{Recording, START};
use edgebench_lite::log::fields::process::{self, flag};
use edgebench_lite::log::model::Process;
use edgebench_lite::log::record::PssMode;
use edgebench_lite::system::process::share_memory;
use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStringExt;
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

/// Starts `true` with `fifo` as its standard input, and waits for its end: the child
/// opens it before it executes anything, and waits there for a writer.
fn spawn(fifo: &CString) {
    let path = CString::new("/bin/true").unwrap();
    let arguments = [path.as_ptr().cast_mut(), null_mut()];
    let environment = [null_mut()];
    let mut pid = 0;
    // SAFETY: the actions are made before they are used; the pointers are to strings
    // and arrays that live here, and each array ends with a null pointer.
    let (spawned, ended) = unsafe {
        let mut actions = std::mem::zeroed();
        assert_eq!(libc::posix_spawn_file_actions_init(&mut actions), 0);
        let flags = libc::O_RDONLY;
        let opened =
            libc::posix_spawn_file_actions_addopen(&mut actions, 0, fifo.as_ptr(), flags, 0);
        assert_eq!(opened, 0);
        let spawned = libc::posix_spawn(
            &mut pid,
            path.as_ptr(),
            &actions,
            std::ptr::null(),
            arguments.as_ptr(),
            environment.as_ptr(),
        );
        libc::posix_spawn_file_actions_destroy(&mut actions);
        (spawned, libc::waitpid(pid, null_mut(), 0))
    };
    assert_eq!((spawned, ended), (0, pid));
}

/// The child and this process, as they are recorded in the meantime, and whether the
/// kernel can tell that they share their memory; `None` under qemu-user, where vfork(2) is
/// fork(2) and they do not.
#[track_caller]
fn meanwhile(pss: PssMode) -> Option<(Process, Process, bool)> {
    if emulated() {
        return None;
    }
    // A child of another test's would be one of this process's as well.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let name = format!("edgebench-lent-{}-{pss:?}", std::process::id());
    let path = std::env::temp_dir().join(name);
    let fifo = CString::new(path.clone().into_os_string().into_vec()).unwrap();
    // SAFETY: the string lives here.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
    let spawned = std::thread::spawn(move || spawn(&fifo));
    let own = std::process::id();
    let (child, parent) = loop {
        let mut recording = Recording::of_machine(pss);
        let seen = recording.next_at(&START);
        let of_ours = |p: &&Process| p.values[process::PPID] == u64::from(own);
        let child = seen.processes.iter().find(of_ours);
        if let Some(child) = child.filter(|child| !child.has(flag::HAS_PSS)) {
            break (child.clone(), seen.process(own).unwrap().clone());
        }
        assert!(child.is_none(), "{child:?} has its parent's memory");
    };
    let told = share_memory(own, own);
    // Once there is a writer, the child goes on and ends.
    drop(OpenOptions::new().write(true).open(&path).unwrap());
    spawned.join().unwrap();
    std::fs::remove_file(&path).unwrap();
    Some((child, parent, told == Some(true)))
}

#[test]
fn a_child_that_runs_in_its_parents_memory_has_none() {
    let Some((child, parent, told)) = meanwhile(PssMode::Exact) else {
        return;
    };
    assert!(parent.pss_kib() > Some(0));
    // Where the kernel has no kcmp, it is not known.
    let expected = if told { 0 } else { flag::STALE };
    assert_eq!(child.values[process::FLAGS], expected);
    assert_eq!(child.values[process::PSS], 0);
}

#[test]
fn nor_has_it_a_resident_set_where_pss_is_not_read() {
    let Some((child, parent, told)) = meanwhile(PssMode::Off) else {
        return;
    };
    assert!(parent.values[process::RSS] > 0);
    // Where the kernel has no kcmp, it cannot be told.
    assert_eq!(child.values[process::RSS] == 0, told);
}
