#!/bin/bash
# with-keyring.sh COMMAND [ARGUMENT...]
#
# Runs COMMAND in a session of its own with a real Secret Service: a private
# D-Bus, a gnome-keyring daemon with an unlocked login keyring, and an empty
# home folder. Everything is gone when COMMAND ends; the exit code is its own.
#
# COMMAND finds in its environment
#   LEASEHOLD_KEYRING=secret-service   turns on the tests that need all this
#   LEASEHOLD_KEYRING_PID              the daemon, for tests that stop or kill it
#   LEASEHOLD_KEYRING_PASSWORD         the password of the login keyring
#
# Needs (Debian): gnome-keyring dbus libsecret-tools
set -eu

if [ $# = 0 ]; then
  echo "usage: $0 command [argument...]" >&2
  exit 2
fi
for tool in dbus-run-session dbus-send gnome-keyring-daemon; do
  if ! command -v "$tool" >/dev/null; then
    echo "$0: $tool is missing; apt-get install gnome-keyring dbus libsecret-tools" >&2
    exit 2
  fi
done

# The Go command looks for these under the home folder that is about to change.
if command -v go >/dev/null; then
  GOPATH=$(go env GOPATH) GOCACHE=$(go env GOCACHE) GOMODCACHE=$(go env GOMODCACHE)
  export GOPATH GOCACHE GOMODCACHE
fi

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_RUNTIME_DIR=$home/run XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
mkdir -m 700 "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
# Without a display nobody can be asked for a password: locked means an error.
unset DISPLAY WAYLAND_DISPLAY
export LEASEHOLD_KEYRING=secret-service LEASEHOLD_KEYRING_PASSWORD=test

dbus-run-session -- bash -c '
  printf %s "$LEASEHOLD_KEYRING_PASSWORD" |
    gnome-keyring-daemon --foreground --unlock --components=secrets >"$HOME/daemon.log" 2>&1 &
  export LEASEHOLD_KEYRING_PID=$!
  for _ in $(seq 250); do
    if dbus-send --session --print-reply --dest=org.freedesktop.DBus / \
        org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets 2>/dev/null | grep -q "boolean true"; then
      up=1
      break
    fi
    sleep 0.02
  done
  code=1
  if [ -n "${up:-}" ]; then
    code=0
    "$@" || code=$?
  else
    echo "with-keyring: the Secret Service did not start:" >&2
    cat "$HOME/daemon.log" >&2
  fi
  kill -CONT "$LEASEHOLD_KEYRING_PID" 2>/dev/null || :
  kill "$LEASEHOLD_KEYRING_PID" 2>/dev/null || :
  wait "$LEASEHOLD_KEYRING_PID" 2>/dev/null || :
  exit $code
' bash "$@"
