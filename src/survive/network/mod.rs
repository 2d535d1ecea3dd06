//! The board's addresses and what hangs on them, by rtnetlink(7): read, changed, and put
//! back.

#[cfg(fuzzing)]
#[path = "../../../tests/fuzz/targets/steps.rs"]
pub(crate) mod fuzz;
pub(crate) mod kernel;
pub(crate) mod link;
pub(crate) mod neighbour;
pub(crate) mod object;
pub(crate) mod plan;
pub(crate) mod state;

#[cfg(test)]
mod tests;
