//! Whether a product lives through a change of its network: the checks that tell whether
//! it works.

pub(crate) mod checks;
