//! Every row, with figures worked out by hand.

use super::{against, compared, folder, made, row, runs, two_products, Folder, Made, MEMORY};

const DISK: &str = "Disk (root file system)";

/// Medians of three: 101 605 200; of five: 305. The range is from least to greatest.
/// Taken: 605 - 101 and 305 - 200; of all pairs of runs the least and the greatest:
/// 600 - 102 to 610 - 100, of 5 and 3 runs an interval with ranks from Mann and
/// Whitney: of C(8, 3) = 56 2 x 1 are outside, 96.4 %, so rank 1: 300 - 200 to 310 -
/// 200. MemAvailable: 1000 less what is in use.
#[test]
fn memory_by_hand() {
    let folder = folder(&two_products());
    let text = compared(&folder, ["."]);
    for (label, k3s, izuma) in [
        (
            "in use (true), before",
            "101.0 MiB (100.0 to 102.0, n 3)",
            "200.0 MiB (200.0 to 200.0, n 3)",
        ),
        (
            "in use (true), with",
            "605.0 MiB (600.0 to 610.0, n 3)",
            "305.0 MiB (300.0 to 310.0, n 5)",
        ),
        (
            "free's used, before",
            "51.0 MiB (50.0 to 52.0, n 3)",
            "90.0 MiB (90.0 to 90.0, n 3)",
        ),
        (
            "free's used, with",
            "405.0 MiB (400.0 to 410.0, n 3)",
            "204.0 MiB (199.0 to 209.0, n 5)",
        ),
        (
            "PSS of product, before",
            "0.0 MiB (0.0 to 0.0, n 3)",
            "0.0 MiB (0.0 to 0.0, n 3)",
        ),
        (
            "PSS of product, with",
            "405.0 MiB (400.0 to 410.0, n 3)",
            "65.0 MiB (60.0 to 70.0, n 5)",
        ),
        (
            "available to applications",
            "395.0 MiB (39.50 %) (390.0 to 400.0, n 3)",
            "695.0 MiB (69.50 %) (690.0 to 700.0, n 5)",
        ),
        (
            "taken by the edge software",
            "504.0 MiB (498.0 to 510.0, n 3)",
            "105.0 MiB (100.0 to 110.0, n 5, 3)",
        ),
    ] {
        assert_eq!(row(&text, MEMORY, label), [k3s, izuma], "{label}");
    }
    for (label, k3s, izuma) in [
        (
            "used, before",
            "2001.0 MiB (2000 to 2002, n 3)",
            "2000.0 MiB (2000 to 2000, n 3)",
        ),
        (
            "used, with",
            "3001.0 MiB (3000 to 3002, n 3)",
            "2105.0 MiB (2100 to 2110, n 5)",
        ),
        (
            "taken by the edge software",
            "1000.0 MiB (998 to 1002, n 3)",
            "105.0 MiB (100.0 to 110.0, n 5, 3)",
        ),
    ] {
        assert_eq!(row(&text, DISK, label), [k3s, izuma], "{label}");
    }
}

/// Busy 44 and 20 of 400: 11 and 5 %; half of that is the least, four times the most,
/// 62.5 / 60 of it the average: 11.458 and 5.208 %.
///
/// Before, nobody uses any CPU. With k3s the recorder has 10 % of a core, and is left
/// out: k3s-server has 9. edge-core is first in two of five runs (5 and 4 %), kubelet
/// in the others with 4, 3 and 2, of which the median is 3.
#[test]
fn cpu_by_hand() {
    let folder = folder(&two_products());
    let text = compared(&folder, ["."]);
    let with = "CPU, % of all cores, with the edge software";
    for (label, k3s, izuma) in [
        (
            "min",
            "5.50 % (5.00 to 6.00, n 3)",
            "2.50 % (2.00 to 3.00, n 5)",
        ),
        (
            "median",
            "11.00 % (10.00 to 12.00, n 3)",
            "5.00 % (4.00 to 6.00, n 5)",
        ),
        (
            "average",
            "11.46 % (10.42 to 12.50, n 3)",
            "5.21 % (4.17 to 6.25, n 5)",
        ),
        (
            "max",
            "44.00 % (40.00 to 48.00, n 3)",
            "20.00 % (16.00 to 24.00, n 5)",
        ),
    ] {
        assert_eq!(row(&text, with, label), [k3s, izuma], "{label}");
    }
    let top = "Top CPU consumer, average % of one core";
    assert_eq!(
        row(&text, top, "process, before"),
        ["not measured [2]", "not measured [2]"]
    );
    assert_eq!(
        row(&text, top, "process, with"),
        [
            "k3s-server 9.00 % (9.00 to 9.00, n 3)",
            "kubelet 3.00 % (2.00 to 4.00, n 3 of 5)"
        ]
    );
    let idle = "[2] only the recorder used CPU in stage baseline";
    assert!(text.lines().any(|line| line == idle), "{text}");
}

/// 605 / 305 = 1.984; the ends are 600 / 310 = 1.935 and 610 / 300 = 2.033, with 96.4 %
/// (see above). All of the three are above all of the five: p = 2 / 56 = 0.0357, the
/// same for PSS, disk and CPU: four tests, so that Holm makes 0.143 of each.
///
/// Of what is taken: 504 / 105 = 4.8; 498 / 110 = 4.527 to 510 / 100 = 5.1.
#[test]
fn differences_and_ratios_by_hand() {
    let folder = folder(&two_products());
    let text = compared(&folder, [".", "--reference=izuma"]);
    let cpu = "CPU, % of all cores, with the edge software";
    for (section, label, cells) in [
        (
            MEMORY,
            "in use (true), with",
            ["+300.0 MiB", "1.98", "1.94 to 2.03*", "3, 5", "~ 0.14"].as_slice(),
        ),
        (
            MEMORY,
            "PSS of product, with",
            &["+340.0 MiB", "6.23", "5.71 to 6.83*", "3, 5", "~ 0.14"],
        ),
        (
            cpu,
            "median",
            &["+6.00 pp", "2.20", "1.67 to 3.00*", "3, 5", "~ 0.14"],
        ),
        (
            DISK,
            "used, with",
            &["+896.0 MiB", "1.43", "1.42 to 1.43*", "3, 5", "~ 0.14"],
        ),
        // 101 / 200 = 0.505, and 3 against 3: the range. Not tested.
        (
            MEMORY,
            "in use (true), before",
            &["-99.0 MiB", "0.51", "0.50 to 0.51", "3"],
        ),
        (
            MEMORY,
            "taken by the edge software",
            &["+399.0 MiB", "4.80", "4.53 to 5.10", "3, 5"],
        ),
    ] {
        let found = against(&text, "k3s against izuma", section, label);
        assert_eq!(found, cells, "{label}");
    }
    let note = "  too few runs to decide (3 against 5; 5 against 5 are enough)";
    assert!(text.lines().any(|line| line == note), "{text}");
}

/// Ten and ten runs whose memory does not overlap: C(20, 10) = 184,756, so p is 2 of
/// those, and with Holm at most eight: below 0.001. CPU is the same in all: p is 1.
/// 1 to 10: of ten values rank 2 and 9 hold the median with 97.9 %.
#[test]
fn so_many_runs_decide() {
    let mut logs = Vec::new();
    for at in 0..10 {
        for (product, used) in [("k3s", 600), ("izuma", 300)] {
            logs.push(Made {
                used: used + at,
                processes: Vec::new(),
                ..made(logs.len() as u32, product, "edge")
            });
        }
    }
    let folder = folder(&logs);
    let text = compared(&folder, ["."]);
    assert_eq!(
        row(&text, MEMORY, "in use (true), with"),
        [
            "604.5 MiB (601.0 to 608.0, n 10)",
            "304.5 MiB (301.0 to 308.0, n 10)"
        ]
    );
    let cells = |section: &str, label: &str| against(&text, "izuma against k3s", section, label);
    assert_eq!(
        cells(MEMORY, "in use (true), with"),
        // Of the 100 pairs' ratios the 24th and the 77th, by the table of critical values
        // of U (23 of 10 and 10 runs), and Python.
        ["-300.0 MiB", "0.50", "0.50 to 0.51*", "10", "< 0.001"]
    );
    let cpu = "CPU, % of all cores, with the edge software";
    assert_eq!(cells(cpu, "median")[4], "~ 1.00");
    assert!(!text.contains("too few runs"));
    // 604.5 - 304.5; the ends are those of the ratio above. CPU is the same in all.
    let first: Vec<&str> = text.lines().skip(2).take(2).collect();
    assert_eq!(
        first,
        [
            "  With izuma, 300.0 MiB less memory is in use than with k3s (0.50 x, 95 % CI 0.50 to 0.51, n 10 each, p < 0.001).",
            "  No difference shown between izuma and k3s: PSS of the product (+0.0 MiB, p 1.00), CPU in use (+0.00 pp, 1.00 x, p 1.00), disk in use (+0.0 MiB, 1.00 x, p 1.00).",
        ]
    );
}

#[test]
fn too_few_runs_decide_nothing() {
    let few: Vec<Made> = two_products().into_iter().take(12).collect();
    let folder = folder(&few);
    let text = compared(&folder, ["."]);
    // Three against three. With more, four rows are tested, so the least p has to be
    // 1/80: two of C(9, 4) = 126 orders are more, two of C(10, 5) = 252 are not.
    let cells = against(&text, "izuma against k3s", MEMORY, "in use (true), with");
    assert_eq!(cells[4], "too few");
    let said = "  too few runs to decide (3 against 3; 5 against 5 are enough)";
    assert!(text.lines().any(|line| line == said), "{text}");
}

/// A run each: no spread, so no ratio; the difference is there.
#[test]
fn a_ratio_needs_a_spread() {
    let folder = folder(&[
        made(1, "k3s", "edge"),
        Made {
            used: 250,
            ..made(2, "izuma", "edge")
        },
    ]);
    let text = compared(&folder, ["."]);
    assert_eq!(
        against(&text, "izuma against k3s", MEMORY, "in use (true), with"),
        ["+50.0 MiB", "-", "-", "1", "too few"]
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("A ratio needs two runs of each product, and a reference above 0."));
}

/// What the protocol has no place for is told, and shown at the end.
#[test]
fn other_stages_are_not_lost() {
    let folder = folder(&[made(1, "k3s", "edge"), made(2, "k3s", "after lunch")]);
    let text = compared(&folder, ["."]);
    let stage = "Stage after lunch";
    assert_eq!(row(&text, stage, "in use (true)"), ["200.0 MiB"]);
    assert_eq!(row(&text, stage, "CPU max, % of all cores"), ["8.00 %"]);
    let note = "note: k3s after lunch: 1 run of a stage other than baseline, edge, workload and \
                ramp; see the end of the table.";
    assert!(text.lines().any(|line| line == note), "{text}");
}

/// A product of another name than its profile.
#[test]
fn a_profile_can_be_named() {
    let logs: Vec<Made> = two_products().into_iter().skip(3).take(1).collect();
    let logs = [Made {
        header: made(4, "mine=too", "edge").header,
        ..logs[0].clone()
    }];
    let folder = folder(&logs);
    let text = compared(&folder, ["."]);
    let cells = row(&text, MEMORY, "PSS of product, with");
    assert!(cells[0].starts_with("not measured ["), "{text}");
    let said = "unknown product: name its profile with --profile mine=too=PROFILE (one of izuma, \
                k3s, microk8s, k0s, kubeedge)";
    assert!(text.contains(said), "{text}");
    let text = compared(&folder, [".", "--profile=mine=too=k3s"]);
    assert_eq!(row(&text, MEMORY, "PSS of product, with"), ["400.0 MiB"]);
}

/// What a log says of which processes its product is, and what the command line does;
/// that goes before it, and needs no log that says anything.
#[test]
fn any_product_can_be_named() {
    let mut edge = made(1, "nginx", "edge");
    edge.processes.push(runs("nginx", 30, 1));
    edge.processes.push(runs("php-fpm", 12, 1));
    let told = Made {
        keys: vec!["nginx", "php-fpm"],
        ..edge.clone()
    };
    let pss = |folder: &Folder, arguments: &[&str]| {
        let text = compared(folder, [&["."], arguments].concat());
        row(&text, MEMORY, "PSS of product, with")[0].clone()
    };
    let silent = folder(&[edge]);
    assert!(pss(&silent, &[]).starts_with("not measured ["));
    for (arguments, expected) in [
        (&["--key", "nginx=nginx"][..], "30.0 MiB"),
        (
            &["--key", "nginx:web=nginx", "--key=nginx:fpm=php-fpm"],
            "42.0 MiB",
        ),
        // Made up, its processes are in the root's cgroup: in no unit.
        (&["--unit", "nginx=nginx", "--key=fpm=php-fpm"], "12.0 MiB"),
        (&["--key", "x=nothing"], "0.0 MiB"),
    ] {
        assert_eq!(pss(&silent, arguments), expected, "{arguments:?}");
    }
    let told = folder(&[told]);
    assert_eq!(pss(&told, &[]), "42.0 MiB");
    let text = compared(&told, ["."]).replace("\n  ", " ");
    assert!(
        text.contains("or of those named by --key, --unit or --cgroup."),
        "{text}"
    );
    assert_eq!(pss(&told, &["--key", "fpm=php-fpm"]), "12.0 MiB");
}

/// A product with a profile keeps to that, if it is not meant.
#[test]
fn a_key_is_one_products() {
    let mut all = two_products();
    for run in &mut all {
        run.processes.push(runs("app", 3, 0));
    }
    let folder = folder(&all);
    let pss = |arguments: &[&str]| {
        let text = compared(&folder, [&["."], arguments].concat());
        row(&text, MEMORY, "PSS of product, with").join(" ")
    };
    let before = pss(&[]);
    assert_eq!(pss(&["--key", "app=app"]), before);
    assert_ne!(pss(&["--key", "k3s:app=app"]), before);
}
