//! `/proc/net/dev`, proc_pid_net(5): the interfaces of the reader's network namespace.

use super::text::{lines, ParseError};
use crate::log::fields::device::net::{self, NAMES};

/// The columns of use, in their order.
const RECEIVED: [usize; 4] = [net::RX_BYTES, net::RX_PACKETS, net::RX_ERRS, net::RX_DROP];
const SENT: [usize; 4] = [net::TX_BYTES, net::TX_PACKETS, net::TX_ERRS, net::TX_DROP];

/// Calls `each` with the name of every interface and its counts, by the fields of [`net`].
// The fields are constants of `net`.
#[allow(clippy::indexing_slicing)]
pub(crate) fn interfaces(
    text: &[u8],
    mut each: impl FnMut(&[u8], &[u64; net::COUNT]),
) -> Result<(), ParseError> {
    let mut lines = lines(text);
    // The first two are the table's head.
    for mut line in lines.by_ref().skip(2) {
        let Some(name) = line.key() else {
            continue;
        };
        // Set flush right; no blank can be in a name.
        let start = name.iter().position(|&b| b != b' ').unwrap_or(0);
        let mut counts = [0; net::COUNT];
        for field in RECEIVED {
            counts[field] = line.number(NAMES[field])?;
        }
        line.skip(4);
        for field in SENT {
            counts[field] = line.number(NAMES[field])?;
        }
        each(name.get(start..).unwrap_or_default(), &counts);
    }
    lines.ended()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use crate::proc::number::Reason;
    use proptest::prelude::*;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/net/dev");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/net/dev");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/net/dev");
    const HEAD: &str = "Inter-|   Receive | Transmit\n face |bytes packets |bytes packets\n";

    type Found = (Vec<u8>, [u64; 8]);

    fn found(text: &[u8]) -> Result<Vec<Found>, ParseError> {
        let mut found = Vec::new();
        interfaces(text, |name, counts| {
            let columns = RECEIVED.into_iter().chain(SENT);
            let columns: Vec<u64> = columns.map(|field| counts[field]).collect();
            found.push((name.to_vec(), columns.try_into().unwrap()));
        })?;
        Ok(found)
    }

    #[test]
    fn x86_64() {
        let expected = [
            (b"lo".to_vec(), [3193, 29, 0, 0, 3193, 29, 0, 0]),
            (b"ifb0".to_vec(), [0; 8]),
            (b"ifb1".to_vec(), [0; 8]),
            (
                b"eth0".to_vec(),
                [408414204, 9489, 0, 0, 399568, 4940, 0, 0],
            ),
        ];
        assert_eq!(found(X86).unwrap(), expected);
    }

    #[test]
    fn raspi3b_without_a_network() {
        assert_eq!(found(PI), Ok(vec![(b"lo".to_vec(), [0; 8])]));
    }

    #[test]
    fn kernel_4_9() {
        let found = found(OLD).unwrap();
        assert_eq!(
            found[1],
            (b"eth0".to_vec(), [5000000, 6000, 0, 0, 700000, 4000, 0, 0])
        );
    }

    #[test]
    fn columns_are_told_apart_and_a_name_may_touch_its_number() {
        let text = format!("{HEAD}a-very-long.100:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
        let counts = [1, 2, 3, 4, 9, 10, 11, 12];
        assert_eq!(
            found(text.as_bytes()),
            Ok(vec![(b"a-very-long.100".to_vec(), counts)])
        );
    }

    #[test]
    fn faults_are_named() {
        let fault = |line: &str| {
            let error = found(format!("{HEAD}{line}\n").as_bytes()).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault("lo: x"), (3, "rx_bytes", Reason::NotANumber));
        assert_eq!(
            fault("lo: 1 2 3 4 5 6 7 8 9 10 11"),
            (3, "tx_drop", Reason::Missing)
        );
    }

    #[test]
    fn cut_inside_a_line_is_refused() {
        for cut in prefixes(X86) {
            let whole_lines = cut.last().map_or(true, |&b| b == b'\n');
            assert_eq!(found(cut).is_ok(), whole_lines);
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            prop_assert!(names_a_line(&text, found(&text)));
        }
    }
}
