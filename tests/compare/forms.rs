//! What programs read: every value can be traced.

use super::{compared, folder, two_products, Folder};
use crate::json::{self, Value};

/// RFC 4180: the records, each with its fields.
pub fn csv(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(character) = chars.next() {
        let record = records.last_mut().unwrap();
        let field = record.last_mut().unwrap();
        match character {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' => {
                assert_eq!(field, "", "a quotation mark within a field: {text}");
                quoted = true;
            }
            ',' if !quoted => record.push(String::new()),
            '\n' if !quoted => records.push(vec![String::new()]),
            other => field.push(other),
        }
    }
    assert!(!quoted);
    assert_eq!(records.pop(), Some(vec![String::new()]));
    records
}

fn float(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.parse().unwrap(),
        other => panic!("{other:?} is no number"),
    }
}

/// The row of this name, stage and statistic.
fn json_row<'v>(value: &'v Value, name: &str, stage: &str, statistic: &str) -> &'v Value {
    let mut rows = value.at("rows").items().iter();
    let found = rows.find(|row| {
        let of = row.at("stage");
        row.at("row").text() == name
            && row.at("statistic").text() == statistic
            && (*of == Value::Null && stage.is_empty() || *of != Value::Null && of.text() == stage)
    });
    found.unwrap()
}

fn to_json(folder: &Folder, arguments: &[&str]) -> Value {
    let all = [".", "--format=json"].into_iter();
    let text = compared(folder, all.chain(arguments.iter().copied()));
    assert!(text.ends_with("}\n"));
    json::parse(text.trim_end())
}

/// The least CPU of the second k3s run with the edge software, 22 of 400 ticks in the
/// tenth second: from the table to the log and the moment.
#[test]
fn a_value_leads_to_its_log_and_moment() {
    let folder = folder(&two_products());
    let value = to_json(&folder, &["--reference=izuma"]);
    assert_eq!(value.at("schema").text(), "edgebench-lite compare");
    assert_eq!(value.at("version").number(), 1);
    assert_eq!(value.at("reference").text(), "izuma");
    let row = json_row(&value, "cpu", "edge", "min");
    assert_eq!(row.at("unit").text(), "% of all cores");
    let cell = &row.at("cells").items()[1];
    assert_eq!(cell.at("product").text(), "k3s");
    assert_eq!((float(cell.at("value")), cell.at("n").number()), (5.5, 3));
    let spread = cell.at("spread");
    assert_eq!(spread.at("kind").text(), "range");
    assert_eq!(
        (float(spread.at("low")), float(spread.at("high"))),
        (5.0, 6.0)
    );
    let point = &cell.at("points").items()[1];
    assert_eq!(
        (float(point.at("value")), point.at("at_us").number()),
        (5.5, 10_000_000)
    );
    let run = &value.at("runs").items()[point.at("run").number() as usize];
    assert_eq!(
        (run.at("log").text(), run.at("stage").text()),
        ("./04.ebl", "edge")
    );
    // The run of number 5: five hours after 11:37:11.
    assert_eq!(run.at("start_utc").text(), "2026-11-22 16:37:11");
    assert_eq!(run.at("duration_us").number(), 60_000_000);
    let [_, izuma] = [1, 0].map(|at| &value.at("products").items()[at]);
    assert_eq!(izuma.at("profile").text(), "izuma");
    assert_eq!(izuma.at("stages").items()[1].at("runs").number(), 5);
}

/// The figures of `differences_and_ratios_by_hand`, in full; and of what is taken.
#[test]
fn comparisons_as_json() {
    let folder = folder(&two_products());
    let value = to_json(&folder, &["--reference=izuma"]);
    let row = json_row(&value, "memory_consumed", "edge", "median");
    let against = &row.at("against").items()[0];
    assert_eq!(against.at("product").text(), "k3s");
    assert_eq!(
        (against.at("n").number(), against.at("n_reference").number()),
        (3, 5)
    );
    assert_eq!(against.at("difference").at("value").number(), 300 * 1024);
    let ratio = against.at("ratio");
    assert_eq!(float(ratio.at("value")), 605.0 / 305.0);
    assert_eq!(ratio.at("spread").at("kind").text(), "interval");
    assert_eq!(float(ratio.at("spread").at("coverage")), 1.0 - 2.0 / 56.0);
    let test = against.at("test");
    assert_eq!(float(test.at("p")), 2.0 / 56.0);
    assert_eq!(float(test.at("p_corrected")), 4.0 * (2.0 / 56.0));
    assert_eq!(*test.at("differs"), Value::Truth(false));
    let taken = json_row(&value, "memory_taken", "", "difference");
    let cell = &taken.at("cells").items()[0];
    assert_eq!((cell.at("n").number(), cell.at("n_less").number()), (5, 3));
    assert_eq!(cell.at("value").number(), 105 * 1024);
    assert_eq!(cell.at("less").items()[0].at("value").number(), 200 * 1024);
    let boot = json_row(&value, "boot_cold", "", "value");
    let missing = boot.at("cells").items()[0].at("missing");
    assert_eq!(
        (missing.at("why").text(), missing.at("key").text()),
        ("not typed in", "boot-cold")
    );
    let workload = json_row(&value, "cpu", "workload", "max");
    let missing = workload.at("cells").items()[1].at("missing");
    assert_eq!(
        missing.at("command").text(),
        "edgebench-lite record --product k3s --stage workload"
    );
}

#[test]
fn facts_as_json() {
    let folder = folder(&two_products());
    let facts = "k3s boot-cold 38 s on desk \"a \\\"watch\\\"\"\n";
    folder.write("a.facts", facts);
    let value = to_json(&folder, &["--facts=a.facts"]);
    let row = json_row(&value, "boot_cold", "", "value");
    let point = &row.at("cells").items()[0].at("points").items()[0];
    let fact = &value.at("facts").items()[point.at("fact").number() as usize];
    assert_eq!(fact.at("source").text(), "a \"watch\"");
    assert_eq!(
        (fact.at("on").text(), fact.at("key").text()),
        ("desk", "boot-cold")
    );
    assert_eq!(
        (fact.at("file").text(), fact.at("line").number()),
        ("a.facts", 1)
    );
}

/// A line for each product and row, and for what of it is compared.
#[test]
fn tidy_csv() {
    let folder = folder(&two_products());
    let text = compared(&folder, [".", "--format=csv"]);
    let records = csv(&text);
    assert_eq!(
        records[0].join(","),
        "product,row,stage,statistic,unit,value,spread,low,high,n,n_other,name,against,p,source"
    );
    assert!(records.iter().all(|record| record.len() == 15));
    let find = |product: &str, row: &str, stage: &str, statistic: &str| {
        let wanted = [product, row, stage, statistic];
        let mut found = records.iter().filter(|record| record[..4] == wanted);
        let only = found.next().unwrap();
        assert_eq!(found.next(), None, "{wanted:?}");
        only[4..].join("|")
    };
    assert_eq!(
        find("k3s", "memory_consumed", "edge", "median"),
        "KiB|619520|range|614400|624640|3|||||./03.ebl 2026-11-22 15:37:11 UTC; ./04.ebl \
         2026-11-22 16:37:11 UTC; ./05.ebl 2026-11-22 17:37:11 UTC"
    );
    // (305 - 605) x 1024; ends 300 - 610 and 310 - 600.
    assert_eq!(
        find(
            "izuma",
            "memory_consumed",
            "edge",
            "difference to reference"
        ),
        "KiB|-307200|interval|-317440|-296960|5|3||k3s|0.14285714285714285|"
    );
    assert_eq!(find("k3s", "boot_cold", "", "value"), "s||||||||||");
    let top = find("izuma", "top_cpu", "edge", "average");
    assert!(
        top.starts_with("% of one core|3|range|2|4|3||kubelet|||./"),
        "{top}"
    );
}

/// A number, a word, or nothing.
fn shown(value: &Value, key: &str) -> String {
    match value.has(key).then(|| value.at(key)) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Number(number)) => number.clone(),
        Some(other) => other.text().to_owned(),
    }
}

/// The columns that follow product, row and stage, up to `n_other`.
fn figure(value: &Value, [statistic, unit]: [&str; 2], n: [String; 2]) -> Vec<String> {
    let none = json::parse("{}");
    let spread = match value.has("spread").then(|| value.at("spread")) {
        None | Some(Value::Null) => &none,
        Some(spread) => spread,
    };
    let [kind, low, high] = ["kind", "low", "high"].map(|key| shown(spread, key));
    let [statistic, unit] = [statistic, unit].map(str::to_owned);
    let figure = vec![statistic, unit, shown(value, "value"), kind, low, high];
    [figure, n.to_vec()].concat()
}

/// The figures that json has of a row, as csv has them.
fn figures(row: &Value) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let (statistic, unit) = (row.at("statistic").text(), row.at("unit").text());
    let none = || [String::new(), String::new()];
    let mut put = |of: &Value, figure: Vec<String>| {
        let about = [shown(of, "product"), shown(row, "row"), shown(row, "stage")];
        all.push([about.to_vec(), figure].concat());
    };
    for cell in row.at("cells").items() {
        let n = [shown(cell, "n"), shown(cell, "n_less")];
        put(cell, figure(cell, [statistic, unit], n));
        if cell.has("share_percent") {
            let mut share = figure(&json::parse("{}"), ["share of memory", "%"], none());
            share[2] = shown(cell, "share_percent");
            put(cell, share);
        }
        for (key, statistic) in [
            ("points", "single value"),
            ("less", "single value, subtracted"),
        ] {
            let points = cell.has(key).then(|| cell.at(key).items());
            for point in points.into_iter().flatten() {
                put(cell, figure(point, [statistic, unit], none()));
            }
        }
    }
    for against in row.at("against").items() {
        let n = [shown(against, "n"), shown(against, "n_reference")];
        let difference = ["difference to reference", unit];
        put(
            against,
            figure(against.at("difference"), difference, n.clone()),
        );
        if *against.at("ratio") != Value::Null {
            let ratio = ["ratio to reference", "1"];
            put(against, figure(against.at("ratio"), ratio, n.clone()));
        }
        let test = against.at("test");
        if *test != Value::Null && *test.at("p") != Value::Null {
            let mut p = figure(test, ["uncorrected p", "1"], n);
            p[2] = shown(test, "p");
            put(against, p);
        }
    }
    all
}

/// Of 2 products, 19 rows with runs: cells, single values, differences, ratios, p.
#[test]
fn json_and_csv_have_the_same_figures() {
    let folder = folder(&two_products());
    folder.write(
        "a.facts",
        "k3s boot-cold 38 s \"x\"\nizuma boot-cold 26 s \"y\"\n",
    );
    let arguments = [".", "--facts=a.facts"];
    let value = to_json(&folder, &arguments[1..]);
    let rows = value.at("rows").items().iter();
    let mut from_json: Vec<_> = rows.flat_map(figures).collect();
    let text = compared(&folder, [&arguments[..], &["--format=csv"]].concat());
    let records = csv(&text).into_iter().skip(1);
    let mut from_csv: Vec<_> = records.map(|record| record[..11].to_vec()).collect();
    from_json.sort();
    from_csv.sort();
    assert_eq!(from_json, from_csv);
    for statistic in [
        "median",
        "difference",
        "share of memory",
        "single value",
        "single value, subtracted",
        "difference to reference",
        "ratio to reference",
        "uncorrected p",
    ] {
        let of = from_csv.iter().filter(|figure| figure[3] == statistic);
        assert!(of.count() > 1, "{statistic}");
    }
}

#[test]
fn markdown_as_the_write_up_has_it() {
    let folder = folder(&two_products());
    folder.write("a.facts", "k3s boot-restart 2m 8s \"x\"\nizuma survive-ip-change yes \"y\"\nk3s survive-ip-change no \"y\"\n");
    let text = compared(&folder, [".", "--format=markdown", "--facts=a.facts"]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..5],
        [
            "- **izuma survives** a new IP address; k3s does not.",
            "- **Not decided** with 5 runs of izuma and 3 of k3s (5 and 5 would do): memory in use (-300.0 MiB, 0.50 x), PSS of the product (-340.0 MiB, 0.16 x), CPU in use (-6.00 pp, 0.45 x), disk in use (-896.0 MiB, 0.70 x).",
            "- **Not tested**, izuma against k3s: memory taken by the edge software (-399.0 MiB, 0.21 x), disk taken by the edge software (-895.0 MiB, 0.10 x).",
            "",
            "| Description | k3s | izuma |",
        ]
    );
    for line in [
        "| memory, in use (true), with | 605.0 MiB (600.0 to 610.0, n 3) | 305.0 MiB (300.0 to 310.0, n 5) |",
        "| survives IP address change | :x: <sup>10</sup> | :white_check_mark: <sup>10</sup> |",
        "| boot time, restart | 2 min 8 s <sup>2</sup> | not measured <sup>1</sup> |",
        "izuma against k3s",
        "| memory, in use (true), with | -300.0 MiB | 0.50 | 0.49 to 0.52\\* | 5, 3 | \\~ 0.14 |",
        "10. by hand: y (a.facts:2, 3)",
    ] {
        assert!(lines.contains(&line), "{line}\n{text}");
    }
}
