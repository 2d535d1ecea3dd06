//! The known products; the protocol's section 3.

/// A key process of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) label: &'static str,
    /// Its program; `k3s server` is k3s started with this argument.
    pub(crate) names: &'static [&'static str],
    /// Programs that are it if started with one of `arguments`: interpreters, and programs
    /// with a common name.
    pub(crate) programs: &'static [&'static str],
    pub(crate) arguments: &'static [&'static str],
    /// Its own unit, in which the argument alone is enough.
    pub(crate) unit: &'static str,
    /// With this argument it belongs to another product.
    pub(crate) never: &'static str,
    /// No other product has it: where it runs, the product runs.
    pub(crate) telling: bool,
    /// It has a row only where it runs.
    pub(crate) rare: bool,
}

/// A known product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: &'static str,
    pub(super) parts: &'static [Part],
    /// Its systemd units; `*` at the end stands for anything.
    pub(super) units: &'static [&'static str],
    /// Docker's containers are its own, as pods are those of every product that runs
    /// Kubernetes.
    pub(super) docker: bool,
}

/// A key process that other products have as well.
const fn common(label: &'static str, names: &'static [&'static str]) -> Part {
    Part {
        label,
        names,
        programs: &[],
        arguments: &[],
        unit: "",
        never: "",
        telling: false,
        rare: false,
    }
}

/// A key process that no other product has.
const fn own(label: &'static str, names: &'static [&'static str]) -> Part {
    Part {
        telling: true,
        ..common(label, names)
    }
}

/// The same, recognised by an argument.
const fn own_argument(
    label: &'static str,
    programs: &'static [&'static str],
    arguments: &'static [&'static str],
    unit: &'static str,
) -> Part {
    Part {
        programs,
        arguments,
        unit,
        ..own(label, &[])
    }
}

const CONTAINERD: Part = common("containerd", &["containerd"]);

/// The shims of Docker's containers have the namespace `moby`, also below the containerd
/// that Docker shares with a kubelet.
const SHIM: Part = Part {
    never: "moby",
    rare: true,
    ..common("containerd-shim-runc-v2", &["containerd-shim-runc-v2"])
};

/// Default before containerd 1.4, optional before 2.0.
const OLD_SHIM: Part = Part {
    label: "containerd-shim",
    names: &["containerd-shim", "containerd-shim-runc-v1"],
    ..SHIM
};

const fn of_docker_too(shim: Part) -> Part {
    Part { never: "", ..shim }
}

/// The products that are known.
pub(crate) const PROFILES: [Profile; 5] = [
    Profile {
        name: "izuma",
        parts: &[
            own("edge-core", &["edge-core"]),
            own("edge-proxy", &["edge-proxy"]),
            own_argument(
                "maestro",
                &["maestro"],
                &["maestro-config.yaml"],
                "maestro.service",
            ),
            common("fluentbit", &["td-agent-bit", "fluent-bit"]),
            own_argument(
                "devicedb",
                &["devicedb"],
                &["devicedb.yaml"],
                "devicedb.service",
            ),
            own_argument(
                "relay-term",
                &["node", "nodejs"],
                &["relay-term/src"],
                "edge-terminal.service",
            ),
            common("edge-kubelet", &["kubelet"]),
            common("coredns", &["coredns"]),
            common("kube-router", &["kube-router"]),
            common("docker", &["dockerd"]),
            CONTAINERD,
            of_docker_too(SHIM),
            of_docker_too(OLD_SHIM),
            common("parsec", &["parsec"]),
        ],
        units: &[
            "edge-core.service",
            "edge-proxy.service",
            "maestro.service",
            "td-agent-bit.service",
            "fluent-bit.service",
            "devicedb.service",
            "edge-terminal.service",
            "kubelet.service",
            "coredns.service",
            "kube-router.service",
            "docker.service",
            "snap.docker.*",
            "containerd.service",
            "parsec.service",
        ],
        docker: true,
    },
    Profile {
        name: "k3s",
        parts: &[
            own("k3s-server", &["k3s-server", "k3s server"]),
            own("k3s-agent", &["k3s-agent", "k3s agent"]),
            CONTAINERD,
            // They outlive a k3s that was stopped.
            Part {
                rare: false,
                ..SHIM
            },
            OLD_SHIM,
            common("coredns", &["coredns"]),
            common("traefik", &["traefik"]),
            common("metrics-server", &["metrics-server"]),
            common("local-path-provisioner", &["local-path-provisioner"]),
            // A shell that runs klipper-lb's script.
            Part {
                programs: &["entry", "sh", "ash", "busybox", "bash"],
                arguments: &["/usr/bin/entry"],
                ..common("svclb", &[])
            },
        ],
        units: &["k3s.service", "k3s-agent.service"],
        docker: false,
    },
    Profile {
        name: "microk8s",
        parts: &[
            own("kubelite", &["kubelite"]),
            CONTAINERD,
            SHIM,
            OLD_SHIM,
            own("k8s-dqlite", &["k8s-dqlite"]),
            common("cluster-agent", &["cluster-agent"]),
        ],
        units: &["snap.microk8s.*"],
        docker: false,
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
            CONTAINERD,
            SHIM,
            OLD_SHIM,
        ],
        units: &["k0scontroller.service", "k0sworker.service"],
        docker: false,
    },
    Profile {
        name: "kubeedge",
        parts: &[
            own("edgecore", &["edgecore"]),
            own("cloudcore", &["cloudcore"]),
            Part {
                rare: true,
                ..CONTAINERD
            },
            SHIM,
            OLD_SHIM,
        ],
        units: &[
            "edgecore.service",
            "cloudcore.service",
            "containerd.service",
        ],
        docker: false,
    },
];
