# Two commands: `make run` and `make test`. Needs Python 3.11+ and nothing else.
PYTHON ?= python3
PYTHON312 ?= python3.12
BIN := .venv/bin
DATA ?= data

.PHONY: run test lint format focus-validate screenshots clean distclean lock
.DEFAULT_GOAL := run

run: .venv/ready
	@test -d $(DATA)/inputs || $(BIN)/meterhouse simulate --data $(DATA)
	@$(BIN)/meterhouse run --data $(DATA)

test: .venv/ready lint
	@$(BIN)/pytest --numprocesses 2 --dist loadfile --ignore tests/end_to_end
	@$(BIN)/pytest tests/end_to_end

lint: .venv/ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sqlfmt --check --quiet dbt_project
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar dbt_project

format: .venv/ready
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfmt --quiet dbt_project

# The FinOps Foundation's validator on FOCUS 1.2; it needs Python 3.12 and older packages than ours.
focus-validate: .venv/ready .venv/focus-validator/ready
	@FOCUS_VALIDATOR_PYTHON=.venv/focus-validator/bin/python $(BIN)/pytest tests/exports/test_focus_official.py

.venv/focus-validator/ready: tests/exports/official_validator.txt
	@$(PYTHON312) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 12) and "focus-validator needs Python 3.12: make focus-validate PYTHON312=python3.12")'
	@$(PYTHON312) -m venv .venv/focus-validator
	@.venv/focus-validator/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

# What a run made. The environment stays; `make distclean` removes that too.
clean:
	@rm -rf $(addprefix $(DATA)/,inputs ledgers mappings sources.toml landing quality forecasts warehouse published state)
	@rm -rf dbt_project/target dbt_project/logs logs .pytest_cache .mypy_cache .ruff_cache .hypothesis

distclean: clean
	@rm -rf .venv *.egg-info

# Every package and hash is in requirements.lock; --no-deps keeps the resolver, and so any surprise, out.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Meterhouse needs Python 3.11 or newer: make PYTHON=python3.11")'
	@echo "Setting up .venv from requirements.lock (about a minute, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

# Maintainers only: resolves anew. No registry host enters the file.
lock:
	uv pip compile --quiet --universal --python-version 3.11 pyproject.toml --group dev --generate-hashes \
		--no-emit-index-url --no-header --no-annotate -o requirements.lock

# Maintainers only: the pictures of README and docs, of the company in $(DATA), with Chromium.
screenshots: .venv/ready
	@$(BIN)/python docs/images/screenshots.py $(DATA)
