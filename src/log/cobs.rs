//! Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM
//! Transactions on Networking 7(2), 1999): bytes in which 0x00 does not occur.
//!
//! Each block is a code byte `n` (1 to 255) and `n - 1` bytes that are not
//! zero; after a block whose code is not 255, and which is not the last, stands
//! a zero in the decoded text.
//!
//! By hand, because postcard can only encode and decode a frame together with a type,
//! and then does not notice bytes that the type did not use.

/// The most bytes that `len` bytes can take once encoded.
// No text in memory is so long that this overflows.
#[allow(clippy::arithmetic_side_effects)]
pub const fn encoded_len(len: usize) -> usize {
    len + len / 254 + 1
}

/// Encodes `text` into `out`, which must hold [`encoded_len`] bytes, and
/// returns how many were used.
// `out` is as long as the text can become; a code is 255 at most.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub fn encode(text: &[u8], out: &mut [u8]) -> usize {
    let mut code_at = 0;
    let mut end = 1;
    let mut code = 1;
    for (index, &byte) in text.iter().enumerate() {
        if byte != 0 {
            out[end] = byte;
            end += 1;
            code += 1;
        }
        let last = index + 1 == text.len();
        if byte == 0 || (code == 255 && !last) {
            out[code_at] = code;
            code_at = end;
            end += 1;
            code = 1;
        }
    }
    out[code_at] = code;
    end
}

/// Decodes in place, and returns the text, which lies somewhere in `bytes`; `None` for
/// what no encoder writes.
// `start` is no more than `at`, which is within the bytes where it is used, and grows by 255
// at most.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub fn decode(bytes: &mut [u8]) -> Option<&[u8]> {
    // In all bytes at once, because blocks are short.
    if bytes.contains(&0) {
        return None;
    }
    let (mut start, mut at) = (0, 0);
    // No zero stands before this block.
    let mut joined = true;
    while let Some(code) = bytes.get_mut(at) {
        let len = usize::from(*code);
        // The text stays where it is. A code that stands for a zero becomes that zero; any
        // other code is overwritten by the text before it.
        if joined {
            bytes.copy_within(start..at, start + 1);
            start += 1;
        } else {
            *code = 0;
        }
        joined = len == 255;
        at += len;
    }
    (at == bytes.len()).then(|| &bytes[start..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &[u8]) -> Vec<u8> {
        let mut out = vec![0xAA; encoded_len(text.len())];
        let len = encode(text, &mut out);
        out.truncate(len);
        out
    }

    #[test]
    fn the_paper_s_examples() {
        assert_eq!(encoded(b""), [1]);
        assert_eq!(encoded(b"\0"), [1, 1]);
        assert_eq!(encoded(b"\0\0"), [1, 1, 1]);
        assert_eq!(encoded(b"\x11\x22\0\x33"), [3, 0x11, 0x22, 2, 0x33]);
        assert_eq!(encoded(b"\x11\0\0\0"), [2, 0x11, 1, 1, 1]);
    }

    #[test]
    fn runs_of_254_take_one_code_byte() {
        let run: Vec<u8> = (1..=254).collect();
        assert_eq!(encoded(&run).len(), 255);
        assert_eq!(encoded(&run)[0], 255);
        let longer: Vec<u8> = (1..=254).chain([7]).collect();
        assert_eq!(encoded(&longer).len(), 257);
        assert_eq!(encoded(&longer)[255], 2);
    }

    #[test]
    fn no_zero_stands_behind_a_full_block() {
        let (sevens, eights) = ([7; 254], [8; 254]);
        let mut bytes = [&[2, 3, 255][..], &sevens, &[255], &eights, &[2, 9, 1]].concat();
        let text = [&[3, 0][..], &sevens, &eights, &[9, 0]].concat();
        assert_eq!(decode(&mut bytes), Some(&text[..]));
        let mut bytes = [&[255][..], &sevens].concat();
        assert_eq!(decode(&mut bytes), Some(&sevens[..]));
    }

    #[test]
    fn what_no_encoder_writes_is_refused() {
        assert_eq!(decode(&mut [0]), None);
        assert_eq!(decode(&mut [3, 1]), None);
        assert_eq!(decode(&mut [3, 1, 0]), None);
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in proptest::collection::vec(
            prop_oneof![Just(0u8), Just(1), any::<u8>()], 0..1200)) {
            let mut bytes = encoded(&text);
            prop_assert!(!bytes.contains(&0));
            prop_assert!(bytes.len() <= encoded_len(text.len()));
            prop_assert_eq!(decode(&mut bytes), Some(&text[..]));
        }

        #[test]
        fn no_bytes_make_decoding_panic(mut bytes in proptest::collection::vec(
            prop_oneof![9 => 1..4u8, 1 => any::<u8>()], 0..60)) {
            let given = bytes.clone();
            let mut at = 0;
            while at < given.len() && given[at] != 0 {
                at += usize::from(given[at]);
            }
            // The blocks fill the bytes exactly.
            let is_filled = at == given.len() && !given.contains(&0);
            let text = decode(&mut bytes).map(<[u8]>::to_vec);
            prop_assert_eq!(text.is_some(), is_filled, "{:?}", given);
            if let Some(text) = text {
                let mut again = encoded(&text);
                prop_assert_eq!(decode(&mut again), Some(&text[..]));
            }
        }
    }
}
