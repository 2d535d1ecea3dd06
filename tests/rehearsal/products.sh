# shellcheck shell=bash
# shellcheck disable=SC2154  # work and state are the caller's, and of .ci/lib.sh
# The two products that are rehearsed, as files for an emulated board: Debian's packages,
# and an image. To be sourced behind .ci/lib.sh; $work is the caller's.

# Not compressed: the emulated board would need minutes for what is a second here.
# packages DIRECTORY PACKAGE...
packages() {
  local into=$1 deb
  shift
  mkdir -p "$into/fetched"
  (cd "$into/fetched" && for_arch arm64 apt-get download "$@") >"$state/apt.log" 2>&1 || {
    tail -n 20 "$state/apt.log" >&2
    die "cannot download $*"
  }
  for deb in "$into"/fetched/*.deb; do
    dpkg-deb --raw-extract "$deb" "$work/unpacked"
    dpkg-deb --root-owner-group -Znone --build "$work/unpacked" "$into/${deb##*/}" >/dev/null
    rm -rf "$work/unpacked"
  done
  rm -rf "$into/fetched"
}

# An image as `docker save` writes it: containerd reads it too, and no registry is
# asked for one.
# hello_image FILE [ARCHITECTURE]
hello_image() {
  local tree=$work/image arch=${2:-arm64} sum
  unpack "$arch" "$work/busybox" busybox-static
  mkdir -p "$tree/layer/bin"
  cp "$work/busybox/bin/busybox" "$tree/layer/bin"
  tar -C "$tree/layer" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$tree/layer.tar" bin
  sum=$(sha256sum "$tree/layer.tar" | cut -d' ' -f1)
  cat >"$tree/config.json" <<JSON
{"architecture": "$arch", "os": "linux",
 "config": {"Cmd": ["/bin/busybox", "sh", "-c", "echo hello, world; exec sleep 1d"]},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$sum"]}}
JSON
  cat >"$tree/manifest.json" <<'JSON'
[{"Config": "config.json", "RepoTags": ["hello:1"], "Layers": ["layer.tar"]}]
JSON
  tar -C "$tree" -cf "$1" manifest.json config.json layer.tar
}

# What both products need beyond the board's image, in folders of their names.
packages_of_products() {
  packages "$work/containerd" {containerd,runc}:arm64
  packages "$work/docker" {containerd,runc,docker.io,iptables,tini,libip6tc2,libnetfilter-conntrack3,libnfnetlink0}:arm64 netbase
}
