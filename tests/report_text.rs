//! Reports as text: the whole of it, with figures worked out by hand.

#[path = "support/header.rs"]
mod header;

use edgebench_lite::log::fields::{clock, cpu, memory, process, recorder};
use edgebench_lite::log::model::{comm, Machine, Process};
use edgebench_lite::log::record::{End, Footer, Header, PssMode, Record, Synchronised};
use edgebench_lite::log::{Encoder, Instant};
use edgebench_lite::render::{report, Medium, Report, Style};
use edgebench_lite::series::{summarise, By, Memory, Options, Run};

fn header(run: u32) -> Header<&'static str> {
    Header {
        tool: "0.1.0",
        product: "k3s",
        stage: "edge",
        host: "pi",
        release: "6.1.21-v8+",
        machine: "aarch64",
        os: "Debian GNU/Linux 12 (bookworm)",
        board: "Raspberry Pi 3 Model B Plus Rev 1.3",
        cores: 4,
        mem_total_kib: 1_024_000,
        swap_total_kib: 102_400,
        ..header::header(run, PssMode::Exact)
    }
}

fn process(pid: u32, name: &[u8], kernel: bool) -> Option<Process> {
    let mut values = [0; process::COUNT];
    values[process::FLAGS] = match kernel {
        true => process::flag::KERNEL_THREAD,
        false => process::flag::HAS_PSS,
    };
    Some(Process {
        pid,
        starttime: 1,
        comm: comm(name),
        values,
    })
}

/// A run of five samples. In the four intervals between them the machine is busy
/// for 40, 20, 20 and 60 of 400 ticks, and has 200, 100, 300, 100 and 100 of 1000
/// MiB in use; `more` ticks are added to the last.
fn log(header: &Header<&str>, more: u64, notes: impl Fn(&mut Machine), end: bool) -> Vec<u8> {
    let mut log = Vec::new();
    let mut encoder = Encoder::new(header.run, 4096, 3);
    log.extend_from_slice(encoder.record(&Record::Header(header.clone())).unwrap());
    let mut machine = Machine::default();
    let mut slots = vec![
        process(20, b"k3s-server", false),
        process(21, b"a\x1b[2J\xff very long name, it is", false),
        process(3, b"kworker/1:0-mm_percpu_wq", true),
    ];
    let busy = [0, 40, 20, 20, 60 + more];
    let used = [200, 100, 300, 100, 100];
    // PSS in MiB and ticks of the first, PSS in KiB of the second, ticks of the third.
    let first = [(50, 0), (50, 8), (60, 12), (40, 2), (80, 8)];
    let third = [0, 0, 0, 1, 0];
    let group = machine.group_mut(memory::ID);
    group[memory::MEM_TOTAL] = 1_024_000;
    machine.group_mut(clock::ID);
    for tick in 0..5 {
        machine.group_mut(cpu::ID)[cpu::USER] += busy[tick];
        machine.group_mut(cpu::ID)[cpu::IDLE] += 400 - busy[tick];
        machine.group_mut(memory::ID)[memory::MEM_AVAILABLE] = (1000 - used[tick]) * 1024;
        notes(&mut machine);
        let values = |slot: &mut Option<Process>, index, value| {
            slot.as_mut().unwrap().values[index] = value;
        };
        let spent = first[..=tick].iter().map(|(_, ticks)| ticks).sum();
        values(&mut slots[0], process::PSS, first[tick].0 * 1024);
        values(&mut slots[0], process::UTIME, spent);
        values(&mut slots[1], process::PSS, 512);
        values(&mut slots[2], process::STIME, third[..=tick].iter().sum());
        let at = Instant {
            tick: tick as u64,
            late_us: 0,
            all_read: true,
        };
        encoder.sample(at, &machine, &slots, |frame| log.extend_from_slice(frame));
    }
    if end {
        let footer = Footer {
            end: End::Duration,
            samples: 5,
            missed: 0,
            latest_us: 0,
            unreadable: 0,
            left_out: 0,
            cpu_us: 9_000,
            written_bytes: 2 << 20,
        };
        let footer = Record::Footer(header.run, footer);
        log.extend_from_slice(encoder.record(&footer).unwrap());
    }
    log
}

const OPTIONS: Options = Options {
    top: 10,
    by: By::Name,
    memory: Memory::Pss,
};

fn runs(log: &[u8], options: Options) -> Vec<Run> {
    summarise(&mut || Ok(log), &options, false).unwrap()
}

fn shown(runs: impl IntoIterator<Item = Run>, options: Options) -> String {
    let mut out = Vec::new();
    report::write(
        &mut out,
        &Report::new(runs, options),
        Medium::Text(Style::PLAIN),
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

fn lines(text: &str, from: &str) -> Vec<String> {
    let after = text.lines().skip_while(|line| *line != from).skip(1);
    after
        .take_while(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// CPU 10, 5, 5, 15 %: average 8.75, median 7.5. Memory 20, 10, 30, 10, 10 %:
/// average 16. k3s-server: PSS 40 50 50 60 80 MiB; 8 12 2 8 % of a core, average 7.5.
/// The recorder: 8 ms in 4 s. Of 140 busy ticks 30 are k3s-server's and 1 is
/// kworker's.
const ONE_RUN: &str = r"product k3s, stage edge
  duration  4 s, 5 samples, one every 1 s
  validity  2 cautions

The whole machine
                         max    min  average  median    p95
  CPU, % of all cores  15.00   5.00     8.75    7.50  15.00
  memory in use, %     30.00  10.00    16.00   10.00  30.00
  memory in use, MiB   300.0  100.0    160.0   100.0  300.0

Top 10 processes by memory (PSS)
  name                      processes  median MiB  max MiB  % of RAM  % of run
  k3s-server                        1        50.0     80.0      5.00       100
  a\x1b[2J\xff very long..          1         0.5      0.5      0.05       100

Top 10 processes by CPU (% of one core)
  name        processes  median %  average %  max %  % of run
  k3s-server          1      8.00       7.50  12.00       100
  [kworker]           1      0.00       0.25   1.00       100

caution: The run is short: 5 samples in 4 s. Repeatable figures need at least
  60.
caution: Linux 6.1.21-v8+ may report too little PSS for a process that maps
  memory while it is read, unless the distribution has backported the fix
  (commit 6d065f507d82; in 6.6.34, 6.9.5 and 6.10).

The recording
  host      pi
  board     Raspberry Pi 3 Model B Plus Rev 1.3
  kernel    Linux 6.1.21-v8+ aarch64, Debian GNU/Linux 12 (bookworm)
  machine   4 cores, 1000.0 MiB of memory, 100.0 MiB of swap
  start     2023-11-14 22:13:20 UTC
  PSS       read for every process at every sample
  recorder  0.20 % of one core, 2.0 MiB written
            PSS 0.8 MiB, plus 0.0 MiB of kernel memory for 0 open files

Where the CPU time went
                           seconds      %
  processes, as sampled       0.31   22.1
  ended children              0.00    0.0
  orphans, reaped by init     0.00    0.0
  soft interrupts             0.00    0.0
  unattributed                1.09   77.9
  busy                        1.40  100.0
";

/// From 1 ms at the first sample to the footer's 9 ms: 8 in 4 s.
fn one() -> Vec<u8> {
    let own = |machine: &mut Machine| {
        let group = machine.group_mut(recorder::ID);
        group[recorder::CPU_US] += 1000;
        group[recorder::PSS_KIB] = 819;
    };
    log(&header(1), 0, own, true)
}

#[test]
fn one_run() {
    assert_eq!(shown(runs(&one(), OPTIONS), OPTIONS), ONE_RUN);
}

/// The same figures, and k3s's own by its profile; of sentences as much as a line of 80
/// columns takes.
const BRIEF: &str = r"product k3s, stage edge: 4 s, 5 samples

                         max    min  average  median
  CPU, % of all cores  15.00   5.00     8.75    7.50
  memory in use, MiB   300.0  100.0    160.0   100.0

  most memory (PSS, MiB)     max   min  average  median
  this product              80.0  40.0     56.0    50.0
  k3s-server                80.0  40.0     56.0    50.0
  a\x1b[2J\xff very long..   0.5   0.5      0.5     0.5

  most CPU (% of one core)    max   min  average  median
  this product              12.00  2.00     7.50    8.00
  k3s-server                12.00  2.00     7.50    8.00
  [kworker]                  1.00  0.00     0.25    0.00

caution: The run is short: 5 samples in 4 s. Repeatable figures need at least ..
caution: Linux 6.1.21-v8+ may report too little PSS for a process that maps me..
  recorder  0.20 % of one core, PSS 0.8 MiB, 2.0 MiB written
";

/// By the shipped binary, of a log in a file.
fn reported(name: &str, log: &[u8], arguments: &[&str]) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, log).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_edgebench-lite"));
    command.arg("report").args(arguments).arg(&path);
    command.env_remove("COLUMNS").env("LC_ALL", "C");
    let done = command.output().unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(done.status.code(), Some(0));
    String::from_utf8(done.stdout).unwrap()
}

/// It is also what the whole report of one run ends with.
#[test]
fn a_run_in_brief() {
    assert_eq!(reported("brief.ebl", &one(), &["--brief"]), BRIEF);
    let whole = reported("whole.ebl", &one(), &[]);
    assert!(whole.starts_with("product k3s, stage edge\n  duration  4 s, 5 samples"));
    assert!(whole.ends_with(&format!("100.0\n\n{BRIEF}")), "{whole}");
}

/// Three runs, in which the machine is busy for 60, 100 and 140 of the last 400 ticks, and
/// uses 0, 10 and 20 MiB more than `log` says. CPU: at most 15, 25 and 35 %, averages of
/// 8.75, 11.25 and 13.75 %, medians of 7.5 %. Memory: at most 300, 310 and 320 MiB,
/// averages of 160, 170 and 180, medians of 100, 110 and 120.
fn three() -> Vec<u8> {
    let all = (0..3).flat_map(|n| {
        let notes = |machine: &mut Machine| {
            machine.group_mut(memory::ID)[memory::MEM_AVAILABLE] -= n * 10 * 1024;
            let group = machine.group_mut(recorder::ID);
            group[recorder::CPU_US] += 1000;
            group[recorder::PSS_KIB] = 819;
        };
        log(&header(n as u32), 40 * n, notes, true)
    });
    all.collect()
}

/// The product and k3s-server as in [`ONE_RUN`], the same in all three.
const BRIEF_OF_THREE: &str = r"product k3s, stage edge: 3 runs of 4 s

                       median (range of 3 runs)  average  highest
  CPU, % of all cores       7.50 (7.50 to 7.50)    11.25    35.00
  memory in use, MiB     110.0 (100.0 to 120.0)    170.0    320.0

  most memory (PSS, MiB)    median (range of 3 runs)  average  highest
  this product                   50.0 (50.0 to 50.0)     56.0     80.0
  k3s-server                     50.0 (50.0 to 50.0)     56.0     80.0
  a\x1b[2J\xff very long..          0.5 (0.5 to 0.5)      0.5      0.5

  most CPU (% of one core)  median (range of 3 runs)  average  highest
  this product                   8.00 (8.00 to 8.00)     7.50    12.00
  k3s-server                     8.00 (8.00 to 8.00)     7.50    12.00
  [kworker]                      0.00 (0.00 to 0.00)     0.25     1.00

caution: 3 of 3 runs, worst: The run is short: 5 samples in 4 s. Repeatable fi..
caution: 3 of 3 runs, worst: Linux 6.1.21-v8+ may report too little PSS for a ..
  recorder  0.20 % of one core, PSS 0.8 MiB
";

#[test]
fn several_runs_come_together_and_in_brief_first() {
    let all = three();
    assert_eq!(reported("briefly.ebl", &all, &["--brief"]), BRIEF_OF_THREE);
    let text = reported("several.ebl", &all, &["--no-charts"]);
    let rest = text.strip_prefix(BRIEF_OF_THREE).unwrap();
    assert!(rest.starts_with("\nproduct k3s, stage edge: 3 runs\n"));
    let end = "\nIn short\n  product k3s, stage edge, 3 runs: median CPU 7.50 %, 110.0 MiB in use; 2\n    \
               cautions\n";
    assert!(text.ends_with(end), "{text}");
    assert!(!text.contains("\nRun 1\n"), "{text}");
}

#[test]
fn single_runs_come_where_they_are_asked_for() {
    let all = three();
    let brief = reported("each.ebl", &all, &["--brief", "--runs"]);
    let rest = brief.strip_prefix(BRIEF_OF_THREE).unwrap();
    let first = BRIEF.replace("stage edge:", "stage edge, run 1:");
    assert!(rest.starts_with(&format!("\n{first}\n")), "{brief}");
    assert!(rest.contains("\nproduct k3s, stage edge, run 3: 4 s, 5 samples\n"));
    let text = reported("all.ebl", &all, &["--runs"]);
    for part in ["\nRun 1\n  duration  4 s, 5", "\nRun 3\n"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let markdown = |more: &[&str]| {
        let arguments = [&["--format", "markdown"], more].concat();
        reported("markdown.ebl", &all, &arguments)
    };
    let together = "| memory in use, MiB, median | 110.0 | 100.0 to 120.0 |\n";
    for (more, has_runs) in [(&[][..], false), (&["--runs"], true)] {
        let text = markdown(more);
        assert!(text.contains(together), "{text}");
        assert_eq!(text.contains("\n## Run 2\n"), has_runs, "{text}");
    }
}

/// One of three does not list the second process, and has 60 MiB of the first.
#[test]
fn processes_are_taken_over_the_runs_that_list_them() {
    let mut three = runs(&three(), OPTIONS);
    three[2].by_memory.truncate(1);
    three[2].by_memory[0].figures.median = 60.0 * 1024.0;
    let text = shown(three, OPTIONS);
    assert_eq!(
        lines(&text, "Top 10 processes by memory (PSS)"),
        [
            "  name                      median (range of 3 runs)  average  highest",
            "  k3s-server                     50.0 (50.0 to 60.0)     56.0     80.0",
            "  a\\x1b[2J\\xff very long..     0.5 (0.5 to 0.5, n 2)      0.5      0.5",
        ]
    );
}

#[test]
fn a_finding_says_of_which_run_it_is() {
    let mut header = header(1);
    let first = log(&header, 0, |_| {}, true);
    (header.run, header.synchronised) = (2, Synchronised::No);
    let second = log(&header, 0, |_| {}, true);
    let text = shown(
        [runs(&first, OPTIONS), runs(&second, OPTIONS)].concat(),
        OPTIONS,
    );
    let note = "\nnote: run 2: The start time may be wrong: the kernel's clock was not\n  \
                synchronised.\n";
    assert!(text.contains(note), "{text}");
    assert!(text.contains("\ncaution: 2 of 2 runs, worst: The run is short: 5 "));
}

#[test]
fn processes_by_themselves() {
    let log = log(&header(1), 0, |_| {}, true);
    let options = Options {
        by: By::Process,
        top: 1,
        ..OPTIONS
    };
    let text = shown(runs(&log, options), options);
    assert_eq!(
        lines(&text, "Top 1 process by CPU (% of one core)"),
        [
            "  name        pid  median %  average %  max %  % of run",
            "  k3s-server   20      8.00       7.50  12.00       100"
        ]
    );
}

#[test]
fn what_has_to_be_known_is_noted() {
    let notes = |machine: &mut Machine| {
        let recorder = machine.group_mut(recorder::ID);
        recorder[recorder::UNREADABLE] = 31;
        recorder[recorder::LEFT_OUT] = 1;
        recorder[recorder::MISSED] = 2;
        let clock = machine.group_mut(clock::ID);
        clock[clock::STEPPED_MS] = -1_500i64 as u64;
        clock[clock::SUSPENDED_MS] = 100;
    };
    let mut header = header(1);
    (header.synchronised, header.euid) = (Synchronised::No, 1000);
    let mut log = log(&header, 0, notes, false);
    log.extend_from_slice(b"torn");
    let text = shown(runs(&log, OPTIONS), OPTIONS);
    let remarks = text
        .lines()
        .skip_while(|line| !line.starts_with("caution: "))
        .take_while(|line| !line.is_empty());
    let remarks: Vec<_> = remarks.collect();
    assert_eq!(
        remarks,
        [
            "caution: The run is short: 5 samples in 4 s. Repeatable figures need at least",
            "  60.",
            "caution: Linux 6.1.21-v8+ may report too little PSS for a process that maps",
            "  memory while it is read, unless the distribution has backported the fix",
            "  (commit 6d065f507d82; in 6.6.34, 6.9.5 and 6.10).",
            "caution: Up to 1 process at a time was not tracked: the recorder's table was",
            "  full. The largest are tracked.",
            "caution: 2 of 7 deadlines passed without a sample: the machine was too busy, the",
            "  log's disk did not answer, or the recorder was frozen (cgroup freezer).",
            "caution: The log is damaged in 1 place, 4 bytes: no sample is lost; it ends in",
            "  the middle of a record.",
            "caution: The board was suspended 1 time, for 0.1 s in all, which no interval",
            "  includes.",
            "note: The memory of 31 processes could not be read: run as root, or with",
            "  CAP_SYS_PTRACE.",
            "note: The run was cut off: its end is not in the log.",
            "note: The start time may be wrong: the kernel's clock was not synchronised.",
            "note: The clock was set 1 time during the run, by -1.5 s in all: no figure",
            "  depends on it.",
        ]
    );
}

#[test]
fn a_hostile_header_stays_on_its_line() {
    let mut header = header(1);
    (header.product, header.stage) = ("a\nnote: all is well", "");
    header.host = "\x1b]0;pwned\x07";
    let text = shown(runs(&log(&header, 0, |_| {}, true), OPTIONS), OPTIONS);
    assert!(text.starts_with("product a\\nnote: all is well, no stage named\n"));
    assert!(text.contains("  host      \\x1b]0;pwned\\x07\n"));
    assert!(!text.contains('\x1b'));
}

#[test]
fn three_runs_have_a_range() {
    let text = shown(runs(&three(), OPTIONS), OPTIONS);
    assert!(text.starts_with("product k3s, stage edge: 3 runs\n"));
    assert_eq!(
        lines(&text, "Medians of each run")[..3],
        [
            "  run           start (UTC)  duration  CPU %  memory MiB    validity",
            "  1 pi  2023-11-14 22:13:20       4 s   7.50       100.0  2 cautions",
            "  2 pi  2023-11-14 22:13:20       4 s   7.50       110.0  2 cautions",
        ]
    );
    assert_eq!(
        lines(&text, "Across 3 runs")[..5],
        [
            "                                median           range",
            "  CPU, % of all cores, max       25.00  15.00 to 35.00",
            "  CPU, % of all cores, min        5.00    5.00 to 5.00",
            "  CPU, % of all cores, average   11.25   8.75 to 13.75",
            "  CPU, % of all cores, median     7.50    7.50 to 7.50",
        ]
    );
}

/// Those of `n` runs, which are busy for 60, 100 and so on of 400 ticks at most: 15, 25, 35
/// and so on %.
fn many(n: u32) -> Vec<Run> {
    let logs = (0..n).map(|n| log(&header(n), 40 * u64::from(n), |_| {}, true));
    logs.flat_map(|log| runs(&log, OPTIONS)).collect()
}

/// The tenth is of another stage. Of nine values the second and the eighth hold the median
/// of all possible runs with 96.1 %.
#[test]
fn nine_runs_have_an_interval() {
    let mut other = header(9);
    other.stage = "baseline";
    let all = [many(9), runs(&log(&other, 0, |_| {}, true), OPTIONS)].concat();
    let text = shown(all, OPTIONS);
    assert!(text.contains("\n\nproduct k3s, stage baseline\n"));
    assert_eq!(
        lines(&text, "Across 9 runs")[..2],
        [
            "                                median  95 % CI of the median",
            "  CPU, % of all cores, max       55.00         25.00 to 85.00",
        ]
    );
    assert!(text.contains("  name                      median (95 % CI, n 9)  average  highest\n"));
}

/// One of six has a single sample, and no CPU: five runs are not said to be six, and
/// have a range, which is said where the others have an interval. Of memory all six have a
/// figure.
#[test]
fn a_median_is_of_the_runs_that_have_the_figure() {
    let mut six = many(6);
    six[5].cpu = None;
    let text = shown(six, OPTIONS);
    let lines = lines(&text, "Across 6 runs");
    let line = |begin: &str| lines.iter().find(|line| line.starts_with(begin)).unwrap();
    let cpu = line("  CPU, % of all cores, max ");
    assert!(
        cpu.ends_with("  35.00  range 15.00 to 55.00, n 5"),
        "{lines:?}"
    );
    let memory = line("  memory in use, MiB, max ");
    assert!(
        memory.ends_with("  300.0             300.0 to 300.0"),
        "{lines:?}"
    );
}
