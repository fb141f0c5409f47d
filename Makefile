# Everything a person does with this repository, one word each; `make` alone lists them.
#
# Needs Python 3.11 or newer and GNU make. The environment lives in .venv and is made once: a stamp
# file in it is older than requirements*.txt only after those changed. PYTHON chooses the
# interpreter (make run PYTHON=/opt/python3.12/bin/python3), ARGS adds arguments for run and test.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
PYTEST_WORKERS ?= 2

# The first of these that is new enough; asked only when there is no .venv yet.
CANDIDATES := python3.11 python3.12 python3.13 python3 python
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	"$$p" -c '$(IS_NEW_ENOUGH)' 2>/dev/null && echo "$$p" && break; done)
PIP_INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --prefer-binary

.DEFAULT_GOAL := help
.PHONY: help run demo setup test fuzz kill lint fix clean

help:  ## list what there is
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

run: $(VENV)/.stamp-run  ## start Reelseek on http://127.0.0.1:8501
	$(BIN)/python -m streamlit run app.py $(ARGS)

demo: $(VENV)/.stamp-run  ## start it on a small drawn library, with the small model from tests/
	$(BIN)/python -m tests.demo $(ARGS)

setup: $(VENV)/.stamp-run  ## make the environment, nothing else

test: lint  ## lint, then every test that can run on this machine
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadscope $(ARGS)

fuzz: $(VENV)/.stamp-dev  ## ten minutes of random queries and bytes, 200 killed writers, 500 damaged videos
	$(BIN)/python -m tests.fuzz --minutes 10 $(ARGS)
	@seed=$${KILL_SEED:-$$($(BIN)/python -c 'import random; print(random.randrange(2**32))')}; \
	echo "KILL_SEED=$$seed"; \
	KILL_ROUNDS=200 KILL_SEED=$$seed $(BIN)/python -m pytest tests/engine/test_kill.py
	REELSEEK_MUTATIONS=500 $(BIN)/python -m pytest tests/media/test_hostile.py

kill: $(VENV)/.stamp-dev  ## an hour or two: `add`, a worker and the app killed 50 times each, a database long away
	REELSEEK_KILLS=50 REELSEEK_KILL_VIDEOS=20 REELSEEK_AWAY_S=22 $(BIN)/python -m pytest -s \
		tests/ingest/test_kill.py tests/ingest/test_kill_app.py tests/ingest/test_trouble.py $(ARGS)

lint: $(VENV)/.stamp-dev  ## style, types and the arrows between the rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.stamp-dev  ## repair what can be repaired by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:  ## remove what was made here: the environment, the demo library, the caches
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The interpreter is a link: if the Python it points at is gone, the environment is made again.
$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Reelseek needs Python 3.11 or newer, and none of" \
		"$(CANDIDATES) is one. Install it, or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -c '$(IS_NEW_ENOUGH)' || { echo "PYTHON=$(PYTHON) is not Python 3.11 or newer." >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)

$(VENV)/.stamp-run: requirements.txt | $(BIN)/python
	@echo "Installing what Reelseek needs (the first time takes some minutes) ..."
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(VENV)/.stamp-dev: requirements-dev.txt $(VENV)/.stamp-run
	$(PIP_INSTALL) -r requirements.txt -r requirements-dev.txt
	@touch $@
