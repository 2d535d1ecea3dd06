//! SHA-256 and HMAC-SHA-256 as their standards have them.

use edgebench_lite::peer::hmac::Key;
use edgebench_lite::peer::sha256::Sha256;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// FIPS 180-4's examples: none, one, and two blocks, and very many.
#[test]
fn sha_256() {
    let many = vec![b'a'; 1_000_000];
    let two = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (message, digest) in [
        (
            &b""[..],
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            two,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
        (
            &many,
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
        ),
    ] {
        // In one go, and in pieces that are no blocks.
        let mut whole = Sha256::default();
        whole.update(message);
        assert_eq!(hex(&whole.digest()), digest);
        let mut pieces = Sha256::default();
        message.chunks(61).for_each(|piece| pieces.update(piece));
        assert_eq!(hex(&pieces.digest()), digest);
    }
}

/// RFC 4231, section 4; of the fifth the RFC has the first half alone.
#[test]
fn hmac_sha_256() {
    let counted: Vec<u8> = (1..=25).collect();
    let large = [0xaa; 131];
    for (key, message, code) in [
        (
            &[0x0b; 20][..],
            &b"Hi There"[..],
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            &counted,
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            &[0x0c; 20],
            b"Test With Truncation",
            "a3b6167473100ee06e0c796c2955552b",
        ),
        (
            &large,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            &large,
            b"This is a test using a larger than block-size key and a larger than block-size \
              data. The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ] {
        let mac = hex(&Key::new(key).mac(message));
        assert_eq!(&mac[..code.len()], code);
    }
}
