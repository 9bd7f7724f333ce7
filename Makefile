PYTHON ?= python3
NEWEST := .venv/newest
OLDEST := .venv/oldest
# These need other software; .ci/run installs it.
LEFT_OUT := $(addprefix --ignore=tests/,wordpress webservers postgresql browser)
WORKERS ?= 2
# What stands in one file shares what takes long to set up.
TESTS := --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder $(LEFT_OUT)
PIP_FLAGS := --quiet --disable-pip-version-check

.PHONY: help demo test bench lint clean

help:
	@echo "make demo   play a conversation between blogs on this machine"
	@echo "make test   check and test everything that needs no other software"
	@echo "make bench  measure deliveries, builds, displays and receptions (some minutes)"
	@echo "make clean  remove what these have made"

demo: $(NEWEST)/ready
	@$(NEWEST)/bin/python -m demo

# Both at once: they wait for servers and processes more than they compute.
test: lint $(OLDEST)/ready
	@LINKBACKS_TEST_KILLS=10 $(OLDEST)/bin/python -m pytest -p no:cacheprovider $(TESTS) >.venv/oldest.log 2>&1 & oldest=$$!; \
	$(NEWEST)/bin/python -m pytest --cov $(TESTS); newest=$$?; \
	echo "The same with the oldest versions that setup.cfg allows:"; \
	wait $$oldest; oldest=$$?; cat .venv/oldest.log; \
	exit $$((newest || oldest))

bench: $(NEWEST)/ready
	$(NEWEST)/bin/python -m bench.delivery
	$(NEWEST)/bin/python -m bench.builds
	$(NEWEST)/bin/python -m bench.showing
	$(NEWEST)/bin/python -m bench.reception

lint: $(NEWEST)/ready
	$(NEWEST)/bin/ruff check
	$(NEWEST)/bin/ruff format --check
	$(NEWEST)/bin/mypy

$(NEWEST)/ready: setup.cfg pyproject.toml tests/themes.txt
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/pip install $(PIP_FLAGS) --editable '.[test]' --requirement tests/themes.txt
	@touch $@

$(OLDEST)/ready: setup.cfg pyproject.toml tests/oldest.txt
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/pip install $(PIP_FLAGS) --editable '.[test]' --constraint tests/oldest.txt
	@touch $@

clean:
	rm -rf .venv .coverage .mypy_cache .pytest_cache .ruff_cache *.egg-info build dist
