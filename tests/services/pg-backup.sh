#!/usr/bin/env bash
# Makes a base backup of a server of pg-up.sh, or puts it in the place of the data of one that is down:
#   pg-backup.sh [--name pg] [--put-back]
. "$(dirname "$0")/lib.sh"
name=pg back=
while [ $# -gt 0 ]; do case $1 in
  --name) name=$2; shift 2;; --put-back) back=1; shift;;
  *) sed -n '2,3s/^# \{0,1\}//p' "$0" >&2; exit 2;; esac; done
run=$KALENDS_INFRA/run/$name
if [ -n "$back" ]; then
  ! running "$run" || die "$name runs: pg-down.sh --name $name"
  [ -d "$run/backup" ] || die "there is no backup of $name"
  rm -rf "$run/data"; cp -a "$run/backup" "$run/data"
else
  backup=$(cat "$run/bin")/pg_basebackup
  [ -x "$backup" ] || die "no pg_basebackup of this version: take this machine's PostgreSQL"
  rm -rf "$run/backup"
  "$backup" -d "$(cat "$run/url")" -D "$run/backup" -X stream --checkpoint=fast --no-sync >&2
fi
