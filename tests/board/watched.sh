# shellcheck shell=bash
# Boards that `boot watch` reads, behind a proxy that stamps every byte of the serial
# line. To be sourced. A line that is added to $work/power switches them.

# shellcheck source=lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

units=$here/../../src/at-boot
helpers=()

# The getty comes from init, as on a board; the board then tells what it knows itself.
prepare_raspi3b() {
  restart=reboot
  : >"$work/password"
  login=(--login root --password-file "$work/password")
  # Its device tree gives the port to Bluetooth: a key that is pressed went there.
  need device-tree-compiler
  cp "$kernel/usr/lib/linux-image-$release/broadcom/bcm2837-rpi-3-b.dtb" "$work/board.dtb"
  fdtput -r "$work/board.dtb" /soc/serial@7e201000/bluetooth
  payload "$work/tree/board"
  cp "$here/tell" "$work/tree/board"
  initramfs "$work/tree" "$work/initramfs" bcm2835_wdt <<'SH'
mkdir -p /etc
hostname board
echo root::0:0:root:/:/bin/sh >/etc/passwd
cat >/etc/inittab <<'TAB'
ttyAMA0::respawn:/bin/getty -L ttyAMA0 115200 vt100
::once:/bin/sh /etc/own
TAB
cat >/etc/own <<'OWN'
PATH=/board:$PATH
. /board/tell
sleep 2
clocks
edgebench-lite boot --output /tmp/boot.ebl >/dev/null
results /tmp/boot.ebl boot
sleep 10
edgebench-lite boot --output /tmp/boot.ebl >/dev/null
results /tmp/boot.ebl boot
say told
OWN
exec /bin/busybox init
SH
  machine=(-M raspi3b -kernel "$kernel/boot/vmlinuz-$release" -initrd "$work/initramfs"
    -dtb "$work/board.dtb" -append 'console=ttyAMA0,115200 loglevel=8')
}

# Installed as README.md says, with the units that time every boot and each restart. The
# clock is the network's, for there is no other: a Pi before the 5 has none.
# prepare_debian SNAPSHOT: with `on` what the guest writes is lost with the power.
prepare_debian() {
  # shellcheck disable=SC2034  # read by who sources this
  restart='edgebench-lite boot restart --now --output /var/lib/edgebench-lite/restarts.ebl'
  echo board >"$work/password"
  # shellcheck disable=SC2034
  login=(--login root --password-file "$work/password")
  update_lists arm64
  (cd "$work" && for_arch arm64 apt-get download systemd-timesyncd:arm64 >"$state/apt.log" 2>&1) ||
    die 'cannot download systemd-timesyncd'
  mv "$work"/systemd-timesyncd_*.deb "$work/timesyncd.deb"
  # shellcheck disable=SC2016  # expanded in the guest
  DISK=$work/disk "$here/debian" -t 900 -f "$work/timesyncd.deb" -f "$here/tell" \
    -f "$units/edgebench-lite-boot.service" -f "$units/edgebench-lite-restart.service" "$binary" '
set -e
install edgebench-lite /usr/bin
install -m 644 tell /usr/lib/tell
install -m 644 edgebench-lite-boot.service edgebench-lite-restart.service /etc/systemd/system
dpkg -i timesyncd.deb
echo root:board | chpasswd
sed -i "/^board /d" /etc/fstab
rm /etc/systemd/system/multi-user.target.wants/guest-command.service
mkdir -p /etc/systemd/system.conf.d /etc/systemd/timesyncd.conf.d
printf "[Manager]\nDefaultTimeoutStopSec=10s\n" >/etc/systemd/system.conf.d/stop.conf
printf "[Time]\nNTP=10.0.2.2\n" >/etc/systemd/timesyncd.conf.d/host.conf
cat >/etc/systemd/system/stubborn.service <<UNIT
[Unit]
Description=A unit that will not stop
[Service]
ExecStart=/bin/sh -c "trap : TERM; while :; do sleep 1; done"
UNIT
cat >/usr/lib/own <<OWN
. /usr/lib/tell
for unit in boot restart; do
  while systemctl --quiet is-active edgebench-lite-\$unit; do sleep 1; done
done
sleep 4
clocks
results /var/lib/edgebench-lite/boot.ebl boot
[ ! -e /var/lib/edgebench-lite/restarts.ebl ] || results /var/lib/edgebench-lite/restarts.ebl restart
until [ -e /run/systemd/timesync/synchronized ]; do sleep 1; done
say told
[ ! -e /usr/lib/more ] || . /usr/lib/more
OWN
cat >/etc/systemd/system/own.service <<UNIT
[Unit]
After=edgebench-lite-boot.service edgebench-lite-restart.service
[Service]
ExecStart=/bin/sh /usr/lib/own
[Install]
WantedBy=multi-user.target
UNIT
systemctl enable own edgebench-lite-boot edgebench-lite-restart systemd-timesyncd
'"${more:-}"'
sync
' || die 'the guest is not prepared'
  disk_initramfs
  python3 "$here/ntp.py" &
  helpers+=($!)
  machine=(-M virt -cpu cortex-a53 -smp 4 -m 1G -accel 'tcg,thread=multi'
    -kernel "$kernel/boot/vmlinuz-$release" -initrd "$work/initramfs"
    -append 'console=ttyAMA0 loglevel=7 panic=-1 initcall_blacklist=pl031_driver_init'
    -drive "if=none,id=disk,file=$work/disk,format=raw,snapshot=$1" -device 'virtio-blk-pci,drive=disk'
    -netdev 'user,id=net' -device 'virtio-net-pci,netdev=net,romfile=' -device virtio-rng-pci)
}

# BusyBox with a disk for notes and logs, which is there again after a restart. It has
# nothing to tell it the time.
prepare_busybox() {
  truncate -s 64M "$work/disk"
  mke2fs -q -t ext4 "$work/disk"
  payload "$work/tree/board"
  cp "$here/tell" "$work/tree/board"
  printf '%s\n' "${more:-}" >"$work/tree/board/own"
  initramfs "$work/tree" "$work/initramfs" virtio_pci virtio_blk ext4 virtio_rng <<'SH'
mkdir -p /etc /var/lib/edgebench-lite
hostname board
until [ -b /dev/vda ]; do sleep 0.1; done
mount -t ext4 /dev/vda /var/lib/edgebench-lite
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
echo root::0:0:root:/:/bin/sh >/etc/passwd
cat >/etc/inittab <<'TAB'
ttyAMA0::respawn:/bin/getty -L ttyAMA0 115200 vt100
::once:/bin/sh /etc/own
TAB
cat >/etc/own <<'OWN'
PATH=/board:$PATH
. /board/tell
sleep 1
[ ! -e /var/lib/edgebench-lite/restart ] || edgebench-lite boot restart --finish --wait-sync 0
. /board/own
OWN
exec /bin/busybox init
SH
  machine=(-M virt -cpu cortex-a53 -smp 2 -m 256M -nic none -kernel "$kernel/boot/vmlinuz-$release" -initrd "$work/initramfs"
    -append 'console=ttyAMA0 loglevel=7 panic=-1'
    -drive "if=none,id=disk,file=$work/disk,format=raw" -device 'virtio-blk-pci,drive=disk' -device virtio-rng-pci)
}

# Before everything else, where that is allowed: what measures is to be there in time.
first() {
  if [ "$(id -u)" = 0 ]; then
    exec nice -n -10 "$@"
  fi
  exec "$@"
}

# Starts the proxy; $work/tty is the serial line then.
serial_line() {
  first python3 "$here/serial.py" "$work/tty" "$work/times" "$work/power" \
    qemu-system-aarch64 "${machine[@]}" -serial stdio -display none -monitor none &
  helpers+=($!)
  while [ ! -e "$work/tty" ]; do sleep 0.1; done
}

# Waits until the board has told all of its last boot.
# told SECONDS
told() {
  local left=$1
  until python3 "$here/serial_check.py" --told "$work/times"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || die "the board tells nothing within $1 s"
    sleep 1
  done
}
