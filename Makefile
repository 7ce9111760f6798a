# Every path below is relative: the checkout's own may have spaces in it, which make cannot bear.

PYTHON ?= python3
VENV := .venv/bin/python
PIP := $(VENV) -m pip --quiet --disable-pip-version-check
UV_COMPILE = pip compile --quiet --extra server --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make requirements"

# Tests are compiled once and not by each process, whatever the surroundings say.
unexport PYTHONDONTWRITEBYTECODE

AT_ONCE := --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: help scripts up quick test test-all fuzz faults soak benchmark mutations check lint types imports \
	migrations schema docs format requirements audit

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*##/make \1\t/p' Makefile | expand -t 20

up: .venv/.product  ## run everything until Ctrl-C
	@exec $(VENV) manage.py up

quick: .venv/.tests  ## run within a minute, after each edit, what trains little and starts no server
	@$(VENV) -m pytest -m "not (long or slow or cluster or browser)" --numprocesses 2 \
		--dist loadfile --no-loadscope-reorder --ignore=tests/faults --ignore=tests/fuzz \
		--ignore=tests/soak --ignore-glob='*/test_browser_*' --ignore=tests/test_readme.py

test: .venv/.tests  ## run the suite against a real Postgres, but for what is long by nature
	@$(VENV) -m pytest -m "not long" $(AT_ONCE)

test-all: .venv/.tests  ## run all tests, those too that are long by nature
	@$(VENV) -m pytest $(AT_ONCE)

fuzz: .venv/.tests  ## try many ten thousand bad inputs and print the account; takes long
	@EXOPLANET_FUZZ=full $(VENV) -m pytest -m fuzz

faults: .venv/.tests  ## inject every fault and print the table of what became of them
	@$(VENV) -m pytest -m fault

HOSTS := 1
soak: .venv/.tests  ## many sessions while processes are killed; ten minutes. HOSTS=3: cables are pulled too; as root
	@$(VENV) -m tests.soak --hosts $(HOSTS)

benchmark: .venv/.tests  ## measure the server's speed as ratios, against their bars; ten minutes
	@$(VENV) -m tests.benchmarks

mutations: .venv/.tests  ## break what matters in a copy of the source; a test has to fail on each
	@$(VENV) -m tests.mutations

check: lint types imports migrations schema docs  ## format, lint, types, direction of imports, migrations, API schema, documentation

lint: .venv/.tests
	@$(VENV) -m ruff format --check .
	@$(VENV) -m ruff check .

types: .venv/.tests
	@$(VENV) -m mypy

imports: .venv/.tests
	@.venv/bin/lint-imports

migrations: .venv/.tests
	@$(VENV) manage.py makemigrations --check --dry-run

schema: .venv/.tests
	@$(VENV) manage.py spectacular --validate --fail-on-warn --file /dev/null

docs: .venv/.tests  ## build the documentation, where a warning is an error
	@$(VENV) -m sphinx --fail-on-warning --keep-going --quiet --builder html docs docs/_build

format: .venv/.tests  ## bring the code into shape
	@$(VENV) -m ruff format .
	@$(VENV) -m ruff check --fix .

# The newest pip-audit, unpinned: it stays in a folder of its own, and should know all of today.
audit: .venv/.tests  ## ask whether a pinned package has a known weakness; needs a network
	@$(PIP) check
	@tools="$$(mktemp -d)" && trap 'rm -rf "$$tools"' EXIT && \
	"$(PYTHON)" -m venv "$$tools" && \
	"$$tools/bin/python" -m pip --quiet --disable-pip-version-check install pip-audit && \
	"$$tools/bin/pip-audit" --strict --require-hashes --disable-pip \
		--requirement requirements.txt --requirement tests/requirements.txt

VENDORED := sessions_app/static/vendored

# Under the content policy nothing is loaded from elsewhere.
scripts:  ## bundle the pages' scripts from the packages that they are from; needs Node.js
	@tools="$$(mktemp -d)" && trap 'rm -rf "$$tools"' EXIT && to="$$PWD/$(VENDORED)" && \
	cp $(VENDORED)/package.json $(VENDORED)/*js "$$tools" && cd "$$tools" && \
	npm install --silent --no-audit --no-fund && node build.mjs "$$to" && cd "$$to" && \
	sha256sum build.mjs index.js swagger.js package.json LICENCES.txt *.min.* > SHA256SUMS

requirements:  ## pin again what pyproject.toml asks for
	@tools="$$(mktemp -d)" && trap 'rm -rf "$$tools"' EXIT && \
	"$(PYTHON)" -m venv "$$tools" && \
	"$$tools/bin/python" -m pip --quiet --disable-pip-version-check install uv && \
	"$$tools/bin/uv" $(UV_COMPILE) pyproject.toml --output-file requirements.txt && \
	"$$tools/bin/uv" $(UV_COMPILE) pyproject.toml --group dev --constraint requirements.txt \
		--output-file tests/requirements.txt

# A virtual environment whose Python works is kept, whoever made it.
define virtual_environment
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Python 3.11 or newer is needed: name one, as in "make up PYTHON=python3.12".' >&2; \
		exit 1; }
	@$(VENV) -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv || { \
		echo 'The virtual environment cannot be made: does this Python have its venv module?' >&2; \
		exit 1; }
endef

# uv takes half of pip's time for the same files, which both know by their hashes; where it cannot
# be had or fails, pip installs them. What cannot be compiled no one imports.
define install
	@tools="$$(mktemp -d)" && trap 'rm -rf "$$tools"' EXIT && \
	{ $(PIP) install --target "$$tools" uv 2>/dev/null && \
	"$$tools/bin/uv" pip install --no-config --quiet --no-cache --compile-bytecode --require-hashes \
		--python $(VENV) --requirement $(1) 2>/dev/null || \
	{ $(PIP) install --no-compile --requirement $(1) && \
	{ $(VENV) -m compileall -qq --workers 0 .venv/lib >/dev/null 2>&1 || true; }; }; }
endef

.venv/.product: requirements.txt
	$(virtual_environment)
	@echo 'Installing what the project needs; the first time takes a few minutes.'
	$(call install,requirements.txt)
	@touch $@

# What the tests need holds what the project needs, at the same versions.
.venv/.tests: requirements.txt tests/requirements.txt
	$(virtual_environment)
	@echo 'Installing what the tests need; the first time takes a few minutes.'
	$(call install,tests/requirements.txt)
	@touch .venv/.product $@
