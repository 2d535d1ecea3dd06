//! CRC-32 as Ethernet, gzip and PNG use it (ISO 3309, RFC 1952 section 8):
//! reflected polynomial 0xEDB88320, all ones before and after.

/// `TABLES[n]` is the effect of a byte that `n` bytes follow: four bytes are handled at
/// once ("slicing by 4": Kounavis and Berry, ISCC 2005).
static TABLES: [[u32; 256]; 4] = tables();

// The compiler runs it, and refuses to leave an array.
#[allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing
)]
const fn tables() -> [[u32; 256]; 4] {
    let mut tables = [[0; 256]; 4];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 & 0u32.wrapping_sub(crc & 1));
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut entry = 0;
    while entry < 3 * 256 {
        let before = tables[entry / 256][entry % 256];
        tables[entry / 256 + 1][entry % 256] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
        entry += 1;
    }
    tables
}

/// The CRC-32 of `bytes`.
// A table is 0 to 3, and has a place for each byte; the words have four.
#[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    let mut words = bytes.chunks_exact(4);
    for word in words.by_ref() {
        let word = u32::from_le_bytes([word[0], word[1], word[2], word[3]]) ^ crc;
        let of = |table: usize, shift: u32| TABLES[table][(word >> shift & 0xFF) as usize];
        crc = of(3, 0) ^ of(2, 8) ^ of(1, 16) ^ of(0, 24);
    }
    for &byte in words.remainder() {
        crc = (crc >> 8) ^ TABLES[0][usize::from((crc as u8) ^ byte)];
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn published_check_values() {
        // "123456789" is the catalogue's check string; the others are zlib's.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(b"\0"), 0xD202_EF8D);
        assert_eq!(
            crc32(b"The quick brown fox jumps over the lazy dog"),
            0x414F_A339
        );
    }
}
