//! Which logs are read, what is written where, and what is refused.

use super::{compare, compared, folder, made, row, two_products, Folder, Made, MEMORY};
use crate::support::{capture, run};
use edgebench_lite::log::frame;
use std::fs;

#[test]
fn what_is_refused() {
    let folder = folder(&[made(1, "k3s", "edge"), made(2, "izuma", "edge")]);
    fs::create_dir(folder.file("empty")).unwrap();
    folder.write("text.ebl", "this is no log");
    for (arguments, message) in [
        (&[][..], "compare: no log given, and no facts (see edgebench-lite compare --help)"),
        (&["empty"], "empty holds no *.ebl file"),
        (&["gone.ebl"], "cannot read gone.ebl: No such file or directory"),
        (&["00.ebl", "text.ebl"], "text.ebl is not an edgebench-lite log"),
        (&["00.ebl", "00.ebl"], "00.ebl is given twice"),
        (&["00.ebl", "01.ebl", "--reference=k0s"], "--reference: there is no product k0s: there are k3s, izuma"),
        (&["00.ebl", "--profile=izuma=k3s"], "--profile: there is no product izuma: there are k3s"),
        (&["00.ebl", "--key=nothing"], "--key: `nothing` is not LABEL=PATTERN, such as app=app.py (see edgebench-lite compare --help)"),
        (&["00.ebl", "--profile=k3s=docker"], "--profile: `docker` is no known profile: those are izuma, k3s, microk8s, k0s, kubeedge (see edgebench-lite compare --help)"),
        (&["00.ebl", "--profile=k3s"], "--profile: `k3s` is not PRODUCT=PROFILE, such as mine=k3s (see edgebench-lite compare --help)"),
        (&["00.ebl", "--format=yaml"], "--format: `yaml` is none of text, markdown, json, csv, html, svg (see edgebench-lite compare --help)"),
        (&["00.ebl", "--export=a.md", "--export=a.md"], "compare: --export a.md twice (see edgebench-lite compare --help)"),
    ] {
        let done = compare(&folder, arguments.iter().copied());
        assert_eq!((done.status, done.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert_eq!(done.err, format!("edgebench-lite: {message}\n"), "{arguments:?}");
    }
    let done = compare(&folder, ["00.ebl", "--export=a.xls"]);
    assert_eq!(done.status, Some(2));
    let begin = "edgebench-lite: --export: unknown export type `a.xls`; use .md, ";
    assert!(done.err.starts_with(begin), "{}", done.err);
}

/// A link's target may be missing while the link itself is there.
#[test]
fn a_dangling_link_is_told_from_a_missing_file() {
    let folder = folder(&[made(1, "k3s", "edge")]);
    std::os::unix::fs::symlink("card/run.ebl", folder.file("link.ebl")).unwrap();
    let message = "edgebench-lite: cannot read link.ebl: it is a link to card/run.ebl, which does \
                   not exist\n";
    for command in ["compare", "report", "footprint"] {
        let done = run(&mut folder.edgebench([command, "link.ebl"]));
        assert_eq!(
            (done.status, &done.err[..]),
            (Some(2), message),
            "{command}"
        );
    }
    let done = compare(&folder, ["00.ebl", "--facts=link.ebl"]);
    assert_eq!((done.status, &done.err[..]), (Some(2), message));
}

/// In `a=b:app=app.py` the label is `a`, so no key can be given to the product `a=b`.
#[test]
fn a_key_cannot_name_a_product_with_an_equals_sign() {
    let folder = folder(&[made(1, "a=b", "edge"), made(2, "k3s", "edge")]);
    let logs = ["00.ebl", "01.ebl"];
    let done = compare(&folder, logs.into_iter().chain(["--key=a=b:app=app.py"]));
    let suggested = "--unit a=b=UNIT or --cgroup a=b=PATH; or record it";
    let shown = compare(&folder, ["00.ebl"]).out;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(suggested), "{shown}");
    let message = "edgebench-lite: --key cannot name the product a=b, because of its `=`: define \
                   it with --unit, --cgroup or --profile\n";
    assert_eq!((done.status, &done.err[..]), (Some(2), message));
    for option in [
        "--unit=a=b=app",
        "--cgroup=a=b=/app",
        "--cgroup=a=b=/app/x=y",
        "--profile=a=b=k3s",
    ] {
        let done = compare(&folder, logs.into_iter().chain([option]));
        assert_eq!((done.status, &done.err[..]), (Some(0), ""), "{option}");
    }
}

/// The segment that goes on from byte `cut` of a log: its header first, with the number
/// that follows there, and all after it with one more.
fn segment(log: &[u8], cut: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |frame: &[u8], renumber: &dyn Fn(u64) -> u64| {
        let mut frame = frame.to_vec();
        let (seq, record) = frame::decode(&mut frame).unwrap();
        let mut room = [0; frame::MAX_FRAME];
        out.extend_from_slice(frame::encode(renumber(seq), &record, &mut room).unwrap());
    };
    let mut frames = log[..log.len() - 1].split(|byte| *byte == 0);
    let header = frames.next().unwrap();
    let rest: Vec<&[u8]> = log[cut..log.len() - 1].split(|byte| *byte == 0).collect();
    let (next, _) = frame::decode(&mut rest[0].to_vec())
        .map(|(seq, _)| (seq, ()))
        .unwrap();
    put(header, &|_| next);
    rest.iter().for_each(|frame| put(frame, &|seq| seq + 1));
    out
}

/// A log, a directory, and in it an older segment: the run goes on in the newer one.
#[test]
fn directories_and_older_segments() {
    let folder = Folder::new();
    let first = made(1, "k3s", "edge").log();
    // Behind the header, wherever a frame ends.
    let half = first.len() / 2;
    let cut = half + first[half..].iter().position(|byte| *byte == 0).unwrap() + 1;
    folder.write("logs/b.ebl.old", &first[..cut]);
    folder.write("logs/b.ebl", segment(&first, cut));
    // An older segment that is left alone.
    folder.write("logs/a.ebl.old", made(2, "k3s", "edge").log());
    folder.write("logs/notes.txt", "none of it");
    let other = Made {
        used: 300,
        ..made(3, "izuma", "edge")
    };
    folder.write("izuma.ebl", other.log());
    let text = compared(&folder, ["logs", "izuma.ebl"]);
    assert_eq!(
        row(&text, MEMORY, "in use (true), with"),
        ["200.0 MiB (200.0 to 200.0, n 2)", "300.0 MiB"]
    );
    assert!(text.contains("  k3s, edge: logs/a.ebl.old ("), "{text}");
    assert!(text.contains(", logs/b.ebl ("), "{text}");
    let report = run(&mut folder.edgebench(["report", "--no-charts", "logs"]));
    assert_eq!((report.status, report.err.as_str()), (Some(0), ""));
    assert!(
        report.out.contains("\nproduct k3s, stage edge: 2 runs\n"),
        "{}",
        report.out
    );
}

/// A footprint beside what was recorded: `report` is about samples.
#[test]
fn what_holds_no_samples_is_left_out_and_told() {
    let folder = folder(&[made(1, "k3s", "edge")]);
    let mut command = folder.edgebench(["--proc-root"]);
    command
        .arg(capture("x86_64-6.18"))
        .args(["footprint", "-o", "only.ebl", "--product=k3s"])
        .args(["--stage=edge", "--profile=k3s"]);
    assert_eq!(run(&mut command).status, Some(0));
    let why = "only.ebl holds footprints and no samples: edgebench-lite footprint shows them";
    let report = |what| run(&mut folder.edgebench(["report", what]));
    let done = report(".");
    assert_eq!(done.err, format!("edgebench-lite: left out: ./{why}\n"));
    assert_eq!(done.status, Some(0));
    let text = compared(&folder, ["."]);
    assert_eq!(row(&text, MEMORY, "in use (true), with"), ["200.0 MiB"]);
    let done = report("only.ebl");
    assert_eq!(
        (done.status, done.err),
        (Some(2), format!("edgebench-lite: {why}\n"))
    );
    fs::remove_file(folder.file("00.ebl")).unwrap();
    let done = report(".");
    assert_eq!(done.status, Some(2));
    assert!(
        done.err.ends_with("edgebench-lite: no log holds samples\n"),
        "{}",
        done.err
    );
    // None of its key processes was there.
    let text = compared(&folder, ["."]);
    let cells = row(&text, MEMORY, "PSS of product, with");
    assert!(cells[0].starts_with("0.0 MiB ["), "{text}");
}

#[test]
fn exports() {
    let folder = folder(&two_products());
    let text = compared(&folder, ["."]);
    let exports = [".", "--export=a.md", "--export", "b.JSON", "--export=c.csv"];
    assert_eq!(compared(&folder, exports), text);
    for (name, format) in [("a.md", "markdown"), ("b.JSON", "json"), ("c.csv", "csv")] {
        let written = fs::read_to_string(folder.file(name)).unwrap();
        assert_eq!(
            written,
            compared(&folder, [".", "--format", format]),
            "{name}"
        );
    }
    // One that cannot be written keeps the others from nothing, and leaves nothing.
    let done = compare(&folder, [".", "--export=gone/a.md", "--export=d.md"]);
    assert_eq!((done.status, done.out), (Some(2), text));
    assert_eq!(
        done.err,
        "edgebench-lite: cannot write gone/a.md: No such file or directory\n"
    );
    let names = fs::read_dir(folder.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut others: Vec<String> = names.filter(|name| !name.ends_with(".ebl")).collect();
    others.sort();
    assert_eq!(others, ["a.md", "b.JSON", "c.csv", "d.md"]);
}

/// Five products, in 80 columns: each table has the reference.
#[test]
fn many_products_stand_in_several_tables() {
    let products = ["k3s", "izuma", "k0s", "microk8s", "kubeedge"];
    let logs: Vec<Made> = products
        .iter()
        .zip(1..)
        .map(|(product, run)| made(run, product, "edge"))
        .collect();
    let folder = folder(&logs);
    let mut command = folder.edgebench(["compare", ".", "--reference=k0s"]);
    let text = run(command.env("COLUMNS", "80").env("LC_ALL", "C")).out;
    let heads = text.lines().filter(|line| line.starts_with("      "));
    let heads: Vec<Vec<&str>> = heads
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|words| words.first() == Some(&"k0s"))
        .collect();
    assert!(heads.len() > 1, "{text}");
    let others: Vec<&str> = heads
        .iter()
        .flat_map(|head| head[1..].iter().copied())
        .collect();
    assert_eq!(others, ["k3s", "izuma", "microk8s", "kubeedge"]);
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
}

#[test]
fn the_help_names_every_option() {
    let folder = Folder::new();
    let done = run(&mut folder.edgebench(["compare", "--help"]));
    assert_eq!((done.status, done.err.as_str()), (Some(0), ""));
    for option in [
        "--reference",
        "--facts",
        "--profile",
        "--format",
        "--export",
    ] {
        assert!(done.out.contains(option), "{}", done.out);
    }
}
