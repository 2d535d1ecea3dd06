//! `/proc/stat`, proc_stat(5). CPU times in USER_HZ (1/100 s on every board we know,
//! `sysconf(_SC_CLK_TCK)`), the rest counts.

use super::number::{decimal, Reason};
use super::text::{lines, split_once, Line, ParseError};
use crate::log::fields::{cpu, kernel};

/// The times of a CPU by the fields of [`cpu`].
pub(crate) type CpuTime = [u64; cpu::COUNT];

/// The first fields of [`kernel`] are those of `/proc/stat`: so many.
const COUNTS: usize = kernel::PROCS_BLOCKED + 1;

#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stat {
    /// Sum over all possible CPUs, those offline included.
    pub(crate) cpu: CpuTime,
    /// By the fields of [`kernel`].
    pub(crate) counts: [u64; COUNTS],
}

/// Reads `/proc/stat` in pieces of any size that holds its longest line but `intr`: that
/// line has a number for each possible interrupt, on some machines 140 kB.
#[derive(Default, Debug)]
pub(crate) struct Reader {
    cpu: Option<CpuTime>,
    counts: [Option<u64>; COUNTS],
    /// Lines so far.
    line: u32,
    /// The next piece begins in the middle of a line that was too long.
    in_line: bool,
    error: Option<ParseError>,
}

impl Reader {
    /// Takes the lines of the next piece, and returns their length: the rest, the beginning
    /// of a line, must stand before the piece that follows. Calls `core` with number and
    /// times of each CPU that is online. Offline CPUs have no line, so the numbers may have
    /// gaps.
    pub(crate) fn feed(&mut self, piece: &[u8], core: &mut impl FnMut(u32, CpuTime)) -> usize {
        let newline = |&byte: &u8| byte == b'\n';
        let begin = match (self.in_line, split_once(b'\n', piece)) {
            (true, None) => return piece.len(),
            (true, Some((line, _))) => line.len().saturating_add(1),
            (false, _) => 0,
        };
        let end = piece
            .iter()
            .rposition(newline)
            .map_or(0, |at| at.saturating_add(1));
        self.in_line = false;
        if end == 0 && !piece.is_empty() {
            self.in_line = true;
            self.line = self.line.saturating_add(1);
            return piece.len();
        }
        if self.error.is_none() && self.counts[kernel::PROCS_BLOCKED].is_none() {
            let lines = piece.get(begin..end).unwrap_or_default();
            let before = self.line;
            self.error = self.lines(lines, core).err().map(|error| ParseError {
                line: error.line.saturating_add(before),
                ..error
            });
        }
        end
    }

    // Only fields below `COUNTS` are looked at.
    #[allow(clippy::indexing_slicing)]
    fn lines(
        &mut self,
        text: &[u8],
        core: &mut impl FnMut(u32, CpuTime),
    ) -> Result<(), ParseError> {
        for mut line in lines(text) {
            self.line = self.line.saturating_add(1);
            match line.word() {
                Some(b"cpu") => self.cpu = Some(cpu_time(&mut line)?),
                Some([b'c', b'p', b'u', digits @ ..]) => {
                    let number = decimal(digits)
                        .and_then(|number| u32::try_from(number).map_err(|_| Reason::TooLarge))
                        .map_err(|reason| line.error("cpu", reason))?;
                    core(number, cpu_time(&mut line)?);
                }
                Some(name) => {
                    let Some(field) = kernel::place(name).filter(|field| *field < COUNTS) else {
                        continue;
                    };
                    self.counts[field] = Some(line.number(kernel::NAMES[field])?);
                    // The kernel has kept this order since 2.6: only `softirq` follows.
                    if field == kernel::PROCS_BLOCKED {
                        break;
                    }
                }
                None => {}
            }
        }
        Ok(())
    }

    /// The values that were read.
    pub(crate) fn finish(self) -> Result<Stat, ParseError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let missing = |field| ParseError {
            line: self.line.saturating_add(1),
            field,
            reason: Reason::Missing,
        };
        let cpu = self.cpu.ok_or(missing("cpu"))?;
        let mut counts = [0; COUNTS];
        let read = self.counts.iter().zip(kernel::NAMES);
        for (count, (value, name)) in counts.iter_mut().zip(read) {
            *count = value.ok_or(missing(name))?;
        }
        Ok(Stat { cpu, counts })
    }
}

fn cpu_time(line: &mut Line<'_>) -> Result<CpuTime, ParseError> {
    let mut time = CpuTime::default();
    for (value, name) in time.iter_mut().zip(cpu::NAMES) {
        *value = line.number(name)?;
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, names_a_line, prefixes};
    use proptest::prelude::*;

    const X86: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/stat");
    const PI: &[u8] = include_bytes!("../../tests/captures/aarch64-raspi3b/proc/stat");

    fn all(text: &[u8]) -> (Result<Stat, ParseError>, Vec<(u32, CpuTime)>) {
        in_pieces(text, text.len())
    }

    /// As it comes from the kernel into a buffer of this size.
    fn in_pieces(text: &[u8], size: usize) -> (Result<Stat, ParseError>, Vec<(u32, CpuTime)>) {
        let mut cores = Vec::new();
        let mut reader = Reader::default();
        let (mut buffer, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let (next, later) = rest.split_at(rest.len().min(size - buffer.len()));
            buffer.extend_from_slice(next);
            rest = later;
            let used = reader.feed(&buffer, &mut |number, time| cores.push((number, time)));
            buffer.drain(..used);
        }
        (reader.finish(), cores)
    }

    #[test]
    fn x86_64() {
        let (stat, cores) = all(X86);
        assert_eq!(
            stat,
            Ok(Stat {
                cpu: [46831, 0, 7898, 236186, 1934, 0, 406, 4126],
                counts: [773481, 8027, 2, 0],
            })
        );
        assert_eq!(
            cores,
            [
                (0, [21117, 0, 3410, 122104, 139, 0, 30, 2025]),
                (1, [25714, 0, 4488, 114081, 1794, 0, 376, 2101]),
            ]
        );
    }

    #[test]
    fn raspi3b() {
        let (stat, cores) = all(PI);
        let stat = stat.unwrap();
        assert_eq!(stat.cpu, [99, 0, 384, 2287, 0, 0, 7, 0]);
        assert_eq!(stat.counts[..2], [2190, 132]);
        assert_eq!(cores.len(), 4);
        assert_eq!(cores[3], (3, [5, 0, 77, 610, 0, 0, 1, 0]));
    }

    #[test]
    fn guest_is_in_user() {
        let text = b"cpu 90 7 0 3 0 0 0 0 90 7\nctxt 1\nbtime 2\nprocesses 3\n\
            procs_running 4\nprocs_blocked 5\n";
        let cpu = all(text).0.unwrap().cpu;
        assert_eq!(cpu, [90, 7, 0, 3, 0, 0, 0, 0]);
    }

    #[test]
    fn short_cpu_line_names_line_and_field() {
        let err = all(b"ctxt 7\ncpu  1 2 3 4 5 6 7\n").0.unwrap_err();
        assert_eq!(
            err,
            ParseError {
                line: 2,
                field: "steal",
                reason: Reason::Missing
            }
        );
    }

    #[test]
    fn faults_are_named() {
        let fault = |text: &[u8]| {
            let error = all(text).0.unwrap_err();
            (error.line, error.field, error.reason)
        };
        assert_eq!(fault(b""), (1, "cpu", Reason::Missing));
        let cpu = "cpu 1 2 3 4 5 6 7 8 9 10\n";
        let text = format!("{cpu}cpux 1 2 3 4 5 6 7 8\n");
        assert_eq!(fault(text.as_bytes()), (2, "cpu", Reason::NotANumber));
        let text = format!("{cpu}cpu4294967296 1 2 3 4 5 6 7 8\n");
        assert_eq!(fault(text.as_bytes()), (2, "cpu", Reason::TooLarge));
        let text = format!("{cpu}ctxt 18446744073709551616\n");
        assert_eq!(fault(text.as_bytes()), (2, "ctxt", Reason::TooLarge));
        let text = format!("{cpu}ctxt -1\n");
        assert_eq!(fault(text.as_bytes()), (2, "ctxt", Reason::NotANumber));
        let text = format!("{cpu}ctxt 1\nbtime 2\nprocesses 3\nprocs_running 4\n");
        assert_eq!(
            fault(text.as_bytes()),
            (6, "procs_blocked", Reason::Missing)
        );
        // A line that was passed over counts.
        let text = format!("{cpu}intr{}\nctxt x\n", " 0".repeat(40));
        let error = in_pieces(text.as_bytes(), 40).0.unwrap_err();
        assert_eq!((error.line, error.field), (3, "ctxt"));
    }

    #[test]
    fn cores_256_of_which_some_offline_and_a_long_intr_line() {
        let mut text = String::from("cpu  256 0 0 0 0 0 0 0 0 0\n");
        for core in (0..256).filter(|core| core % 7 != 3) {
            text += &format!("cpu{core} {core} 0 0 1 0 0 0 2 0 0\n");
        }
        text += &format!("intr 5{}\n", " 0".repeat(70_000));
        text += "ctxt 1\nbtime 2\nprocesses 3\nprocs_running 4\nprocs_blocked 5\n";
        let (stat, cores) = all(text.as_bytes());
        assert_eq!(stat.as_ref().unwrap().counts, [1, 3, 4, 5]);
        assert_eq!(cores.len(), 219);
        assert!(cores.iter().all(|(core, _)| core % 7 != 3));
        assert_eq!(cores[218], (254, [254, 0, 0, 1, 0, 0, 0, 2]));
        for size in [32, 33, 100, 4096, 1 << 16, 1 << 20] {
            assert_eq!(in_pieces(text.as_bytes(), size), (stat, cores.clone()));
        }
    }

    #[test]
    fn cut_text_is_refused_or_whole() {
        let whole = all(X86).0.unwrap();
        let needed = X86.len() - b"softirq 302189 0 31715 4 7451 140307 0 30 66643 0 56039\n".len();
        for cut in prefixes(X86) {
            match all(cut).0 {
                Ok(stat) => assert!(cut.len() >= needed && stat == whole),
                Err(_) => assert!(cut.len() < needed),
            }
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(X86)) {
            for size in [1, 7, 64, text.len().max(1)] {
                prop_assert!(names_a_line(&text, in_pieces(&text, size).0));
            }
        }
    }
}
