#!/usr/bin/env bash
# The images of test/cluster, built and brought to the cluster: those of this tree with the tag e2e, and the same with a
# further migration of feed as e2e-next. LOAD_IMAGES is the command that brings images of the engine to the cluster.
set -euo pipefail
cd "$(dirname "$0")/../.."
LOAD_IMAGES=${LOAD_IMAGES:-kind load docker-image --name wave-connect}
services=(gateway auth chat feed profile)
images=()

make --no-print-directory images TAG=e2e
for service in "${services[@]}"; do
  docker tag "wave-connect-$service:e2e" "wave-connect-$service:e2e-next"
  images+=("wave-connect-$service:e2e" "wave-connect-$service:e2e-next")
done
docker build --quiet --tag wave-connect-feed:e2e-next --build-arg BASE=wave-connect-feed:e2e test/cluster/next
# Those that a registry has are pulled where there is one.
for image in postgres:18 apache/kafka:4.3.1; do
  if docker image inspect "$image" > /dev/null 2>&1; then images+=("$image"); fi
done
# shellcheck disable=SC2086 # a command with its arguments
$LOAD_IMAGES "${images[@]}"
