# Every target does the set-up it needs: on a fresh machine `make serve` and `make test` just work.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.installed-bench
ROOMS  := protocol smalltalk storage actors terminal
ALL_PYTHONS := 3.11 3.12 3.13
SERVE_FLAGS ?=
CAMPAIGN := --timeout 10800 -o faulthandler_timeout=0
CRASH_ROUNDS ?= 200
FUZZ_ROUNDS ?= 20
SOAK_MINUTES ?= 30

.PHONY: help setup serve console demo test test-all format lint types imports tests bench docs walk crash fuzz soak clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)  ## make .venv with everything the other targets need

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "STUI Server needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is another. Name one: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

serve: $(STAMP)  ## run the server on tcp://127.0.0.1:5555, data in ./sessions (flags: SERVE_FLAGS)
	$(BIN)/stui-server serve $(SERVE_FLAGS)

console: $(STAMP)  ## open the line console on the local server
	$(BIN)/stui-console

demo: $(STAMP)  ## play the demo: a client, a real server, SIGKILL in the middle
	$(BIN)/python -m terminal.demo

test: format lint types imports tests  ## format, lint, types, import rules, tests

format: $(STAMP)
	$(BIN)/ruff format --check .

lint: $(STAMP)
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports
	$(BIN)/lint-imports --config floors.toml

tests: $(STAMP)
	$(BIN)/pytest -n 2 --dist loadgroup

test-all: $(STAMP)  ## the tests on every Python from 3.11 to 3.13 that is on this machine
	@for version in $(ALL_PYTHONS); do \
	  found=; \
	  for python in python$$version $$HOME/.pyenv/versions/$$version.*/bin/python; do \
	    $$python -c '' 2>/dev/null && { found=$$python; break; }; \
	  done; \
	  if [ -z "$$found" ]; then echo "python$$version is not here: skipped"; continue; fi; \
	  $(MAKE) --no-print-directory tests VENV=.venvs/$$version PYTHON=$$found || exit 1; \
	done

$(BENCH_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@touch $@

bench: $(BENCH_STAMP)  ## measure, each figure beside its reference: bench/results/, docs/performance.md
	$(BIN)/python -m bench.run

docs: $(STAMP)  ## generate the pages that come from tables in the code
	$(BIN)/python -m protocol.reference > docs/protocol.md
	$(BIN)/python -m actors.commands.config > docs/configuration.md
	$(BIN)/python -m terminal.reference > docs/console.md

walk: $(STAMP)  ## record the walk through the debugger anew
	$(BIN)/python -m tests.terminal.walk > docs/debugger-walk.md

crash: $(STAMP)  ## the crash campaign: CRASH_ROUNDS rounds of SIGKILL under load, of the server and of its workers; rolling restarts; power losses of files
	STUI_CRASH_ROUNDS=$(CRASH_ROUNDS) $(BIN)/pytest -m campaign tests/system tests/storage tests/actors -q -s $(CAMPAIGN)

fuzz: $(STAMP)  ## the fuzzing campaign: FUZZ_ROUNDS rounds of every property, each by a seed of its own; all suspensions
	@for round in $$(seq $(FUZZ_ROUNDS)); do \
	  seed=$$(od -An -N4 -tu4 /dev/urandom | tr -d ' '); echo "round $$round: --hypothesis-seed=$$seed"; \
	  $(BIN)/pytest tests -m hypothesis -q --hypothesis-seed=$$seed $(CAMPAIGN) || exit 1; \
	done
	STUI_SUSPENSION_PERCENT=100 $(BIN)/pytest tests/smalltalk/suspension -q $(CAMPAIGN)

soak: $(STAMP)  ## SOAK_MINUTES of mixed load with kills on a real server
	$(BIN)/python -m bench.soak --minutes $(SOAK_MINUTES)

clean:  ## remove what the targets made (never ./sessions)
	rm -rf $(VENV) .venvs .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
