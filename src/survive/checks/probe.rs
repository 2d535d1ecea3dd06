//! A check at work: it asks, waits for the answer, and asks again some time after.

use super::node::Node;
use super::reply;
use super::spec::{Question, Spec, To};
use super::tls;
use crate::boot::systemd::{number, value};
use crate::proc::pid_stat;
use crate::proc::root::Root;
use crate::products::{self, Homes, Key, Kind, Process};
use crate::resolver::address;
use crate::system::command::{Child, Command, Exit};
use crate::system::errno::reason;
use crate::system::socket::{Family, Socket, Transport};
use nix::errno::Errno;
use std::net::{IpAddr, SocketAddr};

/// Of an answer so much is read.
const MOST_BYTES: usize = 1 << 16;
/// What is asked of systemd of a unit.
const UNIT: &str = "ActiveState,SubState,NRestarts,MainPID";

/// Checks, and what their commands need.
pub(crate) struct Checks(Vec<Check>);

pub(super) struct Check {
    pub(super) spec: Spec,
    command: Option<Command>,
    /// Whom it asks, where that is a host.
    to: Option<SocketAddr>,
}

impl Checks {
    /// Looks up the names of hosts, once: an answer says nothing of the name server.
    ///
    /// # Errors
    /// A name without an address, or a command whose pipe cannot be made, in a sentence.
    pub(crate) fn new(specs: Vec<Spec>, root: &Root) -> Result<Self, String> {
        let check = |spec: Spec| {
            let of = |why: &str| format!("--check {}: {why}", spec.text);
            let line = match &spec.question {
                Question::Command(line) | Question::Node(line) => Some(Command::shell(line)),
                Question::Unit(name) => {
                    let line = ["systemctl", "show", "-p", UNIT, "--", name];
                    Some(Command::new(&line))
                }
                _ => None,
            };
            let command = line.transpose().map_err(|errno| of(reason(errno)))?;
            let look_up = |to: &To| {
                let ip = address(root, &to.host);
                ip.map(|ip| SocketAddr::new(ip, to.port)).map_err(of)
            };
            let to = spec.to().map(look_up).transpose()?;
            Ok(Check { spec, command, to })
        };
        specs
            .into_iter()
            .map(check)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, Check> {
        self.0.iter()
    }
}

/// What came of asking once; otherwise why it is a no.
pub(super) type Answer = Result<(), String>;

enum State<'c> {
    Idle,
    Running(Child<'c>),
    Connecting(Socket),
    Reading(Socket),
}

/// What is wrong when a check says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    Unhealthy,
    /// The node reports another address than the board has.
    OtherAddress,
    /// The node could not be asked for its address.
    NotKnown,
}

/// A process, or how often a unit was restarted: what must stay as it is.
type Identity = (u64, u64);

pub(super) struct Probe<'c> {
    pub(super) check: &'c Check,
    state: State<'c>,
    asked_ns: u64,
    reply: Vec<u8>,
    identity: Option<Identity>,
    /// Of a unit: see [`reply::unit`].
    is_exited: Option<bool>,
    node: Node,
}

/// The board's address before a change and after it: a check of the first goes to the
/// second.
pub(crate) type Move = Option<(IpAddr, IpAddr)>;

impl<'c> Probe<'c> {
    pub(super) fn new(check: &'c Check) -> Self {
        Self {
            check,
            state: State::Idle,
            asked_ns: 0,
            reply: Vec::new(),
            identity: None,
            is_exited: None,
            node: Node::default(),
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    pub(super) fn runs_a_command(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    /// Since when an answer is waited for.
    pub(super) fn asked_ns(&self) -> u64 {
        self.asked_ns
    }

    /// What a no of it means.
    pub(super) fn lack(&self) -> Lack {
        match self.check.spec.question {
            Question::Node(_) if self.node.is_elsewhere => Lack::OtherAddress,
            Question::Node(_) => Lack::NotKnown,
            _ => Lack::Unhealthy,
        }
    }

    /// The socket that is waited for, and whether it is to be written to.
    pub(super) fn socket(&self) -> Option<(&Socket, bool)> {
        match &self.state {
            State::Connecting(socket) => Some((socket, true)),
            State::Reading(socket) => Some((socket, false)),
            State::Idle | State::Running(_) => None,
        }
    }

    /// Forgets what is under way.
    pub(super) fn stop(&mut self) {
        // A command is killed when it is dropped.
        self.state = State::Idle;
        self.node.is_elsewhere = false;
    }

    /// Asks; a check that needs no waiting is answered at once.
    pub(super) fn ask(&mut self, now_ns: u64, root: &Root, moved: Move) -> Option<Answer> {
        self.asked_ns = now_ns;
        self.reply.clear();
        match &self.check.spec.question {
            Question::Tcp(_) | Question::Tls(_) | Question::Http { .. } => {
                match connect(follow(self.check.to.as_ref()?, moved)) {
                    Ok(socket) => self.state = State::Connecting(socket),
                    Err(errno) => return Some(Err(reason(errno).to_owned())),
                }
            }
            Question::Process(pattern) => {
                let found = oldest(root, pattern);
                return Some(match found {
                    Some(process) => self.same(process, "another process runs now"),
                    None => Err("no such process".to_owned()),
                });
            }
            Question::Unit(_) | Question::Command(_) | Question::Node(_) => {
                let check = self.check;
                match check.command.as_ref().map(Command::start) {
                    Some(Ok(child)) => self.state = State::Running(child),
                    Some(Err(errno)) => {
                        return Some(Err(format!("cannot be started: {}", reason(errno))));
                    }
                    None => {}
                }
            }
        }
        None
    }

    /// Goes on with what is under way, as far as it goes now.
    pub(super) fn look(&mut self, moved: Move) -> Option<Answer> {
        let outcome = match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => None,
            State::Running(child) => self.run(child, moved),
            State::Connecting(socket) => self.connect(socket),
            State::Reading(socket) => self.read(socket),
        };
        if outcome.is_some() {
            self.state = State::Idle;
        }
        outcome
    }

    fn run(&mut self, mut child: Child<'c>, moved: Move) -> Option<Answer> {
        let reply = &mut self.reply;
        let ended = child.poll(&mut |piece| {
            let room = MOST_BYTES.saturating_sub(reply.len());
            reply.extend_from_slice(&piece[..piece.len().min(room)]);
        });
        let Some(ended) = ended else {
            self.state = State::Running(child);
            return None;
        };
        self.node.is_elsewhere = false;
        Some(match (&self.check.spec.question, ended.exit) {
            (Question::Unit(_), _) => self.unit(),
            (_, Exit::Status(0)) => match &self.check.spec.question {
                Question::Node(_) => self.node.look(&self.reply, moved),
                _ => Ok(()),
            },
            (_, Exit::Status(status)) => Err(self.with_last_line(&format!("status {status}"))),
            (_, Exit::Signal(signal)) => Err(format!("ended by signal {signal}")),
            (_, Exit::TimedOut) => Err("killed".to_owned()),
        })
    }

    fn with_last_line(&self, what: &str) -> String {
        let text = String::from_utf8_lossy(&self.reply);
        let mut lines = text.lines().rev().map(str::trim);
        match lines.find(|line| !line.is_empty()) {
            Some(line) => format!("{what}: {}", line.chars().take(200).collect::<String>()),
            None => what.to_owned(),
        }
    }

    fn unit(&mut self) -> Answer {
        let of = |key| value(&self.reply, key);
        // Before version 235 systemd does not count them.
        let count = number(&self.reply, "NRestarts=");
        let count = count.or_else(|| number(&self.reply, "MainPID="));
        let (state, sub) = (of("ActiveState="), of("SubState="));
        let restarts = reply::unit(state, sub, &mut self.is_exited, count.unwrap_or(0))?;
        self.same((restarts, 0), "systemd has restarted it")
    }

    /// Whether it is what it was when it was last asked for; fewer restarts than before are
    /// a start by somebody.
    fn same(&mut self, now: Identity, otherwise: &str) -> Answer {
        let before = self.identity.replace(now);
        match before.map_or(true, |before| before == now || now == (0, 0)) {
            true => Ok(()),
            false => Err(otherwise.to_owned()),
        }
    }

    fn connect(&mut self, socket: Socket) -> Option<Answer> {
        if let Err(errno) = socket.error() {
            return Some(Err(reason(errno).to_owned()));
        }
        let request = match &self.check.spec.question {
            Question::Http { host, path, .. } => {
                format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n")
                    .into_bytes()
            }
            Question::Tls(_) => tls::CLIENT_HELLO.to_vec(),
            _ => return Some(Ok(())),
        };
        // A socket that has just connected takes so little at once.
        match socket.send(&request) {
            Ok(_) => self.state = State::Reading(socket),
            Err(errno) => return Some(Err(reason(errno).to_owned())),
        }
        None
    }

    fn read(&mut self, socket: Socket) -> Option<Answer> {
        let mut piece = [0; 4096];
        let ended = loop {
            match socket.receive(&mut piece) {
                Ok(0) => break true,
                Ok(len) => self.reply.extend_from_slice(&piece[..len]),
                Err(Errno::EINTR) => {}
                Err(Errno::EAGAIN) => break false,
                Err(errno) if self.reply.is_empty() => {
                    return Some(Err(reason(errno).to_owned()));
                }
                // Reset by one that has not read all of the question, behind its answer.
                Err(_) => break true,
            }
            if self.reply.len() >= MOST_BYTES {
                break true;
            }
        };
        let outcome = match &self.check.spec.question {
            Question::Http { text, .. } => reply::http(&self.reply, text, ended),
            _ => match tls::is_record(&self.reply) {
                Some(true) => Some(Ok(())),
                Some(false) => Some(Err("no answer in TLS".to_owned())),
                None if ended => Some(Err("closed without an answer in TLS".to_owned())),
                None => None,
            },
        };
        if outcome.is_none() {
            self.state = State::Reading(socket);
        }
        outcome
    }
}

fn connect(to: SocketAddr) -> nix::Result<Socket> {
    let family = match to {
        SocketAddr::V4(_) => Family::V4,
        SocketAddr::V6(_) => Family::V6,
    };
    let socket = Socket::new(Transport::Tcp, family)?;
    socket.connect(to)?;
    Ok(socket)
}

fn follow(to: &SocketAddr, moved: Move) -> SocketAddr {
    match moved {
        Some((from, new)) if to.ip() == from => SocketAddr::new(new, to.port()),
        _ => *to,
    }
}

/// The oldest process that the pattern names: its pid and its start.
fn oldest(root: &Root, pattern: &str) -> Option<Identity> {
    let keys = [Key::given(Kind::Pattern, "", pattern)];
    let mut oldest: Option<Identity> = None;
    for pid in root.pids().unwrap_or_default() {
        let (mut stat, mut cmdline) = ([0; 1024], [0; 4096]);
        let Ok(stat) = root.read_proc(&format!("{pid}/stat"), &mut stat) else {
            continue;
        };
        let Ok(stat) = pid_stat::parse(stat) else {
            continue;
        };
        let cmdline = root.read(&format!("proc/{pid}/cmdline"), &mut cmdline);
        let process = Process::new(stat.comm, cmdline.unwrap_or_default(), b"");
        let is_it =
            stat.state != b'Z' && products::find(&keys, &process, &Homes::default()).is_some();
        let identity = (u64::from(pid), stat.starttime);
        if is_it
            && oldest.map_or(true, |oldest| {
                (identity.1, identity.0) < (oldest.1, oldest.0)
            })
        {
            oldest = Some(identity);
        }
    }
    oldest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpListener;
    use std::path::Path;

    #[test]
    fn a_unit_that_was_restarted() {
        let root = Root::open(Path::new("/")).unwrap();
        let checks = Checks::new(vec!["unit:k3s".parse().unwrap()], &root).unwrap();
        let says = |counts: [&str; 3]| {
            let mut probe = Probe::new(checks.iter().next().unwrap());
            counts.map(|count| {
                probe.reply = format!("ActiveState=active\nSubState=running\n{count}\n").into();
                probe.unit().is_ok()
            })
        };
        let counted = says(["NRestarts=1\nMainPID=7", "NRestarts=1", "NRestarts=2"]);
        let is_other = says(["MainPID=7", "MainPID=7", "MainPID=8"]);
        assert_eq!([counted, is_other], [[true, true, false]; 2]);
    }

    /// The kernel resets a connection that is closed with a question unread: the answer counts.
    #[test]
    fn an_answer_before_a_reset() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let spec = format!("http://127.0.0.1:{port}/#ok").parse().unwrap();
        let root = Root::open(Path::new("/")).unwrap();
        let checks = Checks::new(vec![spec], &root).unwrap();
        let mut probe = Probe::new(checks.iter().next().unwrap());
        assert_eq!(probe.ask(0, &root, None), None);
        let (mut stream, _) = listener.accept().unwrap();
        assert_eq!(probe.look(None), None);
        stream.peek(&mut [0]).unwrap();
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nok").unwrap();
        // On the loopback both are there when this returns.
        drop(stream);
        assert_eq!(probe.look(None), Some(Ok(())));
    }
}
