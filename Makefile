# `make` prints what there is. Nothing but cargo and a C compiler is needed for `make run`.

export MAILLAGE_LISTEN ?= 127.0.0.1:8080

.DEFAULT_GOAL := help
.PHONY: help run build check fmt fmt-check lint deny purity test story vintages bench scale contract chaos fuzz \
	openapi docs migration clean

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: export DATABASE_URL ?= sqlite://data/maillage.sqlite
run: ## build, fill an empty base with the demo, serve it
	cargo build --release --locked -p api
	@mkdir -p data
	target/release/maillage demo --if-empty
	@printf '\n  API documentation  http://%s/docs\n  try                curl -s http://%s/health/ready\n\n' \
		$(MAILLAGE_LISTEN) $(MAILLAGE_LISTEN)
	@exec target/release/maillage serve

build: ## build everything, tests included
	cargo build --workspace --all-targets --locked

check: fmt-check lint purity test ## all that a change must pass

fmt: ## format the code
	cargo fmt --all

fmt-check:
	cargo fmt --all --check

lint: ## clippy, without a warning
	cargo clippy --workspace --all-targets --locked -- -D warnings

# Licences, sources and banned crates. Apart from `lint`: the tool may have to be built first.
deny: export PATH := $(CURDIR)/.tools/bin:$(PATH)
deny:
	@command -v cargo-deny >/dev/null || cargo install cargo-deny@0.20.2 --root .tools --locked
	cargo deny check licenses bans sources

purity: ## domain depends on nothing that knows the world
	domain/purity

test: ## every test, the stories on SQLite and on PostgreSQL; the contract in short
	tests/with-postgres cargo test --workspace --locked
	tests/contract/run --short

story: ## the stories whose name contains NAME=…
	tests/with-postgres cargo test --locked -p tests -- $(NAME)

vintages: ## load two whole vintages of territories, fetched from npm, on both engines
	tests/with-postgres tests/whole-vintages

bench: ## requests per second and latency, beside a bare handler
	tests/bench
	tests/bench-networks

scale: ## the same on bases of a thousand to a million records; whole exports, memory, start
	tests/scale

contract: ## lints, schemathesis, strangers' clients and a browser on openapi.yaml and the server
	tests/contract/run

chaos: ## kill, cut and delay; see that nothing acknowledged is lost
	MAILLAGE_CHAOS=1 tests/with-postgres cargo test --locked -p tests -- chaos:: --nocapture --test-threads 2

fuzz: ## an hour of fuzzing, or SECONDS=…, of all that reads a stranger's bytes
	tests/fuzz/run $(SECONDS)

openapi: ## write openapi.yaml again from the code
	cargo run -q --locked -p api -- openapi > openapi.yaml.new
	mv openapi.yaml.new openapi.yaml

docs: ## write docs/problems.md and docs/permissions.txt again from the code
	MAILLAGE_REGENERATE=1 cargo test --locked -p tests generated

migration: ## a new migration for both engines, NAME=what_it_does
	migrations/new "$(NAME)"

clean: ## remove what was built and the tools (data/ stays)
	cargo clean
	rm -rf .tools
