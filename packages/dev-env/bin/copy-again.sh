#!/usr/bin/env bash
# Skaffold calls this after each deployment of `skaffold dev`. Pods that a deployment starts come from images, without what
# was copied into the pods before them. Here Skaffold learns that those files have changed, and copies them again.
set -euo pipefail
cd "$(dirname "$0")/../../.."
# Holds the id of Skaffold's run, and is as old as the run's first deployment.
begun=.data/skaffold-run
mkdir -p .data
if [ ! -f "$begun" ] || [ "$(cat "$begun")" != "$SKAFFOLD_RUN_ID" ]; then
  echo "$SKAFFOLD_RUN_ID" > "$begun"
  exit
fi
# What the rules of `sync` in skaffold.yaml name.
find services packages openapi.yaml -name node_modules -prune -o -type f -newer "$begun" \
  \( -path '*/src/*' -o -name '*.proto' -o -name openapi.yaml \) -exec touch {} +
# Skaffold compares times when something is written.
echo "$SKAFFOLD_RUN_ID" > .data/skaffold-deployed
