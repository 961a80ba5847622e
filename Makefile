# Each target sets up what it needs; `make run` and `make test` are all that a fresh machine needs.

SHELL := /bin/bash
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(SUPPORTED)' 2>/dev/null && echo $$python && break; done)
BIN := .venv/bin

.PHONY: help setup run test lint browser readme

help:  ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/ready  ## make .venv with everything (about 6 GB, one to five minutes)

.venv/ready: requirements.txt
	@test -n "$(PYTHON)" || { echo "LossLens needs Python 3.11, 3.12 or 3.13; none was found."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

run: setup  ## start the dashboard and open it in a browser
	$(BIN)/streamlit run app.py

browser: setup  # a Chromium for the tests: the system's, or one that can be installed
	@command -v chromium >/dev/null || $(BIN)/playwright install chromium >/dev/null 2>&1 \
	|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	     && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
	|| { echo "The browser tests need Chromium: install it so that 'chromium' is found."; exit 1; }

test: setup browser  ## run every test, the ones in a real browser too
	$(BIN)/python -m pytest

lint: setup  ## check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

readme: setup  ## write the README's tables again from tables and cards
	$(BIN)/python -m core.readme
