//! A subject of figures, for the forms that programs read.

use std::borrow::Cow;

/// A number by its name; `None`: it was not observable.
pub(crate) type Number = (&'static str, Option<f64>);

/// The subject of figures.
pub(crate) struct Subject<'r> {
    /// `machine`, or the kind that it is one of.
    pub(crate) kind: &'static str,
    /// Of a core its number.
    pub(crate) name: Cow<'r, [u8]>,
    pub(crate) kernel_thread: bool,
    /// pid and starttime (USER_HZ after boot), where it is one process.
    pub(crate) process: Option<(u32, u64)>,
    pub(crate) figures: Vec<(&'static str, Vec<Number>)>,
}

impl<'r> Subject<'r> {
    pub(crate) fn new(kind: &'static str, name: impl Into<Cow<'r, [u8]>>) -> Self {
        Self {
            kind,
            name: name.into(),
            kernel_thread: false,
            process: None,
            figures: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, figure: &'static str, numbers: Vec<Number>) -> Self {
        self.figures.push((figure, numbers));
        self
    }

    /// The same with a number that is not asked for everywhere.
    pub(crate) fn with_any(self, figure: &'static str, number: Option<Number>) -> Self {
        match number {
            Some(number) => self.with(figure, vec![number]),
            None => self,
        }
    }
}
