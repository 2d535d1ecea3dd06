//! The log.
//!
//! # The format, version 1
//!
//! A log is a sequence of *frames*. The file itself has neither a header nor a trailer:
//! two logs, one after the other, are a log.
//!
//! ## Numbers
//! As [postcard 1.x](https://postcard.jamesmunns.com/wire-format) writes them:
//! a `u8` is a byte; every other unsigned integer is a varint, 7 bits a byte, the
//! lowest first, the top bit set in all bytes but the last (of which a u16 takes 3 at most,
//! a u32 5 and a u64 10: one more is malformed); a signed integer `n` is the varint of
//! its zigzag, `2n` where `n >= 0` and `-2n - 1` where it is not.
//! Text and bytes are their length as a varint, then the bytes; text is UTF-8. A
//! truth value is the byte 0 or 1. An array of fixed length has no length before
//! it. A struct is its fields in their order. An enum is the number of its variant,
//! a varint from 0, then the variant's fields. No field depends on the word size
//! or the endianness of the writer.
//!
//! ## Frames
//! ```text
//! frame   = COBS(crc payload) 0x00
//! crc     = CRC-32 of payload, 4 bytes, the lowest first    (RFC 1952, section 8)
//! payload = seq record
//! seq     = varint
//! record  = enum Record
//! ```
//! COBS (Cheshire and Baker 1999) leaves no 0x00 inside a frame, so a reader can go on
//! after the next 0x00 when it meets damage. A payload has 1 to 4040 bytes: an empty one
//! is refused, because its checksum is four zeros. The record must use up the payload.
//!
//! `seq` grows by one from each frame of a run to the next, whatever their records. The
//! first is the low 20 bits of the run's number, which is drawn from the start time and
//! the boot id: so the frames of one run do not continue those of another by chance. For
//! each sample that the recorder could not write it skips one number, and it writes the
//! next sample as a Key.
//!
//! ## Records
//! | number | record | |
//! |---|---|---|
//! | 0 | Header | begins a run; repeated before the second Key, then every 600 samples; likewise in a segment |
//! | 1 | Key | a sample that stands alone, every 60 samples |
//! | 2 | Delta | a sample as its difference from the one before |
//! | 3 | More | the rest of a sample that did not fit into the frame before |
//! | 4 | Identity | command line and cgroup of a process: when it appears, executes another program or moves to another cgroup; all are repeated after each Header but the second |
//! | 5 | Footer | the end of a run that was not cut off |
//! | 6 | Device | the name of a disk or an interface: when it is first seen in use; all are repeated after each Header |
//! | 7 | Footprint | the memory of key processes at one moment, in one record or several |
//! | 8 | Result | a measurement that is no sample: a time, a count, a verdict; in one record or several |
//! | 9 | Product | the user's definition of the product's processes: a record a key; all are repeated after each Header |
//! ```text
//! Header   = magic: [u8; 8], version: u16, run: u32,
//!            tool, product, stage, host, release, machine, os, board, boot_id, cmdline: text,
//!            clk_tck, page_size: u64, cores: u32, mem_total_kib, swap_total_kib, interval_us: u64,
//!            pss: enum (Off, Exact, Auto), synchronised: enum (Unknown, No, Yes), euid: u32,
//!            start_realtime_ns, start_boottime_ns: u64
//! Key      = run: u32, flags: u8, tick, late_us: u64, machine, processes: bytes
//! Delta    =           flags: u8, ticks, late_us: u64, machine, processes: bytes
//! More     =           flags: u8, machine, processes: bytes
//! Identity = run: u32, pid: u32, starttime: u64, cut: truth value, cmdline, cgroup: bytes
//! Footer   = run: u32, end: enum (Duration, Signal, Failure, Unwritten), samples, missed, latest_us,
//!            unreadable, left_out, cpu_us, written_bytes: u64
//! Device   = run: u32, id, kind: u8, name: bytes
//! Footprint = run: u32, at_us: u64, part, parts: u32, profiles: text, flags: u8,
//!            mem_total, mem_available, swap_total, swap_free, anon_pages, mapped,
//!            volatile_used: u64, volatile_folders: text, zram_used, zram_stored,
//!            read, took_us, vanished: u64, rows: bytes
//! Result   = run: u32, at_us: u64, kind, part, parts, verdict: u32, value: u64, entries: bytes
//! Product  = run: u32, kind: u8, label, pattern: text
//! ```
//! [`record`] says what the fields mean. `run` is the number in the header. A reader skips
//! a Key, an Identity, a Footer, a Device, a Footprint, a Result or a Product whose `run`
//! differs from that of the last header: their own header was lost. A header with another
//! `run` than the one before ends that run, and the reader forgets its state; one with the
//! same `run` changes nothing.
//!
//! In every version a header begins with the variant 0, the eight bytes `edgebnch` and the
//! version. A reader refuses a log of a later version. Released variants are never
//! altered; new ones are appended, and a reader skips those that it does not know.
//!
//! ## Samples
//! A sample belongs to a *tick*: the number of intervals since the header's start time.
//! The CPU time of its processes was read `late_us` after `start + tick * interval` on
//! CLOCK_BOOTTIME, which goes on while the board sleeps and cannot be set. That moment is
//! the middle of the time that it took to read the processes that had run since the sample
//! before. A Key holds the tick, a Delta the ticks since the sample before it.
//!
//! Bit 0 of `flags`: the sample goes on in the next frame, a More; the first frame without
//! it completes the sample. Bit 1 (the same in all frames of a sample): the memory of
//! every process was read at this tick.
//!
//! `machine` is a sequence of entries, to its end:
//! ```text
//! entry  = gap fields
//! gap    = varint: ids skipped since the entry before, in this frame
//! fields = mask (a varint), then for each bit set in it, the lowest first, a signed varint
//! ```
//! Ids 0 to 15 are the groups of [`fields::MACHINE`], 16 + n is core n, up to 255,
//! with the fields of [`fields::core`], and 272 + n is device n, up to 63, with the
//! fields of [`fields::device`]; tests/logs/fields.txt lists them all. Bit i of the mask is
//! field i. The signed number is the
//! difference from the reader's value of that field, modulo 2^64. The reader's values are
//! 0 in a Key and the Mores that belong to it, and in a group that is new. A group that was
//! never written was not observable; neither is a field that is 2^64 - 1. A core that was
//! never written, while one with a higher number was, does not exist, and all its fields
//! are 0; likewise a device. A core that exists and was offline from the start has a
//! `requested_khz` of 2^64 - 1. A reader skips fields and groups that it does not know:
//! they belong to a later version.
//!
//! A Device record has the name of device `id` and its kind: 0 is a whole disk, 1 a
//! network interface. Within a run a number never goes to another device. One that
//! vanishes (field `present`) and comes again under its name has its number again, and its
//! counts may have begun anew. A disk or an interface without a number has done nothing
//! since it appeared, or there was no number left for it (`devices_left_out` of group 4).
//! A reader skips numbers of a device whose kind it does not know or whose record was lost.
//! A name has 32 bytes at most.
//!
//! Group 4 is the recorder's own account. `unwritten` counts the samples of the run, up to
//! this one, that could not be written, or that were written and then lost because a sync
//! failed; `write_errno` is the last error, a number of errno(3) on Linux, and 0 where
//! there was none. Samples that a reader finds missing beyond `unwritten` and the missed
//! deadlines were lost after they were written. `hidden` is 1 where `/proc` showed the
//! recorder no other user's processes, and `cap_eff` is its `CapEff` in /proc/PID/status.
//! `not_read` counts the processes that could not be read in this sample though they may
//! exist: they keep their last values, with bit 1 (stale) of the process's `flags`, or have
//! no memory figures yet. `stopped` counts the missed deadlines that passed while the
//! recorder was stopped, and so not because it was late.
//!
//! In a Footer whose `end` is Unwritten the number of that variant, 3, is followed by the
//! same two numbers, `unwritten` and `write_errno`: the disk stayed full, and the samples
//! after the last one are lost. Only frames before the footer may be missing.
//!
//! `processes` likewise, to its end:
//! ```text
//! entry  = head [pid starttime] [comm] [fields]
//! head   = varint: 4 * gap + kind; gap = slots skipped since the entry before, in this frame
//! kind   = 0 change: fields
//!          1 birth: pid, starttime, comm, fields; a process that was in the slot is gone
//!          2 death: nothing
//!          3 rename: comm, fields
//! ```
//! `pid` is a u32, `starttime` a u64, `comm` bytes, 64 at most. A process has one slot, 0
//! to 65535, from its birth to its death; pid and starttime together identify it. A Key,
//! with the Mores that belong to it, consists of births, and the slots that it does not
//! name are empty. A change, a death or a rename in an empty slot is malformed, and what is
//! malformed is damage.
//!
//! The fields are those of [`fields::process`]. They are differences, modulo 2^64,
//! from the *predicted* value of the field. Each field of an entry is predicted, also
//! where its bit is not set, in the order of the fields:
//! - if bit 1 of the flags of a Delta is set, then before its first entry `pss_at`
//!   becomes this tick for every process (named or not) that has the flag HAS_PSS,
//!   which is bit 0 of the process's field `flags`;
//! - `pss` and `private`, where HAS_PSS is set in the (new) flags of the process: the
//!   value before, plus the pages by which `rss` grew (or minus those by which it shrank),
//!   in KiB. A page has `page_size / 1024` KiB, rounded down, and at least 1;
//! - `pss_at`, where HAS_PSS is set in the (new) flags of the process and bit 1 of the
//!   flags of the sample: this tick;
//! - all others: the value before; at a birth every value before is 0.
//!
//! So PSS was read at the tick `pss_at`, and is an estimate at every later one: that PSS
//! plus the growth of the resident set since.
//!
//! ## Results
//! A run may have results beside its samples, or instead of them. Each stands alone and
//! changes nothing in a sample. A Footprint holds the memory of the key processes of a
//! product `at_us` after the start, in KiB. Its `rows` are, to their end,
//! ```text
//! row = label: bytes, processes, unreadable: u32, pss, shared, rss, swap_pss, virt: u64, pids: bytes
//! ```
//! where `pids` holds the pids of the first instances, each a varint. A footprint that does
//! not fit into one record goes on in the next: `part` counts its records from 0, up to
//! `parts`; they have everything but `part` and `rows` in common and follow each other. A
//! footprint that lacks a part is ignored. Bits of its `flags`: 0 the rows are the largest
//! programs, 1 the user gave some of the keys, 2 other users' processes could not be seen,
//! 3 the recorder looked for tmpfs that hold logs (`volatile_folders`). A number that is
//! 2^64 - 1 was not observable.
//!
//! A Result is a measurement, `at_us` after the start. Its `value` is 2^64 - 1 where there
//! is none; its `kind` determines the unit:
//!
//! | kind | measurement | value |
//! |---|---|---|
//! | 0 | boot from power-on to the login prompt | microseconds |
//! | 1 | restart, from its request to the login prompt | microseconds |
//! | 2 | a new IP address | the outage, microseconds |
//! | 3 | a firewall that keeps inbound connections out | none |
//! | 4 | one that keeps more than that out | none |
//! | 5 | a run of the probe | microseconds |
//! | 6 | a step of a ramp | containers |
//! | 7 | processes that ended in the interval of the next sample | how many |
//!
//! `verdict` is 0 for a result without one, 1 yes, 2 no, 3 not measured. Its
//! `entries` are, to their end,
//! ```text
//! entry = tag: u32, bytes
//! ```
//! Tag 0 is the source of the value, 1 the reason for a missing value or verdict, 2 a line
//! of evidence, all text; 3 is a part of the value, in the same unit:
//! ```text
//! mark = label: bytes, value: u64, note: bytes
//! ```
//! Of a command that was run, such as the probe, whose `at_us` is its start and whose value
//! is the time from there to its end, tag 0 is the command and 2 the last line that it
//! wrote. Tag 4 is how it ended:
//! ```text
//! exit = how, number: u32
//! ```
//! `how` is 0 for a status, 1 for a signal, whose `number` follows; 2 where it was killed at
//! its time-out, 3 where it was killed because the recording ended, 4 where it could not be
//! started, with the `number` of errno(3). Tag 5 is its CPU time with that of the children
//! that it waited for, in microseconds (a u64); 6, without bytes, marks the first run of the
//! command; 7 counts how often it was due again while it still ran (a u64).
//!
//! Of a ramp each change is a result, whose value is the container that it is about. Tag 8
//! is the change:
//! ```text
//! step = phase: u32, ready: u64, cause: u32
//! ```
//! `phase` is 0 where the recording has begun, with the commands as marks called `step`,
//! `ready` and `undo`; 1 where the step is about to be run, 2 where it has ended and the
//! container is waited for, 3 where that is ready and the board settles, 4 where figures are
//! taken from, 5 where they are taken to, 6 where all containers were ready once more, 7
//! where the ramp ended, with the count as its value, 8 where the container was undone, or,
//! by tag 4, could not be, 9 where all were, with as its value how many could not. What is
//! undone later is told in the same run, even behind its Footer: a header with its `run`
//! comes first, and the sequence numbers go on. `ready` is how many containers are known to be
//! ready. `cause` is 0 up to the end; then 1 where memory was short, 2 where a process was
//! killed for want of it, 3 where the probe was slow or failed, 4 where tasks waited for
//! memory, 5 where deadlines were missed, 6 where a container was not ready any more, 7
//! where a step failed, 8 where its container was not ready in time, 9 where there were as
//! many as were asked for, 10 where a signal came. Tag
//! 2 has the circumstances, such as the last line that a step wrote.
//!
//! The processes that ended between a sample and the next are told of in the records of
//! kind 7 before the next, one or several, each with some of their names. Tag 9 is
//! ```text
//! exits = since: u64, row after row to the end
//! row   = head: u32 [name parent], exits, failures, cpu_us, peak_rss_kib: u64
//! head  = 2 * number + named
//! ```
//! `name` and `parent` are bytes, and there where `named` is 1: the name (comm) of the
//! processes that ended, and that of their parent, empty where that is not known. They have
//! this `number` from then on, until a record comes with another `since`: that is the tick
//! of the Key from which on names are numbered. A number without a name is one whose record
//! was lost. Number 256, without a name, is all processes for whose names there was no
//! number. `exits` is how many ended, `failures` how many of them with a status other than 0
//! or by a signal, `peak_rss_kib` the largest resident set that one of them ever had.
//! `cpu_us` is the CPU time of their whole lives, threads included and children not, less
//! the user and system time that the samples before, and this one, have of them. It is 0
//! for a process of which that is not known. `exits` of group 4 says whether they are told
//! of at all, and `exits_lost` of how many the kernel could not tell.
//!
//! A result that does not fit into one record goes on in the next: the parts have everything
//! but `part` and `entries` in common, and follow each other. A result that lacks a part
//! keeps the entries of the others. Kinds, tags and verdicts that a reader does not know
//! belong to a later version: it skips, counts and reports them.
//!
//! A Product names processes that the run's product consists of: `kind` 0 those whose
//! program, or one of whose arguments, is `pattern`; 1 those in the unit of that name;
//! 2 those in that cgroup and below it. `label` is their name in tables. Other kinds belong
//! to a later version, and a reader skips them.
//!
//! ## Repetition
//! A log may hold a copy of a part of itself: two copies one after the other, a log
//! behind a backup of it. A reader does not show a sample again whose tick is not later
//! than that of one that it showed of the same run, nor a footprint or a result whose `seq`
//! is not higher than that of a frame that names the run. It applies such a sample all the
//! same: the deltas behind it lead to the first sample that is new.
//!
//! ## Damage
//! A reader applies a Delta or a More only if it read every frame since the last Key, with
//! no gap in their `seq`. Damage is whatever is not a whole frame, an empty frame (a block
//! that was never written before the power went reads as zeros), a record of an unknown
//! kind and a malformed one. After it, a reader skips deltas up to the next Key of the same
//! run. A Key needs the header of its run, anywhere before it, and nothing else; after a
//! Footer comes no delta. So a flipped bit costs the frame that it lies in, perhaps the
//! next, and the deltas up to the next Key; a log that is cut short lacks the part that was
//! cut off, and nothing else. A writer that appends to a log which does not end in 0x00
//! writes one first. [`losses`] counts what is lost, and of which run.
//!
//! ## Memory and time of a reader
//! A frame of a few bytes may name the highest of all slots, cores and devices. So that no
//! log takes more than its length allows:
//! - processes lie in [`places`](sample::Sample::slots), of which there are no more than
//!   births since the last Key, and than 65,536; a birth takes 5 bytes at least. The
//!   table of slots takes 256 KiB once, whatever the number of runs;
//! - 256 cores and 64 devices, of 80 bytes or so each, are kept once, and each sample is
//!   the work of looking through them at most, beside its entries;
//! - a sample in which everything was read, and one after a loss, takes a look at each
//!   process that lives, and each was born in an entry.
//!
//! - a sample with more than 131,072 changes of processes, which is an end and a birth in
//!   each slot, is malformed;
//! - more than 4096 runs in one log are an error.
//!
//! So memory is at most a constant and some 200 bytes for each byte of the log, up to
//! 65,536 processes; and time is in proportion to the bytes, and to samples times
//! processes at most.
//!
//! ## Segments
//! A log of bounded size lies in two files, FILE.old and FILE, in this order. Each
//! begins with a header, the identities and a Key. A run goes on from the first to the
//! second, without a gap in `seq`. It also goes on where the file was truncated, moved or
//! removed during the recording; frames that were gathered before that may come before the
//! new header.

// What is read here others may have written: nothing may be cut, wrap or panic. Where a lint
// is allowed, the comment there gives the bound.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::indexing_slicing
    )
)]

pub mod cobs;
pub mod crc32;
mod encoder;
mod entries;
mod event;
pub mod exits;
pub mod fields;
mod file;
pub mod footprint;
pub mod frame;
mod input;
pub(crate) mod limits;
pub mod losses;
pub mod model;
mod places;
pub mod reader;
pub mod record;
pub mod result;
mod rewrite;
mod room;
pub mod sample;
mod sequence;
// Lengths and counts have 64 bits; what is taken off one of them is always a part of it.
#[allow(clippy::arithmetic_side_effects)]
pub mod writer;

pub(crate) use file::runs;

pub use encoder::{Encoder, Instant, HEADER_EVERY, KEY_EVERY};
