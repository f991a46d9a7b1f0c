# Short names for long commands. Everything that must hold before a change is taken is in
# .ci/run; nothing here is needed for it.

module := github.com/gpconnect-go/gpc

# What sandboxes do differently on purpose comes from a seed, a new one for each. GPC_SEED=42
# gives all of a run the same, so that a failure can be had again: GPC_SEED=42 make test
seeded = $(if $(1),-ldflags '-X $(module)/sandbox.seedOfRun=$(1)')

SEEDS    ?= 1 2 3 5 8 13 21 34 55 89
FUZZTIME ?= 20s
PACKAGES ?= ./...

.PHONY: test race seeds fuzz mutants measure docs

test:
	go test $(call seeded,$(GPC_SEED)) $(PACKAGES)

race:
	go test -race -shuffle=on $(call seeded,$(GPC_SEED)) $(PACKAGES)

# The whole suite with each of ten seeds.
seeds: $(SEEDS:%=seed-%)

seed-%:
	@echo "== seed $*"
	@GPC_SEED=$* go test -count=1 $(call seeded,$*) $(PACKAGES)

# Every fuzz target for a while.
fuzz:
	scripts/fuzz $(FUZZTIME)

# Spoilt records, TIMES as many as in a plain run.
mutants:
	go test -count=1 -timeout 60m ./record -run Mutant -mutants $(or $(TIMES),50)

# What the project says of its own speed and size, each beside what is allowed.
measure:
	go run ./internal/measure/startup
	go run ./internal/measure/sandbox
	go run ./internal/measure/door
	go run ./internal/measure/bookings
	go run ./internal/measure/manyslots

# What is written by tests.
docs:
	go test ./cmd/gpc -run TestDocs -update
