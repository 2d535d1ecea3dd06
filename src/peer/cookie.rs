//! Cookies: whoever has one hears what is sent to its address.

use super::hmac::{same, Key};
use super::message::Cookie;
use std::net::{IpAddr, Ipv6Addr};

const MINUTE_NS: u64 = 60_000_000_000;
/// Good ones that are remembered, each in one place: whoever asks does so many times.
const REMEMBERED: usize = 512;

#[derive(Clone, Copy)]
struct Remembered {
    ip: Ipv6Addr,
    minute: u64,
    cookie: Cookie,
}

pub(super) struct Cookies {
    key: Key,
    start_ns: u64,
    remembered: Box<[Remembered]>,
}

/// As IPv6.
pub(super) fn mapped(ip: IpAddr) -> Ipv6Addr {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

impl Cookies {
    pub(super) fn new(secret: &[u8], now_ns: u64) -> Self {
        Self {
            key: Key::new(secret),
            start_ns: now_ns,
            remembered: vec![
                Remembered {
                    ip: Ipv6Addr::UNSPECIFIED,
                    minute: u64::MAX,
                    cookie: [0; 16],
                };
                REMEMBERED
            ]
            .into_boxed_slice(),
        }
    }

    fn minute(&self, now_ns: u64) -> u64 {
        now_ns.saturating_sub(self.start_ns) / MINUTE_NS
    }

    // The lowest byte of the minute tells one from the one before.
    #[allow(clippy::cast_possible_truncation)]
    fn of(&self, ip: IpAddr, minute: u64) -> Cookie {
        let mut message = [0; 24];
        message[..16].copy_from_slice(&mapped(ip).octets());
        message[16..].copy_from_slice(&minute.to_be_bytes());
        let mut cookie = [0; 16];
        cookie[0] = minute as u8;
        cookie[1..].copy_from_slice(&self.key.mac(&message)[..15]);
        cookie
    }

    pub(super) fn cookie(&self, ip: IpAddr, now_ns: u64) -> Cookie {
        self.of(ip, self.minute(now_ns))
    }

    /// Whether it is that address's, of this minute or the one before.
    // As above; and no place is `REMEMBERED` or more.
    #[allow(clippy::cast_possible_truncation, clippy::indexing_slicing)]
    pub(super) fn is_good(&mut self, cookie: &Cookie, ip: IpAddr, now_ns: u64) -> bool {
        let now = self.minute(now_ns);
        let minute = match (now as u8).wrapping_sub(cookie[0]) {
            0 => Some(now),
            1 => now.checked_sub(1),
            _ => None,
        };
        let Some(minute) = minute else {
            return false;
        };
        // Its bytes are as good as drawn.
        let place = usize::from(u16::from_be_bytes([cookie[1], cookie[2]])) % REMEMBERED;
        let remembered = &self.remembered[place];
        if (remembered.ip, remembered.minute) == (mapped(ip), minute)
            && same(&remembered.cookie, cookie)
        {
            return true;
        }
        let is_good = same(&self.of(ip, minute), cookie);
        if is_good {
            self.remembered[place] = Remembered {
                ip: mapped(ip),
                minute,
                cookie: *cookie,
            };
        }
        is_good
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn good_for_its_address_and_two_minutes() {
        let start = 7_000_000_000;
        let mut cookies = Cookies::new(b"secret", start);
        let [ip, other] = [7, 8].map(|last| IpAddr::from(Ipv4Addr::new(192, 0, 2, last)));
        for minute in [0, 1, 255, 256, 257] {
            let at = start + minute * MINUTE_NS + 1;
            let cookie = cookies.cookie(ip, at);
            assert!(cookies.is_good(&cookie, ip, at));
            assert!(cookies.is_good(&cookie, ip, at + MINUTE_NS));
            assert!(!cookies.is_good(&cookie, ip, at + 2 * MINUTE_NS));
            assert!(!cookies.is_good(&cookie, other, at));
            assert!(!Cookies::new(b"Secret", start).is_good(&cookie, ip, at));
            // An older one is not good for a minute of the same lowest byte.
            assert!(!cookies.is_good(&cookie, ip, at + 256 * MINUTE_NS));
            for byte in 0..16 {
                let mut changed = cookie;
                changed[byte] ^= 1;
                assert!(!cookies.is_good(&changed, ip, at), "{byte}");
            }
        }
        assert!(!cookies.is_good(&[0; 16], ip, start));
        assert!(!cookies.is_good(&[255; 16], ip, start));
    }
}
