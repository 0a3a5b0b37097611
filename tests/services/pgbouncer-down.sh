#!/usr/bin/env bash
# Stops what pgbouncer-up.sh started:  pgbouncer-down.sh [--name pgbouncer] [--kill] [--wipe]
. "$(dirname "$0")/lib.sh"
name=pgbouncer sig=INT wipe=
while [ $# -gt 0 ]; do case $1 in
  --name) name=$2; shift 2;; --kill) sig=KILL; shift;; --wipe) wipe=1; shift;;
  *) sed -n '2s/^# \{0,1\}//p' "$0" >&2; exit 2;; esac; done
run=$KALENDS_INFRA/run/$name
stop_server "$run" "$sig"
[ -z "$wipe" ] || rm -rf "$run"
