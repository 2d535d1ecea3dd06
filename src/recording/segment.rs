//! How large the segments of a bounded log become.

use crate::log::writer::Writer;

/// A segment of fewer samples would hold little but what stands at its head.
const SAMPLES: u64 = 10;
/// More than the footer takes.
const FOOTER: u64 = 256;

#[derive(Default)]
pub(super) struct Segment {
    /// Samples in it.
    samples: u64,
    /// Bytes of the largest sample so far, and of what last came with one of everybody's
    /// identity.
    largest: u64,
    identities: u64,
}

impl Segment {
    pub(super) fn begin(&mut self) {
        self.samples = 0;
    }

    /// Everybody's identity took so many bytes.
    pub(super) fn identities(&mut self, bytes: u64) {
        self.identities = bytes;
    }

    /// A sample took so many bytes.
    pub(super) fn sample(&mut self, bytes: u64) {
        self.largest = self.largest.max(bytes);
        self.samples += 1;
    }

    /// The next sample, if it is as large as any so far, does not fit.
    pub(super) fn is_full(&self, brings_all: bool, writer: &Writer) -> bool {
        let identities = if brings_all { self.identities } else { 0 };
        self.samples >= SAMPLES && writer.is_full(self.largest + identities + FOOTER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sample_fits() {
        let path = std::env::temp_dir().join(format!("edgebench-segment-{}", std::process::id()));
        let mut writer = Writer::create(&path, Some(40_000)).unwrap();
        let mut segment = Segment::default();
        writer.push(&[1; 5000]).unwrap();
        segment.identities(5000);
        // Half of 40,000 has room for 5000, samples of 1000 and the footer's 256 bytes.
        for samples in 1..=14 {
            writer.push(&[1; 1000]).unwrap();
            segment.sample(1000);
            assert_eq!(segment.is_full(false, &writer), samples == 14);
            // With all identities again, 9 would have room; 10 there are at least.
            assert_eq!(segment.is_full(true, &writer), samples >= 10);
        }
        segment.begin();
        for samples in 1..=10 {
            segment.sample(1);
            assert_eq!(segment.is_full(false, &writer), samples == 10);
        }
        std::fs::remove_file(path).unwrap();
    }
}
