# A Docker engine and a cluster out of $SHARED/kube, for .ci/run. Sourced, not run.
# shellcheck shell=bash
KUBE_STATE=${WAVE_KUBE_HOME:-$HOME/.cache/wave-kube}
# Namespaces of test/cluster in which Kafka is declared.
KAFKA_NAMESPACES=(wave-e2e wave-e2e-backing)
kube=
operators=()

engine_up() {
  # A copy that may be written to: files of a folder without write bits would be copied into images without them.
  kube=$(mktemp -d) && cp -R "$SHARED"/kube "$SHARED"/schemas "$kube" && chmod -R u+w "$kube" || return
  "$kube/kube/docker-up.sh"
}

with_engine() {
  # shellcheck disable=SC1091 # made by docker-up.sh
  (. "$KUBE_STATE/docker-env.sh" && "$@")
}

# With Strimzi's resource definitions, and something that does its operator's work.
cluster_up() {
  local namespace
  "$kube/kube/cluster-up.sh" || return
  # The API server may be slow to say anything of definitions that are new to it.
  "$kube/kube/strimzi-standin.sh" "${KAFKA_NAMESPACES[0]}" || "$kube/kube/strimzi-standin.sh" "${KAFKA_NAMESPACES[0]}" || return
  for namespace in "${KAFKA_NAMESPACES[@]}"; do
    "$kube/kube/strimzi-standin.sh" "$namespace" --watch > "$kube/operator-$namespace.log" 2>&1 &
    operators+=($!)
  done
}

with_cluster() {
  # shellcheck disable=SC1091 # made by docker-up.sh and cluster-up.sh
  (. "$KUBE_STATE/docker-env.sh" && . "$KUBE_STATE/env.sh" && LOAD_IMAGES="$kube/kube/load-images.sh" "$@")
}

kube_down() {
  [ -n "$kube" ] || return
  [ ${#operators[@]} -eq 0 ] || kill "${operators[@]}"
  "$kube/kube/cluster-down.sh" > /dev/null 2>&1
  "$kube/kube/docker-down.sh" > /dev/null 2>&1
  rm -rf "$kube"
}
