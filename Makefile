# What can be done with casereader from a bare clone: Python 3.11 or newer and make are all it needs.
SHELL = /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# What Python compiled once it keeps: three workers and the programs that tests start read the same modules.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help install install-production run test lint test-all mutation security faults bench bench-frames bench-tables \
	bench-growth bench-web bench-sequential lock sbom docs wheel clean programs python

VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/python -m flask --app app
MUTATION := $(abspath $(VENV)/mutation)
ENGINES := $(abspath $(VENV)/engines)
ACRO := $(abspath $(VENV)/acro)
SCANNERS_KNOWN := bandit semgrep detect-secrets sqlmap wapiti schemathesis atheris
COMMA := ,
# One more than there are processors: a test that waits for Chromium leaves its processor to another.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1) + 1)))
CHOSEN := $(if $(SCANNERS),$(filter $(SCANNERS_KNOWN),$(subst $(COMMA), ,$(SCANNERS))),$(SCANNERS_KNOWN))
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
NEWEST_FIRST := python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(shell for name in python3 $(NEWEST_FIRST); do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$name" && break; done)

help: ## List these
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ To use it

install: $(VENV)/.installed ## Set up the program for real work: no data are made

install-production: $(VENV)/.installed-production ## Set up the program for real work on Linux with gunicorn (docs/deployment.md)

run: $(VENV)/.installed ## Set up what is missing, then serve the demo on http://127.0.0.1:8000 (PORT changes that)
	@exec $(FLASK) demo serve

##@ To change it (CONTRIBUTING.md)

test: programs $(VENV)/.installed-dev ## Run the tests on SQLite, PostgreSQL and Chromium (five minutes on two cores; with LONG=1 the long ones too, 15)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --durations=10 $(if $(LONG),,--everyday) $(PYTEST_OPTIONS)

lint: $(VENV)/.installed-dev ## Check style (ruff) and types (mypy, strict)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

test-all: PROGRAMS := chromium postgresql compiler java nginx age
test-all: programs $(VENV)/.installed-engines $(VENV)/.installed-acro ## Run the tests with the slow ones, Spark, Ibis and ACRO, then mutation testing
	@PYTHONPATH=$(ENGINES) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "" --hypothesis-profile=thorough $(PYTEST_OPTIONS)
	@$(MAKE) --no-print-directory mutation

mutation: $(VENV)/.installed-mutation ## Change allocation, draw and estimation in small ways, and count what the tests notice
	@PYTHONPATH=$(MUTATION) $(BIN)/python -m tests.mutation $(MUTATION_OPTIONS)

security: $(VENV)/.installed-dev $(CHOSEN:%=$(VENV)/scanners/%/.installed) ## Run every scanner, each beside flaws planted for it to find (SCANNERS=bandit,semgrep runs some)
	@$(BIN)/python -m tests.security $(if $(SCANNERS),--scanners $(SCANNERS)) --report $(VENV)/scanners/report.txt $(SECURITY_OPTIONS)

faults: PROGRAMS := postgresql faketime compiler
faults: programs $(VENV)/.installed-dev ## Kill, cut off and upset the program under load, and count what is lost (FAULTS=kill-server runs some)
	@$(BIN)/python -m tests.faults $(if $(FAULTS),--faults $(FAULTS)) $(FAULTS_OPTIONS)

##@ To measure it (docs/performance.md)

bench: $(VENV)/.installed-dev ## Time what must stay quick, each beside its floor
	@$(BIN)/python -m bench

bench-frames: $(VENV)/.installed-dev ## Time draws from long lists beside reading them (ROWS="100000", BENCH_OPTIONS="--with-1e8 --report docs/performance.md")
	@$(BIN)/python -m bench.frames $(if $(ROWS),--rows $(ROWS)) $(BENCH_OPTIONS)

bench-tables: PROGRAMS := postgresql java
bench-tables: programs $(VENV)/.installed-engines ## Time draws from tables of PostgreSQL and Spark, through Ibis and without (ROWS="100000")
	@PYTHONPATH=$(ENGINES) $(BIN)/python -m bench.frames --tables $(if $(ROWS),--rows $(ROWS)) $(BENCH_OPTIONS)

bench-growth: PROGRAMS := postgresql
bench-growth: programs $(VENV)/.installed-dev ## Time every page as a programme grows to 320 inspections, on both databases (BENCH_OPTIONS=--quick, or "--report docs/performance.md")
	@$(BIN)/python -m bench.growth $(BENCH_OPTIONS)

bench-web: PROGRAMS := postgresql
bench-web: programs $(VENV)/.installed-dev ## Time the pages while 50 and 200 readers work (BENCH_OPTIONS=--quick, or "--report docs/performance.md")
	@$(BIN)/python -m bench.web $(BENCH_OPTIONS)

bench-sequential: $(VENV)/.installed-dev ## Simulate the limits that hold all along, and hold them to real evaluations (BENCH_OPTIONS="--report docs/method/sequential.md")
	@$(BIN)/python -m bench.sequential $(BENCH_OPTIONS)

##@ To hand it on (docs/security/supply.md, docs/upgrading.md)

lock: python ## Pin the dependencies of pyproject.toml again, with hashes (UPGRADE=--upgrade takes newer ones)
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && "$(PYTHON)" -m venv "$$folder" && \
	"$$folder/bin/python" -m pip --quiet --disable-pip-version-check install uv && \
	pin() { "$$folder/bin/uv" pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header $(UPGRADE) "$$@"; } && \
	pin pyproject.toml -o requirements.txt && \
	pin pyproject.toml --extra production --constraint requirements.txt -o requirements-production.txt && \
	pin pyproject.toml --extra dev --constraint requirements.txt -o requirements-dev.txt && \
	pin --group mutation --constraint requirements-dev.txt -o tests/mutation/requirements.txt && \
	pin --group engines --constraint requirements-dev.txt -o tests/sampling/engines/requirements.txt && \
	pin --group acro -o tests/casereader/disclosure/acro/requirements.txt && \
	for name in $(SCANNERS_KNOWN) cyclonedx; do pin --group $$name -o tests/security/scanners/$$name.txt || exit 1; done

sbom: $(VENV)/.installed-dev $(VENV)/scanners/cyclonedx/.installed ## List every pinned package with licence and hashes in docs/security/sbom.json
	@$(BIN)/python -m tests.security.sbom

docs: PROGRAMS := chromium
docs: programs $(VENV)/.installed-dev ## Make the generated documents again: the guides' and the layers' pictures, the codebook, who may do what, how threats and ASVS are met
	@$(BIN)/python -m tests.pictures
	@$(BIN)/python -m tests.layers
	@$(BIN)/python -m tests.security.access_doc
	@$(BIN)/python -m tests.security.evidence
	@$(FLASK) instrument codebook CRR-1 --out docs/codebook-crr-1.html --force

wheel: $(VENV)/.installed-dev ## Build dist/casereader-VERSION-py3-none-any.whl, which pip installs, with the pins that go with it
	@rm -rf dist
	@$(BIN)/python -m hatchling build --target wheel
	@cp requirements.txt requirements-production.txt dist/

##@ To tidy up

clean: ## Remove the virtual environment, what was built and the tools' caches (never the data)
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

programs: python
	@"$(PYTHON)" tests/programs.py $(PROGRAMS)

python:
	@test -n "$(PYTHON)" || { echo "casereader needs Python 3.11 or newer, and none was found." >&2; exit 2; }

$(VENV)/.made: | python
	@echo "Setting up $(VENV) with $$($(PYTHON) --version); the first time takes a minute or two."
	@"$(PYTHON)" tests/programs.py venv
	@"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.installed: requirements.txt | $(VENV)/.made
	@$(PIP) install --no-compile --require-hashes -r $<
	@touch $@

$(VENV)/.installed-production: requirements-production.txt requirements.txt | $(VENV)/.made
	@$(PIP) install --no-compile --require-hashes -r $<
	@touch $(VENV)/.installed $@

# The tool has a folder of its own inside, on the path of `make mutation` alone.
$(VENV)/.installed-mutation: tests/mutation/requirements.txt $(VENV)/.installed-dev
	@rm -rf $(MUTATION)
	@$(PIP) install --no-compile --require-hashes --target $(MUTATION) -r $<
	@touch $@

# Spark and Ibis likewise, 430 MB for two engines of the draw: on the path of `make test-all` and `make bench-tables` alone.
$(VENV)/.installed-engines: tests/sampling/engines/requirements.txt $(VENV)/.installed-dev
	@rm -rf $(ENGINES)
	@$(PIP) install --no-compile --require-hashes --target $(ENGINES) -r $<
	@touch $@

# ACRO, which wants an older pandas than ours: in a process of its own, on the path of that alone.
$(VENV)/.installed-acro: tests/casereader/disclosure/acro/requirements.txt | $(VENV)/.made
	@rm -rf $(ACRO)
	@$(PIP) install --no-compile --require-hashes --target $(ACRO) -r $<
	@touch $@

# Each scanner in an environment of its own.
$(VENV)/scanners/%/.installed: tests/security/scanners/%.txt | $(VENV)/.made
	@rm -rf $(@D)
	@"$(PYTHON)" -m venv $(@D)
	@$(@D)/bin/python -m pip -qq --disable-pip-version-check --no-input install --no-compile --require-hashes -r $<
	@touch $@

# But the fuzzer, which runs the program's own code: a folder on the path of that alone.
$(VENV)/scanners/atheris/.installed: tests/security/scanners/atheris.txt $(VENV)/.installed-dev
	@rm -rf $(@D)
	@$(PIP) install --no-compile --require-hashes --target $(@D) -r $<
	@touch $@

# requirements-dev.txt holds every pin of requirements.txt, so both marks are set.
$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(VENV)/.made
	@$(PIP) install --no-compile --require-hashes -r $<
	@touch $(VENV)/.installed $@
