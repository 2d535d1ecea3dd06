//! Times and sizes, as options take them.

pub(crate) use crate::typed::units::{Interval, Size, Span};
