# Each target sets up what it needs; `make run` and `make test` are all that a fresh machine needs.

SHELL := /bin/bash
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin
TOOLS := .runs/tools
LAUNCH = $(BIN)/python -c "$$(printf '%s\n' \
	'from playwright.sync_api import sync_playwright' \
	'from core.base.chromium import executable' \
	'with sync_playwright() as started:' \
	'    started.chromium.launch(executable_path=executable(), args=["--no-sandbox"])')"

.PHONY: help setup run test lint browser readme lock audit

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/ready  ## make .venv with everything (about 6 GB, one to five minutes)

.venv/ready: requirements.lock
	@$(PYTHON) -c '$(SUPPORTED)' 2>/dev/null \
	|| { echo "LossLens needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is none of them."; exit 1; }
	@echo "Setting up .venv: about 6 GB of packages, one to five minutes."
	@$(PYTHON) -m venv .venv \
	|| { echo "Python's venv module is not complete: on Debian, install python3-venv."; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements.lock
	@touch $@

run: setup  ## start the dashboard and open it in a browser; SET=folder opens your results in it
	$(if $(SET),$(BIN)/python -m core.open $(SET),$(BIN)/streamlit run app.py)

browser: setup  # a Chromium that starts: the system's, or one that can be installed
	@$(LAUNCH) 2>/dev/null \
	|| { echo "Installing Chromium for the tests."; \
	     [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	     && apt-get update -qq >/dev/null && { apt-get install -y -qq chromium-headless-shell \
	       || apt-get install -y -qq chromium; } >/dev/null 2>&1 \
	     || $(BIN)/playwright install chromium; \
	     $(LAUNCH) 2>/dev/null; } \
	|| { echo "The browser tests need a Chromium that starts: install 'chromium'."; exit 1; }

test: setup browser  ## run every test, the ones in a real browser too
	@# On two cores: fewer would wait for browsers. What one process compiles, others need not.
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 4 --dist worksteal

lint: setup  ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@if command -v npm >/dev/null && $(MAKE) -s node_modules/.package-lock.json; \
	then npm run --silent lint; \
	else echo "The JavaScript was not checked: that needs Node.js and its packages."; fi

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --silent
	@touch $@

readme: setup  ## write the tables in docs/ again from tables, cards and results
	$(BIN)/python -m core.readme

# Tools that only look at the list of packages have packages of their own.
$(TOOLS)/ready:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check uv==0.13.8 pip-audit==2.10.1
	@touch $@

lock: $(TOOLS)/ready  ## pin every package that requirements.txt brings in, in requirements.lock
	$(TOOLS)/bin/uv pip compile requirements.txt --output-file requirements.lock --quiet \
		--universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
		--custom-compile-command "make lock"

audit: $(TOOLS)/ready  ## report known vulnerabilities of the pinned packages
	@$(TOOLS)/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip \
		--progress-spinner off --format json 2>/dev/null | $(PYTHON) .ci/audit.py
