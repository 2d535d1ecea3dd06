//! HMAC-SHA-256: RFC 2104.

use super::sha256::{Sha256, BLOCK, DIGEST};

/// A key, with the block that each of the two digests begins with already digested.
#[derive(Clone, Copy)]
pub struct Key {
    inner: Sha256,
    outer: Sha256,
}

impl Key {
    pub fn new(key: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        if key.len() > BLOCK {
            let mut digest = Sha256::default();
            digest.update(key);
            block[..DIGEST].copy_from_slice(&digest.digest());
        } else {
            for (to, byte) in block.iter_mut().zip(key) {
                *to = *byte;
            }
        }
        let padded = |pad: u8| {
            let mut digest = Sha256::default();
            digest.update(&block.map(|byte| byte ^ pad));
            digest
        };
        Self {
            inner: padded(0x36),
            outer: padded(0x5c),
        }
    }

    pub fn mac(&self, message: &[u8]) -> [u8; DIGEST] {
        let (mut inner, mut outer) = (self.inner, self.outer);
        inner.update(message);
        outer.update(&inner.digest());
        outer.digest()
    }

    /// The first half of the code, which RFC 2104, section 5, allows.
    pub(super) fn half(&self, message: &[u8]) -> [u8; DIGEST / 2] {
        let mut half = [0; DIGEST / 2];
        half.copy_from_slice(&self.mac(message)[..DIGEST / 2]);
        half
    }
}

/// Whether two codes are the same, in a time that does not tell where they differ.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    let pairs = one.iter().zip(other);
    one.len() == other.len() && pairs.fold(0, |all, (a, b)| all | (a ^ b)) == 0
}
