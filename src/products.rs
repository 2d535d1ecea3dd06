//! What belongs to which product: its key processes, units and cgroups.
//!
//! The profiles are those of the protocol's section 3. A key process is told by
//! its comm, or by a piece of its command line where its comm is an interpreter's
//! or not its own.

/// The kernel keeps so many bytes of a process's name; proc_pid_comm(5).
const COMM_BYTES: usize = 15;

/// How a key process is told from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// The program's name. Of a longer one than the kernel keeps, comm must be
    /// the beginning, and the first argument must end in the whole.
    Name(String),
    /// A piece of the command line, its arguments joined by blanks.
    Piece(String),
}

impl Pattern {
    /// Whether a process with this comm and these arguments, each ended by NUL as
    /// in /proc/PID/cmdline, is meant.
    pub fn matches(&self, comm: &[u8], cmdline: &[u8]) -> bool {
        match self {
            Self::Name(name) => is_named(name.as_bytes(), comm, cmdline),
            Self::Piece(piece) => contains(cmdline, piece.as_bytes()),
        }
    }
}

fn is_named(name: &[u8], comm: &[u8], cmdline: &[u8]) -> bool {
    let Some(kept) = name.get(..COMM_BYTES).filter(|_| name.len() > COMM_BYTES) else {
        return comm == name;
    };
    let program = cmdline.split(|&b| b == 0).next().unwrap_or_default();
    let base = program.rsplit(|&b| b == b'/').next().unwrap_or_default();
    // The program is followed by blanks where it wrote over its arguments.
    let base = base.split(|&b| b == b' ').next().unwrap_or_default();
    comm == kept && base == name
}

/// Whether `piece` stands in `cmdline`, whose NULs count as blanks.
fn contains(cmdline: &[u8], piece: &[u8]) -> bool {
    let same = |(&a, &b): (&u8, &u8)| a == b || (a == 0 && b == b' ');
    !piece.is_empty()
        && cmdline
            .windows(piece.len())
            .any(|window| window.iter().zip(piece).all(same))
}

/// A key process: what it is called here, and what tells it, one of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub label: String,
    pub patterns: Vec<Pattern>,
}

impl Key {
    /// What a user gave as `LABEL=PATTERN`: comm, exactly, or a piece of the
    /// command line.
    pub fn given(label: &str, pattern: &str) -> Self {
        Self {
            label: label.to_owned(),
            patterns: vec![
                Pattern::Name(pattern.to_owned()),
                Pattern::Piece(pattern.to_owned()),
            ],
        }
    }

    pub fn matches(&self, comm: &[u8], cmdline: &[u8]) -> bool {
        let mut patterns = self.patterns.iter();
        patterns.any(|pattern| pattern.matches(comm, cmdline))
    }

    /// Whether the program's name alone says so.
    pub fn names(&self, comm: &[u8], cmdline: &[u8]) -> bool {
        let is_name = |pattern: &&Pattern| matches!(pattern, Pattern::Name(_));
        let mut names = self.patterns.iter().filter(is_name);
        names.any(|pattern| pattern.matches(comm, cmdline))
    }
}

/// A key process of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    label: &'static str,
    names: &'static [&'static str],
    pieces: &'static [&'static str],
    /// No other product has it: where it runs, the product runs.
    telling: bool,
}

/// What is known of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    pub name: &'static str,
    parts: &'static [Part],
    /// Its systemd units.
    pub units: &'static [&'static str],
    /// Where its containers are, as beginnings of a cgroup's path.
    pub cgroups: &'static [&'static str],
}

impl Profile {
    /// Its key processes, in the order in which they are shown.
    pub fn keys(&self) -> Vec<Key> {
        self.parts.iter().map(Part::key).collect()
    }

    /// The labels of the key processes that no other product has.
    pub fn telling(&self) -> impl Iterator<Item = &'static str> {
        let telling = self.parts.iter().filter(|part| part.telling);
        telling.map(|part| part.label)
    }

    /// Whether a process with this comm and command line shows that the product
    /// runs: a containerd, which many products have, does not.
    pub fn is_shown_by(&self, comm: &[u8], cmdline: &[u8]) -> bool {
        let mut telling = self.parts.iter().filter(|part| part.telling);
        telling.any(|part| part.key().matches(comm, cmdline))
    }

    /// Whether a cgroup is of one of its units, or of its containers.
    pub fn owns(&self, cgroup: &[u8]) -> bool {
        let mut components = cgroup.split(|&b| b == b'/');
        components.any(|part| self.units.iter().any(|unit| part == unit.as_bytes()))
            || self.cgroups.iter().any(|start| {
                cgroup
                    .strip_prefix(start.as_bytes())
                    .is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
            })
    }
}

impl Part {
    fn key(&self) -> Key {
        let names = self.names.iter().map(|n| Pattern::Name((*n).to_owned()));
        let pieces = self.pieces.iter().map(|p| Pattern::Piece((*p).to_owned()));
        Key {
            label: self.label.to_owned(),
            patterns: names.chain(pieces).collect(),
        }
    }
}

/// One that no other product has.
const fn own(label: &'static str, names: &'static [&'static str]) -> Part {
    Part {
        label,
        names,
        pieces: &[],
        telling: true,
    }
}

/// The same, told by its command line.
const fn own_piece(label: &'static str, pieces: &'static [&'static str]) -> Part {
    Part {
        label,
        names: &[],
        pieces,
        telling: true,
    }
}

/// One that other products have as well.
const fn common(label: &'static str, names: &'static [&'static str]) -> Part {
    Part {
        label,
        names,
        pieces: &[],
        telling: false,
    }
}

/// cgroupfs and systemd name the pods' cgroup differently.
const PODS: &[&str] = &["/kubepods", "/kubepods.slice"];

/// The products that are known.
pub const PROFILES: [Profile; 5] = [
    Profile {
        name: "izuma",
        parts: &[
            own("edge-core", &["edge-core"]),
            own("edge-proxy", &["edge-proxy"]),
            own_piece("maestro", &["maestro-config.yaml"]),
            common("fluentbit", &["td-agent-bit", "fluent-bit"]),
            own_piece("devicedb", &["devicedb.yaml"]),
            own_piece("relay-term", &["relay-term/src"]),
            common("edge-kubelet", &["kubelet"]),
            common("coredns", &["coredns"]),
            common("kube-router", &["kube-router"]),
            common("docker", &["dockerd"]),
            common("containerd", &["containerd"]),
            common("parsec", &["parsec"]),
        ],
        units: &[
            "edge-core.service",
            "edge-proxy.service",
            "maestro.service",
            "td-agent-bit.service",
            "devicedb.service",
            "edge-terminal.service",
            "kubelet.service",
            "coredns.service",
            "kube-router.service",
            "docker.service",
            "containerd.service",
            "parsec.service",
        ],
        cgroups: &["/kubepods", "/kubepods.slice", "/docker"],
    },
    Profile {
        name: "k3s",
        parts: &[
            own("k3s-server", &["k3s-server"]),
            own("k3s-agent", &["k3s-agent"]),
            common("containerd", &["containerd"]),
            common("containerd-shim-runc-v2", &["containerd-shim-runc-v2"]),
            common("coredns", &["coredns"]),
            common("traefik", &["traefik"]),
            common("metrics-server", &["metrics-server"]),
            common("local-path-provisioner", &["local-path-provisioner"]),
            // A shell that runs klipper-lb's script.
            Part {
                label: "svclb",
                names: &[],
                pieces: &["/usr/bin/entry"],
                telling: false,
            },
        ],
        units: &["k3s.service", "k3s-agent.service"],
        cgroups: PODS,
    },
    Profile {
        name: "microk8s",
        parts: &[
            own("kubelite", &["kubelite"]),
            common("containerd", &["containerd"]),
            own("k8s-dqlite", &["k8s-dqlite"]),
            common("cluster-agent", &["cluster-agent"]),
        ],
        units: &[
            "snap.microk8s.daemon-kubelite.service",
            "snap.microk8s.daemon-containerd.service",
            "snap.microk8s.daemon-k8s-dqlite.service",
            "snap.microk8s.daemon-cluster-agent.service",
        ],
        cgroups: PODS,
    },
    Profile {
        name: "k0s",
        parts: &[
            own("k0s", &["k0s"]),
            common("etcd", &["etcd"]),
            common("kine", &["kine"]),
            common("kube-apiserver", &["kube-apiserver"]),
            common("kube-controller-manager", &["kube-controller-manager"]),
            common("kube-scheduler", &["kube-scheduler"]),
            common("kubelet", &["kubelet"]),
            common("containerd", &["containerd"]),
        ],
        units: &["k0scontroller.service", "k0sworker.service"],
        cgroups: PODS,
    },
    Profile {
        name: "kubeedge",
        parts: &[
            own("edgecore", &["edgecore"]),
            own("cloudcore", &["cloudcore"]),
        ],
        units: &["edgecore.service", "cloudcore.service"],
        cgroups: PODS,
    },
];

/// The profile of that name.
pub fn profile(name: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.name == name)
}

/// Every profile's name, as in `izuma, k3s`.
pub fn known() -> String {
    PROFILES.map(|profile| profile.name).join(", ")
}

/// The key processes of several profiles, and those that the user gave. One of a
/// label that a profile has takes the place of the profile's; what profiles have
/// in common is there once.
pub fn keys(profiles: &[&Profile], given: &[Key]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for key in profiles.iter().flat_map(|profile| profile.keys()) {
        match keys.iter_mut().find(|known| known.label == key.label) {
            Some(known) => {
                let new = |pattern: &Pattern| !known.patterns.contains(pattern);
                let more: Vec<_> = key.patterns.into_iter().filter(new).collect();
                known.patterns.extend(more);
            }
            None => keys.push(key),
        }
    }
    let mut replaced: Vec<&str> = Vec::new();
    for key in given {
        match keys.iter_mut().find(|known| known.label == key.label) {
            // Given twice: either pattern will do.
            Some(known) if replaced.contains(&key.label.as_str()) => {
                known.patterns.extend(key.patterns.iter().cloned());
            }
            Some(known) => *known = key.clone(),
            None => keys.push(key.clone()),
        }
        replaced.push(&key.label);
    }
    keys
}

#[cfg(test)]
mod tests;
