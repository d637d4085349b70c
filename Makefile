# Needs Python 3.10 or newer and make. Everything else, Node.js included, goes into .venv and node_modules.
PYTHON ?= python3
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true

.DEFAULT_GOAL := help
.PHONY: help setup demo test check unit handlers nightly snapshots packaging e2e synth local lock clean

help: ## List the targets
	@grep -hE '^[a-z0-9]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

# The lock decides what is installed; the marker says which lock that was.
.venv/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 10) else f"Python 3.10 or newer is needed, and $(PYTHON) is {v.major}.{v.minor}: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

node_modules/.installed: package-lock.json .venv/.installed
	npm ci --silent
	@touch $@

# What a consumer with the oldest supported CDK has; the wheel under test comes on top.
.venv-floor/.installed: requirements-floor.txt
	$(PYTHON) -m venv .venv-floor
	.venv-floor/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-floor.txt
	@touch $@

# A boto3 as old as one that a Lambda runtime may carry.
.venv-oldest/.installed: requirements-oldest.txt
	$(PYTHON) -m venv .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-oldest.txt
	@touch $@

setup: .venv/.installed node_modules/.installed ## Install what the other targets need

demo: setup ## Deploy into a local AWS, transcribe a recording, look at the result, destroy (KEEP=1 leaves it up)
	@python examples/demo.py $(if $(KEEP),--keep)

test: setup ## Everything that decides whether a change is good
	@$(MAKE) --no-print-directory --jobs 2 check unit snapshots packaging
	@$(MAKE) --no-print-directory handlers e2e

check: setup ## Lint, format, types
	ruff check .
	ruff format --check .
	mypy constructs/cdk_transcribe lambdas/transcribe_handlers local/transcribe_local app.py examples

unit: setup ## Constructs, without AWS
	pytest -q tests/unit

handlers: setup .venv-oldest/.installed ## Lambda handlers and the local AWS, against each other
	pytest -q --numprocesses 2 --dist loadfile tests/local tests/handlers

nightly: setup ## Thousands of lives of a vocabulary and of settings of jobs, hundreds of the ledger, random ones
	HYPOTHESIS_PROFILE=nightly pytest -q tests/unit/test_jobs_random.py tests/handlers/test_vocabulary_life.py tests/handlers/test_ledger_life.py

snapshots: setup ## Templates as they were
	pytest -q tests/snapshots

packaging: setup .venv-floor/.installed ## The built wheel, with the oldest CDK that is supported
	pytest -q tests/packaging

e2e: setup ## Deployments with the CDK CLI into the local AWS
	pytest -q --numprocesses 2 --dist loadfile tests/e2e

synth: setup ## Print the example's template
	cdk synth --no-notices

local: setup ## Run the local AWS until Ctrl-C
	python -m transcribe_local

lock: ## Pin the newest versions that pyproject.toml allows
	uv pip compile --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.10 --extra dev pyproject.toml --output-file requirements.txt
	uv pip compile --upgrade --universal --generate-hashes --no-emit-index-url --python-version 3.10 requirements-floor.in --output-file requirements-floor.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.10 requirements-oldest.in --output-file requirements-oldest.txt
	npm install --package-lock-only

clean: ## Remove what was installed or built
	rm -rf .venv .venv-floor .venv-oldest node_modules cdk.out dist .local-aws .mypy_cache .ruff_cache .pytest_cache .hypothesis
