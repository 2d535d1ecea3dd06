//! A benchmark from a plan: what the plan says, which steps it has, what was done of them,
//! and what comes next. Pure: [`crate::commands`] has what runs them.

pub(crate) mod estimate;
pub(crate) mod examples;
pub(crate) mod journal;
pub(crate) mod moment;
pub(crate) mod plan;
pub(crate) mod resume;
pub(crate) mod steps;
pub(crate) mod vocabulary;
