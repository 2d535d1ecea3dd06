use super::*;
use crate::proc::hostile::mangled;
use proptest::prelude::*;

const TEXT: &str = "20261128T120000Z machine 4b1d\n20261128T120000Z boot 6a-1\n\
    20261128T120001Z temperature 48123\n20261128T120002Z begin edge-1 1\n\
    20261128T120002Z remark edge-1 \"not settled within 10m\"\n\
    20261128T120502Z end edge-1 1 invalid 95000 120000 \"the board was \\\"throttled\\\"\"\n\
    20261128T120600Z begin edge-1 2\n20261128T121101Z end edge-1 2 counted 94000 100000 \"\"\n\
    20261128T121200Z begin edge-2 1\n20261128T130000Z boot 6a-2\n\
    20261128T130000Z end edge-2 1 cut-off 0 0 \"a restart\"\n20261128T130001Z begin edge-2 2\n";

fn remark(step: &str, text: &str) -> Remark {
    Remark {
        text: text.to_owned(),
        steps: vec![step.to_owned()],
    }
}

fn state() -> State {
    State {
        machine: Some("4b1d".into()),
        boot: Some("6a-2".into()),
        temperature_mc: Some(48123),
        is_used: true,
        idle_boots: 1,
        tries: vec![
            Tries {
                step: "edge-1".into(),
                last: 2,
                is_open: false,
                is_counted: true,
                bad: 1,
                // From the end of the first attempt, 12:05:02, to 12:11:01.
                took_s: Some(359),
            },
            Tries {
                step: "edge-2".into(),
                last: 2,
                is_open: true,
                ..Tries::default()
            },
        ],
        remarks: vec![
            remark("edge-1", "not settled within 10m"),
            remark("edge-1", "attempt 1: invalid: the board was \"throttled\""),
            remark("edge-2", "attempt 1: cut-off: a restart"),
        ],
        wear: Wear {
            own: 189_000,
            disk: 220_000,
        },
        done: false,
        // When edge-2 was begun again: the end of the attempt that was cut off says nothing.
        since_s: Some(1_795_870_801),
    }
}

#[test]
fn the_sum_of_the_lines() {
    assert_eq!(State::of(TEXT.as_bytes()), state());
    assert_eq!(State::of(b""), State::default());
}

#[test]
fn every_line_is_read_as_it_was_written() {
    for (number, words) in words::lines(TEXT.as_bytes()) {
        let Some(line) = words.ok().and_then(|words| Line::parse(&words)) else {
            assert_eq!(number, 13, "the end of the text");
            continue;
        };
        let written = TEXT
            .lines()
            .nth(number - 1)
            .and_then(|line| line.split_once(' '));
        assert_eq!(written.map(|(_, line)| line), Some(&line.to_string()[..]));
    }
}

#[test]
fn a_torn_line_counts_for_nothing() {
    let torn = format!("{TEXT}20261128T130600Z end edge-2 2 counted 1 1 \"\"");
    assert_eq!(State::of(torn.as_bytes()), state());
    let damaged = format!("{TEXT}\0\0\0\n20261128T130600Z end edge-2\n");
    assert_eq!(State::of(damaged.as_bytes()), state());
}

#[test]
fn a_boot_is_used_from_its_first_step_on() {
    let used = |text: &str| State::of(text.as_bytes()).is_used;
    assert!(used("t boot a\n"), "the benchmark was begun in it");
    assert!(used("t boot a\nt boot a\n"));
    assert!(!used("t boot a\nt boot b\nt boot b\n"));
    assert!(used("t boot a\nt boot b\nt begin e-1 1\nt boot b\n"));
}

#[test]
fn what_is_said_of_several_steps_is_said_once() {
    let text = "t remark e-1 hot\nt remark e-2 hot\nt remark e-2 hot\nt remark e-2 cold\n";
    let remarks = State::of(text.as_bytes()).remarks;
    let said: Vec<String> = remarks.iter().map(Remark::to_string).collect();
    assert_eq!(said, ["e-1, e-2: hot", "e-2: cold"]);
}

#[test]
fn boots_that_end_nothing_are_counted() {
    let boots = |text: &str| State::of(text.as_bytes()).idle_boots;
    assert_eq!(boots("t boot a\nt boot a\n"), 1);
    assert_eq!(
        boots("t boot a\nt boot b\nt end e-1 1 cut-off 0 0 \"\"\nt boot c\n"),
        3
    );
    assert_eq!(
        boots("t boot a\nt boot b\nt end e-1 1 failed 0 0 \"\"\nt boot c\n"),
        1
    );
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(text in mangled(TEXT.as_bytes())) {
        let _ = State::of(&text);
    }
}
