use super::*;

/// A 64-digit id, as runtimes give.
const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn process<'p>(comm: &'p str, cmdline: &'p str, cgroup: &'p str) -> Process<'p> {
    Process::new(comm.as_bytes(), cmdline.as_bytes(), cgroup.as_bytes())
}

fn pattern(label: &str, pattern: &str) -> Key {
    Key::given(Kind::Pattern, label, pattern)
}

fn of(name: &str) -> Vec<Key> {
    profile(name).unwrap().keys()
}

fn shown(name: &str, comm: &str, cmdline: &str) -> bool {
    let profile = profile(name).unwrap();
    profile.is_shown_by(&process(comm, cmdline, ""))
}

fn label<'k>(keys: &'k [Key], comm: &str, cmdline: &str) -> Option<&'k str> {
    label_in(keys, &Homes::default(), process(comm, cmdline, ""))
}

fn label_in<'k>(keys: &'k [Key], homes: &Homes, process: Process<'_>) -> Option<&'k str> {
    find(keys, &process, homes).map(|at| keys[at].label.as_str())
}

#[test]
fn key_processes_of_izuma() {
    let izuma = of("izuma");
    for (comm, cmdline, expected) in [
        ("edge-core", "/edge/edge-core\0-o\x001\0", Some("edge-core")),
        // As the snap of the gateway starts it, and as its image does.
        (
            "maestro",
            "/wigwag/system/bin/maestro\0-config\0/var/snap/maestro-config.yaml\0",
            Some("maestro"),
        ),
        ("maestro", "maestro\0", None),
        (
            "devicedb",
            "devicedb\0start\0-conf=/wigwag/etc/devicedb.yaml\0",
            Some("devicedb"),
        ),
        ("td-agent-bit", "", Some("fluentbit")),
        ("fluent-bit", "", Some("fluentbit")),
        (
            "node",
            "node\0/wigwag/relay-term/src/index.js\0start\0",
            Some("relay-term"),
        ),
        ("dockerd", "", Some("docker")),
        ("dockerd2", "", None),
    ] {
        let found = label(&izuma, comm, cmdline);
        assert_eq!(found, expected, "{comm} {cmdline}");
    }
}

#[test]
fn key_processes_of_k3s_and_k0s() {
    for (product, comm, cmdline, expected) in [
        (
            "k3s",
            "containerd-shim",
            "/x/containerd-shim-runc-v2\0-id\0",
            Some("containerd-shim-runc-v2"),
        ),
        (
            "k3s",
            "local-path-prov",
            "local-path-provisioner\0start\0",
            Some("local-path-provisioner"),
        ),
        // Of a name that the kernel cut, the beginning is not enough.
        ("k3s", "local-path-prov", "", None),
        ("k3s", "entry", "/bin/sh\0/usr/bin/entry\0", Some("svclb")),
        ("k3s", "sh", "sh\0/usr/bin/entrypoint.sh\0", None),
        (
            "k0s",
            "kube-controller",
            "/var/lib/k0s/bin/kube-controller-manager\0-v\0",
            Some("kube-controller-manager"),
        ),
        ("k0s", "kube-controller", "/x/kube-controllers\0", None),
        ("k0s", "", "", None),
    ] {
        let keys = of(product);
        let found = label(&keys, comm, cmdline);
        assert_eq!(found, expected, "{comm} {cmdline}");
    }
}

#[test]
fn k3s_by_any_title() {
    let k3s = of("k3s");
    for (comm, cmdline, expected) in [
        ("k3s-server", "/usr/local/bin/k3s server\0\0", "k3s-server"),
        ("k3s-server", "/usr/local/bin/k3s agent\0", "k3s-server"),
        ("k3s-agent", "", "k3s-agent"),
        (
            ".k3s-wrapped",
            "/nix/store/0-k3s-1.30.4+k3s1/bin/.k3s-wrapped\0server\0",
            "k3s-server",
        ),
        (
            ".k3s-wrapped",
            "/bin/.k3s-wrapped\0agent\0--server\0x\0",
            "k3s-agent",
        ),
        (
            ".containerd-wra",
            "/bin/.containerd-wrapped\0",
            "containerd",
        ),
    ] {
        assert_eq!(label(&k3s, comm, cmdline), Some(expected), "{cmdline}");
    }
    assert_eq!(label(&k3s, "k3s", "k3s\0kubectl\0get\0nodes\0"), None);
    assert_eq!(label(&k3s, "k3s-servers", "k3s-servers\0"), None);
}

/// An editor, a pager, a script of a like name: none of them is the product.
#[test]
fn who_names_a_file_is_not_the_program_that_reads_it() {
    for (product, comm, cmdline) in [
        ("izuma", "nano", "nano\0/wigwag/etc/maestro-config.yaml\0"),
        ("izuma", "tail", "tail\0-f\0/wigwag/log/devicedb.yaml.log\0"),
        ("izuma", "vim", "vim\0/wigwag/relay-term/src/index.js\0"),
        ("izuma", "node", "node\0/srv/relay-term/srcs/index.js\0"),
        ("izuma", "devicedb", "devicedb\0-conf=x.devicedb.yaml\0"),
        ("k3s", "sh", "/bin/sh\0/usr/bin/entrypoint.sh\0"),
        ("k3s", "less", "less\0/usr/bin/entry\0"),
        ("k0s", "tail", "tail\0-f\0k0s\0"),
    ] {
        assert_eq!(label(&of(product), comm, cmdline), None, "{cmdline}");
        assert!(!shown(product, comm, cmdline), "{cmdline}");
    }
}

#[test]
fn only_what_no_other_product_has_shows_a_product() {
    assert!(shown("izuma", "edge-core", ""));
    assert!(shown(
        "izuma",
        "maestro",
        "maestro\0-config\0/x/maestro-config.yaml\0"
    ));
    assert!(shown("k3s", "k3s-server", "/usr/local/bin/k3s server\0\0"));
    assert!(shown("k3s", "k3s-agent", ""));
    assert!(shown("microk8s", "kubelite", ""));
    assert!(shown("k0s", "k0s", ""));
    assert!(shown("kubeedge", "edgecore", ""));
    for profile in PROFILES {
        for comm in ["containerd", "kubelet", "coredns", "etcd", "dockerd"] {
            assert!(
                !profile.is_shown_by(&process(comm, "", "")),
                "{}",
                profile.name
            );
        }
    }
}

/// containerd of docker beside k3s, one in a unit or container of somebody's.
#[test]
fn what_many_have_is_a_products_only_where_that_is_at_home() {
    let server = process("k3s-server", "", "/system.slice/k3s.service");
    let k3s = Homes::of([server].into_iter());
    let docker = format!("/system.slice/docker-{ID}.scope");
    let pod = format!("/kubepods/besteffort/pod7f1d3c52-9c1c-4f0e-8f7c-0a1b2c3d4e5f/{ID}");
    let in_docker = format!("{docker}{pod}");
    for (cgroup, is_k3s, is_izuma) in [
        ("/system.slice/k3s.service", true, false),
        ("/system.slice/containerd.service", false, true),
        ("/system.slice/docker.service", false, true),
        ("/system.slice/traefik.service", false, false),
        ("/machine.slice/x.service", false, false),
        (docker.as_str(), false, true),
        (in_docker.as_str(), false, true),
        (pod.as_str(), true, true),
        // Nothing says whose it is: by its name, then.
        ("", true, true),
        ("/", true, true),
        ("/user.slice/user-1000.slice/session-3.scope", true, true),
        (
            "/user.slice/user-1000.slice/user@1000.service/a.scope",
            true,
            true,
        ),
    ] {
        let containerd = process("containerd", "containerd\0", cgroup);
        let found = |product| label_in(&of(product), &k3s, containerd).is_some();
        assert_eq!(
            (found("k3s"), found("izuma")),
            (is_k3s, is_izuma),
            "{cgroup}"
        );
    }
}

#[test]
fn a_product_is_at_home_where_it_runs() {
    let node = format!("/docker/{ID}");
    for (home, inside, outside) in [
        // A unit of another name, k3d, an older snap, another init.
        (
            "/system.slice/k3s-server.service",
            "/system.slice/k3s-server.service/sub",
            "/system.slice/k3s-server2.service",
        ),
        (
            &node,
            &format!("{node}/kubepods/pod1"),
            &format!("/docker/{}", &ID.replace('0', "f")),
        ),
        (
            "/system.slice/snap.my-k3s.daemon.service",
            "/system.slice/snap.my-k3s.containerd.service",
            "/system.slice/snap.my-k3s2.containerd.service",
        ),
    ] {
        let mut homes = Homes::default();
        let containerd = |cgroup| {
            move |homes: &Homes| {
                label_in(&of("k3s"), homes, process("containerd", "", cgroup)).is_some()
            }
        };
        assert!(!containerd(inside)(&homes), "{inside}");
        let server = process("k3s-server", "", home);
        let another = PROFILES.iter().find(|profile| profile.name != "k3s");
        assert!(!homes.add(&server, another), "k3s is not asked about");
        assert!(homes.add(&server, profile("k3s")));
        assert!(!homes.add(&server, None));
        assert!(containerd(inside)(&homes), "{inside}");
        assert!(!containerd(outside)(&homes), "{outside}");
    }
}

/// Every product that has containers counts their shims, of either version, and none
/// counts Docker's but the one that has Docker.
#[test]
fn shims_count_alike() {
    for profile in PROFILES {
        let keys = profile.name;
        for (comm, cmdline, expected) in [
            (
                "containerd-shim",
                "containerd-shim\0-namespace\0k8s.io\0",
                Some("containerd-shim"),
            ),
            (
                "containerd-shim",
                "/snap/microk8s/1/bin/containerd-shim-runc-v1\0-namespace\0k8s.io\0",
                Some("containerd-shim"),
            ),
            (
                "containerd-shim",
                "/bin/containerd-shim-runc-v2\0-namespace\0k8s.io\0",
                Some("containerd-shim-runc-v2"),
            ),
        ] {
            assert_eq!(
                label(&of(keys), comm, cmdline),
                expected,
                "{keys} {cmdline}"
            );
        }
        let moby = "/bin/containerd-shim-runc-v2\0-namespace\0moby\0";
        let found = label(&of(keys), "containerd-shim", moby).is_some();
        assert_eq!(found, keys == "izuma", "{keys}");
    }
    // Only k3s's have a row where they do not run, the newer ones.
    let rare = |product| of(product).iter().filter(|key| key.rare).count();
    assert_eq!(["izuma", "k3s", "microk8s"].map(rare), [2, 1, 2]);
}

#[test]
fn a_users_key_is_a_program_or_a_whole_argument() {
    let key = [pattern("app", "app")];
    for (comm, cmdline, is_it) in [
        ("app", "", true),
        ("MainThread", "/usr/bin/app\0", true),
        ("python3", "python3\0/srv/app\0", true),
        ("python3", "python3\0--script=app\0", true),
        ("app: worker", "app: worker process\0\0\0", true),
        ("apps", "python3\0", false),
        ("python3", "python3\0/srv/app.py\0", false),
        ("python3", "python3\0/srv/app/main.py\0", false),
        ("python3", "python3\0an-app\0", false),
        ("vim", "vim\0app\0", false),
        ("sudo", "sudo\0app\0", false),
    ] {
        assert_eq!(label(&key, comm, cmdline).is_some(), is_it, "{cmdline}");
    }
    let script = [pattern("app", "app.py")];
    assert!(label(&script, "python3", "python3\0/srv/app.py\0").is_some());
    // Several words are that many arguments.
    let words = [pattern("edge", "edge-core --config")];
    assert!(label(&words, "x", "/bin/edge-core\0--config\0x\0").is_some());
    assert!(label(&words, "nice", "nice\0/bin/edge-core\0--config\0").is_some());
    assert!(label(&words, "edge-core", "edge-core\0--conf\0").is_none());
    assert!(label(&words, "x", "my-edge-core\0--config\0").is_none());
    assert!(label(&[pattern("x", "")], "", "").is_none());
}

#[test]
fn a_recorder_is_no_product() {
    let nginx = [pattern("nginx", "nginx"), pattern("eb", "edgebench-lite")];
    for (comm, cmdline) in [
        (
            "edgebench-lite",
            "edgebench-lite\0record\0--product\0nginx\0",
        ),
        ("sudo", "sudo\0./edgebench-lite\0record\0--product\0nginx\0"),
        (
            "nohup",
            "nohup\0/usr/bin/edgebench-lite\0footprint\0--key\0nginx=nginx\0",
        ),
    ] {
        assert_eq!(label(&nginx, comm, cmdline), None, "{cmdline}");
    }
    assert!(!shown("k0s", "edgebench-lite", "k0s\0"));
}

#[test]
fn a_users_units_and_cgroups() {
    let unit = |name| [Key::of_place(Kind::Unit, name)];
    let cgroup = |path| [Key::of_place(Kind::Cgroup, path)];
    let is_in = |keys: &[Key], cgroup: &str| {
        let process = process("x", "", cgroup);
        find(keys, &process, &Homes::default()).is_some()
    };
    let nginx = unit("nginx");
    assert_eq!(nginx[0].label, "nginx.service");
    assert!(is_in(&nginx, "/system.slice/nginx.service"));
    assert!(is_in(&nginx, "/system.slice/nginx.service/worker"));
    assert!(is_in(
        &nginx,
        "/user.slice/user@1000.service/app.slice/nginx.service"
    ));
    assert!(!is_in(&nginx, "/system.slice/my-nginx.service"));
    assert!(!is_in(&nginx, "/lxc/101/ns/system.slice/nginx.service"));
    assert!(is_in(&unit("system.slice"), "/system.slice/x.service"));
    let scope = format!("docker-{ID}.scope");
    assert!(is_in(
        &unit(&scope),
        &format!("/system.slice/{scope}/init.scope")
    ));
    for given in ["/edge", "edge/", "/sys/fs/cgroup/edge"] {
        assert!(is_in(&cgroup(given), "/edge"), "{given}");
        assert!(is_in(&cgroup(given), "/edge/a"), "{given}");
        assert!(!is_in(&cgroup(given), "/edge2"), "{given}");
    }
}

#[test]
fn what_a_user_says_goes_before_all() {
    let k3s = [profile("k3s").unwrap()];
    let given = [
        pattern("store", "/data/db"),
        Key::of_place(Kind::Unit, "dns"),
    ];
    let all = keys(&k3s, &given);
    let found =
        |comm, cmdline, cgroup| label_in(&all, &Homes::default(), process(comm, cmdline, cgroup));
    // By an argument, and by a unit, against a profile's name.
    assert_eq!(found("traefik", "traefik\0/data/db\0", ""), Some("store"));
    assert_eq!(
        found("coredns", "", "/system.slice/dns.service"),
        Some("dns.service")
    );
    assert_eq!(found("coredns", "", ""), Some("coredns"));
}

#[test]
fn profiles_are_joined_and_users_replace() {
    let both = [profile("k3s").unwrap(), profile("k0s").unwrap()];
    let labels = |keys: &[Key], label: &str| keys.iter().filter(|k| k.label == label).count();
    let joined = keys(&both, &[]);
    assert_eq!(joined.len(), 10 + 10 - 3);
    assert_eq!(labels(&joined, "containerd"), 1);
    let given = [
        pattern("containerd", "my-containerd"),
        pattern("app", "a"),
        pattern("app", "b"),
    ];
    let joined = keys(&both, &given);
    assert_eq!(joined.len(), 18);
    assert_eq!(label(&joined, "containerd", ""), None);
    assert_eq!(label(&joined, "my-containerd", ""), Some("containerd"));
    assert_eq!(label(&joined, "a", ""), Some("app"));
    assert_eq!(label(&joined, "b", ""), Some("app"));
    assert_eq!(known(), "izuma, k3s, microk8s, k0s, kubeedge");
    assert_eq!(profile("K3S"), None);
}
