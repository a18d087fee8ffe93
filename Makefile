# make demo   set everything up, make the runbook of this project's own release, open it live
# make practice  the same for a project with a batch over three SQLite databases, in a new folder
# make check  set everything up, run the checks and the tests without browsers and databases: for every round, minutes
# make test   set everything up, run every check and every test; of the long faults a sample
# make newer  the tests of the Django app on a newer Python and Django: NEWER_PYTHON=python3.13, 3.12 by default
# make faults set everything up, run the tests of faults whole: every kill, every freeze, every long lock

PYTHON ?= python3.11
NEWER_PYTHON ?= $(firstword $(wildcard $(HOME)/.pyenv/versions/3.12*/bin/python) python3.12)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --numprocesses 3 --dist worksteal

.PHONY: demo practice check test newer faults lint docs screenshot benchmark clean

# Their journals are files, which instantiate refuses in CI: they deploy nothing.
demo practice screenshot benchmark: export CI = false

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

demo: .venv/installed
	$(BIN)/nbrunbook status demo/0.1.0 >/dev/null 2>&1 || $(BIN)/nbrunbook instantiate templates/0.1.0.ipynb -e demo
	$(BIN)/nbrunbook work demo/0.1.0

practice: .venv/installed
	$(BIN)/python scripts/practice.py

check: .venv/installed lint
	$(PYTEST) -m "not system and not database"

test: .venv/installed lint
	sh scripts/ensure-chromium
	sh scripts/ensure-pgbouncer
	$(PYTEST) -m "not whole" --durations 15

faults: .venv/installed
	sh scripts/ensure-chromium
	sh scripts/ensure-pgbouncer
	$(PYTEST) -m faults --durations 15

.venv-newer/installed: pyproject.toml
	$(NEWER_PYTHON) -m venv .venv-newer
	.venv-newer/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[ci,django,postgres]' 'django>=6' \
		gunicorn psycopg2-binary pytest pytest-django uvicorn
	touch $@

newer: .venv/installed .venv-newer/installed
	NBRUNBOOK_HOST_PYTHON=$(CURDIR)/.venv-newer/bin/python $(PYTEST) tests/django -m "not whole"

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/biome check --error-on-warnings
	$(BIN)/nbrunbook lint

docs: .venv/installed
	$(BIN)/python scripts/write_commands.py

screenshot: .venv/installed
	sh scripts/ensure-chromium
	$(BIN)/python scripts/screenshots.py

benchmark: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[benchmark]'
	$(BIN)/python benchmarks/run.py $(TOPICS)

clean:
	rm -rf .venv .venv-newer .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
