# Two commands: `make run` serves the deck, `make test` checks everything. Both set up what is
# missing first and are quick when run again.

VENV         ?= .venv
HOST         ?= 127.0.0.1
PORT         ?= 8000
REPLICAS     ?= 2
MINUTES      ?=
TORCH        ?= torch==2.13.0
# Where the CPU build of torch lives; plain torch brings gigabytes of CUDA on Linux. Empty it
# (`make run TORCH_INDEX=`) to use only the indexes that pip is configured with.
TORCH_INDEX  ?= https://download.pytorch.org/whl/cpu

PYTHON       := $(VENV)/bin/python
PIP          := $(PYTHON) -m pip --disable-pip-version-check
# Short waits: an index that cannot be reached must not hold up a machine that has torch elsewhere.
TORCH_FLAGS  := $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX) --timeout 10 --retries 1)
LOCKED       := --quiet --no-deps --require-hashes
TOOLS        := build/tools
# Torch is not locked: its build, and so its hash, is the platform's.
COMPILE      := $(TOOLS)/bin/uv pip compile pyproject.toml --quiet --universal \
                --python-version 3.11 --generate-hashes --no-emit-package torch \
                --excludes locks/excluded.txt --custom-compile-command 'make lock'

.PHONY: run test lint train bench load soak cluster screenshots lock audit clean chromium \
        help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(VENV)/.run ## serve the deck on HOST:PORT, by default http://127.0.0.1:8000
	HOST=$(HOST) PORT=$(PORT) exec $(PYTHON) -m app

test: lint chromium ## check style, types and behaviour
	$(PYTHON) -m pytest

lint: $(VENV)/.test
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

train: $(VENV)/.train ## train every model in turn (hours); resumes where it stopped
	$(PYTHON) -m models.training all $(if $(MINUTES),--minutes $(MINUTES))

train-%: $(VENV)/.train
	$(PYTHON) -m models.training $* $(if $(MINUTES),--minutes $(MINUTES))

bench: $(VENV)/.bench ## time server, Plays, models, other libraries and runtimes; docs/speed.md
	$(PYTHON) -m scripts.bench --json build/bench.json
	$(PYTHON) -m scripts.throughput --json build/throughput.json
	$(PYTHON) -m scripts.peers --json build/peers.json
	$(PYTHON) -m scripts.runtimes --json build/runtimes.json
	$(PYTHON) -m scripts.speed

load: $(VENV)/.train ## up to 300 browsers press Play at once; fails if a bar is missed
	$(PYTHON) -m scripts.load --json build/load.json; status=$$?; \
	$(PYTHON) -m scripts.speed && exit $$status

soak: $(VENV)/.run ## 10,000 streams, then 10 minutes of a full hall; fails if a bar is missed
	$(PYTHON) -m scripts.soak

screenshots: $(VENV)/.test chromium ## photograph a slide for the README
	$(PYTHON) -m scripts.screenshot

cluster: $(VENV)/.ray ## serve the deck from REPLICAS replicas under Ray Serve
	HOST=$(HOST) PORT=$(PORT) exec $(PYTHON) -m deploy.ray_serve --replicas $(REPLICAS)

lock: $(TOOLS)/.installed ## pin every dependency anew, with hashes, in locks/
	$(COMPILE) -o locks/run.txt
	$(COMPILE) --extra train --constraints locks/run.txt -o locks/train.txt
	$(COMPILE) --extra ray --constraints locks/run.txt -o locks/ray.txt
	$(COMPILE) --extra test --constraints locks/ray.txt --constraints locks/train.txt -o locks/test.txt

audit: $(TOOLS)/.installed ## ask PyPI for known vulnerabilities of what is locked
	$(TOOLS)/bin/pip-audit --strict --disable-pip --require-hashes -r locks/test.txt

clean: ## remove what `make` and the tools wrote, not the checkpoints
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What writes and checks the locks stays out of the environment that they describe.
$(TOOLS)/.installed:
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip --disable-pip-version-check install --quiet uv pip-audit
	@touch $@

# The newest suitable interpreter is not the point, one that works is: plain python3 goes first.
$(PYTHON):
	@for python in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	    if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
	        2>/dev/null; then \
	        echo "Making $(VENV) with $$($$python --version)"; \
	        $$python -m venv $(VENV) && exit 0; \
	    fi; \
	done; \
	echo "Python 3.11 or newer with its venv module is needed" \
	    "(Debian: apt-get install python3 python3-venv)." >&2; exit 1

# Torch comes first and without its dependencies, so that the extra index is asked for it alone.
$(VENV)/.torch: | $(PYTHON)
	$(PIP) install --quiet --no-deps $(TORCH_FLAGS) "$(TORCH)"
	@touch $@

# The rest is what locks/ names, byte for byte; the project itself runs from its folder.
$(VENV)/.run: locks/run.txt $(VENV)/.torch
	$(PIP) install $(LOCKED) -r locks/run.txt
	@touch $@

$(VENV)/.train: locks/train.txt $(VENV)/.torch
	$(PIP) install $(LOCKED) -r locks/train.txt
	@touch $@ $(VENV)/.run

$(VENV)/.test: locks/test.txt $(VENV)/.torch
	$(PIP) install $(LOCKED) -r locks/test.txt
	@touch $@ $(VENV)/.run $(VENV)/.train $(VENV)/.ray

$(VENV)/.ray: locks/ray.txt $(VENV)/.torch
	$(PIP) install $(LOCKED) -r locks/ray.txt
	@touch $@ $(VENV)/.run

# denoising-diffusion-pytorch asks for torchvision, which only its trainer uses and CPU builds lack.
$(VENV)/.bench: pyproject.toml $(VENV)/.train
	$(PIP) install --quiet --editable '.[bench]'
	$(PIP) install --quiet --no-deps 'denoising-diffusion-pytorch>=2.2'
	@touch $@

# The browser tests drive Debian's chromium. They are never skipped: without it, this fails.
chromium:
	@if command -v chromium >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "The browser tests need chromium, which is not installed." \
	        "On Debian or Ubuntu: sudo apt-get install chromium" >&2; exit 1; \
	fi; \
	apt-get update -qq && \
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
