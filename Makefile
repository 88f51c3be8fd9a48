# Everything happens in .venv/ and .postgres/, which the first targets make.
# Recipes end in `exec`: a signal to the recipe is a signal to the program.

.PHONY: help run test test-long install psql openapi lock clean registry push predeploy deploy test-cluster bench bench-check bench-growth
.DELETE_ON_ERROR:

BIN := .venv/bin
INSTALLED := .venv/installed

help:
	@echo 'make run      serve on http://localhost:8080 (PORT=… and DATABASE_URL=… override); Ctrl-C ends all of it'
	@echo 'make test     lint, types and every test; make test-long, those that take minutes'
	@echo 'make psql     reports in psql, on the database of make run (LOGIN=superbill_owner for its owner)'
	@echo 'make bench    the benchmark, beside peers: a table; make bench-growth, how cost grows with the rows'
	@echo 'make bench-check  beside the branch main: fails if a request costs over a tenth more'
	@echo 'make openapi  write openapi/openapi.json anew'
	@echo 'make install  the virtual environment; the other targets do it too'
	@echo 'make deploy   build the image, push it, and bring the whole stack into the cluster that kubectl talks to'
	@echo 'make lock     pin the newest versions that pyproject.toml allows'
	@echo 'make clean    remove what was built, but never the data in .postgres/'

run: $(INSTALLED)
	@exec $(BIN)/python -m api run

test: $(INSTALLED)
	@exec $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

test-long: $(INSTALLED)
	@exec $(BIN)/python -m pytest --no-cov --override-ini timeout=3600 -m long

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
# httpie asks for pip; jsonschema loads the others wherever they are, which takes it a second at each start.
HEAVY := pip rfc3987-syntax lark
COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-header -q pyproject.toml

lock: $(INSTALLED)
	$(COMPILE) $(UNUSED:%=--no-emit-package %) -o requirements.txt
	$(COMPILE) --extra dev $(HEAVY:%=--no-emit-package %) -o requirements-dev.txt
	echo cyclonedx-bom | $(COMPILE:pyproject.toml=-) --constraint requirements-dev.txt -o .ci/sbom/requirements.txt

# Beside its peers, in under five minutes; needs wrk, and says so.
bench: $(INSTALLED)
	@exec $(BIN)/python -m tests.benchmark

# This tree beside the branch main (or WITH=…), in under two minutes: fails if a request costs over a tenth more.
WITH ?= main
bench-check: $(INSTALLED)
	@exec $(BIN)/python -m tests.benchmark.comparison --with '$(WITH)'

bench-growth: $(INSTALLED)
	@exec $(BIN)/python -m tests.benchmark.growth

# On a cluster: the one of KUBECONFIG, in ENVIRONMENT (default, kind, production; helmfile.yaml).
ENVIRONMENT ?= default
IMAGE ?= localhost:5000/superbill
DOCKER ?= docker
BUILD ?= $(DOCKER) build
# A command that brings the image it is given to the nodes, where no registry does: LOAD='kind load docker-image'
LOAD ?=
HELMFILE := helmfile --environment $(ENVIRONMENT)

registry:
	@up='curl --silent --fail --output /dev/null http://localhost:5000/v2/'; \
	case '$(IMAGE)' in (localhost:5000/*) $$up || { \
		$(DOCKER) start superbill-registry 2>/dev/null || \
		$(DOCKER) run --detach --restart unless-stopped --name superbill-registry --publish 127.0.0.1:5000:5000 registry:3; \
		$$up --retry 30 --retry-delay 1 --retry-all-errors; }; \
	esac

# The tag is the content's own, so that what has not changed is not deployed again; helmfile reads it from the file.
push: $(if $(LOAD),,registry)
	@set -e; \
	id=$$(DOCKER_BUILDKIT=1 $(BUILD) --quiet .); \
	tag=$$(printf '%s' "$${id#sha256:}" | cut -c 1-12); \
	$(DOCKER) tag "$$id" '$(IMAGE)':"$$tag"; \
	$(or $(LOAD),$(DOCKER) push --quiet) '$(IMAGE)':"$$tag"; \
	printf 'superbill: {image: {repository: %s, tag: "%s"}}\n' '$(IMAGE)' "$$tag" > charts/values/image.yaml; \
	cat charts/values/image.yaml

predeploy:
	@$(HELMFILE) --allow-no-matching-release --selector name=ingress-nginx apply

deploy: push predeploy
	@exec $(HELMFILE) apply

test-cluster: $(INSTALLED)
	@exec $(BIN)/python -m pytest --no-cov --override-ini timeout=1800 --verbose --exitfirst tests/cluster

clean:
	rm -rf .venv .tools .bench build *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find api tests -name __pycache__ -prune -exec rm -rf {} +
