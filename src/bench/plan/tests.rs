use super::*;
use crate::proc::hostile::mangled;
use proptest::prelude::*;

const TEXT: &str = "# Of a product.\nproduct k3s\ndirectory /var/k3s\nstart \"systemctl start k3s\"\n\
    ready \"kubectl get \\\"x\\\"\" within 5m # long\nstop killall\nruns baseline 5 of 5m\n\
    runs edge 3 of 90s\nprobe \"kubectl get nodes\" timeout 60s every 10s\ncheck unit:k3s\ncheck tcp://h:1\n";

fn plan() -> Plan {
    Plan::parse(TEXT.as_bytes()).expect("it is one")
}

/// What is said of a plan that begins as it should, and goes on with `lines`.
fn said(lines: &str) -> String {
    let text = format!("{TEXT}{lines}\n");
    let error = Plan::parse(text.as_bytes()).expect_err(lines);
    format!("{}: {}", error.line, error.fault)
}

#[test]
fn words_and_their_values() {
    let plan = plan();
    assert_eq!(plan.text("product"), "k3s");
    assert_eq!(plan.text("ready"), "kubectl get \"x\"");
    let within = plan.entry("ready").and_then(|ready| ready.time("within"));
    assert_eq!(within, Some(Duration::from_secs(300)));
    let edge = plan.runs("edge").expect("it has runs");
    assert_eq!(edge.value("N"), Some("3"));
    assert_eq!(edge.time("of"), Some(Duration::from_secs(90)));
    let probe = plan.entry("probe").expect("there is one");
    assert_eq!(probe.time("every"), Some(Duration::from_secs(10)));
    assert_eq!(plan.entries().len(), 10);
    assert_eq!(plan.runs("workload"), None);
    assert!(!plan.restarts());
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (lines, expected) in [
        (
            "runns edge 5 of 5m",
            "12: unknown word `runns`: is `runs` meant?",
        ),
        ("colour red", "12: unknown word `colour` (see bench --help)"),
        ("start a", "12: `start` is in line 4, too"),
        ("runs edge 5 of 5m", "12: `runs` is in line 8, too"),
        (
            "runs workload 5 5m",
            "12: not of the form `runs STAGE N of TIME`",
        ),
        (
            "runs workload",
            "12: not of the form `runs STAGE N of TIME`",
        ),
        (
            "runs workload 0 of 5m",
            "12: `0` is not a number from 1 to 1000",
        ),
        (
            "runs ramp 1 of 5m",
            "12: `ramp` is not one of baseline, edge, workload",
        ),
        ("restarts 1 2", "12: not of the form `restarts N`"),
        (
            "settle 1m within",
            "12: not of the form `settle TIME [within TIME]`",
        ),
        (
            "settle 1m within 1m within 1m",
            "12: not of the form `settle TIME [within TIME]`",
        ),
        (
            "firewall peer a peer b peer c",
            "12: not of the form `firewall peer HOST [peer HOST] [role ROLE] [server-port PORT]`",
        ),
        ("cool hot", "12: `hot` is not degrees Celsius, such as 55"),
        ("remove \"x", "12: unclosed quotation mark"),
        (
            "runs workload 1 of 5m",
            "0: the plan has no `deploy`, which stage workload needs",
        ),
        (
            "ramp a",
            "0: the plan has no `ramp-ready`, which the ramp needs",
        ),
    ] {
        assert_eq!(said(lines), expected);
    }
}

#[test]
fn what_a_plan_lacks_is_told() {
    let of = |text: &str| Plan::parse(text.as_bytes()).map_err(|error| error.fault.to_string());
    assert_eq!(
        of("product p\ndirectory /d\n"),
        Err("the plan measures nothing: it has no `runs`".to_owned())
    );
    assert_eq!(
        of("product p\ndirectory d\nruns baseline 1 of 5m\n"),
        Err(
            "`d` is not an absolute path in plain characters: whatever resumes may run elsewhere"
                .to_owned()
        )
    );
    assert_eq!(
        of("product p\ndirectory /d\nruns edge 1 of 5m\n"),
        Err("the plan has no `start`, which the edge software needs".to_owned())
    );
    assert!(of("product p\ndirectory /d\nruns baseline 1 of 5m\n").is_ok());
}

#[test]
fn a_comment_is_no_difference_and_a_value_is() {
    let plan = plan();
    let of = |from: &str, to: &str| {
        let other = Plan::parse(TEXT.replace(from, to).as_bytes()).expect("it is one");
        let differs = plan.differs_from(&other);
        differs.map(Entry::to_string)
    };
    assert_eq!(of("# long", "# short"), None);
    assert_eq!(of("\nstop killall", "\n\nstop   \"killall\""), None);
    assert_eq!(
        of("3 of 90s", "4 of 90s"),
        Some("runs edge 3 of 90s".to_owned())
    );
    assert_eq!(
        of("within 5m", ""),
        Some("ready \"kubectl get \\\"x\\\"\" within 5m".to_owned())
    );
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic(text in mangled(TEXT.as_bytes())) {
        let _ = Plan::parse(&text);
    }

    /// Whatever its values are: what is shown of a plan is that plan.
    #[test]
    fn what_is_shown_is_read(command in "[ -~]*[!-~][ -~]*", runs in 1u64..1000) {
        let quoted = words::quote(&command);
        let text = format!(
            "product p\ndirectory /d\nstart {quoted} within 3s\nready {quoted}\nstop {quoted}\n\
             runs edge {runs} of 1h\n"
        );
        let plan = Plan::parse(text.as_bytes()).expect("it is one");
        prop_assert_eq!(plan.text("start"), &command[..]);
        let shown: String = plan.entries().iter().map(|entry| format!("{entry}\n")).collect();
        prop_assert_eq!(Plan::parse(shown.as_bytes()), Ok(plan));
    }
}
