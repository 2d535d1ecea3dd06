//! One program for all targets; `EDGEBENCH_FUZZ` names the one that runs.
//!
//! Logs are mutated frame by frame, inside their records, and the checksum, the stuffing and
//! the sequence numbers are put right: damage would hide whatever a whole frame may hold.

#![cfg_attr(fuzzing, no_main)]

#[cfg(not(fuzzing))]
fn main() {
    eprintln!("tests/fuzz/run builds and starts it");
    std::process::exit(2);
}

#[cfg(fuzzing)]
mod mutation;

#[cfg(fuzzing)]
mod target {
    use super::mutation;
    use edgebench_lite::fuzzing::TARGETS;
    use std::sync::OnceLock;

    struct Target {
        run: fn(&[u8]),
        /// Its input is a log, behind four bytes.
        is_log: bool,
    }

    fn target() -> &'static Target {
        static TARGET: OnceLock<Target> = OnceLock::new();
        TARGET.get_or_init(|| {
            let name = std::env::var("EDGEBENCH_FUZZ").unwrap_or_default();
            let found = TARGETS.iter().find(|(known, _)| *known == name);
            let Some((_, run)) = found else {
                let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
                println!("{}", names.join("\n"));
                std::process::exit(if name == "list" { 0 } else { 2 });
            };
            Target {
                run: *run,
                is_log: matches!(&name[..], "reader" | "report" | "compare"),
            }
        })
    }

    libfuzzer_sys::fuzz_target!(init: { target(); }, |input: &[u8]| (target().run)(input));

    libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
        match target().is_log {
            true => mutation::log(data, size, max, seed),
            false => libfuzzer_sys::fuzzer_mutate(data, size, max),
        }
    });
}
