//! What people type: the lines of their files, in words; times and sizes; and words that
//! they may have meant.

pub(crate) mod likeness;
pub(crate) mod units;
pub(crate) mod words;
