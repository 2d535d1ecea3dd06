//! The beginning of a TLS handshake, RFC 8446: enough to tell that a server speaks TLS.

/// A ClientHello in a record, for TLS 1.2 and 1.3, without a server's name. One that
/// cannot agree answers with an alert, which is a record too.
#[rustfmt::skip]
pub(crate) const CLIENT_HELLO: &[u8] = &[
    // Handshake, TLS 1.0 as is usual, 106 bytes; ClientHello, 102 bytes.
    22, 3, 1, 0, 106, 1, 0, 0, 102, 3, 3,
    // Random, which need not be for what is never agreed upon.
    0x65, 0x64, 0x67, 0x65, 0x62, 0x65, 0x6e, 0x63, 0x68, 0x2d, 0x6c, 0x69, 0x74, 0x65, 0x20, 0x61,
    0x73, 0x6b, 0x73, 0x20, 0x77, 0x68, 0x65, 0x74, 0x68, 0x65, 0x72, 0x20, 0x54, 0x4c, 0x53, 0x3f,
    // No session; suites: AES-128-GCM, AES-256-GCM and ChaCha20 of 1.3, ECDHE of 1.2.
    0, 0, 14, 0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30,
    // No compression; extensions, 47 bytes.
    1, 0, 0, 47,
    // Groups x25519, P-256; points; signatures of ECDSA, RSA-PSS, RSA.
    0, 10, 0, 6, 0, 4, 0, 29, 0, 23, 0, 11, 0, 2, 1, 0,
    0, 13, 0, 8, 0, 6, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01,
    // Versions 1.3 and 1.2; no share of a key: a server of 1.3 asks for one.
    0, 43, 0, 5, 4, 3, 4, 3, 3, 0, 51, 0, 2, 0, 0,
    // No session ticket.
    0, 35, 0, 0,
];

/// Whether an answer begins with a record of a handshake or an alert; `None`: too little
/// of it has come.
pub(crate) fn is_record(answer: &[u8]) -> Option<bool> {
    match answer {
        [] | [21 | 22] | [21 | 22, 3] => None,
        [21 | 22, 3, 0..=4, ..] => Some(true),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_the_hello_are_those_of_its_parts() {
        let number =
            |at: usize| usize::from(CLIENT_HELLO[at]) << 8 | usize::from(CLIENT_HELLO[at + 1]);
        assert_eq!(CLIENT_HELLO.len(), number(3) + 5);
        assert_eq!(CLIENT_HELLO.len(), number(7) + 9);
        // Behind version, random, session, 7 suites and compression.
        let extensions = 11 + 32 + 1 + 2 + 14 + 2;
        assert_eq!(CLIENT_HELLO.len(), extensions + 2 + number(extensions));
        let mut at = extensions + 2;
        while at < CLIENT_HELLO.len() {
            at += 4 + number(at + 2);
        }
        assert_eq!(at, CLIENT_HELLO.len());
    }

    #[test]
    fn records_and_others() {
        assert_eq!(is_record(&[22, 3, 3, 0, 122]), Some(true));
        assert_eq!(is_record(&[21, 3, 1]), Some(true));
        for more in [&[][..], &[22], &[21, 3]] {
            assert_eq!(is_record(more), None);
        }
        for other in [
            &b"HTTP/1.0 400"[..],
            b"S",
            &[22, 2],
            &[23, 3, 3],
            &[22, 3, 9],
        ] {
            assert_eq!(is_record(other), Some(false));
        }
    }
}
