use super::*;
use proptest::prelude::*;

mod containers;
mod readme;

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
        place.container.map_or("-".into(), |container| {
            format!("{} {}", container.runtime, text(&container.id))
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
fn rows_and_their_cgroups() {
    let row = |path: &str, by| {
        let place = place(path.as_bytes());
        let (name, cgroup) = place.of(by, path.as_bytes());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(&name), cgroup.map(text))
    };
    let scope = format!("/system.slice/docker-{ID}.scope");
    let short = "docker 0123456789ab".to_owned();
    assert_eq!(
        row(&scope, CgroupKind::Unit),
        (short.clone(), Some(scope.clone()))
    );
    assert_eq!(
        row(&scope, CgroupKind::Container),
        (short, Some(scope.clone()))
    );
    assert_eq!(
        row(&scope, CgroupKind::Slice),
        ("system.slice".into(), Some("/system.slice".into()))
    );
    assert_eq!(row(&scope, CgroupKind::Pod), ("(in no pod)".into(), None));
    let nested = "/system.slice/a.service/child";
    assert_eq!(
        row(nested, CgroupKind::Unit),
        ("a.service".into(), Some("/system.slice/a.service".into()))
    );
    assert_eq!(
        row("/made/up", CgroupKind::Unit),
        ("/made/up".into(), Some("/made/up".into()))
    );
    assert_eq!(row("/", CgroupKind::Unit), ("(in no unit)".into(), None));
    assert_eq!(
        row("/", CgroupKind::Container),
        ("(in no container)".into(), None)
    );
    assert_eq!(row("", CgroupKind::Slice), ("(in no slice)".into(), None));
}

/// Arbitrary bytes, and parts of the paths that the rules know, in any order.
fn any_path() -> impl Strategy<Value = Vec<u8>> {
    let words = rules::CONTAINERS
        .iter()
        .flat_map(|rule| [rule.start, rule.end]);
    let pods = rules::PODS.iter().flat_map(|rule| [rule.start, rule.end]);
    let others = [
        "/",
        "/",
        "/",
        "-",
        ":",
        "_",
        ID,
        UID,
        "system.slice",
        ".service",
        "\\x2d",
    ];
    let words: Vec<&str> = words.chain(pods).chain(others).collect();
    let word = proptest::sample::select(words).prop_map(|word| word.as_bytes().to_vec());
    let bytes = proptest::collection::vec(any::<u8>(), 0..8);
    proptest::collection::vec(prop_oneof![9 => word, 1 => bytes], 0..20)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_path_belongs_somewhere(path in any_path()) {
        let place = place(&path);
        for (_, by) in CgroupKind::ALL {
            let (name, cgroup) = place.of(by, &path);
            prop_assert!(!name.is_empty());
            prop_assert!(cgroup.map_or(true, |cgroup| path.starts_with(cgroup)));
        }
    }
}
