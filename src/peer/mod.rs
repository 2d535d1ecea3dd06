//! The responder on the management side, and the protocol in which a board behind a
//! firewall asks it what passes.
//!
//! # The protocol, version 1
//!
//! The board asks with requests of 96 bytes; the peer answers with 16 to 66 bytes.
//! A request is a datagram of its own, or stands in a TCP connection behind the one before
//! it. Numbers are big-endian, and bytes that are not named are zero. What is anything
//! else stays unanswered, and ends a connection.
//!
//! | byte | both begin with |
//! |---|---|
//! | 0 | `EBLp` |
//! | 4 | the version: 1 |
//! | 5 | what it is: below |
//! | 6 | a number of two bytes, which depends on that |
//! | 8 | eight bytes that the board has chosen; every answer to a request repeats them |
//!
//! These 16 bytes are the same in every version: whoever gets another version is told so.
//!
//! | byte | a request goes on with |
//! |---|---|
//! | 16 | the cookie, 16 bytes |
//! | 32 | a time in milliseconds, four bytes |
//! | 36 | 1: the flag is set |
//! | 80 | the tag, 16 bytes: the first half of the HMAC-SHA-256 of bytes 0 to 79, by the shared key; zeros without one |
//!
//! | it is | request | what the peer does |
//! |---|---|---|
//! | 0 | echo | answers with the address that it sees, and with its ports |
//! | 1 | dial | connects to the port that the number names, at the address that asks; sends a *call* over that connection, unless the flag is set; answers how it went |
//! | 2 | hold | answers *held*; if the flag is not set, once more when the time is over, and over UDP twice again, after one second each. Over TCP the connection stays, even longer than others, until ten seconds after that time |
//!
//! | it is | answer | its number, and what follows |
//! |---|---|---|
//! | 128 | cookie | 16 bytes, to be put into the request, which is then sent again |
//! | 129 | echo | 1: a connection of this peer's has come to somebody since its start, 0: none has; the board's address, 16 bytes, as IPv6 (IPv4 as `::ffff:a.b.c.d`), and its port; eight TCP ports and eight UDP ports that the peer listens on, zeros where there are fewer |
//! | 130 | dialled | 0: connected, 1: refused, 2: nothing came back within 2.5 s, 3: the network says that it cannot be reached, 4: this peer cannot dial |
//! | 131 | held | 0: the time has begun, 1: it is over |
//! | 132 | refused | 1: another version, which byte 4 has, 2: another key, 3: too much to do |
//! | 133 | call | the eight bytes are those of the request to dial |
//!
//! A cookie is the lowest byte of the minute since the peer's start, and the first 15 bytes
//! of the HMAC-SHA-256, by a key that it has drawn then, of the address that asks, 16 bytes,
//! and that minute, eight bytes. It is good for its minute and the next. Whoever has one
//! hears what is sent to that address. Only then is the tag looked at, and what is asked for
//! is done.
//!
//! In a connection a request may be clothed as the ClientHello of a TLS handshake: it lies
//! in the first extension, whose type is 0xeb1e. Its answer is then clothed as a
//! ServerHello, likewise. See [`shape`].

// What is read here others may have chosen: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

mod buckets;
mod connection;
mod cookie;
mod counts;
pub mod hmac;
mod holds;
pub mod message;
pub(crate) mod ports;
pub(crate) mod server;
pub mod sha256;
pub mod shape;
