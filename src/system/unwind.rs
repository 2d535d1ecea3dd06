//! The unwinder's place in the binary for boards, where a panic aborts: nothing is
//! ever unwound. What std would bring to walk the frames of a panic and to look for
//! their names, which a stripped file does not have, is a fifth of that file, and
//! nothing of it is left where these take the place of the unwinder's own functions.
//! A panic is told as before, in one line.

use std::ffi::{c_int, c_void};

/// Walks no frame: 5 is `_URC_END_OF_STACK`.
#[no_mangle]
extern "C" fn _Unwind_Backtrace(_each: *const c_void, _with: *mut c_void) -> c_int {
    5
}

/// What is asked of a frame, of which there is none.
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

/// Goes on with what was never begun.
#[no_mangle]
extern "C" fn _Unwind_Resume(_exception: *mut c_void) -> ! {
    std::process::abort()
}
