use super::*;
use proptest::prelude::*;

const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const UID: &str = "7f1d3c52-9c1c-4f0e-8f7c-0a1b2c3d4e5f";

/// unit, slice, container, pod of a path; `-` for none.
fn told(path: &str) -> [String; 4] {
    let place = place(path.as_bytes());
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let named = |named: Option<Named<'_>>| named.map_or("-".into(), |n| text(n.name));
    [
        named(place.unit),
        named(place.slice),
        place.container.map_or("-".into(), |(container, _)| {
            format!("{} {}", container.runtime, text(container.id))
        }),
        place.pod.map_or("-".into(), |(uid, _)| text(&uid)),
    ]
}

#[test]
fn units_and_slices_of_systemd() {
    for (path, unit, slice) in [
        ("/system.slice/k3s.service", "k3s.service", "system.slice"),
        ("/init.scope", "init.scope", "-"),
        ("/", "-", "-"),
        ("", "-", "-"),
        (
            "/system.slice/system-getty.slice/getty@tty1.service",
            "getty@tty1.service",
            "system-getty.slice",
        ),
        (
            "/user.slice/user-1000.slice/user@1000.service/app.slice/editor.service",
            "user@1000.service",
            "user-1000.slice",
        ),
        (
            "/user.slice/user-1000.slice/session-3.scope",
            "session-3.scope",
            "user-1000.slice",
        ),
        (
            "/system.slice/_cpu.service (deleted)",
            "cpu.service",
            "system.slice",
        ),
        ("/user.slice", "-", "user.slice"),
    ] {
        assert_eq!(told(path), [unit, slice, "-", "-"], "{path}");
    }
}

#[test]
fn containers_by_runtime_and_driver() {
    for (path, container) in [
        (format!("/docker/{ID}"), format!("docker {ID}")),
        (
            format!("/system.slice/docker-{ID}.scope"),
            format!("docker {ID}"),
        ),
        (
            format!("/machine.slice/libpod-{ID}.scope/container"),
            format!("podman {ID}"),
        ),
        (
            format!("/machine.slice/libpod-conmon-{ID}.scope"),
            "-".to_owned(),
        ),
        (format!("/libpod_parent/libpod-{ID}"), "-".to_owned()),
        ("/default/web".to_owned(), "containerd web".to_owned()),
        (
            "/lxc.payload.box/init.scope".to_owned(),
            "lxc box".to_owned(),
        ),
        ("/lxc/box".to_owned(), "lxc box".to_owned()),
        ("/docker/buildkit".to_owned(), "-".to_owned()),
        ("/session/1".to_owned(), "-".to_owned()),
        // Docker in Docker: the inner one.
        (
            format!("/docker/{ID}/docker/{}", ID.replace('0', "f")),
            format!("docker {}", ID.replace('0', "f")),
        ),
    ] {
        assert_eq!(told(&path)[2], container, "{path}");
    }
}

#[test]
fn pods_by_driver() {
    let under = UID.replace('-', "_");
    for (path, container) in [
        (format!("/kubepods/besteffort/pod{UID}/{ID}"), format!("cri {ID}")),
        (format!("/kubepods/pod{UID}/{ID}"), format!("cri {ID}")),
        (format!("/kubepods/burstable/pod{UID}"), "-".to_owned()),
        (
            format!("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{under}.slice/cri-containerd-{ID}.scope"),
            format!("cri {ID}"),
        ),
        (
            format!("/kubepods.slice/kubepods-pod{under}.slice/crio-{ID}.scope"),
            format!("cri-o {ID}"),
        ),
        (
            format!("/kubepods.slice/kubepods-pod{under}.slice/docker-{ID}.scope"),
            format!("docker {ID}"),
        ),
        // k3s in a container, and under its own unit.
        (format!("/docker/{ID}/kubepods/pod{UID}/{ID}"), format!("cri {ID}")),
        (format!("/system.slice/k3s.service/kubepods/pod{UID}/{ID}"), format!("cri {ID}")),
    ] {
        let [_, _, told_container, pod] = told(&path);
        assert_eq!((told_container, pod), (container, UID.to_owned()), "{path}");
    }
    // A static pod's uid is a hash.
    assert_eq!(told(&format!("/kubepods/pod{}/x", &ID[..32]))[3], ID[..32]);
    assert_eq!(told("/kubepods/podium")[3], "-");
    assert_eq!(told("/a/poddeadbeef")[3], "-");
}

#[test]
fn rows_and_their_cgroups() {
    let row = |path: &str, by| {
        let place = place(path.as_bytes());
        let (name, cgroup) = place.of(by, path.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&name), cgroup.map(text))
    };
    let scope = format!("/system.slice/docker-{ID}.scope");
    let short = "docker 0123456789ab".to_owned();
    assert_eq!(row(&scope, By::Unit), (short.clone(), Some(scope.clone())));
    assert_eq!(row(&scope, By::Container), (short, Some(scope.clone())));
    assert_eq!(
        row(&scope, By::Slice),
        ("system.slice".into(), Some("/system.slice".into()))
    );
    assert_eq!(row(&scope, By::Pod), ("(in no pod)".into(), None));
    let nested = "/system.slice/a.service/child";
    assert_eq!(
        row(nested, By::Unit),
        ("a.service".into(), Some("/system.slice/a.service".into()))
    );
    assert_eq!(
        row("/made/up", By::Unit),
        ("/made/up".into(), Some("/made/up".into()))
    );
    assert_eq!(row("/", By::Unit), ("(in no unit)".into(), None));
    assert_eq!(row("/", By::Container), ("(in no container)".into(), None));
    assert_eq!(row("", By::Slice), ("(in no slice)".into(), None));
}

proptest! {
    #[test]
    fn any_path_belongs_somewhere(path in proptest::collection::vec(any::<u8>(), 0..200)) {
        let place = place(&path);
        for (_, by) in By::ALL {
            let (name, cgroup) = place.of(by, &path);
            prop_assert!(!name.is_empty());
            prop_assert!(cgroup.map_or(true, |cgroup| path.starts_with(cgroup)));
        }
    }
}
