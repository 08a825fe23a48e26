# `make run` opens the app, `make test` checks everything; both install what they need into .venv first.
PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

define FREE_PORT
import socket
for port in range($(PORT), $(PORT) + 50):
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)):
            print(port)
            break
endef
export FREE_PORT

# A browser or a server on a busy machine may miss a deadline once: what failed is tried once more, by itself, and named.
define AGAIN
{ $(BIN)/python -m pytest $(1) --last-failed --last-failed-no-failures none -rfEp && \
	  echo "WARNING: the tests named PASSED above failed first, and passed only at the second try."; }
endef

.PHONY: run worker test format lint types fast js e2e browser bench

run: .venv/installed
	@port=$$($(BIN)/python -c "$$FREE_PORT"); \
	[ "$$port" = "$(PORT)" ] || echo "Port $(PORT) is in use, so this one runs on $$port."; \
	echo "The playground is at http://127.0.0.1:$$port (stop it with Ctrl+C)"; \
	exec $(BIN)/python -m streamlit run app.py --server.port $$port

# Requests the items of jobs, beside the apps that share DATABASE_URL, with the API key of its own environment.
worker: .venv/installed
	exec $(BIN)/python -m core.worker

test: lint types fast e2e

lint: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/oxlint
	$(BIN)/lint-imports --no-cache

types: .venv/installed-dev
	$(BIN)/mypy

fast: .venv/installed-dev js
	@$(BIN)/python -m pytest -n auto tests/unit tests/sandbox tests/app || $(call AGAIN,tests/unit tests/sandbox tests/app)

js: .venv/installed-dev
	$(BIN)/python -m tests.js

e2e: .venv/installed-dev browser
	@$(BIN)/python -m pytest -n 2 tests/e2e || $(call AGAIN,tests/e2e)

format: .venv/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/installed-dev browser
	$(BIN)/python -m bench

# Chromium: the one on PATH, else Debian's when root, else Playwright's own.
browser: .venv/installed-dev
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update --quiet && apt-get install --quiet --yes chromium; } || \
	$(BIN)/python -m playwright install chromium

.venv/created:
	@$(PYTHON) -m venv .venv 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update --quiet && apt-get install --quiet --yes python3-venv && $(PYTHON) -m venv .venv; }
	@touch $@

.venv/installed: .venv/created requirements.txt constraints.txt
	$(PIP) -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	@touch $@
