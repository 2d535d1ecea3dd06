//! Logs that were written to take as much memory as a reader can be made to take: each
//! repeats one thing for as many bytes as are asked for.

use crate::day_log::header::header;
use crate::day_log::{self, Day};
use edgebench_lite::log::footprint::{Footprint, FootprintRow};
use edgebench_lite::log::frame::{self, MAX_FRAME};
use edgebench_lite::log::record::{
    Delta, Device, End, Footer, Header, Identity, Key, More, Product, PssMode, Record,
};
use edgebench_lite::log::result::{Entry, ExitCode, Mark, RampStep, ResultPart};
use std::io::{self, Write};

/// A log of one shape, as long as is asked for.
pub struct Shape {
    pub name: &'static str,
    write: fn(&mut Log<'_>) -> io::Result<()>,
}

impl Shape {
    pub fn write(&self, out: &mut dyn Write, bytes: u64) -> io::Result<()> {
        (self.write)(&mut Log {
            out,
            left: bytes,
            run: 7,
            seq: 7,
        })
    }
}

/// What is written, frame by frame.
struct Log<'o> {
    out: &'o mut dyn Write,
    left: u64,
    run: u32,
    seq: u64,
}

/// The most bytes that a frame has beside the bytes of a sample or a text.
const FRAME_HEAD: usize = 80;

impl Log<'_> {
    fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.left = self.left.saturating_sub(bytes.len() as u64);
        self.out.write_all(bytes)
    }

    fn put(&mut self, record: &Record<'_>) -> io::Result<()> {
        let mut out = [0; MAX_FRAME];
        let frame = frame::encode(self.seq, record, &mut out).expect("it fits");
        self.left = self.left.saturating_sub(frame.len() as u64);
        self.seq += 1;
        self.out.write_all(frame)
    }

    fn is_full(&self) -> bool {
        self.left == 0
    }

    /// Begins run `run`, whose first frame has the number that it should have.
    fn begin(&mut self, run: u32, stage: &str) -> io::Result<()> {
        self.run = run;
        self.seq = u64::from(run & 0xF_FFFF);
        self.header(stage)
    }

    fn header(&mut self, stage: &str) -> io::Result<()> {
        let bare = header(self.run, PssMode::Auto);
        let header = Header {
            stage,
            product: "k3s",
            ..bare.map(|text| *text)
        };
        self.put(&Record::Header(header))
    }

    fn key(&mut self, tick: u64, flags: u8, processes: &[u8]) -> io::Result<()> {
        self.put(&Record::Key(Key {
            run: self.run,
            flags,
            tick,
            late_us: 0,
            machine: &[],
            processes,
        }))
    }

    fn delta(&mut self, flags: u8, processes: &[u8]) -> io::Result<()> {
        self.put(&Record::Delta(Delta {
            flags,
            ticks: 1,
            late_us: 0,
            machine: &[],
            processes,
        }))
    }

    fn more(&mut self, flags: u8, processes: &[u8]) -> io::Result<()> {
        self.put(&Record::More(More {
            flags,
            machine: &[],
            processes,
        }))
    }

    fn identity(&mut self, pid: u32, cmdline: &[u8], cgroup: &[u8]) -> io::Result<()> {
        let identity = Identity {
            pid,
            starttime: 9,
            cut: false,
            cmdline,
            cgroup,
        };
        self.put(&Record::Identity(self.run, identity))
    }

    fn result(&mut self, part: ResultPart<&[u8]>) -> io::Result<()> {
        self.put(&Record::Result(self.run, part))
    }

    fn footer(&mut self, samples: u64) -> io::Result<()> {
        let footer = Footer {
            end: End::Duration,
            samples,
            missed: 0,
            latest_us: 0,
            unreadable: 0,
            left_out: 0,
            cpu_us: 0,
            written_bytes: 0,
        };
        self.put(&Record::Footer(self.run, footer))
    }

    /// Samples of which each has these processes more, until it has `most`.
    fn population(&mut self, most: u32, entry: &dyn Fn(u32) -> Vec<u8>) -> io::Result<()> {
        let mut next = 0;
        let mut key = true;
        while next < most {
            let mut entries = Vec::new();
            let first = next;
            while next < most && entries.len() < MAX_FRAME / 2 {
                let gap = if next == first { u64::from(first) } else { 0 };
                entries.extend(birth(gap, next + 2, entry(next).as_slice()));
                next += 1;
            }
            let flags = u8::from(next < most);
            match std::mem::take(&mut key) {
                true => self.key(0, flags, &entries)?,
                false => self.more(flags, &entries)?,
            }
        }
        Ok(())
    }
}

fn varint(out: &mut Vec<u8>, number: u64) {
    let mut bytes = [0; 10];
    out.extend_from_slice(postcard::to_slice(&number, &mut bytes).expect("it fits"));
}

/// A birth in the slot after `gap` others: starttime 9, this name, a resident set of 1 page
/// and a PSS of 4 KiB.
fn birth(gap: u64, pid: u32, name: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [gap << 2 | 1, pid.into(), 9, name.len() as u64] {
        varint(&mut bytes, number);
    }
    bytes.extend_from_slice(name);
    // Fields 2 and 3, rss and flags, zigzag: the PSS is as predicted.
    bytes.extend_from_slice(&[0b1100, 2, 2]);
    bytes
}

fn named(number: u32) -> Vec<u8> {
    format!("job-{number}").into_bytes()
}

/// A part of a result of this kind.
fn part(kind: u32, part: u32, parts: u32, entries: &[u8]) -> ResultPart<&[u8]> {
    ResultPart {
        at_us: 1,
        kind,
        part,
        parts,
        verdict: 1,
        value: 1000,
        entries,
    }
}

fn entry(tag: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = [0; MAX_FRAME];
    let entry = postcard::to_slice(&Entry { tag, bytes }, &mut out).expect("it fits");
    entry.to_vec()
}

fn exit_of(tag_bytes: &mut Vec<u8>) {
    let mut out = [0; 20];
    let exit = ExitCode { how: 0, number: 0 };
    let exit = postcard::to_slice(&exit, &mut out).expect("it fits");
    tag_bytes.extend(entry(4, exit));
}

const LONG: &[u8] = &[b'x'; MAX_FRAME - 200];

/// Every shape. The run of each but the first two has a sample, or a result.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "zeros",
        write: |log| {
            while !log.is_full() {
                log.raw(&[0; 1 << 12])?;
            }
            Ok(())
        },
    },
    Shape {
        name: "noise",
        write: |log| {
            let mut state = 88_172_645_463_325_252u64;
            while !log.is_full() {
                let mut block = Vec::new();
                for _ in 0..512 {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    block.extend_from_slice(&state.to_le_bytes());
                }
                log.raw(&block)?;
            }
            Ok(())
        },
    },
    Shape {
        name: "a-frame-without-end",
        write: |log| {
            while !log.is_full() {
                log.raw(&[1; 1 << 12])?;
            }
            Ok(())
        },
    },
    Shape {
        name: "holes",
        write: |log| {
            log.begin(7, "")?;
            let mut tick = 0;
            while !log.is_full() {
                tick += 1;
                log.key(tick, 0, &birth(0, 7, b"one"))?;
                log.raw(&[5, 5, 5, 0])?;
            }
            Ok(())
        },
    },
    Shape {
        name: "headers",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            while !log.is_full() {
                log.header("")?;
            }
            Ok(())
        },
    },
    Shape {
        name: "runs",
        write: |log| {
            let mut run = 0;
            while !log.is_full() {
                run += 1;
                log.begin(run, "")?;
                log.key(0, 0, &birth(0, 7, b"one"))?;
                log.key(1, 0, &birth(0, 7, b"one"))?;
                log.footer(2)?;
            }
            Ok(())
        },
    },
    Shape {
        name: "runs-of-results",
        write: |log| {
            let mut run = 0;
            while !log.is_full() {
                run += 1;
                log.begin(run, "")?;
                log.result(part(0, 0, 1, &[]))?;
                log.footer(0)?;
            }
            Ok(())
        },
    },
    Shape {
        name: "two-runs-in-turn",
        write: |log| {
            let mut tick = 0;
            while !log.is_full() {
                tick += 1;
                for run in [7, 8] {
                    log.run = run;
                    log.header("")?;
                    log.key(tick, 0, &birth(0, 7, b"one"))?;
                }
            }
            Ok(())
        },
    },
    Shape {
        name: "keys",
        write: |log| {
            log.begin(7, "")?;
            let mut tick = 0;
            while !log.is_full() {
                tick += 1;
                log.key(tick, 0, &birth(0, 7, b"one"))?;
            }
            log.footer(tick)
        },
    },
    Shape {
        name: "keys-of-many",
        write: |log| {
            log.begin(7, "")?;
            let mut tick = 0;
            while !log.is_full() {
                tick += 1;
                let mut entries = birth(0, 2, b"process-1");
                let mut pid = 2;
                while entries.len() < MAX_FRAME - FRAME_HEAD - 60 {
                    pid += 1;
                    entries.extend(birth(0, pid, format!("process-{pid}").as_bytes()));
                }
                log.key(tick, 0, &entries)?;
            }
            log.footer(tick)
        },
    },
    Shape {
        name: "names",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut number = 0;
            while !log.is_full() {
                number += 1;
                log.delta(0, &birth(3, 7 + number, &named(number)))?;
            }
            Ok(())
        },
    },
    Shape {
        name: "pids-that-come-again",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut number = 0;
            while !log.is_full() {
                number += 1;
                // One dies in its slot, of another the pid comes in the next.
                let mut entries = birth(number % 3, 300, b"again");
                entries.extend(birth(0, 301, &named(number as u32 % 40)));
                log.delta(0, &entries)?;
            }
            Ok(())
        },
    },
    Shape {
        name: "all-slots",
        write: |log| {
            log.begin(7, "")?;
            log.population(1 << 16, &named)?;
            while !log.is_full() {
                log.delta(0, &[0, 1, 2])?;
            }
            Ok(())
        },
    },
    Shape {
        name: "a-sample-without-end",
        write: |log| {
            log.begin(7, "")?;
            log.population(2000, &named)?;
            log.delta(1, &[])?;
            // Of each process a change of nothing.
            let entries = [0; 2].repeat(2000 - FRAME_HEAD);
            while !log.is_full() {
                log.more(1, &entries)?;
            }
            log.more(0, &[])
        },
    },
    Shape {
        name: "identities",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut pid = 7;
            while !log.is_full() {
                pid += 1;
                log.identity(pid, b"a", format!("/system.slice/{pid}.service").as_bytes())?;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "long-identities",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut pid = 7;
            while !log.is_full() {
                pid += 1;
                log.identity(pid, &LONG[..LONG.len() / 2], &LONG[LONG.len() / 2 + 1..])?;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "identities-of-the-living",
        write: |log| {
            log.begin(7, "")?;
            let mut number = 0;
            let mut living = 0;
            while !log.is_full() {
                if living < 1 << 16 {
                    log.population(living, &named)?;
                    living = 1 << 16;
                    log.population(living, &named)?;
                }
                log.identity(2 + number % living, LONG, format!("/{number}").as_bytes())?;
                number += 1;
            }
            log.delta(0, &[0, 0])
        },
    },
    Shape {
        name: "homes",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 1, b"init"))?;
            let mut pid = 7;
            while !log.is_full() {
                pid += 1;
                let unit = format!("/system.slice/k3s-{pid}.service");
                log.identity(pid, b"k3s-server\0", unit.as_bytes())?;
                log.delta(0, &birth(1, pid, b"k3s-server"))?;
            }
            Ok(())
        },
    },
    // A curve of each has all its columns.
    Shape {
        name: "busy-runs",
        write: |log| {
            let mut run = 0;
            while !log.is_full() {
                run += 1;
                let mut header = day_log::header(run);
                header.start_boottime_ns += u64::from(run) * 1_000_000_000_000;
                let day = Day {
                    header,
                    seed: 7,
                    samples: 513,
                    processes: 60,
                    changing: 20,
                    names_of_their_own: false,
                };
                let mut written = Ok(());
                day_log::write(&day, |frame| {
                    if written.is_ok() {
                        written = log.raw(frame);
                    }
                });
                written?;
            }
            Ok(())
        },
    },
    Shape {
        name: "results",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let kinds = 0..7;
            for kind in kinds.cycle() {
                if log.is_full() {
                    break;
                }
                log.result(part(kind, 0, 1, &[]))?;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "probes",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut entries = [entry(0, b"ping 10.0.0.1"), entry(2, b"1 ms")].concat();
            exit_of(&mut entries);
            let mut at_us = 0;
            while !log.is_full() {
                at_us += 1_000_000;
                log.result(ResultPart {
                    at_us,
                    ..part(5, 0, 1, &entries)
                })?;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "a-result-without-end",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let entries = entry(2, b"x").repeat(LONG.len() / 3);
            let mut number = 0;
            while !log.is_full() {
                log.result(part(2, number, u32::MAX, &entries))?;
                number += 1;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "marks",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut out = [0; 64];
            let mark = Mark {
                label: b"a",
                value: 1,
                note: b"",
            };
            let mark = entry(3, postcard::to_slice(&mark, &mut out).expect("it fits"));
            let entries = mark.repeat(LONG.len() / mark.len());
            while !log.is_full() {
                log.result(part(0, 0, 1, &entries))?;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "steps-of-a-ramp",
        write: |log| {
            log.begin(7, "ramp")?;
            let mut key = birth(0, 7, b"one");
            key.extend(birth(0, 8, b"two"));
            log.key(0, 0, &key)?;
            let mut value = 0;
            while !log.is_full() {
                value += 1;
                for phase in [1, 2, 3, 4, 5, 6] {
                    let mut out = [0; 40];
                    let step = RampStep {
                        phase,
                        ready: value,
                        cause: 0,
                    };
                    let step = postcard::to_slice(&step, &mut out).expect("it fits");
                    let entries = entry(8, step);
                    log.result(ResultPart {
                        value,
                        at_us: value * 1_000_000,
                        ..part(6, 0, 1, &entries)
                    })?;
                    log.delta(0, &[0, 0])?;
                }
            }
            Ok(())
        },
    },
    Shape {
        name: "a-window-without-end",
        write: |log| {
            log.begin(7, "ramp")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut out = [0; 40];
            let step = RampStep {
                phase: 4,
                ready: 1,
                cause: 0,
            };
            let step = entry(8, postcard::to_slice(&step, &mut out).expect("it fits"));
            log.result(part(6, 0, 1, &step))?;
            while !log.is_full() {
                log.delta(0, &[0, 0])?;
            }
            Ok(())
        },
    },
    Shape {
        name: "exits",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut number = 0;
            while !log.is_full() {
                let mut sheet = Vec::new();
                varint(&mut sheet, number / 256);
                for _ in 0..60 {
                    number += 1;
                    varint(&mut sheet, (number % 256) << 1 | 1);
                    let name = named(number as u32);
                    varint(&mut sheet, name.len() as u64);
                    sheet.extend_from_slice(&name);
                    sheet.extend_from_slice(&[2, b's', b'h', 1, 0, 50, 1]);
                }
                log.result(part(7, 0, 1, &entry(9, &sheet)))?;
                log.delta(0, &[0, 0])?;
            }
            Ok(())
        },
    },
    Shape {
        name: "exits-of-long-names",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut number = 0u64;
            while !log.is_full() {
                number += 1;
                let mut sheet = Vec::new();
                varint(&mut sheet, number / 256);
                varint(&mut sheet, (number % 256) << 1 | 1);
                let mut name = named(number as u32);
                name.resize(LONG.len() - 40, b'x');
                varint(&mut sheet, name.len() as u64);
                sheet.extend_from_slice(&name);
                sheet.extend_from_slice(&[2, b's', b'h', 1, 0, 50, 1]);
                log.result(part(7, 0, 1, &entry(9, &sheet)))?;
                log.delta(0, &[0, 0])?;
            }
            Ok(())
        },
    },
    Shape {
        name: "exits-before-a-sample",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let sheet = [&[0][..], &[0, 1, 0, 50, 1].repeat(700)].concat();
            let entries = entry(9, &sheet);
            while !log.is_full() {
                log.result(part(7, 0, 1, &entries))?;
            }
            log.delta(0, &[0, 0])
        },
    },
    Shape {
        name: "footprints",
        write: |log| {
            log.begin(7, "")?;
            while !log.is_full() {
                footprint(log, 0, 1, 1)?;
            }
            Ok(())
        },
    },
    Shape {
        name: "a-footprint-without-end",
        write: |log| {
            log.begin(7, "")?;
            let mut number = 0;
            while !log.is_full() {
                footprint(log, number, u32::MAX, 150)?;
                number += 1;
            }
            Ok(())
        },
    },
    Shape {
        name: "devices",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut id = 0u8;
            while !log.is_full() {
                id = id.wrapping_add(1);
                let name = format!("disk-{id}-of-a-long-name");
                let device = Device {
                    id,
                    kind: id % 3,
                    name: name.as_bytes(),
                };
                log.put(&Record::Device(7, device))?;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "products",
        write: |log| {
            log.begin(7, "")?;
            let mut number = 0u32;
            while !log.is_full() {
                number += 1;
                let label = format!("key-{number}");
                let product = Product {
                    kind: (number % 3) as u8,
                    label: label.as_str(),
                    pattern: label.as_str(),
                };
                log.put(&Record::Product(7, product))?;
            }
            log.key(0, 0, &birth(0, 7, b"one"))?;
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
    Shape {
        name: "footers",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            log.key(1, 0, &birth(0, 7, b"one"))?;
            while !log.is_full() {
                log.footer(2)?;
            }
            Ok(())
        },
    },
    Shape {
        name: "later-kinds",
        write: |log| {
            log.begin(7, "")?;
            log.key(0, 0, &birth(0, 7, b"one"))?;
            let mut kind = 100;
            while !log.is_full() {
                kind += 1;
                log.result(part(kind, 0, 1, &[]))?;
            }
            log.key(1, 0, &birth(0, 7, b"one"))
        },
    },
];

fn footprint(log: &mut Log<'_>, part: u32, parts: u32, rows: usize) -> io::Result<()> {
    let mut out = [0; 200];
    let row = FootprintRow {
        label: b"k3s-server",
        processes: 1,
        unreadable: 0,
        pss: 1,
        shared: 1,
        rss: 1,
        swap_pss: 0,
        virt: 1,
        pids: &[7],
    };
    let row = postcard::to_slice(&row, &mut out).expect("it fits");
    let rows = row.repeat(rows);
    let at_us = if parts == 1 { log.seq } else { 1 };
    log.put(&Record::Footprint(
        log.run,
        Footprint {
            at_us,
            part,
            parts,
            profiles: "k3s",
            flags: 0,
            mem_total: 1000,
            mem_available: 500,
            swap_total: 0,
            swap_free: 0,
            anon_pages: 1,
            mapped: 1,
            volatile_used: 0,
            volatile_folders: "",
            zram_used: 0,
            zram_stored: 0,
            read: 1,
            took_us: 1,
            vanished: 0,
            rows: &rows,
        },
    ))
}
