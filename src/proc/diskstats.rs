//! `/proc/diskstats`, Documentation/admin-guide/iostats.rst. A sector has 512 bytes here,
//! whatever the device's own sector size.

use super::text::{lines, ParseError};
use crate::log::fields::device::disk::{self, NAMES, SECTORS_READ, SECTORS_WRITTEN};

/// Calls `each` with the name of every whole device and its counts, by the fields of
/// [`disk`]; partitions are skipped. On 32-bit kernels the counts wrap at 2^32.
pub(crate) fn disks(
    text: &[u8],
    mut each: impl FnMut(&[u8], &[u64; disk::COUNT]),
) -> Result<(), ParseError> {
    let mut whole: &[u8] = &[];
    let mut lines = lines(text);
    for mut line in lines.by_ref() {
        line.skip(2);
        let Some(name) = line.word() else {
            continue;
        };
        // The kernel lists a disk's partitions right behind it.
        if is_partition(name, whole) {
            continue;
        }
        whole = name;
        line.skip(2);
        let mut counts = [0; disk::COUNT];
        counts[SECTORS_READ] = line.number(NAMES[SECTORS_READ])?;
        line.skip(3);
        counts[SECTORS_WRITTEN] = line.number(NAMES[SECTORS_WRITTEN])?;
        each(name, &counts);
    }
    lines.ended()
}

/// Whether it is the disk's name, `p` where that ends in a digit, and a number: `bdevname`
/// in the kernel makes it so.
fn is_partition(name: &[u8], disk: &[u8]) -> bool {
    let (Some(rest), Some(last)) = (name.strip_prefix(disk), disk.last()) else {
        return false;
    };
    let number = match last.is_ascii_digit() {
        true => rest.strip_prefix(b"p").unwrap_or_default(),
        false => rest,
    };
    !number.is_empty() && number.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use crate::proc::number::Reason;
    use proptest::prelude::*;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/diskstats");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/diskstats");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/diskstats");

    type Found = (String, u64, u64);

    fn found(text: &[u8]) -> Result<Vec<Found>, ParseError> {
        let mut found = Vec::new();
        disks(text, |name, counts| {
            let name = String::from_utf8_lossy(name).into_owned();
            found.push((name, counts[SECTORS_READ], counts[SECTORS_WRITTEN]));
        })?;
        Ok(found)
    }

    #[test]
    fn x86_64() {
        let found = found(X86).unwrap();
        assert_eq!(found.len(), 10);
        assert_eq!(found[7], ("loop7".to_owned(), 0, 0));
        assert_eq!(found[8], ("vda".to_owned(), 7576258, 7791776));
        assert_eq!(found[9], ("zram0".to_owned(), 0, 0));
    }

    #[test]
    fn raspi3b_that_has_no_disk() {
        assert_eq!(found(PI), Ok(vec![]));
    }

    #[test]
    fn kernel_4_9_has_fewer_columns() {
        let card = ("mmcblk0".to_owned(), 362440, 128016);
        assert_eq!(found(OLD), Ok(vec![card]));
    }

    #[test]
    fn partitions_are_told_from_disks() {
        let names = [
            "sda",
            "sda1",
            "sda12",
            "sdaa",
            "sdaa1",
            "mmcblk0",
            "mmcblk0p1",
            "mmcblk0p10",
            "mmcblk0boot0",
            "mmcblk0boot1",
            "mmcblk1",
            "nvme0n1",
            "nvme0n1p1",
            "nvme0n2",
            "dm-1",
            "dm-10",
            "md127",
            "md127p1",
            "loop1",
            "loop10",
            "loop10p1",
            "mtdblock1",
            "mtdblock10",
        ];
        let line = |name: &&str| format!("   8       0 {name} 1 2 3 4 5 6 7 8 9 10 11\n");
        let text: String = names.iter().map(line).collect();
        let found = found(text.as_bytes()).unwrap();
        assert!(found.iter().all(|disk| (disk.1, disk.2) == (3, 7)));
        let found: Vec<_> = found.iter().map(|disk| disk.0.as_str()).collect();
        assert_eq!(
            found,
            [
                "sda",
                "sdaa",
                "mmcblk0",
                "mmcblk0boot0",
                "mmcblk0boot1",
                "mmcblk1",
                "nvme0n1",
                "nvme0n2",
                "dm-1",
                "dm-10",
                "md127",
                "loop1",
                "loop10",
                "mtdblock1",
                "mtdblock10"
            ]
        );
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = found(text).unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(
            fault(b"8 0 sda 1 2 x 4 5 6 7\n"),
            (1, "sectors_read", Reason::NotANumber)
        );
        assert_eq!(
            fault(b"8 0 sda 1 2 3 4 5 6\n"),
            (1, "sectors_written", Reason::Missing)
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
