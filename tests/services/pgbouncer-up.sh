#!/usr/bin/env bash
# Starts pgbouncer in transaction mode on 127.0.0.1, in front of a server of pg-up.sh:
#   pgbouncer-up.sh [--name pgbouncer] [--port N] [--of pg] [--size 4]
# Prints the URL through it (postgresql://kalends@127.0.0.1:PORT/kalends); also in run/NAME/url. The one on PATH, else Debian's
# package, unpacked into the cache. It refuses to be root; where root runs this, it goes into a user namespace.
. "$(dirname "$0")/lib.sh"
name=pgbouncer port= of=pg size=4
while [ $# -gt 0 ]; do case $1 in
  --name) name=$2; shift 2;; --port) port=$2; shift 2;; --of) of=$2; shift 2;; --size) size=$2; shift 2;;
  *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2;; esac; done
upstream=$(cat "$KALENDS_INFRA/run/$of/port" 2>/dev/null) || die "start $of first: pg-up.sh --name $of"
bin=$(command -v pgbouncer || ls /usr/sbin/pgbouncer 2>/dev/null || :)
debs=$KALENDS_INFRA/libs/pgbouncer
if [ -z "$bin" ]; then
  bin=$debs/root/usr/sbin/pgbouncer
  if [ ! -x "$bin" ]; then
    echo "fetching pgbouncer (first time only)" >&2
    mkdir -p "$debs/root"; fetch_debs "$debs" --with-missing pgbouncer >&2 || die "can't fetch pgbouncer: install it (Debian: pgbouncer)"
    for deb in "$debs"/*.deb; do dpkg -x "$deb" "$debs/root"; done
  fi
  export LD_LIBRARY_PATH=$debs/root/usr/lib/$(uname -m)-linux-gnu
fi
as=(); [ "$(id -u)" != 0 ] || as=(unshare --user)
run=$KALENDS_INFRA/run/$name; mkdir -p "$run"
if ! running "$run"; then
  [ -n "$port" ] || port=$(cat "$run/port" 2>/dev/null || free_port)
  is_up "$port" && die "port $port is taken"
  echo "$port" > "$run/port"
  cat > "$run/pgbouncer.ini" <<INI
[databases]
* = host=127.0.0.1 port=$upstream
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = $size
max_client_conn = 200
INI
  sed -i "s/^\* = .*/& user=kalends/" "$run/pgbouncer.ini"
  (exec setsid "${as[@]}" "$bin" "$run/pgbouncer.ini") > "$run/server.log" 2>&1 < /dev/null & echo $! > "$run/pid"
fi
port=$(cat "$run/port")
wait_for 20 "$run" psql -h 127.0.0.1 -p "$port" -U kalends -Atc 'select 1' kalends
echo "postgresql://kalends@127.0.0.1:$port/kalends" > "$run/url"; cat "$run/url"
