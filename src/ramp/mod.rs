//! More and more containers, until something ends it: what is run, what comes next, and
//! what the ends are. Nothing here runs a command.

pub(crate) mod course;
pub(crate) mod ends;
pub(crate) mod memory;
pub(crate) mod template;
