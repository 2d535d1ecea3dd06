//! The bytes of a log, and where its frames lie in them.

use super::frame::MAX_FRAME;
use std::ffi::CStr;
use std::io::{self, Read};

const CHUNK: usize = 1 << 16;

pub(super) struct Input<'i> {
    source: Box<dyn Read + 'i>,
    pub(super) buffer: Vec<u8>,
    /// The part of the buffer that is still to be read.
    start: usize,
    end: usize,
    /// Where `start` lies in the file.
    pub(super) offset: u64,
    eof: bool,
}

/// How a frame ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With 0x00.
    Terminated,
    /// The log ends before it does.
    Torn,
    /// Further away than any frame's end.
    TooFar,
}

// `start` is no more than `end`, nor that than the length of the buffer, between any two of
// these functions: each moves `start` up to a place before `end`, and `end` up by what was
// read into the room behind it. The offset is that of a file, of 64 bits.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
impl<'i> Input<'i> {
    pub(super) fn new(source: Box<dyn Read + 'i>) -> Self {
        Self {
            source,
            buffer: vec![0; CHUNK],
            start: 0,
            end: 0,
            offset: 0,
            eof: false,
        }
    }

    /// Takes the next frame: where it lies in the buffer, its length without the 0x00, and
    /// how it ends. The end is not looked for past the length that a frame can have.
    pub(super) fn next_frame(&mut self) -> io::Result<Option<(usize, usize, End)>> {
        let found = self.find_frame()?;
        if let Some((_, len, end)) = found {
            let taken = len + usize::from(end == End::Terminated);
            self.start += taken;
            self.offset += taken as u64;
        }
        Ok(found)
    }

    fn find_frame(&mut self) -> io::Result<Option<(usize, usize, End)>> {
        let mut seen = 0;
        loop {
            let unseen = &self.buffer[self.start + seen..self.end];
            // Several bytes at a time, which `position` does not do.
            if let Ok(frame) = CStr::from_bytes_until_nul(unseen) {
                let at = frame.to_bytes().len();
                return Ok(Some((self.start, seen + at, End::Terminated)));
            }
            seen = self.end - self.start;
            if self.eof || seen >= 2 * MAX_FRAME {
                let end = if self.eof { End::Torn } else { End::TooFar };
                return Ok((seen > 0).then_some((self.start, seen, end)));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        // A pipe may give byte by byte: do not move the rest for each.
        if self.start == self.end || self.end > CHUNK / 2 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.eof = true,
                Ok(len) => self.end += len,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            return Ok(());
        }
    }

    /// Skips bytes while they are of a kind, and returns how many.
    pub(super) fn skip(&mut self, kind: impl Fn(u8) -> bool) -> io::Result<u64> {
        let mut skipped = 0;
        loop {
            let rest = &self.buffer[self.start..self.end];
            let len = rest.iter().take_while(|byte| kind(**byte)).count();
            self.start += len;
            self.offset += len as u64;
            skipped += len as u64;
            if self.start < self.end || self.eof {
                return Ok(skipped);
            }
            self.fill()?;
        }
    }

    /// Skips bytes up to and with the next 0x00, and returns how many.
    pub(super) fn skip_line(&mut self) -> io::Result<u64> {
        let skipped = self.skip(|byte| byte != 0)?;
        let end = usize::from(self.start < self.end);
        self.start += end;
        self.offset += end as u64;
        Ok(skipped + end as u64)
    }
}
