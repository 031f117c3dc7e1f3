#!/usr/bin/env bash
# Everything about charts/, k8s/, skaffold.yaml and kind-config.yaml that can be checked without a cluster. Each check has
# an input beside it, in bad/, that it must refuse. With CI=true what is missing is a failure; elsewhere it is left out.
# shellcheck disable=SC2317,SC2329 # functions are handed to `check` and `refuses`
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. test/charts/tools.sh
SHARED=${SHARED:-../shared}
CI=${CI:-false}
BAD=$PWD/test/charts/bad
passed=0
failed=0
left_out=()
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

result() { # STATUS NAME
  if [ "$1" -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok: $2"
  else
    failed=$((failed + 1))
    echo "FAILED: $2"
    cat "$work/output"
  fi
}

# NAME COMMAND…: it succeeds.
check() {
  local name=$1
  shift
  "$@" > "$work/output" 2>&1
  result $? "$name"
}

# NAME MESSAGE COMMAND…: it fails, and says so.
refuses() {
  local name=$1 message=$2
  shift 2
  if "$@" > "$work/output" 2>&1; then
    echo 'it was taken' >> "$work/output"
    result 1 "refused: $name"
  else
    grep -qE -- "$message" "$work/output"
    result $? "refused: $name"
  fi
}

absent() {
  if [ "$CI" = true ]; then
    : > "$work/output"
    result 1 "$1"
  else
    left_out+=("$1")
    return 1
  fi
}

finish() {
  for what in "${left_out[@]}"; do echo "LEFT OUT: $what"; done
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

if ! install_tools > "$work/output" 2>&1 || ! install_schemas > "$work/output" 2>&1; then
  cat "$work/output"
  absent 'the charts (their tools could not be installed; they need Python 3 and Go)'
  finish
fi

# ── charts ───────────────────────────────────────────────────────────────────────────────────────────────────
# A copy, so that nothing is left behind in the tree.
cp -R charts "$work/charts"
rm -rf "$work"/charts/*/charts
umbrella=$work/charts/wave-connect
charts=(gateway auth chat feed profile kafka wave-connect)

build() {
  local chart
  for chart in "${charts[@]}"; do helm dependency build "$work/charts/$chart" || return; done
}
check 'charts come together as their locks say' build

lint() { helm lint --strict "$@"; }
for chart in common "${charts[@]}"; do check "helm lint $chart" lint "$work/charts/$chart"; done
check 'helm lint all of them at once' lint --with-subcharts "$umbrella"
refuses 'a chart that cannot be rendered' 'nil pointer|missing' lint "$BAD/broken-chart"

render() { helm template wave "$umbrella" --namespace wave --values "$1"; }
render_to() { render "$1" > "$2"; }
for values in charts/wave-connect/ci/*.yaml charts/wave-connect/values*.yaml; do
  check "helm template with $values" render_to "$values" "$work/$(basename "$values" .yaml).rendered.yaml"
done
refuses 'a value that there is not' "additional properties 'replicas' not allowed" render "$BAD/values-unknown-key.yaml"
refuses 'a setting that there is not' "additional properties 'BCRYPT_ROUNDS' not allowed" render "$BAD/values-unknown-variable.yaml"
refuses 'a value of another kind' "at '/version'" render "$BAD/values-wrong-type.yaml"
refuses 'values that contradict each other' 'There is no Kafka: set' render "$BAD/values-contradiction.yaml"

check 'unit tests of the templates' helm-unittest --strict "$umbrella"
mkdir "$umbrella/bad" && cp "$BAD/failing-suite.yaml" "$umbrella/bad"
refuses 'something that is not so' 'Expected to equal' helm-unittest --file 'bad/*.yaml' "$umbrella"

# ── schemas ──────────────────────────────────────────────────────────────────────────────────────────────────
strimzi=$SHARED/schemas/strimzi-1.2.0
# kubeconform takes the last -skip alone.
skip=EnvoyProxy
if [ -d "$strimzi" ]; then
  python test/charts/schemas-of-crds.py "$strimzi" "$TOOLS/schemas"
else
  absent "schemas of Strimzi (no $strimzi)"
  skip=$skip,Kafka,KafkaNodePool,KafkaTopic,KafkaUser
fi
# VERSION FILE…
conform() {
  local version=$1
  shift
  kubeconform -strict -summary -skip "$skip" \
    -schema-location "$TOOLS/schemas/$version/{{ .ResourceKind }}{{ .KindSuffix }}.json" \
    -schema-location "$TOOLS/schemas/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json" "$@"
}
for version in $KUBERNETES; do
  check "resources are Kubernetes $version's" conform "$version" "$work"/*.rendered.yaml
  check "k8s/ is Kubernetes $version's" conform "$version" k8s/namespaces.yaml k8s/gateway.yaml
done
refuses 'a field of a Deployment that there is not' "replica" conform 1.37 "$BAD/resource-unknown-field.yaml"
refuses 'a field of an HTTPRoute that there is not' "parentRef" conform 1.37 "$BAD/route-unknown-field.yaml"
refuses 'a field of a ServiceMonitor that there is not' "endpoint" conform 1.37 "$BAD/monitor-unknown-field.yaml"
refuses 'a field of a ScaledObject that there is not' "replica" conform 1.37 "$BAD/scaled-object-unknown-field.yaml"
if [ -d "$strimzi" ]; then
  refuses 'a field of a KafkaTopic that there is not' "partition" conform 1.37 "$BAD/strimzi-unknown-field.yaml"
  refuses "a version that Strimzi has given up" 'could not find schema' conform 1.37 "$BAD/strimzi-old-version.yaml"
fi

# ── good manners ─────────────────────────────────────────────────────────────────────────────────────────────
# Left aside: CPU limits slow down what has CPU to spare; images are pulled by tags that stay; users are those of the
# images; ephemeral storage is bounded volume by volume; a database's Service keeps one address over restarts; pods of
# one replica are the default, for kind.
score() {
  kube-score score --kubernetes-version v1.34 --output-format ci --ignore-container-cpu-limit \
    --ignore-test container-image-pull-policy,container-security-context-user-group-id \
    --ignore-test container-ephemeral-storage-request-and-limit,statefulset-has-servicename \
    "$@" | grep -v '^\[\(OK\|SKIPPED\)\]'
  return "${PIPESTATUS[0]}"
}
for name in values values-staging values-production backup-values; do
  check "kube-score: $name" score "$work/$name.rendered.yaml"
done
refuses 'a pod that takes what it likes' 'Memory limit is not set' score "$BAD/pod-without-limits.yaml"

fresh() { # FOLDER
  cp -R charts "$1" && (cd "$1/.." && bash charts/pages.sh) && diff -r charts "$1"
}
mkdir "$work/pages" "$work/stale"
check "READMEs are what \`make chart-docs\` makes" fresh "$work/pages/charts"
stale() {
  cp -R charts "$1" && sed -i 's/# -- Pods while/# -- Pods for as long as/' "$1/common/values.yaml" && (cd "$1/.." && bash charts/pages.sh) &&
    diff charts/common/README.md "$1/common/README.md"
}
refuses 'a README that says something else' 'Pods for as long as' stale "$work/stale/charts"

style() { yamllint --strict --config-file test/charts/yamllint.yaml "$@"; }
check 'yamllint' style charts/*/Chart.yaml charts/*/values*.yaml charts/*/ci charts/*/tests k8s skaffold.yaml kind-config.yaml test/cluster/three-nodes.yaml
refuses 'sloppy YAML' 'duplication of key' style "$BAD/yaml-style.yaml"

# Left aside: `cd` within one step of a build.
docker_lint() { hadolint --no-color --ignore DL3003 "$1"; }
check 'hadolint' docker_lint services/Dockerfile
refuses 'a sloppy Dockerfile' 'DL3008' docker_lint "$BAD/Dockerfile"

check 'actionlint' actionlint .github/workflows/*.yml
refuses 'a workflow that names a job that there is not' 'needs job "build" which does not exist' actionlint "$BAD/workflow.yml"

check 'shellcheck' shellcheck --external-sources --source-path=SCRIPTDIR/../.. test/charts/*.sh charts/pages.sh k8s/*.sh packages/dev-env/bin/*.sh test/charts/stub/docker

# ── kind and Skaffold ────────────────────────────────────────────────────────────────────────────────────────
# With a Docker that can do nothing, kind comes as far as pulling its image where its configuration is good.
kind_takes() {
  PATH=$PWD/test/charts/stub:$PATH timeout 60 kind create cluster --config "$1" 2>&1 | tee "$work/kind"
  grep -q 'failed to pull image' "$work/kind"
}
for config in kind-config.yaml test/cluster/three-nodes.yaml; do check "kind takes $config" kind_takes "$config"; done
refuses 'a field that kind does not have' 'extraPortMapping not found' kind_takes "$BAD/kind-config.yaml"

schema=$SHARED/schemas/skaffold-v4beta14.schema.json
skaffold_schema() {
  python - "$1" "$work" << 'PYTHON' && check-jsonschema --schemafile "$schema" "$work"/skaffold-*.json
import json, sys, yaml
for number, config in enumerate(yaml.safe_load_all(open(sys.argv[1]))):
    json.dump(config, open(f"{sys.argv[2]}/skaffold-{number}.json", "w"))
PYTHON
}
if [ -f "$schema" ]; then
  check 'skaffold.yaml is as Skaffold has it' skaffold_schema skaffold.yaml
  refuses 'a field that Skaffold does not have' "artifact" skaffold_schema "$BAD/skaffold.yaml"
else
  absent "skaffold.yaml (no $schema)"
fi

# ── charts and code ──────────────────────────────────────────────────────────────────────────────────────────
if [ -x node_modules/.bin/node ]; then
  check 'charts fit the code' node_modules/.bin/node --test --test-reporter=dot --disable-warning=ExperimentalWarning \
    test/charts/{code,events-check,gitops,kafka,network,operator,pod-security,release,skaffold,values}.test.ts
else
  absent 'charts against the code (run make install)'
fi
finish
