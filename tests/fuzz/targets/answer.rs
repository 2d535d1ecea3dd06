//! An answer of a name server.

use super::query::{addresses, query};

pub(crate) fn answer(bytes: &[u8]) {
    let question = query("peer.example", 1, [7, 7]).expect("it is a name");
    // The question is repeated, so that what stands behind it is looked at.
    let mut answer = question.clone();
    answer[2] |= 0x80;
    let head = bytes.len().min(6);
    if let Some(counts) = answer.get_mut(6..6 + head) {
        counts.copy_from_slice(&bytes[..head]);
    }
    answer.extend_from_slice(&bytes[head..]);
    addresses(&answer, &question, 1);
    addresses(bytes, &question, 28);
}
