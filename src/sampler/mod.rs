//! `/proc` -> samples: which process, when, with which descriptors.
//!
//! Nothing here allocates once the sampler is made: the table, the buffers and
//! the lists have their room from the start, and pages of it that are never used
//! are never touched.

mod account;
pub(crate) mod board;
mod budget;
mod clocks;
mod devices;
mod error;
pub(crate) mod exits;
pub(crate) mod forks;
mod gate;
mod identity;
mod identity_state;
mod last;
mod listen;
mod listing;
pub(crate) mod machine;
mod memory;
pub(crate) mod memory_source;
mod owner;
pub(crate) mod pressure_files;
mod pss_estimate;
mod scan;
mod sharing;
mod state;
pub(crate) mod storage;
mod table;
pub(crate) mod task;
pub(crate) mod thermometer;
mod track;

pub use account::RecorderFigures;
pub use clocks::Clocks;
pub use error::Error;
pub(crate) use error::SUBSET_PID;
pub use scan::LIST_EVERY;
pub(crate) use state::CAPACITY;
pub use state::{Options, Sampler};

impl Sampler {
    /// Takes the sample of `tick`. `recorder` goes into the log with the recorder's
    /// other figures.
    ///
    /// # Errors
    /// Where `/proc/stat` or `/proc/meminfo` cannot be read; in the first sample also
    /// where `/proc` cannot be listed, or there is no descriptor left for the
    /// processes.
    pub fn sample(
        &mut self,
        now: &Clocks,
        tick: u64,
        recorder: RecorderFigures,
    ) -> Result<(), Error> {
        let (root, buffer, machine) = (&self.root, &mut self.buffer[..], &mut self.machine);
        let (forks, reclaimed) = self.files.sample(root, buffer, machine)?;
        now.put(&self.start, machine);
        let list = self.forks.advance(forks);
        self.scan(tick, list, reclaimed)?;
        self.take_exits();
        let (root, buffer, machine) = (&self.root, &mut self.buffer[..], &mut self.machine);
        let slow = self.files.is_slow_due(tick);
        if slow {
            let interval_ns = self.options.interval_ns;
            self.files
                .sample_slow(tick, interval_ns, root, buffer, machine);
        }
        let elapsed_ns = now.monotonic_ns.saturating_sub(self.last.monotonic_ns);
        self.update_memory(tick, elapsed_ns);
        self.last = *now;
        self.tick = tick;
        let (root, buffer, machine) = (&self.root, &mut self.buffer[..], &mut self.machine);
        self.account.put(&recorder, &self.table, machine);
        if self.account.is_due(tick, slow) {
            let kept = self.table.kept_descriptors();
            self.account
                .put_costs(now, &recorder, kept, root, buffer, machine);
        }
        self.samples += 1;
        Ok(())
    }
}
