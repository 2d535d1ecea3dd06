//! Who else on the link has an address, and telling the link who has it now: ARP by RFC 826
//! and RFC 5227, neighbour discovery by RFC 4861 and RFC 4862.

use std::net::{IpAddr, Ipv6Addr};

pub(crate) type Mac = [u8; 6];

const BROADCAST: Mac = [0xff; 6];
pub(crate) const ETH_ARP: u16 = 0x0806;
pub(crate) const ETH_IPV6: u16 = 0x86dd;

/// The protocol that asks for such an address.
pub(crate) fn protocol(of: IpAddr) -> u16 {
    match of {
        IpAddr::V4(_) => ETH_ARP,
        IpAddr::V6(_) => ETH_IPV6,
    }
}

/// A frame that asks whether anybody has the address, on behalf of nobody.
pub(crate) fn probe(own: Mac, of: IpAddr) -> Vec<u8> {
    match of {
        IpAddr::V4(of) => arp(own, [0; 4], of.octets()),
        IpAddr::V6(of) => {
            let [.., a, b, c] = of.octets();
            let group = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c];
            let mut body = vec![135, 0, 0, 0, 0, 0, 0, 0];
            body.extend_from_slice(&of.octets());
            discovery(own, [0; 16], group, body)
        }
    }
}

/// A frame that tells the link that the address is here.
pub(crate) fn announcement(own: Mac, of: IpAddr) -> Vec<u8> {
    match of {
        IpAddr::V4(of) => arp(own, of.octets(), of.octets()),
        IpAddr::V6(of) => {
            let all = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1).octets();
            // Advertised unasked, in place of what was known.
            let mut body = vec![136, 0, 0, 0, 0x20, 0, 0, 0];
            body.extend_from_slice(&of.octets());
            body.extend_from_slice(&[2, 1]);
            body.extend_from_slice(&own);
            discovery(own, of.octets(), all, body)
        }
    }
}

/// Who has the address, where a frame tells it.
pub(crate) fn owner(frame: &[u8], own: Mac, of: IpAddr) -> Option<Mac> {
    let source: Mac = frame.get(6..12)?.try_into().ok()?;
    let kind = frame.get(12..14)?;
    let rest = frame.get(14..)?;
    let tells = match of {
        IpAddr::V4(of) => {
            // Ethernet and IPv4, whatever is asked or answered: the sender's address.
            kind == ETH_ARP.to_be_bytes()
                && rest.get(..6)? == [0, 1, 8, 0, 6, 4]
                && rest.get(14..18)? == of.octets()
        }
        IpAddr::V6(of) => {
            kind == ETH_IPV6.to_be_bytes()
                && rest.get(6..8)? == [58, 255]
                && *rest.get(40)? == 136
                && rest.get(48..64)? == of.octets()
        }
    };
    (tells && source != own).then_some(source)
}

fn arp(own: Mac, sender: [u8; 4], target: [u8; 4]) -> Vec<u8> {
    let mut frame = ethernet(BROADCAST, own, ETH_ARP);
    // Ethernet, IPv4, their lengths, a request.
    frame.extend_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
    frame.extend_from_slice(&own);
    frame.extend_from_slice(&sender);
    frame.extend_from_slice(&[0; 6]);
    frame.extend_from_slice(&target);
    frame
}

// The two callers make bodies of 24 and 32 bytes, whose checksum is at the third.
#[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
fn discovery(own: Mac, from: [u8; 16], to: [u8; 16], mut body: Vec<u8>) -> Vec<u8> {
    let [.., a, b, c, d] = to;
    let mut frame = ethernet([0x33, 0x33, a, b, c, d], own, ETH_IPV6);
    let len = (body.len() as u16).to_be_bytes();
    // Version 6; ICMPv6, and as many hops as only a neighbour's packet has.
    frame.extend_from_slice(&[0x60, 0, 0, 0, len[0], len[1], 58, 255]);
    frame.extend_from_slice(&from);
    frame.extend_from_slice(&to);
    let pseudo = [&from[..], &to, &[0, 0, len[0], len[1], 0, 0, 0, 58], &body].concat();
    let sum = checksum(&pseudo).to_be_bytes();
    body[2..4].copy_from_slice(&sum);
    frame.extend_from_slice(&body);
    frame
}

fn ethernet(to: Mac, own: Mac, protocol: u16) -> Vec<u8> {
    let mut frame = to.to_vec();
    frame.extend_from_slice(&own);
    frame.extend_from_slice(&protocol.to_be_bytes());
    frame
}

/// RFC 1071's, of an even number of bytes.
// Pairs of bytes, some dozen: their sum has 32 bits, and 16 once it is folded.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing
)]
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes
        .chunks_exact(2)
        .map(|two| u32::from(two[0]) << 8 | u32::from(two[1]));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// As people write it.
pub(crate) fn shown(mac: Mac) -> String {
    mac.map(|byte| format!("{byte:02x}")).join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Mac = [0x66, 0xaa, 0x59, 0x8a, 0xe4, 0x8e];
    const OTHER: Mac = [2, 0, 0, 0, 0, 9];

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_arp_probe_by_the_letter() {
        let expected = [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x66, 0xaa, 0x59, 0x8a, 0xe4, 0x8e, 8, 6, 0, 1, 8,
            0, 6, 4, 0, 1, 0x66, 0xaa, 0x59, 0x8a, 0xe4, 0x8e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0,
            0, 2,
        ];
        assert_eq!(probe(OWN, ip("10.0.0.2")), expected);
        let mut announced = expected;
        announced[28..32].copy_from_slice(&[10, 0, 0, 2]);
        assert_eq!(announcement(OWN, ip("10.0.0.2")), announced);
    }

    #[test]
    fn a_solicitation_adds_up() {
        let frame = probe(OWN, ip("fd00::2:3"));
        assert_eq!(frame.len(), 14 + 40 + 24);
        assert_eq!(frame[..6], [0x33, 0x33, 0xff, 2, 0, 3]);
        // With its checksum in place, the sum is 0.
        for frame in [frame, announcement(OWN, ip("fd00::2:3"))] {
            let len = [frame[18], frame[19]];
            let pseudo = [
                &frame[22..54],
                &[0, 0, len[0], len[1], 0, 0, 0, 58],
                &frame[54..],
            ]
            .concat();
            assert_eq!(checksum(&pseudo), 0);
        }
    }

    #[test]
    fn who_has_it() {
        let address = ip("10.0.0.2");
        let answer = announcement(OTHER, address);
        assert_eq!(owner(&answer, OWN, address), Some(OTHER));
        assert_eq!(owner(&answer, OTHER, address), None);
        assert_eq!(owner(&answer, OWN, ip("10.0.0.3")), None);
        // Somebody who asks as this program does does not have it.
        assert_eq!(owner(&probe(OTHER, address), OWN, address), None);
        let address = ip("fd00::2:3");
        let answer = announcement(OTHER, address);
        assert_eq!(owner(&answer, OWN, address), Some(OTHER));
        assert_eq!(owner(&probe(OTHER, address), OWN, address), None);
        for len in 0..answer.len() {
            assert_eq!(
                owner(&answer[..len], OWN, address).filter(|_| len < 78),
                None
            );
        }
    }
}
