//! Answers in HTTP/1, RFC 9112, as far as a check needs them.

/// Whether the answer that has come so far is what is wanted: status 2xx, and `text` in
/// the body, blanks left out of both. `None`: more of it is needed. `ended`: no more comes.
pub(super) fn http(answer: &[u8], text: &str, ended: bool) -> Option<Result<(), String>> {
    let no = |why: &str| Some(Err(why.to_owned()));
    let start = &answer[..answer.len().min(5)];
    if !b"HTTP/".starts_with(start) {
        return no("no answer in HTTP");
    }
    let Some(status) = status(answer) else {
        return if ended { no("no whole answer") } else { None };
    };
    if !(200..300).contains(&status) {
        return Some(Err(format!("status {status}")));
    }
    if text.is_empty() {
        return Some(Ok(()));
    }
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = head.map_or(&[][..], |head| &answer[head + 4..]);
    let blank = |byte: &&u8| !byte.is_ascii_whitespace();
    let body: Vec<u8> = body.iter().filter(blank).copied().collect();
    match body.windows(text.len()).any(|part| part == text.as_bytes()) {
        true => Some(Ok(())),
        false if ended => Some(Err(format!("status {status}, without {text}"))),
        false => None,
    }
}

/// `HTTP/1.1 200 OK`; `None` while its line is not whole.
fn status(answer: &[u8]) -> Option<u16> {
    let end = answer.iter().position(|&byte| byte == b'\n')?;
    let line = std::str::from_utf8(&answer[..end]).unwrap_or_default();
    let status = line.split_whitespace().nth(1).unwrap_or_default();
    Some(status.parse().unwrap_or(0))
}

/// What `systemctl show` says of a unit: how often systemd has restarted it, or why it is
/// not healthy. `is_exited`: whether it had no process when it was first active.
pub(super) fn unit(
    state: Option<&[u8]>,
    sub: Option<&[u8]>,
    is_exited: &mut Option<bool>,
    restarts: u64,
) -> Result<u64, String> {
    let text = |of: Option<&[u8]>| String::from_utf8_lossy(of.unwrap_or_default()).into_owned();
    let exited = sub == Some(b"exited");
    match state {
        // As systemctl is-active has it: one that reloads goes on working. What systemd makes of
        // an init script stays active when its daemon has died.
        Some(b"active" | b"reloading" | b"refreshing")
            if *is_exited.get_or_insert(exited) || !exited =>
        {
            Ok(restarts)
        }
        None => Err("systemd does not answer".to_owned()),
        _ => Err(format!("{} ({})", text(state), text(sub))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTED: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{ \"status\": \"connected\"\n}";

    fn no(why: &str) -> Option<Result<(), String>> {
        Some(Err(why.to_owned()))
    }

    #[test]
    fn answers() {
        assert_eq!(http(CONNECTED, "", false), Some(Ok(())));
        assert_eq!(
            http(CONNECTED, "\"status\":\"connected\"", false),
            Some(Ok(()))
        );
        assert_eq!(http(CONNECTED, "\"status\":\"up\"", false), None);
        let lacks = no("status 200, without \"status\":\"up\"");
        assert_eq!(http(CONNECTED, "\"status\":\"up\"", true), lacks);
        // A header is not the body.
        assert_eq!(http(CONNECTED, "Content-Length", false), None);
        assert_eq!(
            http(b"HTTP/1.0 503 Service Unavailable\r\n", "", false),
            no("status 503")
        );
        assert_eq!(http(b"HTTP/1.1 x\r\n", "", false), no("status 0"));
        assert_eq!(
            http(b"\x15\x03\x01\x00\x02", "", false),
            no("no answer in HTTP")
        );
        assert_eq!(http(b"HTT", "", true), no("no whole answer"));
        assert_eq!(http(b"", "", true), no("no whole answer"));
    }

    #[test]
    fn cut_answers_are_waited_for() {
        for len in 0..CONNECTED.len() {
            let told = http(&CONNECTED[..len], "\"connected\"", false);
            assert!(matches!(told, None | Some(Ok(()))), "{len}: {told:?}");
        }
    }

    #[test]
    fn units() {
        let no = |why: &str| Err(why.to_owned());
        let one = |is_exited: &mut Option<bool>, state: &str, sub: &str| {
            unit(Some(state.as_bytes()), Some(sub.as_bytes()), is_exited, 3)
        };
        let mut daemon = None;
        let mut of = |state, sub| one(&mut daemon, state, sub);
        let again = no("activating (auto-restart)");
        assert_eq!(of("activating", "auto-restart"), again);
        assert_eq!(of("active", "running"), Ok(3));
        assert_eq!(of("reloading", "reload"), Ok(3));
        // An init script whose daemon has died.
        assert_eq!(of("active", "exited"), no("active (exited)"));
        assert_eq!(of("inactive", "dead"), no("inactive (dead)"));
        // One that has done its work, and leaves a process only now and then.
        let mut script = None;
        let mut of = |state, sub| one(&mut script, state, sub);
        assert_eq!(of("activating", "start"), no("activating (start)"));
        assert_eq!(of("active", "exited"), Ok(3));
        assert_eq!(of("active", "running"), Ok(3));
        assert_eq!(of("active", "exited"), Ok(3));
        let silent = unit(None, None, &mut None, 0);
        assert_eq!(silent, no("systemd does not answer"));
    }
}
