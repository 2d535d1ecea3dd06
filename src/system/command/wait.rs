//! Waiting for the end of a command.

use super::{boottime_ns, Child, Ended};
use std::time::Duration;

/// The first pause between two looks at a command that runs, and the longest.
const FIRST_PAUSE_NS: u64 = 500_000;
const LONGEST_PAUSE_NS: u64 = 20_000_000;

impl Child<'_> {
    /// Waits for its end, `time` at most from now.
    pub fn wait(self, time: Duration, output: &mut dyn FnMut(&[u8])) -> Ended {
        let sleep = &mut |pause| {
            std::thread::sleep(pause);
            true
        };
        self.wait_while(time, sleep, output)
    }

    /// As [`Self::wait`]; `goes_on` pauses, and says whether there is to be another look.
    pub(crate) fn wait_while(
        mut self,
        time: Duration,
        goes_on: &mut dyn FnMut(Duration) -> bool,
        output: &mut dyn FnMut(&[u8]),
    ) -> Ended {
        let limit = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let deadline = boottime_ns().saturating_add(limit);
        let mut pause_ns = FIRST_PAUSE_NS;
        loop {
            if let Some(ended) = self.poll(output) {
                return ended;
            }
            let left = deadline.saturating_sub(boottime_ns());
            let pause = Duration::from_nanos(pause_ns.min(left));
            if left == 0 || !goes_on(pause) {
                return self.kill(output);
            }
            pause_ns = (pause_ns * 2).min(LONGEST_PAUSE_NS);
        }
    }
}
