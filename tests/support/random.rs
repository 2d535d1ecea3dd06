//! Numbers without order, the same in each run.

pub struct Random(pub u64);

impl Random {
    /// One below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        // Xorshift, Marsaglia 2003.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end.max(1) as u64) as usize
    }
}
