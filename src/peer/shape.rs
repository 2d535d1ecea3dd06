//! Messages clothed as the first ones of a TLS handshake (RFC 8446, sections 4.1 and 5.1),
//! for filters that let nothing else pass: a ClientHello and a ServerHello, each with the
//! message in its first extension.

use super::message::{ANSWER, REQUEST};

/// A record's type and version, and its length behind them; of a handshake.
pub const RECORD: u8 = 0x16;
/// The type of the extension; nobody has it.
const EXTENSION: [u8; 2] = [0xeb, 0x1e];

/// Behind the random bytes: no session to resume, three suites of TLS 1.3, no compression.
const SUITES: [u8; 11] = [0, 0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0];
/// The versions that the client can do: 1.3 and 1.2. The groups and signatures: x25519,
/// P-256; ECDSA, RSA-PSS, RSA, with SHA-256.
const OFFERS: [u8; 31] = [
    0, 43, 0, 5, 4, 3, 4, 3, 3, // supported_versions
    0, 10, 0, 6, 0, 4, 0, 0x1d, 0, 0x17, // supported_groups
    0, 13, 0, 8, 0, 6, 4, 3, 8, 4, 4, 1, // signature_algorithms
];
/// Behind the server's random bytes: no session, the first suite, no compression.
const CHOICE: [u8; 4] = [0, 0x13, 1, 0];

/// The length of a clothed request, and of the longest clothed answer.
pub const HELLO: usize = REQUEST_AT + REQUEST + OFFERS.len();
pub const SERVER_HELLO: usize = ANSWER_AT + ANSWER;
/// Where the message begins in each.
const REQUEST_AT: usize = HEAD + SUITES.len() + 2 + 4;
const ANSWER_AT: usize = HEAD + CHOICE.len() + 2 + 4;
/// Record, handshake, version, random bytes.
const HEAD: usize = 5 + 4 + 2 + 32;

struct Clothes<'o> {
    to: &'o mut [u8],
    len: usize,
}

// All lengths are constants but that of the message, which is no longer than `ANSWER` or
// `REQUEST`; `HELLO` and `SERVER_HELLO` are made of these, below 65,536.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing
)]
impl Clothes<'_> {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        self.to[self.len..end].copy_from_slice(bytes);
        self.len = end;
    }

    fn put_u16(&mut self, number: usize) {
        self.put(&(number as u16).to_be_bytes());
    }

    /// All of it, `whole` bytes.
    fn put_all(
        &mut self,
        whole: usize,
        kind: u8,
        random: &[u8; 32],
        fixed: &[u8],
        message: &[u8],
        rest: &[u8],
    ) {
        // Before version 1.3 of TLS a ClientHello's record was of 1.0, and still is.
        self.put(&[RECORD, 3, if kind == 1 { 1 } else { 3 }]);
        self.put_u16(whole - 5);
        self.put(&[kind, 0]);
        self.put_u16(whole - 9);
        self.put(&[3, 3]);
        self.put(random);
        self.put(fixed);
        self.put_u16(4 + message.len() + rest.len());
        self.put(&EXTENSION);
        self.put_u16(message.len());
        self.put(message);
        self.put(rest);
    }
}

/// A request as a ClientHello.
pub fn hello(request: &[u8; REQUEST], random: &[u8; 32]) -> [u8; HELLO] {
    let mut bytes = [0; HELLO];
    let mut clothes = Clothes {
        to: &mut bytes,
        len: 0,
    };
    clothes.put_all(HELLO, 1, random, &SUITES, request, &OFFERS);
    bytes
}

/// The request in a ClientHello.
pub fn undressed(hello: &[u8; HELLO]) -> Option<[u8; REQUEST]> {
    let request = hello.get(REQUEST_AT..)?.get(..REQUEST)?;
    let request = request.try_into().ok()?;
    let random = hello[11..HEAD].try_into().ok()?;
    (*hello == self::hello(&request, &random)).then_some(request)
}

/// An answer as a ServerHello; its length.
// No answer is longer than `ANSWER`.
#[allow(clippy::arithmetic_side_effects)]
pub fn server_hello(answer: &[u8], random: &[u8; 32], to: &mut [u8; SERVER_HELLO]) -> usize {
    let whole = ANSWER_AT + answer.len();
    let mut clothes = Clothes { to, len: 0 };
    clothes.put_all(whole, 2, random, &CHOICE, answer, &[]);
    clothes.len
}

/// The length of the record that these bytes begin with.
pub(crate) fn record_len(bytes: &[u8]) -> Option<usize> {
    let len = bytes.get(3..5)?.try_into().ok()?;
    usize::from(u16::from_be_bytes(len)).checked_add(5)
}

/// The answer in a ServerHello, once all of it is there.
pub fn answer_in(server_hello: &[u8]) -> Option<&[u8]> {
    let is_whole = record_len(server_hello) == Some(server_hello.len());
    let is_one = server_hello.first() == Some(&RECORD) && server_hello.get(5) == Some(&2);
    let answer = server_hello.get(ANSWER_AT..)?;
    (is_whole && is_one).then_some(answer)
}
