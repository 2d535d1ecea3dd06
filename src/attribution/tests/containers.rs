//! Containers and pods, runtime by runtime.

use super::super::*;
use super::{told, ID, UID};

/// Unit, container and pod of a path with these words in it: `ID`, `OTHER`, `UID`
/// and `U_ID`.
fn row(path: &str) -> [String; 3] {
    let path = filled(path);
    let [unit, _, container, pod] = told(&path);
    let short = |name: String| name.replace(ID, "ID").replace(&other(), "OTHER");
    [
        short(unit),
        short(container),
        short(pod).replace(UID, "UID"),
    ]
}

fn filled(path: &str) -> String {
    let path = path.replace("U_ID", &UID.replace('-', "_"));
    let path = path.replace("UID", UID);
    path.replace("OTHER", &other()).replace("ID", ID)
}

fn other() -> String {
    ID.replace('0', "f")
}

fn assert_rows(rows: &[(&str, [&str; 3])]) {
    for (path, expected) in rows {
        assert_eq!(row(path), *expected, "{path}");
    }
}

// The paths are what moby's, runc's, cri-o's, libpod's, lxc's, libvirt's and
// systemd's sources put together, with invented ids; the shapes are those that
// systemd-cgls and /proc/PID/cgroup show in their documentation and bug reports.

#[test]
fn docker() {
    assert_rows(&[
        ("/docker/ID", ["-", "docker ID", "-"]),
        ("/docker/ID/init.scope", ["-", "docker ID", "-"]),
        (
            "/docker/ID/system.slice/opendkim.service",
            ["-", "docker ID", "-"],
        ),
        (
            "/system.slice/docker-ID.scope",
            ["docker-ID.scope", "docker ID", "-"],
        ),
        (
            "/user.slice/user-1000.slice/user@1000.service/user.slice/docker-ID.scope",
            ["user@1000.service", "docker ID", "-"],
        ),
        ("/docker/buildkit", ["-", "-", "-"]),
        ("/docker/abc", ["-", "-", "-"]),
        ("/system.slice/docker.service", ["docker.service", "-", "-"]),
        // Docker in Docker: the inner one.
        ("/docker/ID/docker/OTHER", ["-", "docker OTHER", "-"]),
        (
            "/system.slice/docker-ID.scope/docker/OTHER",
            ["docker-ID.scope", "docker OTHER", "-"],
        ),
        (
            "/docker/ID/system.slice/docker-OTHER.scope",
            ["-", "docker OTHER", "-"],
        ),
    ]);
}

#[test]
fn podman() {
    assert_rows(&[
        (
            "/machine.slice/libpod-ID.scope/container",
            ["libpod-ID.scope", "podman ID", "-"],
        ),
        (
            "/machine.slice/libpod-conmon-ID.scope",
            ["libpod-conmon-ID.scope", "-", "-"],
        ),
        ("/libpod_parent/libpod-ID", ["-", "podman ID", "-"]),
        (
            "/libpod_parent/libpod-ID/init.scope",
            ["-", "podman ID", "-"],
        ),
        ("/libpod_parent/conmon", ["-", "-", "-"]),
        // A quadlet, the system's and a user's.
        (
            "/system.slice/web.service/libpod-payload-ID",
            ["web.service", "podman ID", "-"],
        ),
        (
            "/system.slice/web.service/runtime",
            ["web.service", "-", "-"],
        ),
        (
            "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service/libpod-payload-ID",
            ["user@1000.service", "podman ID", "-"],
        ),
        // Rootless, and in a pod.
        (
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container",
            ["user@1000.service", "podman ID", "-"],
        ),
        (
            "/user.slice/user-1000.slice/user@1000.service/user.slice/user-libpod_pod_OTHER.slice/\
             libpod-ID.scope/container",
            ["user@1000.service", "podman ID", "OTHER"],
        ),
        (
            "/machine.slice/machine-libpod_pod_OTHER.slice/libpod-ID.scope",
            ["libpod-ID.scope", "podman ID", "OTHER"],
        ),
    ]);
}

#[test]
fn pods_of_containerd() {
    assert_rows(&[
        ("/kubepods/besteffort/podUID/ID", ["-", "cri ID", "UID"]),
        ("/kubepods/podUID/ID", ["-", "cri ID", "UID"]),
        ("/kubepods/burstable/podUID", ["-", "-", "UID"]),
        (
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_ID.slice/\
             cri-containerd-ID.scope",
            ["cri-containerd-ID.scope", "cri ID", "UID"],
        ),
        (
            "/kubepods.slice/kubepods-podU_ID.slice/docker-ID.scope",
            ["docker-ID.scope", "docker ID", "UID"],
        ),
        // The kubelet by systemd, containerd by cgroupfs.
        (
            "/system.slice/containerd.service/kubepods-besteffort-podU_ID.slice:cri-containerd:ID",
            ["containerd.service", "cri ID", "UID"],
        ),
        (
            "/kubepods-podU_ID.slice:cri-containerd:ID",
            ["-", "cri ID", "UID"],
        ),
        ("/a.slice:cri-containerd:ID", ["-", "-", "-"]),
        ("/default/web", ["-", "containerd web", "-"]),
        ("/k8s.io/ID", ["-", "cri ID", "-"]),
        ("/srv/default/web", ["-", "-", "-"]),
        (
            "/user.slice/user-1000.slice/user@1000.service/user.slice/nerdctl-ID.scope",
            ["user@1000.service", "containerd ID", "-"],
        ),
    ]);
    // A static pod's uid is a hash.
    assert_eq!(told(&format!("/kubepods/pod{}/x", &ID[..32]))[3], ID[..32]);
    assert_eq!(told("/kubepods/podium")[3], "-");
    assert_eq!(told("/a/poddeadbeef")[3], "-");
}

#[test]
fn pods_of_crio() {
    assert_rows(&[
        (
            "/kubepods.slice/kubepods-podU_ID.slice/crio-ID.scope",
            ["crio-ID.scope", "cri-o ID", "UID"],
        ),
        (
            "/kubepods.slice/kubepods-podU_ID.slice/crio-ID.scope/container",
            ["crio-ID.scope", "cri-o ID", "UID"],
        ),
        (
            "/kubepods/besteffort/podUID/crio-ID",
            ["-", "cri-o ID", "UID"],
        ),
        (
            "/kubepods/besteffort/podUID/crio-conmon-ID",
            ["-", "-", "UID"],
        ),
        (
            "/kubepods.slice/kubepods-podU_ID.slice/crio-conmon-ID.scope",
            ["crio-conmon-ID.scope", "-", "UID"],
        ),
        ("/kubepods-podU_ID.slice:crio:ID", ["-", "cri-o ID", "UID"]),
    ]);
}

#[test]
fn pods_below_a_cgroup_root_and_of_kind() {
    let slices = "kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/\
                  kubelet-kubepods-burstable-podU_ID.slice/cri-containerd-OTHER.scope";
    for (before, unit) in [
        ("", "cri-containerd-OTHER.scope"),
        ("/docker/ID", "-"),
        ("/system.slice/docker-ID.scope", "docker-ID.scope"),
    ] {
        let found = row(&format!("{before}/{slices}"));
        let expected = [unit, "cri OTHER", "UID"];
        assert_eq!(found, expected.map(str::to_owned), "{before}");
    }
    assert_rows(&[
        (
            "/docker/ID/kubelet/kubepods/besteffort/podUID/OTHER",
            ["-", "cri OTHER", "UID"],
        ),
        (
            "/my-root.slice/my-root-kubepods-podU_ID.slice/crio-ID.scope",
            ["crio-ID.scope", "cri-o ID", "UID"],
        ),
        // Not the kubelet's: no hyphen before it.
        ("/mykubepods-podU_ID.slice", ["-", "-", "-"]),
    ]);
}

#[test]
fn small_kubernetes() {
    assert_rows(&[
        // k3s puts its pods beside its unit, on some systems below it.
        ("/system.slice/k3s.service", ["k3s.service", "-", "-"]),
        (
            "/system.slice/k3s.service/kubepods/podUID/ID",
            ["k3s.service", "cri ID", "UID"],
        ),
        // k3d: a node of k3s is a container of Docker's.
        (
            "/docker/ID/kubepods/burstable/podUID/OTHER",
            ["-", "cri OTHER", "UID"],
        ),
        (
            "/system.slice/docker-ID.scope/kubepods/podUID/OTHER",
            ["docker-ID.scope", "cri OTHER", "UID"],
        ),
        (
            "/system.slice/k0sworker.service",
            ["k0sworker.service", "-", "-"],
        ),
        (
            "/system.slice/k0scontroller.service/kubepods/besteffort/podUID/ID",
            ["k0scontroller.service", "cri ID", "UID"],
        ),
        (
            "/system.slice/snap.microk8s.daemon-kubelite.service",
            ["snap.microk8s.daemon-kubelite.service", "-", "-"],
        ),
    ]);
}

#[test]
fn system_containers_and_machines() {
    assert_rows(&[
        ("/lxc.payload.box/init.scope", ["-", "lxc box", "-"]),
        ("/lxc.payload/box/init.scope", ["-", "lxc box", "-"]),
        ("/lxc/box", ["-", "lxc box", "-"]),
        ("/lxc.monitor.box", ["-", "-", "-"]),
        ("/lxc.monitor/box", ["-", "-", "-"]),
        (
            "/lxc/101/ns/system.slice/ssh.service",
            ["-", "lxc 101", "-"],
        ),
        ("/lxc/101/ns/lxc/inner/init.scope", ["-", "lxc inner", "-"]),
        (
            "/lxc.payload.u1_web/system.slice/docker-ID.scope",
            ["-", "docker ID", "-"],
        ),
        (
            "/machine.slice/machine-qemu\\x2d3\\x2dweb\\x2done.scope/libvirt/emulator",
            [
                "machine-qemu\\x2d3\\x2dweb\\x2done.scope",
                "libvirt web-one",
                "-",
            ],
        ),
        (
            "/machine.slice/machine-lxc\\x2d812\\x2dbox.scope",
            ["machine-lxc\\x2d812\\x2dbox.scope", "libvirt box", "-"],
        ),
        ("/machine/web.libvirt-qemu/vcpu0", ["-", "libvirt web", "-"]),
        (
            "/machine.slice/machine-deb\\x2d12.scope/payload/system.slice/ssh.service",
            ["machine-deb\\x2d12.scope", "nspawn deb-12", "-"],
        ),
        (
            "/machine.slice/systemd-nspawn@deb.service/payload/system.slice/ssh.service",
            ["systemd-nspawn@deb.service", "nspawn deb", "-"],
        ),
        (
            "/machine.slice/systemd-nspawn@deb.service/supervisor",
            ["systemd-nspawn@deb.service", "-", "-"],
        ),
    ]);
}

#[test]
fn snaps_and_users() {
    assert_rows(&[
        (
            "/system.slice/snap.mosquitto.mosquitto.service",
            ["snap.mosquitto.mosquitto.service", "-", "-"],
        ),
        (
            "/user.slice/user-1000.slice/user@1000.service/app.slice/\
             snap.firefox.firefox-0c41a2f2-6a2e-4d39-9f7e-3d1b4ac0f7a1.scope",
            ["user@1000.service", "-", "-"],
        ),
        (
            "/user.slice/user-0.slice/session-4.scope",
            ["session-4.scope", "-", "-"],
        ),
    ]);
}

/// A file of each version has its place told by the same line; the other lines are
/// what the kernel prints beside it.
#[test]
fn v1_hybrid_and_v2() {
    let of = |text: &str| {
        let text = filled(text);
        let path = crate::proc::cgroup::of(text.as_bytes()).unwrap().to_vec();
        let [unit, _, container, _] = told(&String::from_utf8(path).unwrap());
        (unit, container.replace(ID, "ID"))
    };
    for (text, unit, container) in [
        (
            "11:pids:/docker/ID\n4:memory:/docker/ID\n1:name=systemd:/docker/ID\n",
            "-",
            "docker ID",
        ),
        (
            "4:memory:/kubepods/podUID/ID\n1:name=systemd:/kubepods/podUID/ID\n\
             0::/system.slice/k3s.service\n",
            "-",
            "cri ID",
        ),
        (
            "4:memory:/machine.slice/libpod-ID.scope\n\
             1:name=systemd:/machine.slice/libpod-ID.scope/container\n\
             0::/machine.slice/libpod-ID.scope/container\n",
            "libpod-ID.scope",
            "podman ID",
        ),
        (
            "0::/system.slice/docker-ID.scope\n",
            "docker-ID.scope",
            "docker ID",
        ),
        (
            "4:memory:/lxc/101\n1:name=systemd:/lxc/101/ns/system.slice/ssh.service\n",
            "-",
            "lxc 101",
        ),
    ] {
        let (found, place) = of(text);
        assert_eq!(
            (found.replace(ID, "ID").as_str(), place.as_str()),
            (unit, container)
        );
    }
}

#[test]
fn one_scope_is_one_row() {
    let rows = |paths: &[&str], by| -> Vec<String> {
        let row = |path: &&str| {
            let path = filled(path).into_bytes();
            let (name, cgroup) = place(&path).of(by, &path);
            let cgroup = cgroup.map(|cgroup| cgroup.len());
            format!("{} {cgroup:?}", String::from_utf8(name).unwrap())
        };
        let mut rows: Vec<String> = paths.iter().map(row).collect();
        rows.dedup();
        rows
    };
    // k3d: the node, its unit, a pod's container; Docker in Docker.
    for start in ["/system.slice/docker-ID.scope", "/docker/ID"] {
        let paths = [
            start.to_owned(),
            format!("{start}/init.scope"),
            format!("{start}/system.slice/k3s.service"),
            format!("{start}/kubepods/podUID/OTHER"),
            format!("{start}/docker/OTHER"),
        ];
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let length = filled(start).len();
        assert_eq!(
            rows(&paths, CgroupKind::Unit),
            [format!("docker 0123456789ab Some({length})")]
        );
        assert_eq!(rows(&paths[3..], CgroupKind::Container).len(), 2);
    }
    let slice = ["/system.slice/docker-ID.scope/user.slice/x.scope"];
    assert_eq!(rows(&slice, CgroupKind::Slice), ["system.slice Some(13)"]);
}
