//! What checks make of what a product answers.

use crate::board::{is_possible, said};

/// The first line of `--observe`, however late it comes: that the product is healthy, or why
/// not. Who is silent is waited for briefly, who answers for as long as a busy machine needs.
const OBSERVE: &str = r#"
serve "$KIND"
patience=30s
[ "$KIND" != silent ] || patience=1s
"$E" survive ip-change --iface eth0 --observe --stable 0 --check-timeout "$patience" --check "$CHECK" >out 2>&1 &
until grep -q . out; do sleep 0.05; done
kill "$!" 2>/dev/null || :
wait "$!" || :
head -n 1 out
"#;

#[test]
fn every_kind_of_answer() {
    if !is_possible() {
        return;
    }
    let (http, tls) = ("http://127.0.0.1:8080", "tls://127.0.0.1:8080");
    for (kind, check, lack) in [
        ("all", "tcp://10.0.0.1:8080", ""),
        ("all", "tcp://10.0.0.1:8081", "Connection refused"),
        ("http", "/status#\"status\":\"connected\"", ""),
        (
            "http",
            "/status#\"status\":\"lost\"",
            "status 200, without \"status\":\"lost\"",
        ),
        ("http", "/status", ""),
        ("http", "/other", "status 404"),
        ("http", tls, "no answer in TLS"),
        ("tls", tls, ""),
        ("tls", "/status", "no answer in HTTP"),
        ("silent", tls, "no answer within 1 s"),
        ("all", "proc:services::serve", ""),
        ("all", "proc:services::serv", "no such process"),
        ("all", "cmd:echo no; echo so; exit 3", "status 3: so"),
        ("all", "cmd:kill -9 $$", "ended by signal 9"),
    ] {
        let check = match check.starts_with('/') {
            true => format!("{http}{check}"),
            false => check.to_owned(),
        };
        let expected = match lack {
            "" => "Healthy. Waiting until eth0 loses 10.0.0.1, gets another address, or its cable goes.\n".to_owned(),
            lack => format!("edgebench-lite: not healthy before the change: {check}: {lack}\n"),
        };
        assert_eq!(
            said(OBSERVE, &[("KIND", kind), ("CHECK", &check)]),
            expected,
            "{kind}"
        );
    }
}
