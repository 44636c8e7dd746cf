#!/bin/sh
# Everything that the demo and the tests need, and nothing when it is there: Debian's packages, then npm's.
# Usage: sh test/set-up.sh [test]     `test` adds what only the tests need.
set -eu
cd "$(dirname "$0")/.."

# Two at once would take each other's npm packages away. (The lock ends with this shell; macOS has no flock.)
if command -v flock >/dev/null 2>&1; then
  exec 9<package-lock.json
  flock -n 9 || {
    echo "set-up: another one is at work in this folder; waiting for it"
    flock 9
  }
fi

want=""
need() { # need PROGRAM PACKAGE
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] || want="$want $2"
}
if [ "$(uname -s)" = Linux ]; then
  need rsync rsync
  need ssh openssh-client
  need unshare util-linux
  need mkfs.ext4 e2fsprogs
  [ -x /usr/bin/python3 ] || want="$want python3"
  /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null || want="$want python3-venv"
  # A laptop is not made to listen for SSH for the sake of a test: without sshd those tests say that they are skipped.
  if [ "${1:-}" = test ] && [ ! -d /run/systemd/system ]; then
    need sshd openssh-server
    need inotifywait inotify-tools
    if [ "$(id -u)" = 0 ]; then # the laboratory
      need sudo sudo
      need ip iproute2
      need fuser psmisc
      need mkfs.xfs xfsprogs
      need mkfs.btrfs btrfs-progs
      need busybox busybox
    fi
  fi
elif ! command -v rsync >/dev/null 2>&1 || ! command -v ssh >/dev/null 2>&1; then
  echo "set-up: rsync and ssh are needed; install them first (macOS: brew install rsync)" >&2
  exit 1
fi
if [ -n "$want" ]; then
  command="apt-get install -y --no-install-recommends$want"
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "set-up: please install these with your package manager, then run this again:$want" >&2
    exit 1
  elif [ "$(id -u)" = 0 ]; then
    as=""
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as="sudo -n"
  else
    echo "set-up: something is missing; please run: sudo $command" >&2
    exit 1
  fi
  echo "set-up: installing$want"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  trap 'exit 130' INT TERM HUP
  # The package lists may be old or absent: they are only fetched when the installation fails without.
  if ! DEBIAN_FRONTEND=noninteractive $as $command >"$log" 2>&1 &&
    ! { $as apt-get update && DEBIAN_FRONTEND=noninteractive $as $command; } >"$log" 2>&1; then
    cat "$log" >&2
    echo "set-up: this failed: $command" >&2
    exit 1
  fi
fi

# node_modules/.package-lock.json is written last by npm, so it tells of a whole installation of this very lock file.
stamp=node_modules/.portald-set-up
if ! cmp -s package-lock.json "$stamp"; then
  echo "set-up: installing npm packages (half a minute)"
  # npm takes node_modules away while it runs, so it must not run on the Node in there.
  PATH=$(printf %s "$PATH" | tr ':' '\n' | grep -v node_modules | paste -sd: -)
  npm ci --loglevel=error --no-audit --no-fund --ignore-scripts=false >/dev/null
  cp package-lock.json "$stamp"
fi
