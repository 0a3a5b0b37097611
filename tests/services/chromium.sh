#!/usr/bin/env bash
# Prints the path of a Chromium: the one on PATH, else Debian's with what it needs and this machine lacks, fetched into the
# cache without root and run from there.
. "$(dirname "$0")/lib.sh"
for name in chromium chromium-browser google-chrome; do command -v "$name" && exit; done
home=$KALENDS_INFRA/chromium
need flock "install util-linux"
exec 9> "$home.lock"; flock 9
if [ ! -x "$home/chromium" ]; then
  rm -rf "$home" "$home.new"; mkdir -p "$home.new/debs"
  fetch_debs "$home.new/debs" --with-missing chromium > "$home.log" 2>&1 ||
    die "apt-get could not download chromium (log: $home.log): install it"
  for package in "$home.new"/debs/*.deb; do dpkg -x "$package" "$home.new"; done
  rm -r "$home.new/debs"
  libs=$(find "$home.new" -name '*.so*' -printf '%h\n' | sort -u | tr '\n' ':')
  printf '#!/bin/sh\nLD_LIBRARY_PATH="%s" exec "%s" "$@"\n' "${libs//$home.new/$home}" "$home/usr/lib/chromium/chromium" \
    > "$home.new/chromium"
  chmod +x "$home.new/chromium"
  mv -T "$home.new" "$home"
fi
"$home/chromium" --version > /dev/null 2>&1 || die "the Chromium in $home does not run here: install one"
echo "$home/chromium"
