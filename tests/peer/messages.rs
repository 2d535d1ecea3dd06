//! Requests and answers: what is written is read, and nothing else is.

use edgebench_lite::peer::hmac::Key;
use edgebench_lite::peer::message::{
    has_tag_of, Answer, Ask, Dialled, Ports, Refusal, Refused, Request, ANSWER, HEAD, REQUEST,
};
use edgebench_lite::peer::shape::{answer_in, hello, server_hello, undressed, HELLO, SERVER_HELLO};
use proptest::prelude::*;

const NONCE: [u8; 8] = *b"12345678";

fn requests() -> Vec<Request> {
    let asks = [
        Ask::Echo,
        Ask::Dial {
            port: 6443,
            silent: true,
        },
        Ask::Dial {
            port: 1,
            silent: false,
        },
        Ask::Hold {
            ms: 600_000,
            asker_speaks: true,
        },
        Ask::Hold {
            ms: u32::MAX,
            asker_speaks: false,
        },
    ];
    let request = |ask| Request {
        ask,
        nonce: NONCE,
        cookie: *b"abcdefghijklmnop",
    };
    asks.map(request).to_vec()
}

fn answers() -> Vec<Answer> {
    let mut ports = Ports {
        tcp: [80, 443, 6443, 8080, 0, 0, 0, 0],
        ..Ports::default()
    };
    ports.udp[0] = 53;
    let v4 = "192.0.2.7:40000".parse().unwrap();
    let v6 = "[2001:db8::7]:65535".parse().unwrap();
    vec![
        Answer::Cookie(*b"abcdefghijklmnop"),
        Answer::Echo { seen: v4, ports },
        Answer::Echo { seen: v6, ports },
        Answer::Echo {
            seen: v6,
            ports: Ports {
                has_dialled: true,
                ..ports
            },
        },
        Answer::Dialled(Dialled::Connected),
        Answer::Dialled(Dialled::Refused),
        Answer::Dialled(Dialled::TimedOut),
        Answer::Dialled(Dialled::Unreachable),
        Answer::Dialled(Dialled::CannotDial),
        Answer::Held { is_over: false },
        Answer::Held { is_over: true },
        Answer::Refused(Refusal::Key),
        Answer::Refused(Refusal::Busy),
        Answer::Call,
    ]
}

fn encoded(answer: &Answer) -> Vec<u8> {
    let mut bytes = [0; ANSWER];
    let len = answer.encode(NONCE, &mut bytes);
    bytes[..len].to_vec()
}

/// As the prose has it, by hand.
#[test]
fn the_bytes_of_a_request() {
    let request = Request {
        ask: Ask::Dial {
            port: 6443,
            silent: true,
        },
        nonce: NONCE,
        cookie: *b"abcdefghijklmnop",
    };
    let mut expected = b"EBLp\x01\x01\x19\x2b12345678abcdefghijklmnop\0\0\0\0\x01".to_vec();
    expected.resize(REQUEST, 0);
    assert_eq!(request.encode(None)[..], expected[..]);
    let tagged = request.encode(Some(&Key::new(b"secret")));
    assert_eq!(tagged[..80], expected[..80]);
    assert_eq!(tagged[80..], TAG);
}

/// Worked out by Python's hmac.
const TAG: [u8; 16] = [
    0xf6, 0x67, 0xf9, 0x8c, 0x6d, 0xc7, 0x6c, 0x81, 0x3e, 0x6c, 0x59, 0xe3, 0xee, 0xe2, 0xaa, 0x8d,
];

#[test]
fn the_bytes_of_an_answer() {
    let mut ports = Ports::default();
    ports.tcp[..2].copy_from_slice(&[80, 443]);
    ports.udp[7] = 53;
    let seen = "192.0.2.7:40000".parse().unwrap();
    let mut expected = b"EBLp\x01\x81\x00\x0012345678".to_vec();
    expected.extend([
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7, 0x9c, 0x40,
    ]);
    expected.extend([0, 80, 1, 187]);
    expected.extend([0; 26]);
    expected.extend([0, 53]);
    assert_eq!(encoded(&Answer::Echo { seen, ports }), expected);
    ports.has_dialled = true;
    expected[7] = 1;
    assert_eq!(encoded(&Answer::Echo { seen, ports }), expected);
}

#[test]
fn what_is_written_is_read() {
    for request in requests() {
        assert_eq!(Request::decode(&request.encode(None)), Ok(request));
        let key = Key::new(b"secret");
        let tagged = request.encode(Some(&key));
        assert_eq!(Request::decode(&tagged), Ok(request));
        assert!(has_tag_of(&tagged, &key));
        assert!(!has_tag_of(&tagged, &Key::new(b"Secret")));
        assert!(!has_tag_of(&request.encode(None), &key));
        let clothed = hello(&tagged, &[7; 32]);
        assert_eq!(undressed(&clothed), Some(tagged));
    }
    for answer in answers() {
        let bytes = encoded(&answer);
        assert_eq!(Answer::decode(&bytes), Some((NONCE, answer)));
        let mut clothed = [0; SERVER_HELLO];
        let len = server_hello(&bytes, &[7; 32], &mut clothed);
        assert_eq!(answer_in(&clothed[..len]), Some(&bytes[..]));
        // Never longer than what asked.
        assert!(bytes.len() <= REQUEST && len <= HELLO);
    }
}

#[test]
fn another_version_is_told_of() {
    let mut request = requests()[0].encode(None);
    request[4] = 2;
    assert_eq!(Request::decode(&request), Err(Refused::Version(NONCE)));
    let mut answer = encoded(&Answer::Refused(Refusal::Version(1)));
    // Both are of this version, so it is none of the other.
    assert_eq!(Answer::decode(&answer), None);
    answer[4] = 2;
    let told = Answer::Refused(Refusal::Version(2));
    assert_eq!(Answer::decode(&answer), Some((NONCE, told)));
}

/// A request that was cut or changed is none, or it is another one than was sent, in a
/// field that may have any value; with a key no change passes.
#[test]
fn no_cut_and_no_change_passes() {
    let key = Key::new(b"secret");
    for request in requests() {
        let bytes = request.encode(Some(&key));
        for len in 0..REQUEST {
            assert_eq!(Request::decode(&bytes[..len]), Err(Refused::Garbage));
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Request::decode(&longer), Err(Refused::Garbage));
        for bit in 0..8 * REQUEST {
            let mut changed = bytes;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!has_tag_of(&changed, &key));
            match Request::decode(&changed) {
                Ok(other) if bit / 8 < 80 => assert_ne!(other, request),
                // The tag is no field.
                Ok(other) => assert_eq!(other, request),
                Err(Refused::Version(_)) => assert_eq!(bit / 8, 4),
                Err(Refused::Garbage) => {}
            }
            let clothed = hello(&changed, &[7; 32]);
            assert_eq!(undressed(&clothed), Some(changed));
        }
        let clothed = hello(&bytes, &[7; 32]);
        for at in 0..HELLO {
            let mut changed = clothed;
            changed[at] ^= 0x10;
            let is_fixed = !(11..43).contains(&at) && !(60..156).contains(&at);
            assert_eq!(undressed(&changed).is_none(), is_fixed, "{at}");
        }
    }
    for answer in answers() {
        let bytes = encoded(&answer);
        for len in 0..bytes.len() {
            // A head alone may be an answer of its own, but of none of these.
            assert_eq!(Answer::decode(&bytes[..len]), None, "{answer:?} {len}");
        }
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(Answer::decode(&changed), Some((NONCE, answer)));
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_much(bytes in proptest::collection::vec(any::<u8>(), 0..200), is_near: bool) {
        let mut bytes = bytes;
        if is_near && bytes.len() >= HEAD {
            bytes[..5].copy_from_slice(b"EBLp\x01");
        }
        if let Ok(request) = Request::decode(&bytes) {
            let again = request.encode(None);
            prop_assert_eq!(&again[..80], &bytes[..80]);
        }
        if let Some((nonce, answer)) = Answer::decode(&bytes) {
            let mut again = [0; ANSWER];
            let len = answer.encode(nonce, &mut again);
            let is_other = matches!(answer, Answer::Refused(Refusal::Version(_)));
            prop_assert!(is_other || again[..len] == bytes[..]);
        }
        let _ = answer_in(&bytes);
    }
}
