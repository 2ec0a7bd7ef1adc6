.DEFAULT_GOAL := help
.PHONY: help setup run explore test lint bench lock clean

PY := .venv/bin/python
LUMBUNG := .venv/bin/lumbung

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed ## .venv with the locked versions and the project

.venv/.installed: requirements.lock pyproject.toml scripts/setup.sh
	@scripts/setup.sh

run: setup ## ingest data/raw, print what it found and one comparison across agencies
	$(LUMBUNG) ingest data/raw
	@echo
	$(LUMBUNG) compare 'X.XX.01.*.06' --year 2024
	@echo
	@echo 'make explore opens all of it in a browser; docs/tutorials go on from here'

explore: setup ## the store in a browser (make run fills it)
	$(LUMBUNG) explore

lint: setup ## ruff and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

test: lint ## ruff, mypy and all tests
	$(PY) -m pytest -q -rs

bench: setup ## the short benchmarks: speed beside other engines; the samples drawn with fewer rules
	$(PY) benchmarks/speed.py
	$(PY) -m benchmarks.metamorphic data/raw --changes "no vertical,open rows,shifted"

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	printf 'setuptools>=77\n' | uv pip compile pyproject.toml - --all-extras --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock

clean: ## remove .venv and caches; data stays
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
