PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.tools
ANSIBLE := $(VENV)/ansible
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, each of the many processes compiles the whole suite anew, which takes longer than most tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: contract fuzz test document-tools client-tools seeds independent kills bench lint clean

contract: $(READY)  ## run the suite against the embedded mock server; reports go to reports/
	$(BIN)/cl-contract run -n auto

test: $(TOOLS)  ## the project's own tests, with the coverage gate
	$(BIN)/python -m pytest tests -n auto --dist worksteal --cov --cov-report=term --cov-fail-under=95

document-tools: $(TOOLS)  ## what tests/documents needs beside java and node: the generator of clients, and linters of OpenAPI
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[documents]'
	npm ci --prefix tests/documents --ignore-scripts --no-audit --no-fund

client-tools: $(TOOLS)  ## what tests/interop needs beside go: the official SDK; Ansible, half a gigabyte of it, in a venv of its own
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[clients]'
	@test -x $(ANSIBLE)/bin/python || $(BIN)/python -m venv $(ANSIBLE)
	$(ANSIBLE)/bin/pip install --quiet --no-compile --constraint constraints.txt ansible aiohttp requests vmware-vcenter

fuzz: $(READY)  ## campaigns, the session model, races and hostile input alone, against the embedded mock
	$(BIN)/cl-contract run contract_tests/fuzz -n auto

seeds: $(TOOLS)  ## campaigns and histories with 30 seeds on the unpatched mock: nothing may be found (bench/seeds.py says how on other right servers)
	$(BIN)/python -m bench.seeds

independent: $(TOOLS)  ## a right server of another make, each of its switches alone with ten seeds: nothing may be accused (hours)
	$(BIN)/python -m tests.independent.playing

kills: $(TOOLS)  ## end fifty runs at moments drawn at random, and sweep after each: nothing of ours may be left (half an hour)
	CONTRACT_KILLS=50 $(BIN)/python -m pytest tests/plugin/test_sweep.py -k ended -n 2

bench: $(TOOLS)  ## measure speed, size, memory and growth; the tables go to bench/README.md (a quarter of an hour)
	$(BIN)/python -m bench

lint: $(TOOLS)  ## style, types, floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) tests/documents/node_modules .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# What running takes, and no more: the first `make contract` need not wait for the developers' tools.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; say which with make PYTHON=…")'
	@echo "Installing the suite into $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(TOOLS): $(READY)
	@echo "Installing the developers' tools into $(VENV) (once)"
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@
