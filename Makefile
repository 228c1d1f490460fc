# The same few commands for people and CI.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: help setup demo test bench chaos containers fuzz sbom audit check format contract clean

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(VENV)/.demo: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Tapal and what the demo needs into $(VENV) (once; a few minutes on a slow link)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Tapal and what its tests need into $(VENV) (once; a few minutes on a slow link)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.demo

setup: $(VENV)/.dev ## make .venv with everything to run and test Tapal

demo: $(VENV)/.demo ## run the whole system on this machine
	@$(BIN)/tapal demo

test: $(VENV)/.dev ## run all tests, files side by side on up to four cores
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

bench: $(VENV)/.dev ## run the benchmarks
	$(BIN)/python -m benchmarks

chaos: $(VENV)/.dev ## kill and cut everything 50 times under 20,000 events, then send a million hostile messages
	$(BIN)/python -m tests.chaos
	$(BIN)/python -m tests.chaos --replicas 3
	TAPAL_BACKLOG=1000000 $(BIN)/python -m pytest -q --timeout=7200 tests/server/test_trouble.py -k away
	TAPAL_FLOOD=1000000 $(BIN)/python -m pytest -q tests/chaos/test_hostile.py -k "flood and sqlite"

containers: $(VENV)/.dev ## build the images and try them in Docker as server/README.md says (root, ports 8080 and 8883)
	$(BIN)/python -m tests.containers

fuzz: $(VENV)/.dev ## throw far more at the intake than the tests do
	TAPAL_FUZZ=20000 $(BIN)/python -m pytest -q --timeout=3600 tests/chaos/test_hostile.py -k "nothing_that_can_be_sent and sqlite"
	TAPAL_FUZZ=2000 $(BIN)/python -m pytest -q --timeout=3600 tests/server/test_fuzzed_files.py

sbom: $(VENV)/.dev ## write sbom.json: what this installation consists of
	$(BIN)/python -m tapal.bill > sbom.json

audit: $(VENV)/.dev ## look dependencies up in the database of advisories (needs the internet)
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/pip-audit --local
	$(BIN)/bandit -q -ll -r contract detector edge server models datasets tapal

check: $(VENV)/.dev ## format, lint, types, import contracts, dangerous calls, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -lll -r contract detector edge server models datasets tapal
	$(BIN)/python -m tapal_contract.generate --check docs/contract

format: $(VENV)/.dev ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

contract: $(VENV)/.dev ## write JSON Schema and AsyncAPI into docs/contract
	$(BIN)/python -m tapal_contract.generate docs/contract

clean: ## remove what the build made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
