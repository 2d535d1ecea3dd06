//! One frame: COBS(CRC-32, sequence number, record), then 0x00.

use super::cobs;
use super::crc32::crc32;
use super::record::{Record, MAGIC, VARIANTS, VERSION};

/// Most bytes of one record, with its sequence number.
pub const MAX_PAYLOAD: usize = 4040;
/// Most bytes of one frame, with the 0x00 that ends it.
pub const MAX_FRAME: usize = cobs::encoded_len(CRC_BYTES + MAX_PAYLOAD) + 1;

const CRC_BYTES: usize = 4;

/// Why a frame was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No byte between two ends of frames, as in zero-filled blocks.
    Empty,
    /// Longer than any frame.
    TooLong,
    /// The file ends before the frame does.
    Torn,
    /// The checksum is wrong, or the stuffing is.
    Checksum,
    /// The checksum is right, and the record is of no known kind.
    Unknown,
    /// The checksum is right, but the record is malformed or does not use up its frame.
    Malformed,
    /// A header of a later version of the format.
    Newer(u16),
}

/// Encodes a record into a frame.
///
/// # Errors
/// Where the record takes more than [`MAX_PAYLOAD`].
// `plain` has room for what it is cut to, and `out` for all of that encoded.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
pub fn encode<'o>(
    seq: u64,
    record: &Record<'_>,
    out: &'o mut [u8; MAX_FRAME],
) -> postcard::Result<&'o [u8]> {
    let mut plain = [0; CRC_BYTES + MAX_PAYLOAD];
    let len = postcard::to_slice(&(seq, record), &mut plain[CRC_BYTES..])?.len();
    let text = &mut plain[..CRC_BYTES + len];
    let crc = crc32(&text[CRC_BYTES..]);
    text[..CRC_BYTES].copy_from_slice(&crc.to_le_bytes());
    let end = cobs::encode(text, out);
    out[end] = 0;
    Ok(&out[..=end])
}

/// Decodes a frame in place; `frame` is without the 0x00 that ends it.
///
/// The checksum is verified first: no altered record is interpreted.
///
/// # Errors
/// What is wrong with it.
pub fn decode(frame: &mut [u8]) -> Result<(u64, Record<'_>), Fault> {
    if frame.is_empty() {
        return Err(Fault::Empty);
    }
    let text = cobs::decode(frame).ok_or(Fault::Checksum)?;
    // Four zeros are the checksum of an empty payload: zeros that a flipped bit has cut out
    // of a frame must not pass.
    if text.len() <= CRC_BYTES {
        return Err(Fault::Checksum);
    }
    let (crc, payload) = text.split_at(CRC_BYTES);
    if crc32(payload).to_le_bytes() != crc {
        return Err(Fault::Checksum);
    }
    let (seq, body) = postcard::take_from_bytes::<u64>(payload).map_err(|_| Fault::Malformed)?;
    match postcard::take_from_bytes::<Record<'_>>(body) {
        Ok((Record::Header(header), [])) if header.magic != MAGIC => Err(Fault::Malformed),
        Ok((Record::Header(header), [])) if header.version > VERSION => {
            Err(Fault::Newer(header.version))
        }
        Ok((record, [])) => Ok((seq, record)),
        _ => Err(why(body)),
    }
}

/// Whether these may be the first bytes of a header's frame.
pub(super) fn begins_header(bytes: &[u8]) -> bool {
    let mut parts = bytes.windows(MAGIC.len()).take(17);
    parts.any(|part| part == MAGIC)
}

/// Distinguishes a record of a later version from a malformed one. In all versions a
/// header begins with its number, the magic and the version.
fn why(body: &[u8]) -> Fault {
    match postcard::take_from_bytes::<u64>(body) {
        Ok((0, rest)) => match postcard::take_from_bytes::<([u8; 8], u16)>(rest) {
            Ok(((MAGIC, version), _)) if version > VERSION => Fault::Newer(version),
            _ => Fault::Malformed,
        },
        Ok((variant, _)) if variant >= VARIANTS => Fault::Unknown,
        _ => Fault::Malformed,
    }
}
