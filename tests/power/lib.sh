# shellcheck shell=bash
# What the scripts here share: a disk, and a board that works on it. To be sourced.

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../board/lib.sh
. "$tests/../board/lib.sh"

# The file system has 64 MiB; the marks lie behind it.
# make_disk FILE-SYSTEM DISK
make_disk() {
  need e2fsprogs dosfstools f2fs-tools
  rm -f "$2"
  truncate -s 64M "$2"
  case $1 in
    ext4) mke2fs -q -t ext4 "$2" ;;
    f2fs) mkfs.f2fs -q "$2" >/dev/null ;;
    vfat) mkfs.vfat "$2" >/dev/null ;;
  esac
  truncate -s 65M "$2"
}

# Programs of the board, and what they need, in a folder of that name under $state.
# programs NAME PACKAGE...
programs() {
  local part
  [ ! -d "$state/$1" ] || return 0
  part=$(mktemp -d "$state/$1.XXXXXX")
  unpack arm64 "$part" "${@:2}"
  mv -T "$part" "$state/$1" 2>/dev/null || rm -rf "$part"
}

# Makes `$work/initramfs`, which runs `$command` where the disk is /dev/vda, and /dev/vdb
# another.
# works_initramfs MODULE...
works_initramfs() {
  # Whatever it is called here, the board finds it by its name.
  cp -L "$binary" "$work/edgebench-lite"
  # shellcheck disable=SC2034  # payload of lib.sh reads them
  binary=$work/edgebench-lite files=("$tests/works")
  payload "$work/tree/board"
  # By a name that the board's shell does not take for BusyBox's own.
  programs dd-arm64 coreutils libc6
  cp "$state/dd-arm64/bin/dd" "$work/tree/board/gnu-dd"
  mkdir -p "$work/tree/lib"
  cp -L "$state"/dd-arm64/lib/{aarch64-linux-gnu/libc.so.6,ld-linux-aarch64.so.1} "$work/tree/lib"
  initramfs "$work/tree" "$work/initramfs" virtio_pci virtio_blk nls_cp437 nls_ascii nls_utf8 "$@" <<'INIT'
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mkdir /tmp/work
until [ -b /dev/vdb ]; do sleep 0.1; done
sh /board/guest-command
reboot -f
INIT
}

# The board, with these options more.
# board_with OPTION...
board_with() {
  exec qemu-system-aarch64 -M virt -cpu cortex-a53 -smp 2 -m 512M -nic none -display none -no-reboot \
    -kernel "$kernel/boot/vmlinuz-$release" -initrd "$work/initramfs" -append 'console=ttyAMA0 loglevel=2 panic=-1' "$@"
}
