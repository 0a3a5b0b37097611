#!/usr/bin/env bash
# Prints the path of a kustomize: the one on PATH, else built by Go into the cache.
. "$(dirname "$0")/lib.sh"
command -v kustomize && exit
bin=$KALENDS_INFRA/bin/kustomize-5.7.1
if [ ! -x "$bin" ]; then
  need go "install kustomize, or Go to build it"; need flock "install util-linux"
  mkdir -p "$KALENDS_INFRA/bin"
  exec 9> "$bin.lock"; flock 9
  if [ ! -x "$bin" ]; then
    GOBIN=$KALENDS_INFRA/bin timeout 600 go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1 > "$bin.log" 2>&1 ||
      die "go could not build kustomize (log: $bin.log)"
    mv "$KALENDS_INFRA/bin/kustomize" "$bin"
  fi
fi
echo "$bin"
