//! A command with the number of a container in it.

use std::cell::Cell;

/// Where the number goes.
pub(crate) const PLACE: &str = "{n}";
/// Digits of the greatest number.
const DIGITS: usize = 20;

/// A shell command in which every `{n}` is the number.
#[derive(Debug)]
pub(crate) struct Template<'t> {
    line: &'t str,
}

impl<'t> Template<'t> {
    pub(crate) fn new(line: &'t str) -> Self {
        Self { line }
    }

    pub(crate) fn has_place(&self) -> bool {
        self.line.contains(PLACE)
    }

    /// The most bytes that it can have.
    pub(crate) fn room(&self) -> usize {
        self.line.len() + self.line.matches(PLACE).count() * DIGITS
    }

    /// Writes it with this number, and a NUL behind it where there is room.
    pub(crate) fn write(&self, number: u64, room: &[Cell<u8>]) {
        let mut digits = [0; DIGITS];
        let digits = decimal(number, &mut digits);
        let mut cells = room.iter();
        let mut put = |bytes: &[u8]| {
            for (byte, cell) in bytes.iter().zip(&mut cells) {
                cell.set(*byte);
            }
        };
        for (at, piece) in self.line.split(PLACE).enumerate() {
            put(if at > 0 { digits } else { b"" });
            put(piece.as_bytes());
        }
        put(&[0]);
    }
}

fn decimal(mut number: u64, digits: &mut [u8; DIGITS]) -> &[u8] {
    let mut begin = DIGITS;
    loop {
        begin -= 1;
        digits[begin] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 || begin == 0 {
            return &digits[begin..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(line: &str, number: u64) -> String {
        let template = Template::new(line);
        let room = vec![Cell::new(b'#'); template.room() + 1];
        template.write(number, &room);
        let bytes: Vec<u8> = room.iter().map(Cell::get).collect();
        let end = bytes.iter().position(|byte| *byte == 0).expect("a NUL");
        String::from_utf8(bytes[..end].to_vec()).unwrap()
    }

    #[test]
    fn each_place_has_the_number() {
        assert_eq!(written("run r{n}", 7), "run r7");
        assert_eq!(written("{n}{n} {n", 10), "1010 {n");
        assert_eq!(written("{n}", u64::MAX), "18446744073709551615");
        assert_eq!(written("x {{n}}", 0), "x {0}");
        assert_eq!(written("", 5), "");
        assert_eq!(written("no place", 5), "no place");
        assert!(Template::new("a{n}").has_place() && !Template::new("a{N}").has_place());
    }

    #[test]
    fn a_shorter_number_leaves_nothing_of_a_longer_one() {
        let template = Template::new("stop {n} now");
        let room = vec![Cell::new(b'#'); template.room() + 1];
        template.write(1000, &room);
        template.write(9, &room);
        let bytes: Vec<u8> = room.iter().map(Cell::get).collect();
        assert_eq!(&bytes[..11], b"stop 9 now\0");
    }

    #[test]
    fn what_has_no_room_is_cut_off() {
        let room = [Cell::new(b'#'), Cell::new(b'#')];
        Template::new("a{n}b").write(1, &room);
        assert_eq!([room[0].get(), room[1].get()], *b"a1");
    }
}
