# nalpml: one command for each thing one does with a clone.
# The first of them makes .venv (constraints.txt has the versions); later ones reuse it.

.PHONY: help setup demo test lint kernels notebooks wheel docs lab ci constraints clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV  := .venv
BIN   := $(VENV)/bin
READY := $(VENV)/.ready
DEMO  := out/demo

# The first of these that is 3.11 or newer, and complete, makes the environment.
PYTHONS ?= python3.11 python3.12 python3.13 python3 \
           /usr/bin/python3.11 /usr/bin/python3.12 /usr/bin/python3.13 /usr/bin/python3

# nalpml sends nothing anywhere by itself; its dependencies are asked not to either.
export DO_NOT_TRACK := 1
export MLFLOW_DISABLE_TELEMETRY := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

help:
	@echo "make demo         generate, train, track, evaluate, export and scan: the whole way, once"
	@echo "make test         every test and doctest"
	@echo "make lint         ruff, mypy, import-linter"
	@echo "make kernels      the kernels' tests with the JIT off, and their coverage"
	@echo "make notebooks    run every notebook"
	@echo "make wheel        build the wheel, install it into a fresh environment, use it there"
	@echo "make docs         the documentation, into docs/_build/html"
	@echo "make lab          make real captures anew, in out/lab (root, namespaces, Debian's tools)"
	@echo "make ci           all that CI runs"
	@echo "make constraints  resolve the newest versions into constraints.txt"
	@echo "make clean        remove what was made here, .venv included"

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@if ! $(BIN)/python -c "import pip" 2>/dev/null; then \
	  for python in $(PYTHONS); do \
	    if $$python -c "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then \
	      echo "making $(VENV) with $$($$python --version)"; \
	      $$python -m venv --clear $(VENV) && break; \
	    fi; \
	  done; \
	fi
	@$(BIN)/python -c "import pip" 2>/dev/null || { \
	  echo "nalpml needs Python 3.11 or newer with its venv module" \
	       "(Debian and Ubuntu: apt install python3 python3-venv)" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet -c constraints.txt --group dev -e ".[onnx,notebooks,search]"
	@touch $@

# The demo trains on generated traffic alone; the real captures in datasets/real are only scored.
REAL    := datasets/real
CAPTURE ?= $(firstword $(wildcard $(REAL)/*ptunnel*.pcap) $(wildcard $(REAL)/*.pcap))

demo: $(READY)
	@rm -rf $(DEMO)
	$(BIN)/nalpml train experiments/demo/config.toml -o $(DEMO)
	$(BIN)/nalpml evaluate $(DEMO)/model $(REAL) -o $(DEMO)/real
	$(BIN)/nalpml export $(DEMO)/model --format onnx -o $(DEMO)/onnx
	$(BIN)/nalpml scan $(CAPTURE) --model $(DEMO)/model
	@echo
	@echo "report on generated traffic   $(DEMO)/report/index.html"
	@echo "report on real captures       $(DEMO)/real/report/index.html"
	@echo "model                         $(DEMO)/model"
	@echo "model for ONNX Runtime        $(DEMO)/onnx"
	@echo "MLflow store                  $(DEMO)/mlruns.db"
	@echo "  browse it with              $(BIN)/mlflow ui --backend-store-uri sqlite:///$(DEMO)/mlruns.db"

# Two processes on two cores; PYTEST_ARGS= for one, PYTEST_ARGS="-k icmp" for some.
PYTEST_ARGS ?= -n auto

test: $(READY)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

KERNEL_TESTS := $(wildcard tests/unit/_kernels tests/unit/kernels)

kernels: $(READY)
	NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -q $(KERNEL_TESTS) \
	  --cov=nalpml._kernels --cov-branch --cov-report=term-missing \
	  --cov-fail-under=96

notebooks: $(READY)
	$(BIN)/python -m pytest -q -p no:cacheprovider --nbmake --nbmake-timeout=600 notebooks

# A fresh environment holds what the wheel declares and nothing else: a forgotten dependency or
# a file left out of the package shows here.
ELSEWHERE := out/elsewhere

wheel: $(READY)
	@rm -rf dist $(ELSEWHERE)
	$(BIN)/python -m build --wheel --outdir dist .
	$(BIN)/python -m venv $(ELSEWHERE)
	$(ELSEWHERE)/bin/python -m pip install --quiet -c constraints.txt dist/*.whl
	cd $(ELSEWHERE) && bin/nalpml scan --all --format jsonl $(abspath $(CAPTURE)) > verdicts.jsonl
	@test -s $(ELSEWHERE)/verdicts.jsonl && echo "the wheel scans by itself"

docs: $(READY)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[docs]"
	$(BIN)/nalpml features --format md > docs/features.md
	$(BIN)/python -m sphinx --fail-on-warning docs docs/_build/html

# Beside the captures that are stored, not over them: they are evidence, and their digests are known.
# LAB="'icmp-*'" makes some of them. Labels are checked against the captures, and these against
# the shipped ones: other bytes, the same kinds of labelled flows, about as many packets.
LAB     ?= --all
LAB_OUT ?= out/lab

lab: $(READY)
	DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends \
	  $$($(BIN)/python datasets/lab/run.py $(LAB) --packages)
	$(BIN)/python datasets/lab/run.py $(LAB) --manifest --out $(LAB_OUT)
	$(BIN)/python datasets/lab/run.py --verify --out $(LAB_OUT)
	$(BIN)/python datasets/lab/run.py --compare $(REAL) --out $(LAB_OUT)

ci:
	bash .ci/run

# Everything that any extra or the development group brings, resolved together.
EVERYTHING := --group dev ".[dask,docs,notebooks,onnx,search]"
LIST_PINS  := import json, sys; \
  found = [p["metadata"] for p in json.load(sys.stdin)["install"]]; \
  pins = {p["name"].lower().replace("_", "-"): p["version"] for p in found}; \
  pins.pop("nalpml"); \
  print("\n".join(f"{name}=={pins[name]}" for name in sorted(pins)))

constraints: $(READY)
	$(BIN)/python -m pip install -qq --dry-run --ignore-installed --report $(VENV)/resolved.json $(EVERYTHING)
	@$(BIN)/python -c '$(LIST_PINS)' < $(VENV)/resolved.json > $(VENV)/constraints.txt
	@mv $(VENV)/constraints.txt constraints.txt && wc -l constraints.txt

clean:
	rm -rf $(VENV) out dist build docs/_build .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis .coverage htmlcov
	find nalpml tests datasets benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
