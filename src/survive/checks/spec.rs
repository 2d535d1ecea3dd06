//! A check as people type it.

use crate::resolver::Host;
use std::str::FromStr;
use std::time::Duration;

/// What is asked of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    Tcp(To),
    Tls(To),
    Http {
        to: To,
        /// As it stands in the request.
        host: String,
        path: String,
        /// What the body holds, blanks left out.
        text: String,
    },
    Unit(String),
    Process(String),
    Command(String),
    /// What the command writes names the board's address.
    Node(String),
}

/// A host, whose name is yet to become an address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct To {
    pub(super) host: String,
    pub(super) port: u16,
}

/// A check: what is asked, and as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spec {
    pub(crate) text: String,
    pub(super) question: Question,
    /// Where it takes longer than others do.
    pub(super) time_out: Option<Duration>,
}

/// The forms, for messages.
const FORMS: &str = "tcp://HOST:PORT, tls://HOST:PORT, http://HOST:PORT/PATH#TEXT, unit:NAME, \
    proc:PATTERN or cmd:COMMAND";

impl FromStr for Spec {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let question = question(text).ok_or_else(|| format!("`{text}` is no check: {FORMS}"))?;
        Ok(Self {
            text: text.to_owned(),
            question,
            time_out: None,
        })
    }
}

impl Spec {
    /// A check that a profile has; none where it could not be typed.
    pub(super) fn known(text: &str, time_out: Option<Duration>) -> Option<Self> {
        let spec: Self = text.parse().ok()?;
        Some(Self { time_out, ..spec })
    }

    /// A command that names the node's addresses.
    pub(super) fn node(command: &str, time_out: Duration) -> Self {
        Self {
            text: "the node's address".to_owned(),
            question: Question::Node(command.to_owned()),
            time_out: Some(time_out),
        }
    }

    /// The host that it asks.
    pub(super) fn to(&self) -> Option<&To> {
        match &self.question {
            Question::Tcp(to) | Question::Tls(to) | Question::Http { to, .. } => Some(to),
            _ => None,
        }
    }

    /// The unit that it asks for.
    pub(crate) fn unit(&self) -> Option<&str> {
        match &self.question {
            Question::Unit(name) => Some(name),
            _ => None,
        }
    }
}

fn question(text: &str) -> Option<Question> {
    let (kind, rest) = text.split_once(':')?;
    if rest.is_empty() || rest.contains('\0') {
        return None;
    }
    Some(match kind {
        "tcp" => Question::Tcp(address(rest.strip_prefix("//")?)?),
        "tls" => Question::Tls(address(rest.strip_prefix("//")?)?),
        "http" => http(rest.strip_prefix("//")?)?,
        "unit" => Question::Unit(rest.to_owned()),
        "proc" => Question::Process(rest.to_owned()),
        "cmd" => Question::Command(rest.to_owned()),
        _ => return None,
    })
}

fn http(rest: &str) -> Option<Question> {
    let (rest, text) = rest.split_once('#').unwrap_or((rest, ""));
    let at = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(at);
    if path.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return None;
    }
    Some(Question::Http {
        to: address(host)?,
        host: host.to_owned(),
        path: if path.is_empty() { "/" } else { path }.to_owned(),
        text: text.split_whitespace().collect(),
    })
}

fn address(text: &str) -> Option<To> {
    let Host { name: host, port } = text.parse().ok()?;
    let port = port?;
    Some(To { host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Question> {
        text.parse().ok().map(|spec: Spec| spec.question)
    }

    #[test]
    fn every_form() {
        let to = |text: &str| address(text).unwrap();
        for (text, host) in [
            ("10.0.0.1", "10.0.0.1"),
            ("board.example", "board.example"),
            ("[fd00::1]", "[fd00::1]"),
        ] {
            let (host, port) = (host.to_owned(), 22);
            let question = Question::Tcp(To { host, port });
            assert_eq!(asked(&format!("tcp://{text}:22")), Some(question));
        }
        assert_eq!(
            asked("tls://[::1]:6443"),
            Some(Question::Tls(to("[::1]:6443")))
        );
        let http = |host: &str, path: &str, text: &str| {
            Some(Question::Http {
                to: to(host),
                host: host.to_owned(),
                path: path.to_owned(),
                text: text.to_owned(),
            })
        };
        assert_eq!(asked("http://127.0.0.1:80"), http("127.0.0.1:80", "/", ""));
        assert_eq!(
            asked("http://127.0.0.1:9101/status#\"status\" : \"connected\""),
            http("127.0.0.1:9101", "/status", "\"status\":\"connected\"")
        );
        assert_eq!(asked("unit:k3s"), Some(Question::Unit("k3s".to_owned())));
        assert_eq!(asked("proc:a b"), Some(Question::Process("a b".to_owned())));
        let command = "k3s kubectl get --raw=/readyz".to_owned();
        assert_eq!(
            asked(&format!("cmd:{command}")),
            Some(Question::Command(command))
        );
    }

    #[test]
    fn what_is_no_check() {
        for wrong in [
            "",
            "tcp",
            "tcp:",
            "tcp://",
            "tcp://10.0.0.1",
            "tcp://10.0.0.1:0",
            "tcp://10.0.0.1:99999",
            "tcp://board",
            "tcp://::1:22",
            "tls:10.0.0.1:22",
            "http://10.0.0.1/x",
            "http://[::1]:80/a b",
            "unit:",
            "proc:",
            "cmd:",
            "cmd:a\0b",
            "https://10.0.0.1:443",
            "ping:10.0.0.1",
        ] {
            assert_eq!(asked(wrong), None, "{wrong}");
        }
        let told = "tcp://board".parse::<Spec>().unwrap_err();
        assert!(
            told.starts_with("`tcp://board` is no check: tcp://HOST:PORT, "),
            "{told}"
        );
    }
}
