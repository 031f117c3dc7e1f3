# The charts, and clusters to try them on.

.PHONY: charts
charts: install ## Checks charts/, k8s/, skaffold.yaml and kind-config.yaml without a cluster; needs Python 3 and Go
	bash test/charts/run.sh

.PHONY: chart-docs
chart-docs: install ## Writes the charts' READMEs and schemas of values; `make charts` brings what that needs
	node test/charts/schema/write.ts
	biome format --write charts/*/values.schema.json
	PATH=$(CURDIR)/.data/tools/bin:$$PATH bash charts/pages.sh

.PHONY: test-cluster
test-cluster: install ## Installs, upgrades, hurts and removes the chart on the current context's cluster; docs/deploying.md
	bash test/cluster/prepare.sh
	$(E2E) 'test/cluster/*.e2e.ts'

.PHONY: kind-up
kind-up: ## Makes a cluster on this machine; needs Docker, kind and kubectl
	kind create cluster --config kind-config.yaml --wait 3m
	kubectl --context kind-wave-connect apply -f k8s/namespaces.yaml

.PHONY: dev
dev: ## The whole system on that cluster, at http://localhost:8080, following every change; needs Skaffold and Helm
	skaffold dev --kube-context kind-wave-connect

.PHONY: kind-down
kind-down: ## Removes that cluster
	kind delete cluster --name wave-connect
