//! A check as people type it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

/// What is asked of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    Tcp(SocketAddr),
    Tls(SocketAddr),
    Http {
        to: SocketAddr,
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
        let question = question(text).ok_or_else(|| match text.contains("://") {
            true => format!("`{text}`: {FORMS}; HOST is an address or localhost"),
            false => format!("`{text}` is no check: {FORMS}"),
        })?;
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

/// `ADDRESS:PORT`, `[ADDRESS]:PORT` or `localhost:PORT`.
fn address(text: &str) -> Option<SocketAddr> {
    let of = match text.strip_prefix("localhost:") {
        Some(port) => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port.parse().ok()?),
        None => text.parse().ok()?,
    };
    (of.port() > 0).then_some(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Question> {
        text.parse().ok().map(|spec: Spec| spec.question)
    }

    #[test]
    fn every_form() {
        let to = |text: &str| text.parse().unwrap();
        assert_eq!(
            asked("tcp://10.0.0.1:22"),
            Some(Question::Tcp(to("10.0.0.1:22")))
        );
        assert_eq!(
            asked("tcp://localhost:22"),
            Some(Question::Tcp(to("127.0.0.1:22")))
        );
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
            "tcp://board:22",
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
        let told = "tcp://board:22".parse::<Spec>().unwrap_err();
        assert!(told.ends_with("HOST is an address or localhost"), "{told}");
    }
}
