//! The address that a node of a cluster reports, against the one that the board has.

use std::net::IpAddr;

/// What the node reported before the change, the address that the board had then, and
/// whether it reports another now.
#[derive(Default)]
pub(super) struct Node {
    before: Vec<u8>,
    left: Option<IpAddr>,
    pub(super) is_elsewhere: bool,
}

impl Node {
    /// Whether it reports the address that the board has now, if it reported the one before.
    pub(super) fn look(
        &mut self,
        text: &[u8],
        moved: Option<(IpAddr, IpAddr)>,
    ) -> Result<(), String> {
        let (from, now) = match (moved, self.left) {
            (Some(moved), _) => moved,
            // The old address is back.
            (None, Some(from)) => (from, from),
            (None, None) => {
                self.before = text.to_vec();
                return Ok(());
            }
        };
        self.left = Some(from);
        let mut reported = addresses(text);
        self.is_elsewhere = addresses(&self.before).contains(&from) && !reported.contains(&now);
        if !self.is_elsewhere {
            return Ok(());
        }
        // Of the others in the cluster nothing is to be told.
        let before = addresses(&self.before);
        if reported.contains(&from) {
            reported = vec![from];
        } else if before.len() > 1 {
            reported.retain(|address| !before.contains(address));
        }
        let words: Vec<String> = reported.iter().map(IpAddr::to_string).collect();
        let words = if words.is_empty() {
            "none".to_owned()
        } else {
            words.join(", ")
        };
        Err(format!("it reports {words}, not {now}"))
    }
}

/// The addresses in a text, which may hold warnings, too.
fn addresses(text: &[u8]) -> Vec<IpAddr> {
    let text = String::from_utf8_lossy(text);
    let words = text.split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_that_keeps_its_address() {
        let [old, new] = ["10.0.0.1", "10.0.0.77"].map(|text| text.parse().unwrap());
        let mut node = Node::default();
        let moved = Some((old, new));
        assert_eq!(node.look(b"10.0.0.5 10.0.0.1\n", None), Ok(()));
        let keeps = Err("it reports 10.0.0.1, not 10.0.0.77".to_owned());
        assert_eq!(node.look(b"W1: slow\n10.0.0.5 10.0.0.1", moved), keeps);
        assert!(node.is_elsewhere);
        assert_eq!(node.look(b"10.0.0.5 10.0.0.77", moved), Ok(()));
        // After the way back.
        let stays = Err("it reports 10.0.0.77, not 10.0.0.1".to_owned());
        assert_eq!(node.look(b"10.0.0.5 10.0.0.77", None), stays);
        assert_eq!(node.look(b"10.0.0.5 10.0.0.1", None), Ok(()));
        let none = Err("it reports none, not 10.0.0.77".to_owned());
        assert_eq!(node.look(b"10.0.0.5", moved), none);
    }

    /// The change is none of an address that the node ever had.
    #[test]
    fn a_node_with_an_address_of_another_interface() {
        let [old, new] = ["10.0.0.1", "10.0.0.77"].map(|text| text.parse().unwrap());
        let mut node = Node::default();
        assert_eq!(node.look(b"192.168.7.7", None), Ok(()));
        assert_eq!(node.look(b"192.168.7.7", Some((old, new))), Ok(()));
        assert!(!node.is_elsewhere);
    }
}
