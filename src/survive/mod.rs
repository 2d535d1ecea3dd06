//! Whether a product lives through a change of its network: the checks that tell whether
//! it works, the change, and what puts it back.

pub(crate) mod cause;
pub(crate) mod checks;
pub(crate) mod dead_man;
pub(crate) mod manager;
pub(crate) mod network;
pub(crate) mod refuge;
pub(crate) mod saved;
pub(crate) mod session;
