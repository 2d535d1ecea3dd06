//! How much each network may ask: a /24 of IPv4, a /56 of IPv6. Several share one of the
//! 4,096 buckets; which ones, only this process knows.

use super::cookie::mapped;
use std::net::IpAddr;

const BUCKETS: usize = 4096;
/// Requests a second, and at once.
const RATE: u64 = 50;
/// Connections at a time.
pub(super) const CONNECTIONS: u8 = 16;

const SECOND_NS: u64 = 1_000_000_000;
/// What a request takes of a bucket, in nanoseconds of filling it.
const REQUEST_NS: u64 = SECOND_NS / RATE;

#[derive(Clone, Copy, Default)]
struct Bucket {
    /// When it is full again.
    full_ns: u64,
    connections: u8,
}

pub(super) struct Buckets {
    buckets: Box<[Bucket]>,
    seed: u64,
}

impl Buckets {
    pub(super) fn new(seed: [u8; 8]) -> Self {
        Self {
            buckets: vec![Bucket::default(); BUCKETS].into_boxed_slice(),
            // An even number would mix less.
            seed: u64::from_ne_bytes(seed) | 1,
        }
    }

    /// The bucket of an address.
    pub(super) fn of(&self, ip: IpAddr) -> usize {
        let network = match ip {
            IpAddr::V4(_) => u128::from(mapped(ip)) >> 8,
            IpAddr::V6(_) => u128::from(mapped(ip)) >> 72,
        };
        let mix = |number: u64| {
            let mixed = (number ^ self.seed.rotate_left(31)).wrapping_mul(self.seed);
            mixed ^ mixed >> 29
        };
        // Both halves, one after the other; then as many bits as are needed.
        #[allow(clippy::cast_possible_truncation)]
        let (low, high) = (network as u64, (network >> 64) as u64);
        #[allow(clippy::cast_possible_truncation)]
        let mixed = mix(mix(mix(low) ^ high)) as usize;
        mixed % BUCKETS
    }

    /// Takes a request; whether there was room for it.
    // `of` gives no other buckets.
    #[allow(clippy::indexing_slicing)]
    pub(super) fn take(&mut self, bucket: usize, now_ns: u64) -> bool {
        let bucket = &mut self.buckets[bucket];
        let full_ns = bucket.full_ns.max(now_ns).saturating_add(REQUEST_NS);
        let has_room = full_ns <= now_ns.saturating_add(SECOND_NS);
        if has_room {
            bucket.full_ns = full_ns;
        }
        has_room
    }

    /// Takes a connection; whether there was room for it.
    // As above; and the count is below `CONNECTIONS` where it grows.
    #[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
    pub(super) fn connect(&mut self, bucket: usize) -> bool {
        let bucket = &mut self.buckets[bucket];
        let has_room = bucket.connections < CONNECTIONS;
        bucket.connections += u8::from(has_room);
        has_room
    }

    // As above.
    #[allow(clippy::indexing_slicing)]
    pub(super) fn disconnect(&mut self, bucket: usize) {
        let bucket = &mut self.buckets[bucket];
        bucket.connections = bucket.connections.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn fifty_at_once_and_fifty_a_second() {
        let mut buckets = Buckets::new(*b"a secret");
        let bucket = buckets.of(ip("192.0.2.7"));
        let start = 5 * SECOND_NS;
        let mut asked = |ms: u64| buckets.take(bucket, start + ms * 1_000_000);
        assert_eq!((0..100).filter(|_| asked(0)).count(), 50);
        assert_eq!((0..100).filter(|_| asked(19)).count(), 0);
        assert_eq!((0..100).filter(|_| asked(20)).count(), 1);
        assert_eq!((0..100).filter(|_| asked(520)).count(), 25);
        // Not more for having been silent.
        assert_eq!((0..100).filter(|_| asked(60_000)).count(), 50);
    }

    #[test]
    fn a_network_has_one_and_others_have_others() {
        let buckets = Buckets::new(*b"a secret");
        let of = |text: &str| buckets.of(ip(text));
        assert_eq!(of("192.0.2.7"), of("192.0.2.250"));
        assert_ne!(of("192.0.2.7"), of("192.0.3.7"));
        assert_eq!(of("2001:db8:0:1ff::1"), of("2001:db8:0:100:2::"));
        assert_ne!(of("2001:db8:0:1ff::1"), of("2001:db8:0:200::1"));
        // Spread well: of 4,096 networks in 4,096 buckets, 63 % are met by chance.
        let all = (0..16).flat_map(|a| (0..=255).map(move |b| [10, a, b, 1]));
        let met: std::collections::BTreeSet<_> = all.map(|ip| buckets.of(ip.into())).collect();
        assert!((2400..2800).contains(&met.len()), "{}", met.len());
    }

    #[test]
    fn sixteen_connections() {
        let mut buckets = Buckets::new(*b"a secret");
        let [one, other] = ["192.0.2.7", "192.0.3.7"].map(|text| buckets.of(ip(text)));
        assert_eq!((0..100).filter(|_| buckets.connect(one)).count(), 16);
        assert!(buckets.connect(other));
        buckets.disconnect(one);
        assert_eq!((0..100).filter(|_| buckets.connect(one)).count(), 1);
    }
}
