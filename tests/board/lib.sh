# shellcheck shell=bash
# What the emulated boards share: Debian's arm64 kernel, a small initramfs, and
# the way a command goes in and its exit status comes out. To be sourced.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../.ci/lib.sh
. "$here/../../.ci/lib.sh"

status_mark='board: exit status'

# Reads the arguments that all boards take into: binary, command, files, limit.
# arguments "$@"
arguments() {
  local option OPTIND=1
  files=()
  limit=300
  while getopts f:t:h option; do
    case $option in
      f) files+=("$OPTARG") ;;
      t) limit=$OPTARG ;;
      *) usage ;;
    esac
  done
  shift $((OPTIND - 1))
  [ $# = 2 ] || usage
  binary=$1
  command=$2
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
}

usage() {
  echo "usage: ${0##*/} [-f FILE]... [-t SECONDS] BINARY 'GUEST COMMAND'" >&2
  exit 2
}

# A folder with the binary, the files and the command, as the guest sees it.
# payload DIRECTORY
payload() {
  mkdir -p "$1"
  cp -L "$binary" ${files[@]+"${files[@]}"} "$1"
  # Without the subshell an `exit` in the command would take the status with it.
  cat >"$1/guest-command" <<SH
cd /board || exit
PATH=/board:\$PATH
(
$command
)
echo "$status_mark \$?"
SH
}

# Sets kernel, the folder it is unpacked in, and release. It is this machine's Debian's, or
# that of another release of Debian: SUITE=bullseye, SUITE=trixie-backports; with pages
# of 16 KiB: KERNEL=linux-image-arm64-16k.
fetch_kernel() {
  local package parts part
  need kmod cpio qemu-system-arm
  update_lists arm64
  package=$(first_dependence "${KERNEL:-linux-image-arm64}" linux-image-)
  [ -n "$package" ] || die 'no kernel package for arm64'
  release=${package#linux-image-}
  kernel=$state/$package
  [ ! -d "$kernel" ] || return 0
  part=$(mktemp -d "$state/kernel.XXXXXX")
  # From 7 on in parts: the kernel itself, its modules, its device trees.
  mapfile -t parts < <(for part_of in binary modules base; do first_dependence "$package" "linux-$part_of-"; done)
  unpack arm64 "$part" "$package" ${parts[@]+"${parts[@]}"}
  SUITE='' unpack arm64 "$part" busybox-static
  same_places "$part"
  depmod -b "$part" "$release"
  # Another board may have fetched it meanwhile.
  mv -T "$part" "$kernel" 2>/dev/null || rm -rf "$part"
  [ -d "$kernel" ] || die "cannot keep the kernel in $kernel"
}

# What PACKAGE depends on that begins with PREFIX, without the number of a version.
# first_dependence PACKAGE PREFIX
first_dependence() {
  for_arch arm64 apt-cache show --no-all-versions "$1:arm64" | awk -v "prefix=$2" '
    /^Depends: / {
      gsub(/,/, " ")
      for (field = 2; field <= NF; field++)
        if (index($field, prefix) == 1 && $field ~ /[0-9]/ && !found++) print $field
    }'
}

# Every kernel lies where that of bookworm does.
# same_places DIRECTORY
same_places() {
  local root=$1 image
  [ -d "$root/lib" ] || ln -s usr/lib "$root/lib"
  if [ ! -e "$root/boot/vmlinuz-$release" ]; then
    image=$(find "$root/usr/lib" -name 'vmlinuz*' -type f | head -n 1)
    mkdir -p "$root/boot"
    cp "$image" "$root/boot/vmlinuz-$release"
  fi
  [ -d "$root/usr/lib/linux-image-$release" ] || ln -s "modules/$release/dtb" "$root/usr/lib/linux-image-$release"
}

# The initramfs runs the script that is its standard input, with busybox and the
# modules loaded in the order of their dependence.
# initramfs DIRECTORY OUTPUT MODULE...
initramfs() {
  local root=$1 output=$2 module file number=100
  shift 2
  mkdir -p "$root"/{bin,dev,modules,newroot,proc,run,sys,tmp}
  cp "$kernel/bin/busybox" "$root/bin"
  {
    cat <<'SH'
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
for module in /modules/*; do
  insmod "$module" || echo "board: $module is not loaded"
done
SH
    cat
  } >"$root/init"
  chmod +x "$root/init"
  for module in "$@"; do
    modprobe -d "$kernel" -S "$release" --show-depends "$module" >"$work/depends"
    while read -r _ file _; do
      compgen -G "$root/modules/*-${file##*/}" >/dev/null || cp "$file" "$root/modules/$number-${file##*/}"
      number=$((number + 1))
    done < <(grep '^insmod ' "$work/depends")
  done
  # What busybox loads is not compressed.
  find "$root/modules" -name '*.xz' -exec unxz {} +
  (cd "$root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$output"
}

# The initramfs of a board whose system lies on /dev/vda.
disk_initramfs() {
  initramfs "$work/root" "$work/initramfs" \
    virtio_pci virtio_blk ext4 9pnet_virtio 9p virtio_console virtio_net virtio_rng <<'SH'
tries=0
until [ -b /dev/vda ] || [ $tries = 50 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
mount -t ext4 /dev/vda /newroot || reboot -f
for mounted in dev proc sys; do
  mount --move /$mounted /newroot/$mounted
done
exec switch_root /newroot /sbin/init
SH
}

# Ends qemu where the guest has said nothing for so long; a board that is slow, for its machine
# has other things to do, is not ended as long as it goes on.
silence() {
  while sleep 1 && [ -e "$work/console" ]; do
    [ $(($(date +%s) - $(stat -c %Y "$work/console"))) -lt "$limit" ] || kill "$(cat "$work/qemu")" || true
  done 2>/dev/null
}

# Runs qemu, whose standard output is the guest's; ends with the command's status,
# or with 2 where the guest told none and was silent for the limit. In the foreground, so that
# what ends this script by its process group, Ctrl-C first of all, ends qemu too. With
# RESTARTS the machine starts again if it restarts itself.
# emulate QEMU-ARGUMENT...
emulate() {
  local status watch once=(-no-reboot)
  [ -z "${RESTARTS:-}" ] || once=()
  : >"$work/console"
  silence &
  watch=$!
  qemu-system-aarch64 "$@" ${once[@]+"${once[@]}"} -pidfile "$work/qemu" -display none -monitor none </dev/null |
    stdbuf -oL tr -d '\r' | tee "$work/console" || true
  { kill $watch && wait $watch; } 2>/dev/null || true
  status=$(sed -n "s/^$status_mark \([0-9]*\)$/\1/p" "$work/console" | tail -n 1)
  [ -n "$status" ] || die "no exit status, and the last word $limit s ago or at the machine's end"
  exit "$status"
}
