//! `/proc/net/dev`, proc_pid_net(5): the interfaces of the reader's network
//! namespace.

use super::text::{lines, ParseError};

/// Counts since the interface appeared; some drivers' wrap at 2^32 on 32-bit
/// kernels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Interface<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) rx_bytes: u64,
    pub(crate) rx_packets: u64,
    pub(crate) rx_errs: u64,
    /// With those that the device missed for want of buffers.
    pub(crate) rx_drop: u64,
    pub(crate) tx_bytes: u64,
    pub(crate) tx_packets: u64,
    pub(crate) tx_errs: u64,
    pub(crate) tx_drop: u64,
}

/// Calls `each` with every interface.
pub(crate) fn interfaces(
    text: &[u8],
    mut each: impl FnMut(&Interface<'_>),
) -> Result<(), ParseError> {
    let mut lines = lines(text);
    // The first two are the table's head.
    for mut line in lines.by_ref().skip(2) {
        let Some(name) = line.key() else {
            continue;
        };
        // Set flush right; no blank can be in a name.
        let start = name.iter().position(|&b| b != b' ').unwrap_or(0);
        let rx_bytes = line.number("rx bytes")?;
        let rx_packets = line.number("rx packets")?;
        let rx_errs = line.number("rx errs")?;
        let rx_drop = line.number("rx drop")?;
        line.skip(4);
        let tx_bytes = line.number("tx bytes")?;
        let tx_packets = line.number("tx packets")?;
        let tx_errs = line.number("tx errs")?;
        let tx_drop = line.number("tx drop")?;
        each(&Interface {
            name: name.get(start..).unwrap_or_default(),
            rx_bytes,
            rx_packets,
            rx_errs,
            rx_drop,
            tx_bytes,
            tx_packets,
            tx_errs,
            tx_drop,
        });
    }
    lines.ended()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use crate::proc::text::Reason;
    use proptest::prelude::*;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/net/dev");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/net/dev");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/net/dev");
    const HEAD: &str = "Inter-|   Receive | Transmit\n face |bytes packets |bytes packets\n";

    type Found = (Vec<u8>, [u64; 8]);

    fn found(text: &[u8]) -> Result<Vec<Found>, ParseError> {
        let mut found = Vec::new();
        interfaces(text, |i| {
            let rx = [i.rx_bytes, i.rx_packets, i.rx_errs, i.rx_drop];
            let tx = [i.tx_bytes, i.tx_packets, i.tx_errs, i.tx_drop];
            let counts = [rx[0], rx[1], rx[2], rx[3], tx[0], tx[1], tx[2], tx[3]];
            found.push((i.name.to_vec(), counts));
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
        assert_eq!(fault("lo: x"), (3, "rx bytes", Reason::NotANumber));
        assert_eq!(
            fault("lo: 1 2 3 4 5 6 7 8 9 10 11"),
            (3, "tx drop", Reason::Missing)
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
            let _ = found(&text);
        }
    }
}
