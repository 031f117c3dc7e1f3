# A system under faults: docs/operations.md says what each of these does.

.PHONY: faults
faults: install ## Hurts a whole system under load, and audits what it promised; SEED=n replays a run, MINUTES=n
	@exec $(RUN) test/faults/run.ts

.PHONY: faults-short
faults-short: install ## The same with a handful of faults, always the same ones
	@exec $(RUN) test/faults/run.ts short

.PHONY: rolling-restart
rolling-restart: install ## Restarts every process of a system in turn under load, of which no request may fail
	@exec $(RUN) test/faults/run.ts rolling-restart

.PHONY: soak
soak: install ## Watches memory and handles of a system under steady load; MINUTES=n
	@exec $(RUN) test/faults/run.ts soak

.PHONY: erasure
erasure: install ## Deletes an account with a million messages under the load of others, who may not notice; MINUTES=n RATE=n
	@exec $(RUN) test/faults/run.ts erasure
