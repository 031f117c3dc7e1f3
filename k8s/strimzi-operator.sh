#!/usr/bin/env bash
# strimzi-operator.sh [CONTEXT]: installs the Strimzi operator where none runs; another one, of whatever version, stays as
# it is. STRIMZI_REPOSITORY names a mirror of the Helm repository.
set -euo pipefail
cd "$(dirname "$0")"
VERSION=1.2.0
context=${1:-$(kubectl config current-context)}

running=$(kubectl --context "$context" get pods --all-namespaces --selector strimzi.io/kind=cluster-operator --output name)
if [ -n "$running" ]; then
  echo "The cluster has a Strimzi operator: ${running//$'\n'/, }"
  exit
fi
helm upgrade --install strimzi strimzi-kafka-operator --repo "${STRIMZI_REPOSITORY:-https://strimzi.io/charts/}" --version "$VERSION" \
  --kube-context "$context" --namespace strimzi --create-namespace --values strimzi-operator.values.yaml --wait
