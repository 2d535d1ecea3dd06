//! The whole of it, in every form. To write these anew: `GOLDEN=1 cargo test --test
//! compare`; then look at the diff.

use super::golden::are_kept;
use super::{folder, run, two_products};

#[test]
fn every_form() {
    let folder = folder(&two_products());
    folder.write(
        "hand.facts",
        "k3s    boot-cold          38 s      \"stopwatch, power to login prompt\"\n\
         izuma  boot-cold          26 s      \"stopwatch, power to login prompt\"\n\
         k3s    api-slowest        1m 31s    \"time kubectl get nodes\"\n\
         izuma  api-slowest        0.8 s on laptop  \"time kubectl get nodes\"\n\
         k3s    survive-ip-change  no        \"DHCP, another address\"\n\
         izuma  survive-ip-change  yes       \"DHCP, another address\"\n",
    );
    let forms = [
        ("80.txt", "text", "80", "C"),
        ("80.txt", "text", "80", "C.UTF-8"),
        ("120.txt", "text", "120", "C"),
        ("120.txt", "text", "120", "C.UTF-8"),
        ("table.md", "markdown", "80", "C"),
        ("table.json", "json", "80", "C"),
        ("table.csv", "csv", "80", "C"),
        ("table.html", "html", "80", "C"),
        ("table.svg", "svg", "80", "C"),
    ];
    let texts = forms.map(|(name, format, columns, locale)| {
        let mut command = folder.edgebench(["compare", ".", "--facts=hand.facts", "--format"]);
        command
            .arg(format)
            .env("COLUMNS", columns)
            .env("LC_ALL", locale);
        let done = run(&mut command);
        assert_eq!((done.status, done.err.as_str()), (Some(0), ""), "{name}");
        if format == "text" {
            assert!(done.out.is_ascii(), "{name}");
            let most = columns.parse::<usize>().unwrap();
            let long = done.out.lines().find(|line| line.len() > most);
            assert_eq!(long, None, "{name}");
        }
        (name, done.out)
    });
    are_kept("tests/compare/golden", "GOLDEN", texts);
}
