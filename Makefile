# Everything happens in .venv/ and .postgres/, which the first targets make.
# Recipes end in `exec`: a signal to the recipe is a signal to the program.

.PHONY: help run test install psql openapi lock clean
.DELETE_ON_ERROR:

BIN := .venv/bin
INSTALLED := .venv/installed

help:
	@echo 'make run      serve on http://localhost:8080 (PORT=… and DATABASE_URL=… override); Ctrl-C ends all of it'
	@echo 'make test     lint, types and every test'
	@echo 'make psql     reports in psql, on the database of make run (LOGIN=superbill_owner for its owner)'
	@echo 'make openapi  write openapi/openapi.json anew'
	@echo 'make install  the virtual environment; the other targets do it too'
	@echo 'make lock     pin the newest versions that pyproject.toml allows'
	@echo 'make clean    remove what was built, but never the data in .postgres/'

run: $(INSTALLED)
	@exec $(BIN)/python -m api run

test: $(INSTALLED)
	@exec $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

psql: $(INSTALLED)
	@exec $(BIN)/python -m api psql

openapi: $(INSTALLED)
	@$(BIN)/superbill openapi > openapi/new && mv openapi/new openapi/openapi.json || { rm -f openapi/new; exit 1; }

install: $(INSTALLED)

# pip runs under a umask that lets Postgres, which for root is another user, read its own programs.
$(INSTALLED): requirements-dev.txt pyproject.toml
	@umask 022; set -e; \
	for python in python3 python3.13 python3.12 python3.11 ''; do \
		test -n "$$python" || { \
			echo 'Superbill needs Python 3.11 or newer with its venv module' >&2; \
			echo '(on Debian and Ubuntu: apt-get install python3-venv)' >&2; \
			exit 1; }; \
		$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	test -x $(BIN)/python || $$python -m venv .venv; \
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r requirements-dev.txt; \
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .; \
	touch $@

# Flask comes with the Swagger UI files, and is not needed to serve them; setuptools, which Sanic asks for, is not used.
UNUSED := flask werkzeug jinja2 itsdangerous blinker click markupsafe setuptools
COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-header -q pyproject.toml

lock: $(INSTALLED)
	$(COMPILE) $(UNUSED:%=--no-emit-package %) -o requirements.txt
	$(COMPILE) --extra dev -o requirements-dev.txt

clean:
	rm -rf .venv build *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find api tests -name __pycache__ -prune -exec rm -rf {} +
