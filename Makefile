# Everything a fresh machine needs: `make demo` and `make test` set themselves up.
PYTHON ?= python3
WORKSPACE ?= .funflix
VENV := .venv
BIN := $(VENV)/bin

.PHONY: setup demo test quick-tests serve lint bench soak screenshots translations browser clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    run the whole experiment and print its significance report"
	@echo "make test    lint, types, import contracts and every test"
	@echo "make serve   browse the demo site by hand"
	@echo "make setup   only install: .venv, pinned libraries, a browser"
	@echo "make lint    ruff, mypy and import-linter alone"
	@echo "make bench   the benchmarks; each prints a table"
	@echo "make soak    the slow suites in full"
	@echo "make screenshots  the pictures of README and docs"
	@echo "make translations  bring the catalogues of words up to date, and compile them"

setup: $(VENV)/.runtime browser

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Funflix needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; name another with make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: $(BIN)/python requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/.tests: $(VENV)/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# A browser on PATH or in FUNFLIX_BROWSER; else Debian's, where we may install it; else Selenium Manager fetches one.
browser:
	@if [ -n "$$FUNFLIX_BROWSER" ]; then exit 0; fi; \
	for name in chromium-headless-shell chromium google-chrome chrome; do \
		if command -v $$name >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1; then exit 0; fi; done; \
	if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ]; then \
		echo "installing Debian's Chromium" >&2; export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq >/dev/null; \
		apt-get install -y -qq chromium chromium-driver chromium-headless-shell >/dev/null 2>&1 \
		|| apt-get install -y -qq chromium chromium-driver >/dev/null; \
	else echo "no browser with chromedriver on PATH: Selenium Manager will fetch one at the first visit" >&2; fi

demo: setup
	$(BIN)/funflix demo --workspace $(WORKSPACE)

serve: setup
	$(BIN)/funflix serve --workspace $(WORKSPACE)

lint: $(VENV)/.tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Tests that drive browsers or kill processes come last, a file at a time. They wait for most of their time, so
# three of them share two cores; of the others each takes a core, and what lint leaves free.
BROWSERS := tests/e2e tests/whole tests/simulator/engines/browser

test: setup $(VENV)/.tests
	$(MAKE) --no-print-directory --jobs=2 lint quick-tests
	$(BIN)/pytest -n $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )) --dist loadfile --durations=30 $(BROWSERS)

quick-tests: $(VENV)/.tests
	$(BIN)/pytest -n auto --dist worksteal $(BROWSERS:%=--ignore=%)

soak: setup $(VENV)/.tests
	FUNFLIX_SOAK=full $(BIN)/pytest -m soak

bench: setup
	@for script in benchmarks/*.py; do \
		case $$script in benchmarks/_*) continue;; esac; \
		echo; echo "== $$script"; $(BIN)/python $$script || exit 1; done

screenshots: setup
	$(BIN)/python docs/images/make.py

# Takes the words out of sources and templates, merges them into every catalogue, and compiles these.
CATALOGUES := website/translations
translations: setup
	$(BIN)/pybabel -q extract -F pyproject.toml -k marked -o $(VENV)/words.pot --no-location --sort-output --no-wrap .
	$(BIN)/pybabel -q update -i $(VENV)/words.pot -d $(CATALOGUES) --no-fuzzy-matching --no-wrap \
		--ignore-obsolete --ignore-pot-creation-date
	$(BIN)/pybabel -q compile -d $(CATALOGUES)

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
