#!/usr/bin/env bash
# Prints the path of axe, a checker of pages' accessibility: npm's package, fetched into the cache.
. "$(dirname "$0")/lib.sh"
home=$KALENDS_INFRA/axe
if [ ! -s "$home/package/axe.min.js" ]; then
  need npm "install Node.js and npm"; need flock "install util-linux"
  exec 9> "$home.lock"; flock 9
  mkdir -p "$home"
  (cd "$home" && timeout 120 npm pack --silent axe-core@4.14.1 && tar xzf axe-core-*.tgz && rm axe-core-*.tgz) > "$home.log" 2>&1 ||
    die "npm could not fetch axe-core (log: $home.log)"
fi
echo "$home/package/axe.min.js"
