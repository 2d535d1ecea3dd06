# shellcheck shell=bash
# Debian packages, for this machine and for boards of other architectures.
# To be sourced; the state of all scripts that do so lies under $state.

state=${XDG_CACHE_HOME:-${HOME:?}/.cache}/edgebench-lite-ci
mkdir -p "$state"

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 2
}

# need PACKAGE...: installs what is missing, or says what to install where it may not.
need() {
  local package missing=()
  command -v apt-get >/dev/null || die "not a Debian system: install what Debian calls $*"
  for package in "$@"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "missing packages: apt-get install ${missing[*]}"
  local log=$state/apt.log
  # A package list of some third party that cannot be reached is no reason to stop.
  apt-get -q -o DPkg::Lock::Timeout=600 update >"$log" 2>&1 || true
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 --no-install-recommends \
    install "${missing[@]}" </dev/null >>"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "cannot install ${missing[*]}"
  }
}

# The package lists of ARCHITECTURE are kept in a folder of their own: the
# machine itself need not learn a foreign architecture. With SUITE, they are those of
# another release of Debian: bullseye, trixie-backports.
# for_arch ARCHITECTURE apt-get|apt-cache ARGUMENT...
for_arch() {
  local arch=$1 tool=$2 lists=$state/apt-$1${SUITE:+-$SUITE} sources=()
  shift 2
  mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial"
  [ -z "${SUITE:-}" ] || {
    [ -f "$lists/sources.list" ] || of_suite >"$lists/sources.list"
    sources=(-o "Dir::Etc::SourceList=$lists/sources.list" -o Dir::Etc::SourceParts=/dev/null)
  }
  "$tool" -q -o "APT::Architectures::=$(dpkg --print-architecture)" -o "APT::Architectures::=$arch" \
    -o "Dir::State::Lists=$lists/lists" -o "Dir::Cache=$lists/cache" -o APT::Sandbox::User=root \
    ${sources[@]+"${sources[@]}"} "$@"
}

# Where SUITE is: in the archive that this machine's own Debian comes from.
of_suite() {
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format '$(ORIGIN) $(LABEL) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
    awk -v "suite=$SUITE" '$1 == "Debian" && $2 == "Debian" && $4 == "main" && !done++ {
      print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $3, suite, "main"
    }'
}

# Lists older than a day may name packages that a security update has replaced.
# update_lists ARCHITECTURE
update_lists() {
  local stamp=$state/apt-$1${SUITE:+-$SUITE}.updated
  [ -z "$(find "$stamp" -mmin -1440 2>/dev/null)" ] || return 0
  for_arch "$1" apt-get update >"$state/apt.log" 2>&1 || {
    tail -n 20 "$state/apt.log" >&2
    die "cannot fetch the package lists of $1"
  }
  touch "$stamp"
}

# Neither maintainer scripts nor dependencies: the files are all that is wanted.
# unpack ARCHITECTURE DIRECTORY PACKAGE...
unpack() {
  local arch=$1 into=$2 debs deb
  shift 2
  update_lists "$arch"
  debs=$(mktemp -d "$state/debs.XXXXXX")
  (cd "$debs" && for_arch "$arch" apt-get download "${@/%/:$arch}" >"$state/apt.log" 2>&1) || {
    tail -n 20 "$state/apt.log" >&2
    die "cannot download $* for $arch"
  }
  mkdir -p "$into"
  for deb in "$debs"/*.deb; do
    dpkg-deb -x "$deb" "$into"
  done
  rm -rf "$debs"
}
