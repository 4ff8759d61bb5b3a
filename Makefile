# Two commands matter: `make demo` and `make test`. Everything lives in .venv and $(VAR_DIR); nothing is installed elsewhere.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# The first of these that runs, is new enough and can make virtual environments; or name one: make demo PYTHON=/opt/python3.12/bin/python3
PYTHON ?= python3.13 python3.12 python3.11 python3
VAR_DIR ?= var
WORKERS ?= 2
ARGS ?=
SIZES ?= 10000,100000

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input --progress-bar off
LOCK := var/lock
COMPILE := $(LOCK)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml

.PHONY: help
help: ## Show what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  DEMO_PORT=8000  DEMO_DOCS=400|all  VAR_DIR=var  PYTHON=python3.12  WORKERS=2  ARGS='-k search' can be added."

# --- the two commands --------------------------------------------------------

.PHONY: demo
demo: $(VENV)/installed-demo ## Open the demo city and serve it until Ctrl-C
	@VAR_DIR="$(VAR_DIR)" exec $(BIN)/python -m deploy.demo

.PHONY: test
test: $(VENV)/installed-test ## Run everything: lint, types, import law, all tests on real engines, browser journeys
	@unset VAR_DIR; stop() { $(BIN)/python -m deploy.embedded stop --var var/test >/dev/null 2>&1; }; \
	trap 'stop; exit 130' INT TERM; \
	failed=; $(MAKE) --no-print-directory --keep-going static-checks || failed="lint, types or import law"; \
	FAILED_BEFORE="$$failed" $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope $(ARGS); code=$$?; \
	stop; [ $$code -ne 0 ] || [ -z "$$failed" ] || code=1; exit $$code

# --- pieces ------------------------------------------------------------------

.PHONY: install
install: $(VENV)/installed-demo ## Make .venv with what the demo needs

.PHONY: install-test
install-test: $(VENV)/installed-test ## Make .venv with what the tests need too

.PHONY: check
check: $(VENV)/installed-test ## The fast part of `test`: lint, types, import law, tests without engines
	@unset VAR_DIR; failed=0; $(MAKE) --no-print-directory --keep-going static-checks || failed=1; \
	$(BIN)/python -m pytest -n $(WORKERS) tests/unit tests/law $(ARGS) || failed=1; exit $$failed

.PHONY: static-checks lint format-check types import-law templates
static-checks: lint format-check types import-law templates

lint: $(VENV)/installed-test
	$(BIN)/ruff check .

format-check: $(VENV)/installed-test
	$(BIN)/ruff format --check .

types: $(VENV)/installed-test
	$(BIN)/mypy

import-law: $(VENV)/installed-test
	$(BIN)/lint-imports

templates: $(VENV)/installed-test
	@if grep -q '^\[tool.djlint\]' pyproject.toml; then echo "$(BIN)/djlint --check themes && $(BIN)/djlint --lint themes"; \
		$(BIN)/djlint --quiet --check themes && $(BIN)/djlint --quiet --lint themes; fi

.PHONY: bench
bench: $(VENV)/installed-test ## Measure; prints tables and writes JSON
	$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: bench-fleet
bench-fleet: $(VENV)/installed-test ## Measure with 300 sites: opening, upgrading, memory; some minutes
	$(BIN)/python -m tests.benchmarks fleet $(ARGS)

.PHONY: bench-search
bench-search: $(VENV)/installed-test ## Measure search with 10,000 and 100,000 documents; SIZES=500000 or 1000000 for more; the index is kept
	$(BIN)/python -m tests.benchmarks search --documents $(SIZES) --keep $(ARGS)

.PHONY: lighthouse
lighthouse: $(VENV)/installed-test ## Score pages of the running demo with Lighthouse (needs npm and Chromium); ARGS='--site URL --rounds 5'
	$(BIN)/python -m tests.benchmarks.lighthouse $(ARGS)

.PHONY: services
services: $(VENV)/installed-demo ## Start PostgreSQL and Elasticsearch in the background
	@$(BIN)/python -m deploy.embedded start --var "$(VAR_DIR)"

.PHONY: stop
stop: ## Stop them
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m deploy.embedded stop --var "$(VAR_DIR)"; else echo "nothing to do: nothing is installed here."; fi

.PHONY: clean
clean: ## Stop the engines; delete .venv, $(VAR_DIR) with the demo's data, and all caches
	@for folder in "$(VAR_DIR)" var/test; do \
		if [ -x $(BIN)/python ] && [ -d "$$folder" ]; then $(BIN)/python -m deploy.embedded stop --var "$$folder" || exit 1; fi; done
	rm -rf $(VENV) "$(VAR_DIR)" var .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# --- the virtual environment -------------------------------------------------

# `.venv` is used as it is when its Python runs; else it is made anew.
$(VENV)/made:
	@if ! $(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		found=; lame=; \
		for python in $(PYTHON); do \
			"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
			if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
			lame=$${lame:-$$python}; \
		done; \
		if [ -z "$$found" ] && [ -n "$$lame" ]; then \
			echo "$$lame is new enough but cannot make virtual environments (no ensurepip): on Debian and Ubuntu, apt install python3-venv." >&2; exit 1; \
		elif [ -z "$$found" ]; then \
			echo "No Python 3.11 or newer among: $(PYTHON). Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3." >&2; exit 1; \
		fi; \
		echo "making $(VENV) with $$found ($$("$$found" -c 'import platform; print(platform.python_version())'))"; \
		"$$found" -m venv --clear $(VENV); \
	fi
	@touch $@

$(VENV)/installed-demo: $(VENV)/made requirements-demo.txt pyproject.toml
	$(PIP) --require-hashes --requirement requirements-demo.txt
	$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/made requirements-test.txt pyproject.toml
	$(PIP) --require-hashes --requirement requirements-test.txt
	$(PIP) --no-deps --editable .
	@touch $@ $(VENV)/installed-demo

.PHONY: lock
lock: $(VENV)/made ## Pin all dependencies of pyproject.toml anew, with hashes, keeping versions that still fit
	$(BIN)/python -m venv $(LOCK)
	$(LOCK)/bin/pip install --disable-pip-version-check --quiet uv
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --extra embedded --output-file requirements-demo.txt
	$(COMPILE) --all-extras --output-file requirements-test.txt
