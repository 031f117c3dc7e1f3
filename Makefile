# Everything runs on Node 26, which npm installs into node_modules beside the other dependencies.
SHELL := /bin/bash
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export REDOCLY_TELEMETRY := off

.PHONY: help
help: ## Shows this list
	@grep -hE '^[a-z][a-z0-9-]*:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  \033[1m%-15s\033[0m %s\n", $$1, $$2 }'

# ── Running ──────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: up
up: install web-app ## Brings up the whole system on this machine; KAFKA=1 with a real Kafka broker
	@exec node packages/dev-env/bin/up.js

.PHONY: web-dev
web-dev: install ## The web app with hot reload, on the system of a `make up` beside it; GATEWAY_URL names another one
	@cd services/web && exec vite

.PHONY: clean
clean: install ## Removes the data that `make up` keeps
	@node packages/dev-env/bin/clean.ts

.PHONY: seed-data
seed-data: install ## Fills the databases of `make up`, running or not; POSTS=1000000 USERS=10000 SEED=1
	@node packages/dev-env/bin/seed-data.ts

.PHONY: dlq
dlq: install ## Lists the dead letters of `make up`; ARGS="replay --topic T" replays them, ARGS=--help says more
	@node --disable-warning=TimeoutNegativeWarning packages/dev-env/bin/dlq.ts $(ARGS)

# ── Installing ───────────────────────────────────────────────────────────────────────────────────────────────

INSTALLED := node_modules/.installed
SCHEMAS := $(wildcard services/*/prisma/schema.prisma)
CLIENTS := $(SCHEMAS:%/prisma/schema.prisma=%/generated/prisma/client.ts)
PROTO := packages/contracts/proto/waveconnect/profile/v1/profile.proto
PROTO_TYPES := packages/contracts/generated/proto/profile.ts

# The web app's client comes with them.
API_TYPES := packages/contracts/generated/http/index.ts

.PHONY: install
install: $(CLIENTS) $(PROTO_TYPES) $(API_TYPES) ## Installs dependencies and generates clients of databases, proto and contract

$(INSTALLED): package-lock.json
	npm ci --loglevel=error
	@touch $@

# Generating needs no engine, but Prisma looks for one and would download it.
services/%/generated/prisma/client.ts: services/%/prisma/schema.prisma $(INSTALLED)
	@PRISMA_SCHEMA_ENGINE_BINARY=/bin/true prisma generate --schema $< > /dev/null
	@touch $@

# With the options by which packages/contracts/src/profile-service.ts reads the file.
$(PROTO_TYPES): $(PROTO) $(INSTALLED)
	@proto-loader-gen-types --longs=String --defaults --oneofs --grpcLib=@grpc/grpc-js --importFileExtension=.ts \
	  --includeDirs=packages/contracts/proto --outDir=$(@D) $(PROTO:packages/contracts/proto/%=%)
	@touch $@

$(API_TYPES): openapi.yaml $(wildcard packages/contracts/generate/*.ts) $(INSTALLED)
	@node packages/contracts/generate/main.ts
	@touch $@

# ── Building the web app ────────────────────────────────────────────────────────────────────────────────────────

# The web app is all that is built: browsers read no TypeScript.
WEB := services/web/dist/index.html
WEB_SOURCES := $(shell find services/web -path '*/node_modules' -prune -o -path '*/dist' -prune -o -path '*/generated' -prune \
  -o -path '*/test' -prune -o -type f -print)

.PHONY: web-app
web-app: $(WEB) ## Builds the web app

$(WEB): $(WEB_SOURCES) $(API_TYPES)
	@cd services/web && vite build --logLevel warn
	@touch $@

# ── Checking ─────────────────────────────────────────────────────────────────────────────────────────────────

# A test that hangs fails, with its name.
TEST_TIMEOUT_MS := 180000
TESTS := 'packages/*/test/**/*.test.ts' 'services/*/test/**/*.test.ts' 'test/**/*.test.ts' 'bench/test/*.test.ts'

.PHONY: test
test: check web-app ## Runs every check and test; with Java and Maven on a real Kafka broker, with Chromium in a browser too
	node --test --test-global-setup=packages/dev-env/src/global-setup.ts --test-timeout=$(TEST_TIMEOUT_MS) \
	  --disable-warning=ExperimentalWarning --disable-warning=TimeoutNegativeWarning $(TESTS)

.PHONY: check
check: lint types contract unused lockfile ## Runs the checks that start nothing

.PHONY: lint
lint: install ## Format and lint
	biome check --error-on-warnings .
	oxlint --deny-warnings

.PHONY: format
format: install ## Formats and mends what can be mended
	biome check --write .

.PHONY: types
types: install ## Type check
	tsc -p .
	tsc -p services/web
	tsc -p test/browser

.PHONY: contract
contract: install ## Lints openapi.yaml and profile.proto
	redocly lint openapi.yaml
	buf lint packages/contracts/proto

AGAINST := HEAD

.PHONY: breaking
breaking: install ## Whether profile.proto breaks its callers; AGAINST=origin/main names what it was
	buf breaking packages/contracts/proto --against '.git#subdir=packages/contracts/proto,ref=$(AGAINST)'

.PHONY: unused
unused: install ## Looks for files, exports and dependencies that nothing uses
	knip

.PHONY: lockfile
lockfile: ## The lock file names no registry
	@! grep -nE '"resolved": "[a-z]+:' package-lock.json

.PHONY: migrate
migrate: install ## Migrates one service's DATABASE_URL: make migrate SERVICE=auth
	node services/$(SERVICE)/src/migrate.ts

# ── Fuzzing ──────────────────────────────────────────────────────────────────────────────────────────────────

VENV := .data/venv
SCHEMATHESIS := $(VENV)/bin/schemathesis
SCHEMATHESIS_VERSION := 4.32.5

$(SCHEMATHESIS):
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet schemathesis==$(SCHEMATHESIS_VERSION)

.PHONY: fuzz
fuzz: install $(SCHEMATHESIS) ## Fuzzes a running system with openapi.yaml; needs Python 3.11 or later
	node test/contract/fuzz/run.ts $(SCHEMATHESIS)

# ── Pictures ─────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: pictures
pictures: install web-app ## Takes the pictures of the web app for the README; needs Chromium
	node test/browser/take-pictures.ts docs/images

# ── Images ───────────────────────────────────────────────────────────────────────────────────────────────────

TAG := latest
VERSION := $(TAG)

.PHONY: images
images: ## Builds the image of each service, wave-connect-auth and so on; TAG names the tag
	@set -e; for main in services/*/src/main.ts; do \
	  service=$$(basename "$${main%/src/main.ts}"); \
	  docker build -f services/Dockerfile --build-arg SERVICE=$$service --build-arg VERSION=$(VERSION) \
	    --build-arg REVISION=$$(git rev-parse HEAD) -t wave-connect-$$service:$(TAG) .; \
	done

E2E := node --test --test-concurrency=1 --disable-warning=ExperimentalWarning --disable-warning=TimeoutNegativeWarning

.PHONY: test-compose
test-compose: install ## Builds and brings up docker-compose.yml, goes a journey through it, and takes it down; needs Docker
	$(E2E) 'test/compose/*.e2e.ts'

# ── Faults, measuring, clusters ──────────────────────────────────────────────────────────────────────────────

RUN := node --disable-warning=TimeoutNegativeWarning --disable-warning=ExperimentalWarning

include test/faults/faults.mk bench/bench.mk charts/charts.mk
