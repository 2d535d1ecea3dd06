//! The checks of known products, and how they are restarted.

use super::spec::Spec;
use crate::proc::root::Root;
use crate::products::is_installed;
use std::time::Duration;

/// kubectl takes 73 s on a Raspberry Pi 3B+.
const KUBECTL: Duration = Duration::from_secs(150);

/// What the board is to the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Server,
    Agent,
}

/// What it is by the unit that is installed: k3s's installer makes one of the two.
pub(crate) fn part(root: &Root) -> Part {
    let has = |unit| is_installed(unit, root);
    match has("k3s-agent.service") && !has("k3s.service") {
        true => Part::Agent,
        false => Part::Server,
    }
}

/// The checks of a profile; none where they are not known.
pub(crate) fn of(profile: &str, part: Part) -> Vec<Spec> {
    let known: &[&str] = match (profile, part) {
        // edge-core answers 200 while it is not connected, too.
        ("izuma", _) => &[
            "http://127.0.0.1:9101/status#\"status\":\"connected\"",
            "unit:edge-proxy",
            "unit:kubelet",
        ],
        ("k3s", Part::Server) => &[
            "unit:k3s",
            "http://127.0.0.1:10248/healthz#ok",
            "tls://127.0.0.1:6443",
            "cmd:k3s kubectl get --raw=/readyz",
        ],
        ("k3s", Part::Agent) => &["unit:k3s-agent", "http://127.0.0.1:10248/healthz#ok"],
        _ => &[],
    };
    let time_out = |text: &str| text.starts_with("cmd:").then_some(KUBECTL);
    let mut specs: Vec<Spec> = known
        .iter()
        .filter_map(|text| Spec::known(text, time_out(text)))
        .collect();
    if (profile, part) == ("k3s", Part::Server) {
        specs.push(Spec::node(NODE, KUBECTL));
    }
    specs
}

/// The addresses of the cluster's nodes, of which this one may have any name. On a line of
/// their own: kubectl(1) may write warnings before them.
const NODE: &str = "k3s kubectl get nodes \
     -o 'jsonpath={\"\\n\"}{.items[*].status.addresses[?(@.type==\"InternalIP\")].address}{\"\\n\"}'";

/// The shell command that restarts the product.
pub(crate) fn restart(profile: &str, part: Part) -> Option<&'static str> {
    match (profile, part) {
        ("izuma", _) => Some("systemctl restart edge-core edge-proxy kubelet"),
        ("k3s", Part::Server) => Some("systemctl restart k3s"),
        ("k3s", Part::Agent) => Some("systemctl restart k3s-agent"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_check_can_be_typed() {
        let count = |profile, part| of(profile, part).len();
        assert_eq!(count("izuma", Part::Server), 3);
        assert_eq!(count("k3s", Part::Server), 5);
        assert_eq!(count("k3s", Part::Agent), 2);
        assert_eq!(count("nginx", Part::Server), 0);
        let readyz = &of("k3s", Part::Server)[3];
        assert_eq!(readyz.time_out, Some(Duration::from_secs(150)));
    }
}
