# A Docker engine and a cluster out of $SHARED/kube, for .ci/run. Sourced, not run.
# shellcheck shell=bash
KUBE_STATE=${WAVE_KUBE_HOME:-$HOME/.cache/wave-kube}
kube=

engine_up() {
  # A copy that may be written to: files of a folder without write bits would be copied into images without them.
  kube=$(mktemp -d) && cp -R "$SHARED"/kube "$SHARED"/schemas "$kube" && chmod -R u+w "$kube" || return
  "$kube/kube/docker-up.sh"
}

with_engine() {
  # shellcheck disable=SC1091 # made by docker-up.sh
  (. "$KUBE_STATE/docker-env.sh" && "$@")
}

# With Strimzi's resource definitions.
cluster_up() {
  "$kube/kube/cluster-up.sh" || return
  # The API server may be slow to say anything of definitions that are new to it.
  "$kube/kube/strimzi-standin.sh" default || "$kube/kube/strimzi-standin.sh" default
}

# The tests start what does the operator's work, as the operator itself was seen to do it.
with_cluster() {
  # shellcheck disable=SC1091 # made by docker-up.sh and cluster-up.sh
  (. "$KUBE_STATE/docker-env.sh" && . "$KUBE_STATE/env.sh" && \
    LOAD_IMAGES="$kube/kube/load-images.sh" OPERATOR="$kube/kube/strimzi-standin.sh" STANDIN_STRICT=1 "$@")
}

kube_down() {
  [ -n "$kube" ] || return
  "$kube/kube/cluster-down.sh" > /dev/null 2>&1
  "$kube/kube/docker-down.sh" > /dev/null 2>&1
  rm -rf "$kube"
}
