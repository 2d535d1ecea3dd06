//! As what a product was tested behind a firewall: two roles are two tests.

use super::super::findings::{caution, Remark};
use super::words::name;
use crate::compare::Comparison;
use crate::results::{Kind, Measurement, Verdict};

/// The role in which a product was tested, if the result is of such a test.
fn role(result: &Measurement) -> Option<&str> {
    let is_firewall = matches!(result.kind, Kind::SimpleFirewall | Kind::ComplexFirewall);
    let is_answer = matches!(result.verdict, Verdict::Yes | Verdict::No);
    let role = result.source.split(',').next()?;
    (is_firewall && is_answer && matches!(role, "agent" | "server")).then_some(role)
}

/// That not all were tested in the same role, if that is so.
pub(super) fn differ(comparison: &Comparison) -> Option<Remark> {
    let mut agents = Vec::new();
    let mut servers = Vec::new();
    for product in 0..comparison.products.len() {
        let of_product = |column: &Option<usize>| *column == Some(product);
        let runs = comparison.runs.iter();
        let own = runs.filter(|run| of_product(&comparison.column(&run.header.product)));
        for role in own.flat_map(|run| run.results.iter().filter_map(role)) {
            let names = match role {
                "agent" => &mut agents,
                _ => &mut servers,
            };
            let name = name(comparison, product);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if agents.is_empty() || servers.is_empty() {
        return None;
    }
    let (agents, servers) = (agents.join(", "), servers.join(", "));
    Some(caution(format!(
        "Behind a firewall, different roles: {agents} as agent, which dials out; {servers} as \
         server, which has to be reached."
    )))
}
