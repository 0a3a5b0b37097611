#!/usr/bin/env bash
# Prints the folder of a prometheus and a promtool: those on PATH, else Debian's, fetched into the cache without root.
. "$(dirname "$0")/lib.sh"
if command -v promtool >/dev/null && command -v prometheus >/dev/null; then dirname "$(command -v promtool)"; exit; fi
home=$KALENDS_INFRA/prometheus
if [ ! -x "$home/usr/bin/promtool" ]; then
  need apt-get "install prometheus"; need dpkg "install prometheus"
  rm -rf "$home.new"; mkdir -p "$home.new"
  (cd "$home.new" && timeout 300 apt-get download -q prometheus) > "$home.log" 2>&1 ||
    die "apt-get could not download prometheus (log: $home.log): install it"
  dpkg -x "$home.new"/*.deb "$home.new"; rm "$home.new"/*.deb
  # Another test may have been faster; its folder is as good.
  mv -T "$home.new" "$home" 2>/dev/null || rm -rf "$home.new"
fi
"$home/usr/bin/promtool" --version > /dev/null 2>&1 || die "the promtool in $home does not run here: install prometheus"
echo "$home/usr/bin"
