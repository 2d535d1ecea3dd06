//! Names of products and stages.

use crate::log::record::UNNAMED;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name(pub(crate) String);

impl Name {
    /// In bytes; both names stand in the header's one frame.
    const LONGEST: usize = 64;

    pub(crate) fn unnamed() -> Self {
        Self(UNNAMED.to_owned())
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > Self::LONGEST || text.contains(char::is_control) {
            return Err(format!(
                "a name has 1 to {} bytes and no control characters",
                Self::LONGEST
            ));
        }
        Ok(Self(text.to_owned()))
    }
}
