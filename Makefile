PYTHON ?= python3
NEWEST := .venv/newest
OLDEST := .venv/oldest
PIP_FLAGS := --quiet --disable-pip-version-check

.PHONY: help demo test bench lint clean

help:
	@echo "make demo   play linkbacks between two blogs on this machine"
	@echo "make test   check and test everything that needs no other software"
	@echo "make bench  measure how fast notices are delivered (a few minutes)"
	@echo "make clean  remove what these have made"

demo: $(NEWEST)/ready
	@$(NEWEST)/bin/python demo/demo.py

test: lint $(OLDEST)/ready
	$(NEWEST)/bin/coverage run -m pytest --ignore tests/wordpress
	$(NEWEST)/bin/coverage report
	@echo "The same with the oldest versions that setup.cfg allows:"
	$(OLDEST)/bin/python -m pytest --ignore tests/wordpress

bench: $(NEWEST)/ready
	$(NEWEST)/bin/python -m bench.delivery

lint: $(NEWEST)/ready
	$(NEWEST)/bin/ruff check
	$(NEWEST)/bin/ruff format --check
	$(NEWEST)/bin/mypy

$(NEWEST)/ready: setup.cfg pyproject.toml
	$(PYTHON) -m venv --clear $(NEWEST)
	$(NEWEST)/bin/pip install $(PIP_FLAGS) --editable '.[test]'
	@touch $@

$(OLDEST)/ready: setup.cfg pyproject.toml tests/oldest.txt
	$(PYTHON) -m venv --clear $(OLDEST)
	$(OLDEST)/bin/pip install $(PIP_FLAGS) --editable '.[test]' --constraint tests/oldest.txt
	@touch $@

clean:
	rm -rf .venv .coverage .mypy_cache .pytest_cache .ruff_cache *.egg-info build dist
