//! Messages of netlink(7), and the attributes in them, as rtnetlink(7) has them: reading and
//! writing.

use nix::errno::Errno;

/// `struct nlmsghdr`: length, kind, flags, sequence, port.
const HEAD: usize = 16;

/// A message of the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    pub(crate) payload: &'a [u8],
}

/// The messages of a piece that was received; one that is cut ends them.
pub(crate) fn messages(piece: &[u8]) -> impl Iterator<Item = Message<'_>> {
    let mut rest = piece;
    std::iter::from_fn(move || {
        let len = u32_at(rest, 0)? as usize;
        let message = Message {
            kind: u16_at(rest, 4)?,
            flags: u16_at(rest, 6)?,
            sequence: u32_at(rest, 8)?,
            payload: rest.get(HEAD..len)?,
        };
        rest = rest.get(padded(len)..).unwrap_or_default();
        Some(message)
    })
}

/// The attributes in `bytes`: kind and value; one that is cut ends them.
pub(crate) fn attributes(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    /// Not its kind: NLA_F_NESTED, NLA_F_NET_BYTEORDER.
    const FLAGS: u16 = 0xc000;
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let len = usize::from(u16_at(rest, 0)?);
        let kind = u16_at(rest, 2)? & !FLAGS;
        let value = rest.get(4..len)?;
        rest = rest.get(padded(len)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// Appends an attribute.
pub(crate) fn put(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    // No value of ours is that long.
    let len = u16::try_from(value.len().saturating_add(4)).unwrap_or(u16::MAX);
    out.extend_from_slice(&len.to_ne_bytes());
    out.extend_from_slice(&kind.to_ne_bytes());
    out.extend_from_slice(value);
    out.resize(padded(out.len()), 0);
}

/// Appends a message.
pub(crate) fn put_message(out: &mut Vec<u8>, kind: u16, flags: u16, sequence: u32, payload: &[u8]) {
    let len = u32::try_from(HEAD.saturating_add(payload.len())).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_ne_bytes());
    out.extend_from_slice(&kind.to_ne_bytes());
    out.extend_from_slice(&flags.to_ne_bytes());
    out.extend_from_slice(&sequence.to_ne_bytes());
    // The kernel knows who asks.
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(payload);
    out.resize(padded(out.len()), 0);
}

/// What the kernel says of a request in a message of the kind NLMSG_ERROR, or at the end of a
/// dump in NLMSG_DONE: both begin with the errno, negative; 0 is done.
///
/// # Errors
/// That one.
pub(crate) fn acknowledged(message: &Message<'_>) -> nix::Result<()> {
    let errno = message.payload.get(..4);
    let errno = errno.and_then(|bytes| bytes.try_into().ok());
    match errno.map_or(libc::EPROTO, i32::from_ne_bytes) {
        0 => Ok(()),
        errno => Err(Errno::from_raw(errno.saturating_abs())),
    }
}

fn padded(len: usize) -> usize {
    len.saturating_add(3) & !3
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..)?.get(..2)?;
    Some(u16::from_ne_bytes(bytes.try_into().ok()?))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..)?.get(..4)?;
    Some(u32::from_ne_bytes(bytes.try_into().ok()?))
}
