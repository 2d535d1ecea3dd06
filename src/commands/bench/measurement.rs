//! The arguments with which this program's own commands measure a step.

use crate::bench::plan::{Entry, Plan};
use crate::bench::steps::{steps, Kind, Step};
use crate::commands::outcome::Error;

/// The options that a plan's keywords and words are: `max 5` is `--max 5`.
const OPTIONS: [&str; 16] = [
    "--unit",
    "--key",
    "--cgroup",
    "--check",
    "--max",
    "--settle",
    "--step-timeout",
    "--reserve",
    "--missed",
    "--iface",
    "--to",
    "--from",
    "--restart",
    "--peer",
    "--role",
    "--server-port",
];

type Arguments<'a> = Vec<&'a str>;

/// An option by its keyword; one that is none here is not given.
fn option<'a>(key: &str, value: &'a str, out: &mut Arguments<'a>) {
    if let Some(name) = OPTIONS.iter().find(|name| &name[2..] == key) {
        out.extend([name, value]);
    }
}

/// The keywords of a plan's line.
fn options<'a>(entry: Option<&'a Entry>, out: &mut Arguments<'a>) {
    for (key, value) in entry.map_or(&[][..], |entry| &entry.values) {
        option(key, value, out);
    }
}

/// Those that a line of the plan gives as they are.
fn repeated<'a>(plan: &'a Plan, words: &[&str], out: &mut Arguments<'a>) {
    for entry in plan.entries() {
        if words.contains(&entry.word.name) {
            option(entry.word.name, entry.first(), out);
        }
    }
}

/// The last is none of a ramp's, whose windows say when a probe is run.
const PROBE: [(&str, &str); 2] = [("timeout", "--probe-timeout"), ("every", "--probe-every")];

fn probe<'a>(plan: &'a Plan, times: &[(&str, &'static str)], out: &mut Arguments<'a>) {
    if let Some(entry) = plan.entry("probe") {
        out.extend(["--probe", entry.first()]);
        for (key, name) in times {
            out.extend(
                entry
                    .value(key)
                    .into_iter()
                    .flat_map(|value| [*name, value]),
            );
        }
    }
}

const KEYS: [&str; 3] = ["unit", "key", "cgroup"];

/// What measures a step into the log `output`; nothing for one that measures nothing.
pub(super) fn arguments<'a>(
    plan: &'a Plan,
    step: &Step,
    output: &'a str,
    note: &'a str,
) -> Arguments<'a> {
    let mut all = Vec::new();
    let out = &mut all;
    let name = step.kind.name();
    match step.kind {
        Kind::Install => return all,
        Kind::Baseline | Kind::Edge | Kind::Workload => {
            let runs = plan.runs(name).and_then(|runs| runs.value("of"));
            let duration = runs.unwrap_or("5m");
            out.extend(["record", "--quiet", "--stage", name, "--duration", duration]);
            repeated(plan, &KEYS, out);
            if step.kind != Kind::Baseline {
                probe(plan, &PROBE, out);
            }
        }
        Kind::Ramp => {
            out.extend(["ramp", "--quiet", "--step", plan.text("ramp")]);
            out.extend(["--ready", plan.text("ramp-ready")]);
            out.extend(["--undo", plan.text("ramp-undo")]);
            options(plan.entry("ramp"), out);
            repeated(plan, &KEYS, out);
            probe(plan, &PROBE[..1], out);
        }
        Kind::IpChange | Kind::Firewall => {
            out.extend(["survive", name]);
            options(plan.entry(name), out);
            repeated(plan, &["check"], out);
        }
        Kind::Restart => out.extend(["boot", "restart", "--now", "--note", note]),
    }
    out.extend(["--product", plan.text("product"), "--output", output]);
    all
}

/// What finishes a restart, in the boot that followed.
pub(super) fn finish<'a>(plan: &'a Plan, note: &'a str) -> Arguments<'a> {
    let mut all = vec!["boot", "restart", "--finish", "--note", note];
    if plan.entry("clock").is_some() {
        all.extend(["--wait-sync", plan.text("clock")]);
    }
    repeated(plan, &["check"], &mut all);
    all
}

/// What `compare` is told at the end, beside the logs.
pub(super) fn profile(plan: &Plan) -> Option<String> {
    plan.entry("profile")?;
    Some(format!("{}={}", plan.text("product"), plan.text("profile")))
}

/// Why a command that the plan comes to would be refused whenever it is run: that is better
/// known now than after a night.
pub(super) fn refusal(
    plan: &Plan,
    understood: &dyn Fn(&[&str]) -> Result<(), Error>,
) -> Option<String> {
    let why = |of: &str, arguments: &[&str]| match understood(arguments) {
        Err(Error::Failed(why) | Error::Usage(why)) => Some(format!("{of}: {why}")),
        _ => None,
    };
    let all = steps(plan);
    let of_kinds = all.iter().filter(|step| step.run == 1).find_map(|step| {
        let name = step.kind.name();
        let begun = why(name, &arguments(plan, step, "log", "note"));
        begun.or_else(|| match step.kind {
            Kind::Restart => why(name, &finish(plan, "note")),
            _ => None,
        })
    });
    of_kinds.or_else(|| {
        let profile = profile(plan)?;
        why("profile", &["compare", "directory", "--profile", &profile])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::vocabulary::VOCABULARY;

    #[test]
    fn each_step_by_its_command() {
        let text =
            "product p\ndirectory /d\nstart a\nready b\nstop c\ndeploy d\nremove e\nunit p\n\
            runs baseline 1 of 4m\nruns workload 1 of 5m\nprobe \"get nodes\" every 9s timeout 5m\n\
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
                 --probe-timeout 5m --probe-every 9s {end}"
            )
        );
        assert_eq!(
            of(Kind::Ramp),
            format!(
                "ramp --quiet --step run {{n}} --ready r --undo u --max 3 --unit p \
                 --probe get nodes --probe-timeout 5m {end}"
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

    /// A keyword that is no option would be left out in silence.
    #[test]
    fn every_keyword_is_an_option() {
        for word in ["ramp", "ip-change", "firewall"] {
            let mut words = VOCABULARY.iter();
            let word = words.find(|other| other.name == word).expect("it is one");
            for key in word.form.split([' ', '[', ']']) {
                let is_keyword = key.starts_with(|c: char| c.is_ascii_lowercase());
                assert!(
                    !is_keyword || OPTIONS.iter().any(|name| &name[2..] == key),
                    "{key}"
                );
            }
        }
    }
}
