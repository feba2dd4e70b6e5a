# Two commands to know: `make serve` and `make test`. Both install what is missing, and say so.
# The first run compiles the tools and every dependency, so it takes a while; the next do not.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

export PATH := $(shell .ci/tools path):$(PATH):/usr/sbin
export MANCHETTE_AXE := $(shell .ci/tools axe)
export MANCHETTE_VALIDATORS := $(shell .ci/tools validators)
export MANCHETTE_OBSERVATORY := $(shell .ci/tools observatory)
export MANCHETTE_READERS := $(shell .ci/tools readers)
export MANCHETTE_DIST := $(CURDIR)/dist

PORT ?= 8080
WALKS ?= 100
LOAD ?= 60
# Trunk wants NO_COLOR spelt "true" and stops at "1".
TRUNK := env -u NO_COLOR TRUNK_SKIP_VERSION_CHECK=true trunk $(if $(NO_COLOR),--color never)

# $(call step,COMMAND) says what it runs, and where it stopped.
step = @printf '\n==> %s\n' '$(1)'; $(1) || { printf '\n==> Stopped: %s\n' '$(1)' >&2; exit 1; }

.PHONY: help serve build test lint deny unit check budget valid observatory browser faults walks pictures bench bench-reader bench-edge \
	clean build-tools test-tools bench-tools

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s%s\n", $$1, $$2 }' Makefile

serve: build-tools ## Build the app and serve it on http://127.0.0.1:8080/ (PORT=… for another)
	@! (exec 3<>/dev/tcp/127.0.0.1/$(PORT)) 2>/dev/null || { echo 'Port $(PORT) is taken: make serve PORT=8081' >&2; exit 1; }
	@printf '\n==> Building, then serving on http://127.0.0.1:%s/ (Ctrl+C stops it)\n' $(PORT)
	@$(TRUNK) serve --release --no-autoreload --address 127.0.0.1 --port $(PORT)

build: build-tools ## Build the app into dist/, ready to be served as files
	$(call step,$(TRUNK) build --release)

test: test-tools lint deny unit check build budget valid observatory browser ## Run every check, in this order, up to the first that fails

lint: test-tools ## Formatting, Clippy for both targets, documentation
	$(call step,cargo fmt --check)
	$(call step,cargo clippy --all-targets -- -D warnings)
	$(call step,cargo clippy --test browser -- -D warnings)
	$(call step,cargo clippy --lib --bins --target wasm32-unknown-unknown -- -D warnings)
	$(call step,RUSTDOCFLAGS="-D warnings" cargo doc --no-deps)

deny: test-tools ## Licences and origins of the dependencies
	$(call step,cargo deny --log-level error check bans licenses sources)

unit: ## The native tests: everything but the browsers
	$(call step,cargo test)

check: ## Is the sample edition in public/api what the contract says?
	$(call step,cargo run --quiet -- check public/api)

budget: build ## The byte budgets of the built app
	$(call step,cargo test --test budget -- --nocapture)

valid: test-tools build ## The built site by an HTML validator, the schemas of sitemaps and feeds, a JSON-LD processor
	$(call step,node tests/valid.mjs dist)

observatory: test-tools build ## The deployed headers by Mozilla's HTTP Observatory: A+, above 120 points
	$(call step,node tests/observatory.mjs $(CURDIR)/dist)

browser: test-tools build ## The browser tests alone, on a fresh build
	$(call step,cargo test --test browser)

faults: test-tools build ## The faults alone, in the three browsers; their times go into RELIABILITY.md
	$(call step,MANCHETTE_FAULTS=$(CURDIR)/RELIABILITY.md cargo test --test browser)

walks: test-tools build ## Random walks through the edition in the three browsers (WALKS=… for how many, by default 100)
	$(call step,MANCHETTE_WALKS=$(WALKS) cargo test --test browser -- walks)

pictures: test-tools build ## Pictures of every kind of page in target/pictures/, and the README's
	$(call step,MANCHETTE_PICTURES=$(CURDIR)/target/pictures cargo test --test browser -- chromium::pictures)
	for name in article phone dark; do cwebp -quiet -q 80 target/pictures/readme-$$name.png -o .ci/readme-$$name.webp; done

bench: bench-tools build ## How fast an edition becomes a site, beside Hugo and beside a plain write of the bytes
	$(call step,cargo bench --quiet --profile press --bench press)

bench-reader: bench-tools build ## What a reader waits for, beside a page written by hand
	$(call step,node benches/reader/main.mjs)

bench-edge: bench-tools build ## What nginx bears, and Varnish before it, and before an origin that fails (LOAD=… seconds a run, by default 60)
	$(call step,node benches/edge/main.mjs $(LOAD))

clean: ## Remove what was built (the tools stay, in their own folder)
	rm -rf dist
	cargo clean

build-tools:
	@.ci/tools build

test-tools:
	@.ci/tools test

bench-tools:
	@.ci/tools bench
