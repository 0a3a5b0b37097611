#!/usr/bin/env bash
# Prints the path of a kcat: the one on PATH, else Debian's, fetched into the cache without root and run from there.
. "$(dirname "$0")/lib.sh"
command -v kcat && exit
home=$KALENDS_INFRA/kcat
if [ ! -x "$home/kcat" ]; then
  need apt-get "install kcat"; need dpkg "install kcat"
  rm -rf "$home.new"; mkdir -p "$home.new"
  (cd "$home.new" && timeout 120 apt-get download -q kcat librdkafka1 libyajl2) > "$home.log" 2>&1 ||
    die "apt-get could not download kcat (log: $home.log): install it"
  for package in "$home.new"/*.deb; do dpkg -x "$package" "$home.new"; done
  libs=$(dirname "$(find "$home.new" -name 'librdkafka.so*' | head -1)")
  printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "${libs/.new/}" "$home/usr/bin/kcat" > "$home.new/kcat"
  chmod +x "$home.new/kcat"
  # Another test may have been faster; its folder is as good.
  mv -T "$home.new" "$home" 2>/dev/null || rm -rf "$home.new"
fi
"$home/kcat" -V > /dev/null 2>&1 || die "the kcat in $home does not run here: install one"
echo "$home/kcat"
