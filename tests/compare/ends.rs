//! Processes that ended between samples, product against product.

use super::{against, compare, compared, folder, made, made::ended::Line, row, Made};
use edgebench_lite::log::fields::recorder;

const ENDED: &str = "Processes that ended between samples";
const TITLE: &str = "izuma against k3s";

/// Three runs each, of 60 intervals of a second in which so many shells end that used so
/// many microseconds.
fn logs() -> Vec<Made> {
    let ends: [(&str, Line); 6] = [
        ("k3s", ("sh", "k3s", 3, 0, 40_000, 9)),
        ("k3s", ("sh", "k3s", 3, 0, 60_000, 9)),
        ("k3s", ("sh", "k3s", 4, 1, 50_000, 9)),
        ("izuma", ("sh", "", 1, 0, 10_000, 9)),
        ("izuma", ("sh", "", 1, 0, 20_000, 9)),
        ("izuma", ("sh", "", 1, 0, 15_000, 9)),
    ];
    let run = |((product, line), run)| Made {
        ends: vec![line],
        also: |_, machine| machine.group_mut(recorder::ID)[recorder::EXITS] = 1,
        ..made(run, product, "edge")
    };
    ends.into_iter().zip(1..).map(run).collect()
}

/// 40, 60 and 50 ms a second; of all pairs of runs the least and the greatest ratio are
/// 10 / 60 and 20 / 40, and 1 / 4 and 1 / 3.
#[test]
fn short_lived_cpu_and_ends_by_hand() {
    let text = compared(&folder(&logs()), ["."]);
    let cells = row(&text, ENDED, "short-lived CPU, with");
    assert_eq!(
        cells,
        ["5.00 % (4.00 to 6.00, n 3)", "1.50 % (1.00 to 2.00, n 3)"]
    );
    let cells = row(&text, ENDED, "ended a second, with");
    assert_eq!(
        cells,
        ["3.00 (3.00 to 4.00, n 3)", "1.00 (1.00 to 1.00, n 3)"]
    );
    let pair = against(&text, TITLE, ENDED, "short-lived CPU, with");
    assert_eq!(pair, ["-3.50 pp", "0.30", "0.17 to 0.50", "3"]);
    let pair = against(&text, TITLE, ENDED, "ended a second, with");
    assert_eq!(pair, ["-2.00", "0.33", "0.25 to 0.33", "3"]);
    assert!(text.contains("\nTop CPU consumer: recorder excluded. Short-lived CPU: "));
}

#[test]
fn the_other_forms_have_them_too() {
    let folder = folder(&logs());
    let csv = compared(&folder, [".", "--format=csv"]);
    assert!(
        csv.contains("\nk3s,ended_cpu,edge,average,% of one core,5,range,4,6,3,"),
        "{csv}"
    );
    assert!(
        csv.contains("\nizuma,ended_a_second,edge,average,per second,1,range,1,1,3,"),
        "{csv}"
    );
    let json = compared(&folder, [".", "--format=json"]);
    assert!(json.contains("\"row\":\"ended_a_second\""), "{json}");
    for format in ["--format=markdown", "--format=html"] {
        let text = compared(&folder, [".", format]);
        assert!(text.contains("short-lived CPU, with"), "{text}");
        assert!(text.contains("ended a second, with"), "{text}");
    }
}

/// One side may not listen: nothing is compared, and its cell says why.
#[test]
fn who_could_not_listen_says_so() {
    let mut logs = logs();
    for run in &mut logs[3..] {
        run.ends.clear();
        run.also = |_, machine| machine.group_mut(recorder::ID)[recorder::EXITS] = 3;
    }
    let text = compared(&folder(&logs), ["."]);
    for label in ["short-lived CPU, with", "ended a second, with"] {
        let cells = row(&text, ENDED, label);
        assert!(cells[0].ends_with("n 3)"), "{cells:?}");
        assert!(cells[1].starts_with("not measured ["), "{cells:?}");
        let (_, pairs) = text.split_once(&format!("\n{TITLE}\n")).unwrap();
        assert!(!pairs.contains(label), "{pairs}");
    }
    assert!(
        text.contains("] not told in stage edge: taskstats needs CAP_NET_ADMIN, which root has, and AF_NETLINK, which a unit may refuse\n"),
        "{text}"
    );
    // Logs of a recorder that knew nothing of ends.
    let of_old = [made(1, "k3s", "edge"), made(2, "izuma", "edge")];
    let text = compared(&folder(&of_old), ["."]);
    assert!(
        text.contains(
            "] not in the logs of stage edge: the recorder did not ask which processes end\n"
        ),
        "{text}"
    );
}

/// What the kernel could not tell makes it a lower bound, which is not compared.
#[test]
fn what_was_lost_makes_it_a_lower_bound() {
    let mut logs = logs();
    logs[1].also = |tick, machine| {
        let group = machine.group_mut(recorder::ID);
        group[recorder::EXITS] = 1;
        group[recorder::EXITS_LOST] = if tick > 30 { 7 } else { 0 };
    };
    let done = compare(&folder(&logs), ["."]);
    let cells = row(&done.out, ENDED, "short-lived CPU, with");
    assert_eq!(
        cells,
        [
            "at least 5.00 % (4.00 to 6.00, n 3)",
            "1.50 % (1.00 to 2.00, n 3)"
        ]
    );
    let (_, pairs) = done.out.split_once(&format!("\n{TITLE}\n")).unwrap();
    assert!(!pairs.contains("short-lived CPU"), "{pairs}");
}
