//! What this machine is to the product.

use crate::commands::arguments::one_of;
use crate::survive::checks::defaults::Part;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Agent,
    Server,
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        one_of(text, &[("agent", Self::Agent), ("server", Self::Server)])
    }
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Server => "server",
        }
    }

    pub(super) fn part(self) -> Part {
        match self {
            Self::Agent => Part::Agent,
            Self::Server => Part::Server,
        }
    }
}
