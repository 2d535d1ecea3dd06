//! Stubs for the unwinder in the binary for boards, where a panic aborts. Without them, a
//! fifth of the file would be std's code to walk a panic's frames and look up their names,
//! which a stripped file does not have. A panic still prints its one line.

use std::ffi::{c_int, c_void};

/// Walks no frame: 5 is `_URC_END_OF_STACK`.
#[no_mangle]
extern "C" fn _Unwind_Backtrace(_each: *const c_void, _with: *mut c_void) -> c_int {
    5
}

/// Functions of a frame, which is never passed.
macro_rules! nothing_of_a_frame {
    ($($name:ident)*) => {$(
        #[no_mangle]
        extern "C" fn $name(_frame: *mut c_void, _more: *mut c_void) -> usize {
            0
        }
    )*};
}

nothing_of_a_frame! {
    _Unwind_FindEnclosingFunction
    _Unwind_GetCFA
    _Unwind_GetDataRelBase
    _Unwind_GetIP
    _Unwind_GetIPInfo
    _Unwind_GetLanguageSpecificData
    _Unwind_GetRegionStart
    _Unwind_GetTextRelBase
    _Unwind_SetGR
    _Unwind_SetIP
}

/// Never called: nothing is unwound.
#[no_mangle]
extern "C" fn _Unwind_Resume(_exception: *mut c_void) -> ! {
    std::process::abort()
}
