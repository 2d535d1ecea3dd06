//! Numbers, foreign text and missing privileges, as sentences and tables show them.

pub(crate) mod columns;
pub(crate) mod escape;
pub(crate) mod exits;
pub(crate) mod figures;
pub(crate) mod privilege;

pub(crate) use escape::cut;
pub(crate) use figures::counted;
