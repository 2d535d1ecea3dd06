//! Memory that the system refuses: the program ends with one line that says so, malloc(3).

use super::fault::{put, put_number};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The system's allocator, which ends the program where it is refused.
pub struct Telling;

/// Whether the program goes on without what it asks for now.
static CAN_DO_WITHOUT: AtomicBool = AtomicBool::new(false);
/// The status of what could not be measured.
const STATUS: libc::c_int = 2;
const BEFORE: &[u8] = concat!(env!("CARGO_PKG_NAME"), ": not enough memory for ").as_bytes();

/// Runs `asks`, which goes on where memory is refused: `try_reserve` is asked so.
pub(crate) fn if_there_is<T>(asks: impl FnOnce() -> T) -> T {
    CAN_DO_WITHOUT.store(true, Relaxed);
    let answer = asks();
    CAN_DO_WITHOUT.store(false, Relaxed);
    answer
}

impl Telling {
    fn given(pointer: *mut u8, bytes: usize) -> *mut u8 {
        if pointer.is_null() && !CAN_DO_WITHOUT.load(Relaxed) {
            refused(bytes);
        }
        pointer
    }
}

// SAFETY: everything is handed on to the system's allocator as it came, and so is its answer.
unsafe impl GlobalAlloc for Telling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::given(System.alloc(layout), layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::given(System.alloc_zeroed(layout), layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::given(System.realloc(pointer, layout, size), size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        System.dealloc(pointer, layout);
    }
}

/// Tells it, with what is on the stack alone, and ends: what was written stays.
#[cold]
#[inline(never)]
fn refused(bytes: usize) -> ! {
    put(BEFORE);
    put_number(bytes as u64, 10);
    put(b" bytes more: RLIMIT_AS (ulimit -v) or the system refuses them\n");
    // SAFETY: it takes no pointer, and runs nothing of this program.
    unsafe { libc::_exit(STATUS) }
}

#[cfg(test)]
mod tests {
    use super::super::fault::tests::said;
    use super::*;
    use nix::sys::wait::WaitStatus;
    use std::hint::black_box;

    /// More than any machine has.
    const ALL: usize = isize::MAX as usize - (1 << 20);

    fn ask(how: unsafe fn(Layout) -> *mut u8) -> bool {
        let layout = Layout::from_size_align(ALL, 8).unwrap();
        // What is not used may be optimised away, and counts as granted.
        // SAFETY: the size is not zero.
        black_box(unsafe { how(layout) }).is_null()
    }

    /// The child has the switch as another test's thread has it just now.
    fn refused_without_switch(how: unsafe fn(Layout) -> *mut u8) {
        CAN_DO_WITHOUT.store(false, Relaxed);
        ask(how);
    }

    #[test]
    fn what_is_refused_ends_the_program_with_a_line() {
        let ways: [fn(); 3] = [
            // SAFETY: by the caller.
            || refused_without_switch(|layout| unsafe { Telling.alloc(layout) }),
            // SAFETY: as above.
            || refused_without_switch(|layout| unsafe { Telling.alloc_zeroed(layout) }),
            || {
                refused_without_switch(|layout| {
                    let few = Layout::new::<u64>();
                    // SAFETY: the size is not zero, and the block was had of the same allocator.
                    unsafe { Telling.realloc(Telling.alloc(few), few, layout.size()) }
                });
            },
        ];
        for way in ways {
            let (text, end) = said(way);
            let begin = format!("edgebench-lite: not enough memory for {ALL} bytes more: ");
            assert!(text.starts_with(&begin), "{text}");
            assert_eq!(text.find('\n'), Some(text.len() - 1), "{text}");
            assert!(matches!(end, WaitStatus::Exited(_, 2)), "{end:?}");
        }
    }

    #[test]
    fn the_program_goes_on_without_what_it_can_do_without() {
        let (text, end) = said(|| {
            // SAFETY: by the caller.
            let is_null = if_there_is(|| ask(|layout| unsafe { Telling.alloc(layout) }));
            if is_null && !CAN_DO_WITHOUT.load(Relaxed) {
                put(b"went on");
            }
        });
        assert_eq!(text, "went on");
        assert!(matches!(end, WaitStatus::Exited(_, 0)), "{end:?}");
    }

    #[test]
    fn what_is_given_is_as_the_system_gives_it() {
        let layout = Layout::from_size_align(100, 64).unwrap();
        // SAFETY: the sizes are not zero, and what is read lies within the block.
        unsafe {
            let block = Telling.alloc(layout);
            block.add(99).write(7);
            Telling.dealloc(block, layout);
            let block = Telling.alloc_zeroed(layout);
            assert_eq!((block as usize % 64, *block.add(99)), (0, 0));
            *block.add(99) = 7;
            let block = Telling.realloc(block, layout, 100_000);
            assert_eq!((block as usize % 64, *block.add(99)), (0, 7));
            Telling.dealloc(block, Layout::from_size_align(100_000, 64).unwrap());
        }
    }
}
