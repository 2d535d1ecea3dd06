//! A query of the domain name system, and its answer: RFC 1035, section 4; RFC 3596. Pure.

use std::net::IpAddr;

pub(super) const A: u16 = 1;
pub(super) const AAAA: u16 = 28;
/// An answer over UDP is no longer, for nothing else was asked for.
pub(super) const LONGEST: usize = 512;
const HEADER: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    Address(IpAddr),
    /// The name has none of that kind.
    None,
}

/// A query; `None` if that is no name.
// Behind the header are labels of at most 63 bytes each.
#[allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)]
pub(super) fn query(host: &str, kind: u16, id: [u8; 2]) -> Option<Vec<u8>> {
    // Recursion is desired; one question.
    let mut bytes = vec![id[0], id[1], 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in host.trim_end_matches('.').split('.') {
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if label.is_empty() || label.len() > 63 || !label.bytes().all(is_good) {
            return None;
        }
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    // 255 bytes are a name's most, its end among them.
    if bytes.len() - HEADER > 254 {
        return None;
    }
    bytes.push(0);
    bytes.extend_from_slice(&kind.to_be_bytes());
    bytes.extend_from_slice(&[0, 1]);
    Some(bytes)
}

/// The address in an answer to a query; `None` if it is no answer to that one.
// Both are as long as the query, which begins with a header, once the question was had. Each
// step is at most 65,545 bytes further, from a place that the answer has.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub(super) fn addresses(
    bytes: &[u8],
    query: &[u8],
    kind: u16,
) -> Option<Result<Reply, &'static str>> {
    let number = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    let is_response = bytes.get(2)? & 0x80 != 0;
    // The question is repeated, in whatever case.
    let question = bytes.get(HEADER..query.len())?;
    let is_it = bytes[..2] == query[..2] && question.eq_ignore_ascii_case(&query[HEADER..]);
    if !is_response || !is_it {
        return None;
    }
    match bytes[3] & 0xf {
        0 => {}
        3 => return Some(Err("no such host")),
        _ => return Some(Err("the name server failed")),
    }
    let answers = number(6)?;
    let mut at = query.len();
    for _ in 0..answers {
        at = name_end(bytes, at)?;
        let (of, len) = (number(at)?, usize::from(number(at + 8)?));
        let data = bytes.get(at + 10..at + 10 + len)?;
        let ip = match (<[u8; 4]>::try_from(data), <[u8; 16]>::try_from(data)) {
            (Ok(v4), _) if (of, kind) == (A, A) => Some(IpAddr::from(v4)),
            (_, Ok(v6)) if (of, kind) == (AAAA, AAAA) => Some(IpAddr::from(v6)),
            _ => None,
        };
        if let Some(ip) = ip {
            return Some(Ok(Reply::Address(ip)));
        }
        at += 10 + len;
    }
    Some(Ok(Reply::None))
}

/// Where a name ends: behind its last label, or behind a pointer.
// At most 192 bytes behind the last of what is there.
#[allow(clippy::arithmetic_side_effects)]
fn name_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            0xc0.. => return Some(at + 2),
            len => at += 1 + usize::from(len),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As RFC 1035 has it, by hand.
    const ASKED: &[u8] =
        b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04peer\x07example\x00\x00\x01\x00\x01";
    /// A CNAME before the address.
    const TOLD: &[u8] =
        b"\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00\x04PEER\x07example\x00\x00\x01\x00\x01\
        \xc0\x0c\x00\x05\x00\x01\x00\x00\x0e\x10\x00\x04\x01a\xc0\x11\
        \x01a\xc0\x11\x00\x01\x00\x01\x00\x00\x0e\x10\x00\x04\xc0\x00\x02\x07";

    fn told(bytes: &[u8]) -> Option<Result<Reply, &'static str>> {
        addresses(bytes, ASKED, A)
    }

    #[test]
    fn a_query_and_its_answer() {
        assert_eq!(
            query("peer.example", A, [0x12, 0x34]).as_deref(),
            Some(ASKED)
        );
        assert_eq!(
            query("peer.example.", A, [0x12, 0x34]).as_deref(),
            Some(ASKED)
        );
        let ip = IpAddr::from([192, 0, 2, 7]);
        assert_eq!(told(TOLD), Some(Ok(Reply::Address(ip))));
        // The same of another kind.
        assert_eq!(addresses(TOLD, ASKED, AAAA), Some(Ok(Reply::None)));
        for len in 0..TOLD.len() {
            assert_eq!(told(&TOLD[..len]), None, "{len}");
        }
        let with = |at: usize, byte: u8| {
            let mut bytes = TOLD.to_vec();
            bytes[at] = byte;
            told(&bytes)
        };
        assert_eq!(with(0, 0x13), None);
        assert_eq!(with(2, 0x01), None);
        assert_eq!(with(14, b'q'), None);
        assert_eq!(with(3, 0x83), Some(Err("no such host")));
        assert_eq!(with(3, 0x82), Some(Err("the name server failed")));
    }

    #[test]
    fn no_names() {
        let long = "a".repeat(64);
        let whole = ["abcdefg"; 32].join(".");
        for host in ["", ".", "a..b", "a b", &long, &whole] {
            assert_eq!(query(host, A, [0; 2]), None, "{host}");
        }
        assert!(query(&whole[1..], A, [0; 2]).is_none());
        assert!(query(&whole[3..], A, [0; 2]).is_some());
    }

    proptest! {
        #[test]
        fn no_answer_is_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..80), is_near: bool) {
            let mut bytes = bytes;
            if is_near {
                bytes.splice(0..0, TOLD[..ASKED.len()].iter().copied());
            }
            let _ = told(&bytes);
        }
    }
}
