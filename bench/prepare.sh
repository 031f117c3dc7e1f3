#!/usr/bin/env bash
# Brings what the benchmark compares with: wrk and nginx from Debian, where root may install them, and the Go programs.
# What cannot be had is left out, and the benchmark says so.
set -euo pipefail
cd "$(dirname "$0")"
PROGRAMS=../.data/tools/bench
PATH="$PATH:/usr/sbin"
NO_SERVICES=/usr/sbin/policy-rc.d

may_install() { [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; }

# nginx is to be run here, not to become a service of this machine.
without_services() {
  if [ -e "$NO_SERVICES" ]; then "$@"; return; fi
  printf '#!/bin/sh\nexit 101\n' > "$NO_SERVICES"
  chmod +x "$NO_SERVICES"
  "$@" || { rm "$NO_SERVICES"; return 1; }
  rm "$NO_SERVICES"
}

install_missing() {
  command -v "$1" > /dev/null && return
  may_install || return 0
  echo "Installing $2 from Debian…" >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$2"; } \
    > /dev/null || echo "$2 could not be installed" >&2
}

without_services install_missing wrk wrk
without_services install_missing nginx nginx-light
if command -v go > /dev/null; then
  mkdir -p "$PROGRAMS"
  go build -trimpath -o "$PROGRAMS/" ./...
fi
