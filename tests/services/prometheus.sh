#!/usr/bin/env bash
# Prints the folder of a prometheus and a promtool: those on PATH, else Debian's, fetched into the cache without root.
. "$(dirname "$0")/lib.sh"
if command -v promtool >/dev/null && command -v prometheus >/dev/null; then dirname "$(command -v promtool)"; exit; fi
home=$KALENDS_INFRA/prometheus
need flock "install util-linux"
exec 9> "$home.lock"; flock 9
if [ ! -x "$home/usr/bin/promtool" ]; then
  rm -rf "$home" "$home.new"; mkdir -p "$home.new/debs"
  fetch_debs "$home.new/debs" prometheus > "$home.log" 2>&1 ||
    die "apt-get could not download prometheus (log: $home.log): install it"
  dpkg -x "$home.new"/debs/*.deb "$home.new"; rm -r "$home.new/debs"
  mv -T "$home.new" "$home"
fi
"$home/usr/bin/promtool" --version > /dev/null 2>&1 || die "the promtool in $home does not run here: install prometheus"
echo "$home/usr/bin"
