# The charts, and clusters to try them on.

.PHONY: charts
charts: install ## Checks charts/, k8s/, skaffold.yaml and kind-config.yaml without a cluster; needs Python 3 and Go
	bash test/charts/run.sh

.PHONY: chart-docs
chart-docs: install ## Writes the charts' READMEs and schemas of values; `make charts` brings what that needs
	node test/charts/schema/write.ts
	biome format --write charts/*/values.schema.json
	PATH=$(CURDIR)/.data/tools/bin:$$PATH bash charts/pages.sh

CLUSTER_TESTS := 'test/cluster/*.e2e.ts'

.PHONY: test-cluster
test-cluster: install ## Installs, upgrades, hurts and removes the chart on the current context's cluster; docs/deploying.md
	bash test/cluster/prepare.sh
	$(E2E) $(CLUSTER_TESTS)

KUBE_CONTEXT := kind-wave-connect
KIND_CONFIG := kind-config.yaml

.PHONY: kind-up
kind-up: ## Makes a cluster on this machine, with the Strimzi operator; needs Docker, kind, kubectl and Helm
	kind create cluster --config $(KIND_CONFIG) --wait 3m
	kubectl --context kind-wave-connect apply -f k8s/namespaces.yaml
	k8s/strimzi-operator.sh kind-wave-connect

.PHONY: operator
operator: ## Installs the Strimzi operator in the cluster where there is none; KUBE_CONTEXT names another cluster
	@k8s/strimzi-operator.sh $(KUBE_CONTEXT)

# Skaffold waits so many ms for more changes before it copies or builds.
DEBOUNCE_MS := 300

.PHONY: dev
dev: operator ## The whole system on that cluster, at http://localhost:8080, following every change; needs Skaffold and Helm
	@exec skaffold dev --kube-context $(KUBE_CONTEXT) --watch-poll-interval $(DEBOUNCE_MS)

.PHONY: test-skaffold
test-skaffold: install ## A day of work with `skaffold dev`, and `skaffold run`, on the current context's cluster; docs/developing.md
	$(E2E) 'test/skaffold/*.e2e.ts'

.PHONY: kind-down
kind-down: ## Removes that cluster
	kind delete cluster --name wave-connect
