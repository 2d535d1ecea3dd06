//! Another log from a log, by its frames.

#[path = "../support/random.rs"]
mod random;

use edgebench_lite::log::cobs;
use edgebench_lite::log::crc32::crc32;
use edgebench_lite::log::frame::{self, MAX_FRAME, MAX_PAYLOAD};
use edgebench_lite::log::record::Record;
use libfuzzer_sys::fuzzer_mutate;
use random::Random;

/// Bytes before the log.
const OPTIONS: usize = 4;

/// A frame: as it is, or what is in it.
enum Piece {
    Foreign(Vec<u8>),
    Frame { seq: u64, body: Vec<u8> },
}

fn piece(bytes: &[u8]) -> Piece {
    let mut plain = bytes.to_vec();
    let text = cobs::decode(&mut plain).filter(|text| text.len() > 4);
    let taken = text.and_then(|text| postcard::take_from_bytes::<u64>(&text[4..]).ok());
    match taken {
        Some((seq, body)) => Piece::Frame {
            seq,
            body: body.to_vec(),
        },
        None => Piece::Foreign(bytes.to_vec()),
    }
}

fn framed(seq: u64, body: &[u8], out: &mut Vec<u8>) {
    let mut number = [0; 10];
    let seq = postcard::to_slice(&seq, &mut number).expect("ten bytes hold it");
    let payload = [seq, body].concat();
    let payload = &payload[..payload.len().min(MAX_PAYLOAD)];
    let text = [&crc32(payload).to_le_bytes(), payload].concat();
    let mut stuffed = vec![0; cobs::encoded_len(text.len())];
    let len = cobs::encode(&text, &mut stuffed);
    out.extend_from_slice(&stuffed[..len]);
    out.push(0);
}

/// Mutates the bytes, of which there may be some more then.
fn mutated(bytes: &[u8]) -> Vec<u8> {
    let most = (bytes.len() + 32).min(MAX_PAYLOAD);
    let mut room = bytes.to_vec();
    room.resize(most.max(1), 0);
    let len = fuzzer_mutate(&mut room, bytes.len().min(most), most);
    room.truncate(len);
    room
}

/// Mutates the bytes that a record holds, and leaves its form as it is.
fn within(seq: u64, body: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut record = postcard::from_bytes::<Record<'_>>(body).ok()?;
    let bytes: &mut &[u8] = match &mut record {
        Record::Key(key) if random.below(3) == 0 => &mut key.machine,
        Record::Key(key) => &mut key.processes,
        Record::Delta(delta) if random.below(3) == 0 => &mut delta.machine,
        Record::Delta(delta) => &mut delta.processes,
        Record::More(more) if random.below(3) == 0 => &mut more.machine,
        Record::More(more) => &mut more.processes,
        Record::Identity(_, identity) if random.below(2) == 0 => &mut identity.cmdline,
        Record::Identity(_, identity) => &mut identity.cgroup,
        Record::Device(_, device) => &mut device.name,
        Record::Footprint(_, footprint) => &mut footprint.rows,
        Record::Result(_, result) => &mut result.entries,
        _ => return None,
    };
    let other = mutated(bytes);
    *bytes = &other;
    let mut out = [0; MAX_FRAME];
    let written = frame::encode(seq, &record, &mut out).ok()?;
    match piece(&written[..written.len() - 1]) {
        Piece::Frame { body, .. } => Some(body),
        Piece::Foreign(_) => None,
    }
}

fn change(pieces: &mut Vec<Piece>, random: &mut Random) {
    let at = random.below(pieces.len());
    let to = random.below(pieces.len());
    match random.below(16) {
        0 if pieces.len() > 1 => drop(pieces.remove(at)),
        1 => pieces.swap(at, to),
        2 | 3 => {
            if let Piece::Frame { seq, body } = &pieces[at] {
                let copy = Piece::Frame {
                    seq: *seq,
                    body: body.clone(),
                };
                pieces.insert(to, copy);
            }
        }
        4 => pieces.truncate(at + 1),
        choice => {
            if let Piece::Frame { seq, body } = &mut pieces[at] {
                let inner = match choice {
                    5..=9 => None,
                    _ => within(*seq, body, random),
                };
                *body = inner.unwrap_or_else(|| mutated(body));
            }
        }
    }
    // Most logs have no gaps.
    if random.below(4) > 0 {
        let mut next = None;
        for piece in pieces {
            if let Piece::Frame { seq, .. } = piece {
                *seq = next.unwrap_or(*seq);
                next = seq.checked_add(1);
            }
        }
    }
}

/// Mutates the first `size` bytes of `data`, where `max` have room; how many there are then.
pub fn log(data: &mut [u8], size: usize, max: usize, seed: u32) -> usize {
    let mut random = Random(u64::from(seed) << 20 | 0x9E37);
    let choice = random.below(16);
    if size <= OPTIONS || choice == 0 {
        return fuzzer_mutate(data, size, max);
    }
    if choice <= 2 {
        data[random.below(OPTIONS)] = random.below(256) as u8;
        return size;
    }
    let mut pieces: Vec<Piece> = data[OPTIONS..size]
        .split_inclusive(|&byte| byte == 0)
        .map(|bytes| piece(bytes.strip_suffix(&[0]).unwrap_or(bytes)))
        .collect();
    for _ in 0..=random.below(3) {
        change(&mut pieces, &mut random);
    }
    let mut out = data[..OPTIONS].to_vec();
    for piece in &pieces {
        match piece {
            Piece::Frame { seq, body } => framed(*seq, body, &mut out),
            Piece::Foreign(bytes) => {
                out.extend_from_slice(bytes);
                out.push(0);
            }
        }
    }
    let len = out.len().min(max);
    data[..len].copy_from_slice(&out[..len]);
    len
}
