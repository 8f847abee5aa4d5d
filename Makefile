# Two commands: `make run` serves the deck, `make test` checks everything. Both set up what is
# missing first and are quick when run again. `make check` is the short form of `make test`.

VENV         ?= .venv
HOST         ?= 127.0.0.1
PORT         ?= 8000
REPLICAS     ?= 2
MINUTES      ?=
TORCH        ?= torch==2.13.0
# What torch computes on: cuda where an NVIDIA driver answers, else cpu. Either may be said.
ACCELERATOR  := $(or $(ACCELERATOR),$(shell nvidia-smi -L >/dev/null 2>&1 || \
                test -e /dev/nvidiactl && echo cuda || echo cpu))
# Where Linux finds torch without the gigabytes of CUDA, which the usual index brings. Empty it
# (`make run TORCH_INDEX=`) to use only the indexes that pip is configured with.
TORCH_INDEX  ?= $(if $(filter Linux-cpu,$(shell uname -s)-$(ACCELERATOR)),$(CPU_INDEX))
CPU_INDEX    := https://download.pytorch.org/whl/cpu
# Tests run in so many processes, each of which holds models; PYTEST_FLAGS are for pytest.
WORKERS      ?= 2
# Percent of the branches of app/ and models/ that the tests must take.
BRANCHES     ?= 92
PYTEST_FLAGS ?=

BIN          := $(VENV)/bin
PYTHON       := $(BIN)/python
PIP          := $(PYTHON) -m pip --disable-pip-version-check
# Short waits: an index that cannot be reached must not hold up a machine that has torch elsewhere.
TORCH_FLAGS  := $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX) --timeout 10 --retries 1)
LOCKED       := --quiet --no-deps --require-hashes
TOOLS        := build/tools
BUILD        := $(VENV)/.torch-$(ACCELERATOR)
OTHER_BUILDS := $(filter-out $(BUILD),$(wildcard $(VENV)/.torch-*))
PYTEST       := $(PYTHON) -m pytest --numprocesses $(WORKERS) --no-loadscope-reorder $(PYTEST_FLAGS)
SCRIPTS      := static/js
STYLES       := static/css
# Torch is not locked: its build, and so its hash, is the platform's.
COMPILE      := $(TOOLS)/bin/uv pip compile pyproject.toml --quiet --universal \
                --python-version 3.11 --generate-hashes --no-emit-package torch \
                --excludes locks/excluded.txt --custom-compile-command 'make lock' \
                --extra openvino

.PHONY: run test check lint format hooks train bench load soak cluster screenshots lock audit \
        clean chromium help

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: $(VENV)/.run ## serve the deck on HOST:PORT, by default http://127.0.0.1:8000
	HOST=$(HOST) PORT=$(PORT) exec $(PYTHON) -m app

test: $(VENV)/.test lint chromium ## check style, types, behaviour and how much of it is tested
	$(PYTEST) --cov --cov-report=term:skip-covered --cov-report=json:build/coverage.json
	$(PYTHON) -m scripts.branches build/coverage.json --least $(BRANCHES)

check: lint ## the quick part of `make test`, for every commit
	$(PYTEST) -m 'not slow' --timeout 20

lint: $(VENV)/.check
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(BIN)/oxlint --quiet $(SCRIPTS)
	$(BIN)/oxfmt --check $(SCRIPTS) $(STYLES)
	$(PYTHON) -m mypy

format: $(VENV)/.check ## mend what can be mended of style, in Python, JavaScript and CSS
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	$(BIN)/oxlint --quiet --fix $(SCRIPTS)
	$(BIN)/oxfmt $(SCRIPTS) $(STYLES)

hooks: $(VENV)/.check ## let git run `make check` before each commit
	$(PYTHON) -m pre_commit install

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
	$(COMPILE) --extra train --extra check --constraints locks/train.txt \
	    --constraints locks/ray.txt -o locks/check.txt
	$(COMPILE) --extra train --extra ray --extra check --extra test \
	    --constraints locks/ray.txt --constraints locks/check.txt -o locks/test.txt

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

# What locks/ names, byte for byte; the project itself runs from its folder.
$(VENV)/.locked: locks/run.txt | $(PYTHON)
	$(PIP) install $(LOCKED) -r locks/run.txt
	@touch $@

# Torch finds its dependencies there, so that the extra index is asked for torch alone; what comes
# with it is only what a CUDA build needs besides. One build takes the other's place.
$(BUILD): $(VENV)/.locked Makefile
	$(if $(OTHER_BUILDS),@$(PIP) uninstall --quiet --yes torch && rm -f $(OTHER_BUILDS))
	$(PIP) install --quiet $(TORCH_FLAGS) "$(TORCH)"
	@touch $@

$(VENV)/.run: $(VENV)/.locked $(BUILD)
	@touch $@

$(VENV)/.train $(VENV)/.ray $(VENV)/.check $(VENV)/.test: $(VENV)/.%: locks/%.txt $(VENV)/.run
	$(PIP) install $(LOCKED) -r locks/$*.txt
	@touch $@

# denoising-diffusion-pytorch asks for torchvision, which only its trainer uses and CPU builds lack.
$(VENV)/.bench: pyproject.toml $(VENV)/.train
	$(PIP) install --quiet --editable '.[bench]'
	$(PIP) install --quiet --no-deps 'denoising-diffusion-pytorch>=2.2'
	@touch $@

# The browser tests are never skipped: without a browser, this fails. Debian's as root, else
# playwright's own.
chromium: $(VENV)/.test
	@if command -v chromium || command -v google-chrome; then exit 0; fi >/dev/null; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	        apt-get install -y -qq --no-install-recommends chromium; \
	else \
	    $(PYTHON) -m playwright install chromium; \
	fi || { echo "The browser tests need chromium or google-chrome, and neither is" \
	    "installed. On Debian or Ubuntu: sudo apt-get install chromium" >&2; exit 1; }
