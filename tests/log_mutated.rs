//! Logs that something happened to: the reader says of them what a decoder in another
//! language says, which was written from the prose alone.
//!
//! So many as EDGEBENCH_MUTATED says, 300 without it. 10,000 take half a minute of CPU, and
//! no two differed:
//! ```text
//! EDGEBENCH_MUTATED=10000 cargo test --test log_mutated
//! ```

#[path = "support/random.rs"]
mod random;
#[path = "support/skip.rs"]
mod skip;
#[path = "support/log.rs"]
mod support;
#[path = "support/told.rs"]
mod told;

use edgebench_lite::log::cobs;
use edgebench_lite::log::crc32::crc32;
use random::Random;
use skip::skipped;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use told::told;

fn logs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/logs")
}

/// A frame with other bytes in it, and a checksum that is right.
fn forged(frame: &[u8], random: &mut Random) -> Vec<u8> {
    let mut plain = frame.to_vec();
    let Some(text) = cobs::decode(&mut plain).filter(|text| text.len() > 4) else {
        return frame.to_vec();
    };
    let mut payload = text[4..].to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(payload.len());
        match random.below(5) {
            0 => payload[at] ^= 1 << random.below(8),
            1 => payload[at] = random.below(256) as u8,
            2 if payload.len() < 4000 => payload.insert(at, random.below(256) as u8),
            3 if payload.len() > 1 => drop(payload.remove(at)),
            _ => payload[at] = [0, 0x7F, 0x80, 0xFF][random.below(4)],
        }
    }
    let text = [&crc32(&payload).to_le_bytes(), &payload[..]].concat();
    let mut out = vec![0; cobs::encoded_len(text.len())];
    let len = cobs::encode(&text, &mut out);
    out.truncate(len);
    out
}

/// Frames dropped, repeated, swapped and forged; bits flipped; zeros in between; cut off.
fn mutated(logs: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut log = logs[random.below(logs.len())].clone();
    if random.below(3) == 0 {
        log.extend_from_slice(&logs[random.below(logs.len())]);
    }
    let mut frames: Vec<Vec<u8>> = log.split(|&byte| byte == 0).map(<[u8]>::to_vec).collect();
    frames.pop();
    for _ in 0..=random.below(4) {
        let (at, to) = (random.below(frames.len()), random.below(frames.len()));
        match random.below(10) {
            0 if frames.len() > 1 => drop(frames.remove(at)),
            1 => frames.insert(to, frames[at].clone()),
            2 => frames.swap(at, to),
            3 => frames.insert(at, Vec::new()),
            4 => {
                let copy = frames[at.min(to)..=at.max(to)].to_vec();
                frames.extend(copy);
            }
            _ => frames[at] = forged(&frames[at], random),
        }
    }
    let mut bytes: Vec<u8> = frames
        .iter()
        .flat_map(|frame| [frame, &[0][..]].concat())
        .collect();
    match random.below(8) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        _ => {}
    }
    bytes
}

/// What the decoder says of each, as one process; `None` where there is no python3.
fn decoded(logs: &[Vec<u8>]) -> Option<Vec<String>> {
    let mut python = match Command::new("python3")
        .arg(self::logs().join("decode.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        child => child.expect("python3 can be run"),
    };
    let mut input = python.stdin.take().expect("it is a pipe");
    let logs = logs.to_vec();
    let writer = std::thread::spawn(move || {
        for log in &logs {
            writeln!(input, "{}", log.len())?;
            input.write_all(log)?;
        }
        io::Result::Ok(())
    });
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success());
    writer.join().expect("it ends").expect("it reads all");
    let text = String::from_utf8(output.stdout).expect("it writes UTF-8");
    let mut told = vec![String::new()];
    for line in text.split_inclusive('\n') {
        match told.last_mut() {
            Some(last) if line != "=\n" => last.push_str(line),
            _ => told.push(String::new()),
        }
    }
    told.pop();
    Some(told)
}

/// Damage without its reason; a run of empty frames is one place.
fn plain(told: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = told
        .split('\n')
        .map(|line| {
            if line.starts_with("damage") {
                "damage"
            } else {
                line
            }
        })
        .collect();
    lines.dedup_by(|one, other| one == other && *one == "damage");
    lines
}

#[test]
fn a_mutated_log_is_read_as_the_prose_has_it() {
    let count = std::env::var("EDGEBENCH_MUTATED").map_or(Ok(300), |count| count.parse());
    let count: usize = count.expect("EDGEBENCH_MUTATED is a number");
    let kept = ["v1", "v1-results", "v1-ramp", "v1-ended"];
    let kept = kept.map(|name| fs::read(logs().join(name).with_extension("ebl")).expect("kept"));
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut differing = 0;
    for begin in (0..count).step_by(500) {
        let some: Vec<Vec<u8>> = (begin..count.min(begin + 500))
            .map(|_| mutated(&kept, &mut random))
            .collect();
        let Some(decoded) = decoded(&some) else {
            return skipped("no python3");
        };
        assert_eq!(decoded.len(), some.len());
        for (at, (log, decoded)) in some.iter().zip(&decoded).enumerate() {
            let told = told(log);
            let (told, decoded) = (plain(&told), plain(decoded));
            if let Some(line) =
                (0..told.len().max(decoded.len())).find(|&n| told.get(n) != decoded.get(n))
            {
                differing += 1;
                let (number, told, decoded) = (begin + at, told.get(line), decoded.get(line));
                eprintln!("log {number}, line {line}: {told:?}, and not {decoded:?}");
            }
        }
    }
    assert_eq!(differing, 0, "of {count} logs");
}
