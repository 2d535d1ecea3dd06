//! Facts, line by line.

use super::*;

fn one(line: &str) -> Fact {
    let mut facts = parse("f", line.as_bytes()).unwrap();
    assert_eq!(facts.len(), 1, "{line}");
    facts.remove(0)
}

fn refused(line: &str) -> String {
    parse("notes/a.facts", format!("# \n\n{line}").as_bytes())
        .unwrap_err()
        .to_string()
}

#[test]
fn values_in_the_units_of_their_rows() {
    for (typed, value) in [
        ("boot-cold 38 s", 38.0),
        ("boot-restart 2m 8s", 128.0),
        ("boot-restart 2min8s", 128.0),
        ("api-slowest 1m31.5s", 91.5),
        ("api-fastest 850 ms", 0.85),
        ("memory-with 277 MiB", 283_648.0),
        ("free-before 97 MB", 97_000_000.0 / 1024.0),
        ("disk-with 1.5 GiB", 1_572_864.0),
        ("swap 0 kB", 0.0),
        ("cpu-edge-average 5.86 %", 5.86),
        ("cpu-ramp-max 42.1%", 42.1),
        ("cpu-ramp-max 100 %", 100.0),
        ("containers 12", 12.0),
        ("simple-firewall yes", 1.0),
        ("survive-ip-change no", 0.0),
    ] {
        assert_eq!(one(&format!("k3s {typed} \"x\"")).value, value, "{typed}");
    }
}

#[test]
fn who_where_and_how() {
    let fact = one(r#""my product" top-cpu-with "a \"b\"" 5.30 % on "the laptop" "by hand" # so"#);
    assert_eq!(fact.product, "my product");
    assert_eq!(fact.name.as_deref(), Some("a \"b\""));
    assert_eq!((fact.value, fact.notation.decimals), (5.3, 2));
    assert_eq!(fact.elsewhere.as_deref(), Some("the laptop"));
    assert_eq!((fact.source.as_str(), fact.line), ("by hand", 1));
    assert_eq!(fact.key_name(), "top-cpu-with");
}

/// Lines that are no facts, and why.
const REFUSED: [(&str, &str); 18] = [
    (
        "k3s boot-cold 38 s",
        "no source: end the line with how the value was obtained, in quotation marks",
    ),
    (
        "k3s boot-cold \"x\"",
        "not of the form PRODUCT KEY VALUE \"SOURCE\"",
    ),
    ("k3s", "not of the form PRODUCT KEY VALUE \"SOURCE\""),
    ("\"\" boot-cold 1 s \"x\"", "the product's name is empty"),
    ("k3s boot-cold 38 s \"x", "unclosed quotation mark"),
    (
        "k3s boot-cold 38 \"x\"",
        "`38` is not a time, such as 38 s, 2m 8s or 850 ms",
    ),
    (
        "k3s boot-cold -1 s \"x\"",
        "`-1 s` is not a time, such as 38 s, 2m 8s or 850 ms",
    ),
    (
        "k3s swap 97M \"x\"",
        "`97M` is not an amount of memory, such as 97 MB or 199.5 MiB",
    ),
    (
        "k3s swap 1e9 MB \"x\"",
        "`1e9 MB` is not an amount of memory, such as 97 MB or 199.5 MiB",
    ),
    (
        "k3s cpu-edge-min nan % \"x\"",
        "`nan %` is not a share of all cores, such as 2.1 %",
    ),
    (
        "k3s top-cpu-with 5 % \"x\"",
        "`5 %` is not a process and its share, such as kubelet 5.3 %",
    ),
    (
        "k3s cpu-edge-max 100.1 % \"x\"",
        "`100.1 %` is not a share of all cores, such as 2.1 %",
    ),
    (
        "k3s boot-cold 1m 99m \"x\"",
        "`1m 99m` is not a time, such as 38 s, 2m 8s or 850 ms",
    ),
    (
        "k3s boot-cold 5s 2m \"x\"",
        "`5s 2m` is not a time, such as 38 s, 2m 8s or 850 ms",
    ),
    (
        "k3s boot-cold 38 s \" \"",
        "no source: end the line with how the value was obtained, in quotation marks",
    ),
    (
        "k3s containers 1.5 \"x\"",
        "`1.5` is not a count, such as 12",
    ),
    (
        "k3s simple-firewall maybe \"x\"",
        "`maybe` is not yes or no",
    ),
    (
        "k3s simple-firewall on laptop \"x\"",
        "`on laptop` is not yes or no",
    ),
];

#[test]
fn what_cannot_be_understood_is_told_with_its_line() {
    for (line, message) in REFUSED {
        assert_eq!(
            refused(line),
            format!("notes/a.facts:3: {message}"),
            "{line}"
        );
    }
    let unknown = refused("k3s boot 38 s \"x\"");
    assert!(
        unknown.starts_with("notes/a.facts:3: unknown key `boot`; the keys are boot-cold, boot-")
    );
    for key in ["disk-taken", "cpu-ramp-average", "containers", "swap"] {
        assert!(unknown.contains(&format!(", {key}")), "{key}");
    }
    let error = parse("f", b"# a\n\xff\n").unwrap_err();
    assert_eq!(error.to_string(), "f:2: not UTF-8");
}

/// As Notepad writes it.
#[test]
fn a_byte_order_mark_is_no_part_of_the_product() {
    assert_eq!(one("\u{feff}k3s boot-cold 38 s \"x\"\r").product, "k3s");
}

/// Of as many digits as are taken, wherever the point stands.
#[test]
fn a_number_is_the_float_next_to_it() {
    for digits in [
        "1",
        "17",
        "999",
        "123456789",
        "899999999999999",
        "100000000000003",
    ] {
        for at in 1..=digits.len() {
            let (whole, fraction) = digits.split_at(at);
            let text = match fraction {
                "" => whole.to_owned(),
                _ => format!("{whole}.{fraction}"),
            };
            let (value, _) = quantity::parse(&[&text], Unit::Count)
                .or_else(|| quantity::parse(&[&text, "s"], Unit::Seconds))
                .unwrap();
            assert_eq!(value, text.parse().unwrap(), "{text}");
        }
    }
}
