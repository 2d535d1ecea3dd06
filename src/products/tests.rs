use super::*;

fn shown(name: &str, comm: &str, cmdline: &str) -> bool {
    let profile = profile(name).unwrap();
    profile.is_shown_by(comm.as_bytes(), cmdline.as_bytes())
}

fn label<'k>(keys: &'k [Key], comm: &str, cmdline: &str) -> Option<&'k str> {
    let (comm, cmdline) = (comm.as_bytes(), cmdline.as_bytes());
    let key = keys.iter().find(|key| key.matches(comm, cmdline));
    key.map(|key| key.label.as_str())
}

#[test]
fn key_processes_of_the_protocol() {
    let izuma = profile("izuma").unwrap().keys();
    let k3s = profile("k3s").unwrap().keys();
    let k0s = profile("k0s").unwrap().keys();
    for (keys, comm, cmdline, expected) in [
        (
            &izuma,
            "edge-core",
            "/edge/edge-core\0-o\x001\0",
            Some("edge-core"),
        ),
        (
            &izuma,
            "maestro",
            "maestro\0-config\0/etc/maestro-config.yaml\0",
            Some("maestro"),
        ),
        (&izuma, "maestro", "maestro\0", None),
        (&izuma, "td-agent-bit", "", Some("fluentbit")),
        (&izuma, "fluent-bit", "", Some("fluentbit")),
        (
            &izuma,
            "node",
            "node\0/wigwag/relay-term/src/index.js\0",
            Some("relay-term"),
        ),
        (&izuma, "dockerd", "", Some("docker")),
        (&izuma, "dockerd2", "", None),
        (
            &izuma,
            "containerd-shim",
            "/bin/containerd-shim-runc-v2\0",
            None,
        ),
        (
            &k3s,
            "containerd-shim",
            "/x/containerd-shim-runc-v2\0-id\0",
            Some("containerd-shim-runc-v2"),
        ),
        (&k3s, "containerd-shim", "containerd-shim\0", None),
        (
            &k3s,
            "local-path-prov",
            "local-path-provisioner\0start\0",
            Some("local-path-provisioner"),
        ),
        (&k3s, "entry", "/bin/sh\0/usr/bin/entry\0", Some("svclb")),
        (
            &k0s,
            "kube-controller",
            "/var/lib/k0s/bin/kube-controller-manager\0-v\0",
            Some("kube-controller-manager"),
        ),
        (&k0s, "kube-controller", "/x/kube-controllers\0", None),
        (&k0s, "", "", None),
    ] {
        assert_eq!(label(keys, comm, cmdline), expected, "{comm} {cmdline}");
    }
}

#[test]
fn only_what_no_other_product_has_shows_a_product() {
    assert!(shown("izuma", "edge-core", ""));
    assert!(shown(
        "izuma",
        "maestro",
        "maestro\0/x/maestro-config.yaml\0"
    ));
    assert!(shown("k3s", "k3s-server", "/usr/local/bin/k3s server\0\0"));
    assert!(shown("k3s", "k3s-agent", ""));
    assert!(shown("microk8s", "kubelite", ""));
    assert!(shown("k0s", "k0s", ""));
    assert!(shown("kubeedge", "edgecore", ""));
    for profile in PROFILES {
        for comm in ["containerd", "kubelet", "coredns", "etcd", "dockerd"] {
            assert!(
                !profile.is_shown_by(comm.as_bytes(), b""),
                "{}",
                profile.name
            );
        }
    }
}

#[test]
fn pieces_may_span_arguments() {
    let pattern = Pattern::Piece("core --config".to_owned());
    assert!(pattern.matches(b"", b"edge-core\0--config\0x\0"));
    assert!(!pattern.matches(b"", b"edge-core --conf\0"));
    // A blank in the command line is no NUL of the pattern.
    assert!(!Pattern::Piece("a\0b".to_owned()).matches(b"", b"a b"));
    assert!(!Pattern::Piece(String::new()).matches(b"a", b"a"));
}

#[test]
fn a_users_key_is_comm_or_a_piece() {
    let key = Key::given("app", "app");
    assert!(key.matches(b"app", b""));
    assert!(key.matches(b"python3", b"python3\0/srv/app.py\0"));
    assert!(!key.matches(b"apps", b"python3\0"));
}

#[test]
fn profiles_are_joined_and_users_replace() {
    let both = [profile("k3s").unwrap(), profile("k0s").unwrap()];
    let labels = |keys: &[Key], label: &str| keys.iter().filter(|k| k.label == label).count();
    let joined = keys(&both, &[]);
    assert_eq!(joined.len(), 9 + 8 - 1);
    assert_eq!(labels(&joined, "containerd"), 1);
    let given = [
        Key::given("containerd", "my-containerd"),
        Key::given("app", "a"),
        Key::given("app", "b"),
    ];
    let joined = keys(&both, &given);
    assert_eq!(joined.len(), 17);
    assert_eq!(label(&joined, "containerd", ""), None);
    assert_eq!(label(&joined, "my-containerd", ""), Some("containerd"));
    assert_eq!(label(&joined, "a", ""), Some("app"));
    assert_eq!(label(&joined, "b", ""), Some("app"));
}

#[test]
fn units_and_cgroups() {
    let k3s = profile("k3s").unwrap();
    assert!(k3s.owns(b"/system.slice/k3s.service"));
    assert!(k3s.owns(b"/kubepods/besteffort/pod1/c1"));
    assert!(k3s.owns(b"/kubepods.slice"));
    assert!(!k3s.owns(b"/kubepods2"));
    assert!(!k3s.owns(b"/system.slice/xk3s.service"));
    assert_eq!(known(), "izuma, k3s, microk8s, k0s, kubeedge");
    assert_eq!(profile("K3S"), None);
}
