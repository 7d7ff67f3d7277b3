# make run   - sets up what it needs and builds zones/ and every example
# make test  - sets up what it needs, also BIND and PowerDNS, and runs all checks and tests
# make help  - the other targets
SHELL := /bin/bash
.DELETE_ON_ERROR:
.PHONY: run test quick lint format bench lock docs clean help servers

PYTHON ?= python3
RUN := .venv/run
DEV := .venv/dev
EXAMPLES := $(sort $(patsubst %/zones,%,$(wildcard examples/*/zones)))

run: $(RUN)/ready  ## build zones/ and examples/*/zones into build/
	@for project in . $(EXAMPLES); do \
	  out=build; [ $$project = . ] || out=build/$$project; \
	  echo "== $$project/zones"; \
	  $(RUN)/bin/python -m generator build --project $$project --out $$out --serial-by-hand || exit $$?; \
	done

test: $(DEV)/ready servers lint  ## all checks and tests
	$(DEV)/bin/python -m pytest -n auto --dist worksteal -q

quick: $(DEV)/ready  ## tests without the slow ones
	$(DEV)/bin/python -m pytest -n auto --dist worksteal -q -m "not slow"

lint: $(DEV)/ready  ## ruff, its formatter and mypy
	$(DEV)/bin/ruff check .
	$(DEV)/bin/ruff format --check
	$(DEV)/bin/mypy --no-error-summary

format: $(DEV)/ready  ## put the code in form
	$(DEV)/bin/ruff check --fix-only --quiet .
	$(DEV)/bin/ruff format

bench: $(DEV)/ready  ## speed, as ratios in one run
	$(DEV)/bin/python benchmarks/run.py

docs: $(DEV)/ready  ## regenerate schemas/declaration.schema.json and the reference pages
	$(DEV)/bin/python docs/generate.py

lock: .venv/lock/ready  ## renew requirements.lock and requirements-dev.lock
	@for target in requirements.lock: "requirements-dev.lock:--group dev --extra octodns --extra simulate"; do \
	  .venv/lock/bin/uv pip compile pyproject.toml $${target#*:} --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file $${target%%:*} || exit $$?; \
	done

clean:  ## remove build/ and the virtual environments
	rm -rf build .venv

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /\1\t/p' Makefile | sort

# Debian's python3 comes without the means to make a virtual environment.
define make-venv
	@if ! $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
	  else echo "python3 lacks ensurepip: apt-get install python3-venv" >&2; exit 1; fi; \
	fi
	@rm -rf $(1) && $(PYTHON) -m venv $(1)
endef

$(RUN)/ready: requirements.lock
	$(call make-venv,$(RUN))
	@$(RUN)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV)/ready: requirements-dev.lock pyproject.toml hatch_build.py
	$(call make-venv,$(DEV))
	@$(DEV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(DEV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/lock/ready:
	$(call make-venv,.venv/lock)
	@.venv/lock/bin/pip install --quiet --disable-pip-version-check uv
	@touch $@

# The name servers that tests talk to.  A machine that runs systemd would start them on port 53.
SERVERS := bind9 bind9-utils pdns-server pdns-backend-sqlite3
servers:
	@export PATH="$$PATH:/usr/sbin:/usr/local/sbin"; \
	command -v named >/dev/null && command -v named-checkzone >/dev/null && command -v pdns_server >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! [ -d /run/systemd/system ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SERVERS) >/dev/null; \
	else \
	  echo "missing name servers for tests: apt-get install --no-install-recommends $(SERVERS)" >&2; \
	  [ -z "$$CI" ]; \
	fi
