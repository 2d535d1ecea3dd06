//! The arguments with which this program's own commands measure a step.

use crate::bench::plan::{Entry, Plan};
use crate::bench::steps::{Kind, Step};

/// The keywords of a plan's line as options: `max 5` is `--max 5`.
fn options(entry: Option<&Entry>, out: &mut Vec<String>) {
    let values = entry.map_or(&[][..], |entry| &entry.values);
    for (key, value) in values {
        if key.starts_with(|c: char| c.is_ascii_lowercase()) {
            option(&format!("--{key}"), value, out);
        }
    }
}

fn option(name: &str, value: &str, out: &mut Vec<String>) {
    out.push(name.to_owned());
    out.push(value.to_owned());
}

/// Those that a line of the plan gives as they are, such as `unit` and `check`.
fn repeated(plan: &Plan, words: &[&str], out: &mut Vec<String>) {
    for entry in plan.entries() {
        if words.contains(&entry.word.name) {
            let value = entry.values.first().map_or("", |(_, value)| value);
            option(&format!("--{}", entry.word.name), value, out);
        }
    }
}

fn probe(plan: &Plan, out: &mut Vec<String>) {
    let Some(entry) = plan.entry("probe") else {
        return;
    };
    option("--probe", plan.text("probe"), out);
    for (key, name) in [("every", "--probe-every"), ("timeout", "--probe-timeout")] {
        if let Some(value) = entry.value(key) {
            option(name, value, out);
        }
    }
}

/// What measures a step into the log `output`; nothing for one that measures nothing.
pub(super) fn arguments(plan: &Plan, step: &Step, output: &str, note: &str) -> Vec<String> {
    let mut all = Vec::new();
    let out = &mut all;
    let words = |words: &[&str], out: &mut Vec<String>| {
        out.extend(words.iter().map(|&word| word.to_owned()));
    };
    match step.kind {
        Kind::Install => return all,
        Kind::Baseline | Kind::Edge | Kind::Workload => {
            let stage = step.kind.name();
            words(&["record", "--quiet", "--stage", stage], out);
            let runs = plan.runs(stage).and_then(|runs| runs.value("of"));
            option("--duration", runs.unwrap_or("5m"), out);
            repeated(plan, &["unit", "key", "cgroup"], out);
            if step.kind != Kind::Baseline {
                probe(plan, out);
            }
        }
        Kind::Ramp => {
            words(&["ramp", "--quiet"], out);
            option("--step", plan.text("ramp"), out);
            option("--ready", plan.text("ramp-ready"), out);
            option("--undo", plan.text("ramp-undo"), out);
            options(plan.entry("ramp"), out);
            repeated(plan, &["unit", "key", "cgroup"], out);
            if plan.entry("probe").is_some() {
                option("--probe", plan.text("probe"), out);
            }
        }
        Kind::IpChange | Kind::Firewall => {
            words(&["survive", step.kind.name()], out);
            options(plan.entry(step.kind.name()), out);
            repeated(plan, &["check"], out);
        }
        Kind::Restart => {
            words(&["boot", "restart", "--now", "--note", note], out);
        }
    }
    option("--product", plan.text("product"), out);
    option("--output", output, out);
    all
}

/// What finishes a restart, in the boot that followed.
pub(super) fn finish(plan: &Plan, note: &str) -> Vec<String> {
    let words = ["boot", "restart", "--finish", "--note", note];
    let mut all: Vec<String> = words.map(str::to_owned).into();
    if plan.entry("clock").is_some() {
        option("--wait-sync", plan.text("clock"), &mut all);
    }
    repeated(plan, &["check"], &mut all);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_by_its_command() {
        let text =
            "product p\ndirectory /d\nstart a\nready b\nstop c\ndeploy d\nremove e\nunit p\n\
            runs baseline 1 of 4m\nruns workload 1 of 5m\nprobe \"get nodes\" every 9s\n\
            ramp \"run {n}\" max 3\nramp-ready r\nramp-undo u\nrestarts 1\ncheck unit:p\n\
            ip-change iface eth0 to 10.0.0.7/24\nfirewall peer h peer 10.0.0.8 role agent\ninstall i\nclock 1m\n";
        let plan = Plan::parse(text.as_bytes()).expect("it is a plan");
        let of = |kind| {
            let step = Step { kind, run: 1 };
            arguments(&plan, &step, "/d/x.ebl", "/d/restart").join(" ")
        };
        let end = "--product p --output /d/x.ebl";
        assert_eq!(
            of(Kind::Baseline),
            format!("record --quiet --stage baseline --duration 4m --unit p {end}")
        );
        assert_eq!(
            of(Kind::Workload),
            format!(
                "record --quiet --stage workload --duration 5m --unit p --probe get nodes \
                 --probe-every 9s {end}"
            )
        );
        assert_eq!(
            of(Kind::Ramp),
            format!(
                "ramp --quiet --step run {{n}} --ready r --undo u --max 3 --unit p \
                 --probe get nodes {end}"
            )
        );
        assert_eq!(
            of(Kind::IpChange),
            format!("survive ip-change --iface eth0 --to 10.0.0.7/24 --check unit:p {end}")
        );
        assert_eq!(
            of(Kind::Firewall),
            format!("survive firewall --peer h --peer 10.0.0.8 --role agent --check unit:p {end}")
        );
        assert_eq!(
            of(Kind::Restart),
            format!("boot restart --now --note /d/restart {end}")
        );
        assert_eq!(of(Kind::Install), "");
        assert_eq!(
            finish(&plan, "/d/restart").join(" "),
            "boot restart --finish --note /d/restart --wait-sync 1m --check unit:p"
        );
    }
}
