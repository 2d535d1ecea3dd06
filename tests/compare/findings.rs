//! What is found about a run, `report` and `compare` say alike; and each finding that
//! a comparison adds.

use super::{compared, doubts, folder, made, row, runs, sentences, Made, MEMORY};
use edgebench_lite::log::fields::{board, clock, cpu, recorder, vmstat};
use edgebench_lite::log::model::Machine;
use edgebench_lite::log::record::End;

/// What else happens to the machine, by the tick.
type Also = fn(u64, &mut Machine);

/// What `report` has in doubt about a log, and what it notes.
fn reported(made: &Made) -> (Vec<String>, Vec<String>) {
    let folder = folder(std::slice::from_ref(made));
    let mut command = folder.edgebench(["report", "00.ebl"]);
    let done = super::run(command.env("COLUMNS", "250").env("LC_ALL", "C"));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    // Behind the details stands the screen of the run, with the worst of the findings.
    let (details, _) = done.out.rsplit_once("\nproduct ").unwrap();
    (doubts(details), sentences(details, "note: "))
}

/// All that may be wrong with a run, each by itself. None of it may be known to the
/// report alone.
#[test]
fn compare_doubts_whatever_the_report_doubts() {
    let put: [(&str, Also); 7] = [
        ("slowed the board down", |_, m| {
            m.group_mut(board::ID)[board::THROTTLED] = 4
        }),
        ("supply voltage", |_, m| {
            m.group_mut(board::ID)[board::UNDERVOLTAGE] = 1;
        }),
        ("killed 3 processes", |tick, m| {
            m.group_mut(vmstat::ID)[vmstat::OOM_KILL] = tick.min(3);
        }),
        ("Up to 50 processes at a time", |_, m| {
            m.group_mut(recorder::ID)[recorder::LEFT_OUT] = 50;
        }),
        ("30 of 91 deadlines", |_, m| {
            m.group_mut(recorder::ID)[recorder::MISSED] = 30;
        }),
        ("suspended 1 time", |tick, m| {
            m.group_mut(clock::ID)[clock::SUSPENDED_MS] = 100 * (tick / 30).min(1);
        }),
        ("CPU had not settled", |tick, m| {
            let more = if tick > 40 { 40 } else { 0 };
            m.group_mut(cpu::ID)[cpu::USER] += more;
            m.group_mut(cpu::ID)[cpu::IDLE] -= more;
        }),
    ];
    for (said, also) in put {
        let made = Made {
            also,
            ..made(1, "k3s", "edge")
        };
        agree(&made, said);
    }
    let mut failed = made(1, "k3s", "edge");
    failed.end = End::Failure;
    agree(&failed, "The recorder failed");
    let mut short = made(1, "k3s", "edge");
    short.samples = 20;
    agree(&short, "The run is short: 20 samples");
    let mut kernel = made(1, "k3s", "edge");
    kernel.header.release = "6.1.21-v8+";
    agree(&kernel, "Linux 6.1.21-v8+ may report too little PSS");
    let mut typo = made(1, "k3s", "egde");
    typo.header.product = "k3s";
    agree(&typo, "Unknown stage `egde`: did you mean edge?");
    let mut busy = made(1, "k3s", "baseline");
    busy.busy = 0;
    busy.also = |_, m| {
        m.group_mut(cpu::ID)[cpu::USER] += 380;
        m.group_mut(cpu::ID)[cpu::IDLE] -= 380;
    };
    agree(&busy, "invalid: The baseline was busy: median CPU 95.00 %");
}

/// The report says it, and of everything that the report doubts compare says the same.
fn agree(made: &Made, said: &str) {
    let (doubted, _) = reported(made);
    assert!(
        doubted.iter().any(|doubt| doubt.contains(said)),
        "{said}: {doubted:?}"
    );
    let compared = doubts(&compared(&folder(std::slice::from_ref(made)), ["."]));
    for doubt in doubted {
        let (grade, sentence) = match doubt.strip_prefix("invalid: ") {
            Some(sentence) => ("invalid: ", sentence),
            None => ("", &doubt[..]),
        };
        let expected = format!("{grade}k3s: {sentence}");
        assert!(compared.contains(&expected), "{expected}: {compared:?}");
    }
}

/// A run without its end, in the notes of both.
#[test]
fn a_run_that_was_cut_off() {
    let mut cut = made(1, "k3s", "edge");
    cut.footer = false;
    let note = "The run was cut off: its end is not in the log.";
    assert_eq!(reported(&cut).1, [note]);
    let text = compared(&folder(&[cut]), ["."]);
    let notes = sentences(&text, "note: ");
    assert!(notes.contains(&format!("k3s: {note}")), "{notes:?}");
}

/// From inside a PID namespace: no thread of the kernel, and of 80 busy ticks in an
/// interval (82.5 on the average of 60: 58 x 80, 40 and 320) processes have 8.
#[test]
fn others_use_the_machine_and_are_not_seen() {
    let mut inside = made(1, "k3s", "edge");
    inside.busy = 80;
    inside.processes = vec![runs("app", 5, 8)];
    let seen = inside.clone();
    inside.kernel_threads = false;
    // 480 of 5000 ticks are accounted for.
    let said = "Other software uses the machine: 90 % of the busy CPU time belongs to no process \
                in the log. The run was recorded in a container or a PID namespace: record \
                outside of it.";
    assert_eq!(reported(&inside).0, [said]);
    assert_eq!(reported(&seen).0, Vec::<String>::new());
}

/// What only two runs show: they were recorded by different versions, users, on
/// different systems and with pages of different sizes.
#[test]
fn recordings_that_differ() {
    let mut other = made(2, "izuma", "edge");
    other.header.tool = "0.2.0";
    other.header.os = "LmP 94";
    other.header.page_size = 16384;
    other.header.euid = 1000;
    let text = compared(&folder(&[made(1, "k3s", "edge"), other]), ["."]);
    assert_eq!(
        doubts(&text),
        [
            "Different versions of the recorder: 0.1.0 (k3s); 0.2.0 (izuma).",
            "Different operating systems: unknown (k3s); LmP 94 (izuma).",
            "Different page sizes: 4 KiB (k3s); 16 KiB (izuma).",
            "Recorded by different users: root (k3s); user 1000 (izuma).",
        ]
    );
}

/// Baselines of 100 and 500 MiB, 350 and 550 with the edge software: the medians are 150
/// apart, two runs from -150 to 450.
#[test]
fn a_difference_that_may_be_nothing_is_marked() {
    let used = |number, stage, used| Made {
        used,
        ..made(number, "k3s", stage)
    };
    let logs = [
        used(1, "baseline", 100),
        used(2, "baseline", 500),
        used(3, "edge", 350),
        used(4, "edge", 550),
    ];
    let text = compared(&folder(&logs), ["."]);
    let taken = row(&text, MEMORY, "taken by the edge software");
    assert_eq!(taken, ["~ 150.0 MiB (-150.0 to 450.0, n 2)"]);
    let said = "The runs do not show whether memory, taken by the edge software of k3s is above \
                or below 0: 150.0 MiB (-150.0 to 450.0, n 2). Record more or longer runs.";
    assert!(doubts(&text).contains(&said.to_owned()), "{text}");
}

/// Of two runs of a stage the worse one is shown, and in how many it is so.
#[test]
fn the_worst_run_is_shown() {
    let run = |number, samples| Made {
        samples,
        ..made(number, "k3s", "edge")
    };
    let logs = [run(1, 61), run(2, 40), run(3, 30)];
    let text = compared(&folder(&logs), ["."]);
    let short = "k3s edge in 2 of 3 runs (worst run shown): The run is short: 30 samples in 29 s. \
                 Repeatable figures need at least 60.";
    assert!(doubts(&text).contains(&short.to_owned()), "{text}");
}

#[test]
fn a_run_like_any_other_has_no_finding() {
    let mut plain = made(1, "k3s", "edge");
    plain.processes.push(runs("k3s-server", 50, 1));
    assert_eq!(reported(&plain), (Vec::new(), Vec::new()));
}
