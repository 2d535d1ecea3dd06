//! The board's addresses and what hangs on them, by rtnetlink(7): read, changed, and put
//! back.

pub(crate) mod kernel;
pub(crate) mod link;
pub(crate) mod neighbour;
pub(crate) mod object;
pub(crate) mod plan;
pub(crate) mod state;

#[cfg(test)]
mod tests;
