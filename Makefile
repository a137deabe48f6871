# Meetbot. `make demo` and `make test` work on a fresh machine with make, bash and Python 3.11-3.13.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

OUT ?= demo-out
DATA ?=
ROOM ?= webrtc
BIN := .venv/bin
WORKSPACE := pyproject.toml $(wildcard connectors/*/pyproject.toml)
FAST := not model and not server and not browser and not torch
SOURCES := src connectors tests benchmarks scripts

.PHONY: help demo run test test-fast lint bench lock clean prepare packages chromium ollama livekit pages redis rhvoice models

help: ## say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/base.stamp ## a real meeting on this machine (ROOM=webrtc or livekit); files in OUT (demo-out)
	@case '$(ROOM)' in webrtc) ;; livekit) scripts/install-livekit.sh ;; \
	*) echo "make demo: ROOM=$(ROOM) is not there; ROOM=webrtc and ROOM=livekit are" >&2; exit 2 ;; esac
	@$(BIN)/meetbot models pull embedded
	@$(BIN)/meetbot demo --room '$(ROOM)' --out '$(OUT)'

run: .venv/base.stamp ## serve meeting rooms on http://localhost:8765
	@$(BIN)/meetbot models pull embedded
	@$(BIN)/meetbot serve

test: ## install what the tests need, then lint, types and every test
	@scripts/find-uv.sh >/dev/null
	@$(MAKE) --no-print-directory -j4 prepare
	@$(MAKE) --no-print-directory lint
	.venv-torch/bin/python -m pytest tests/integration/engines -m torch
	$(BIN)/python -m pytest tests/unit -n 2 -m 'not torch'
	$(BIN)/python -m pytest tests/integration tests/e2e -m 'not torch'

test-fast: .venv/dev.stamp ## the tests that need no server, browser, torch or model
	$(BIN)/python -m pytest -n 2 -m '$(FAST)'

lint: .venv/dev.stamp ## style, types and import directions
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: .venv/base.stamp ## measure again the figures in the README, on the speech in DATA
	@if [ -z '$(DATA)' ]; then echo "make bench: give DATA, a folder with recorded speech and transcripts.tsv" >&2; exit 2; fi
	@$(BIN)/meetbot models pull embedded
	$(BIN)/meetbot bench hearing --data '$(DATA)'
	$(BIN)/meetbot bench speaker --data '$(DATA)'
	$(BIN)/meetbot bench images --engine storyboard
	$(BIN)/meetbot bench images --room

lock: ## resolve the dependencies again into requirements/ (ARGS=-U: to newer versions)
	@scripts/lock.sh $(ARGS)

clean: ## remove everything that was made here
	rm -rf .venv .venv-torch .venv-uv .mypy_cache .ruff_cache .pytest_cache .hypothesis dist build demo-out
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

prepare: .venv/dev.stamp .venv-torch/torch.stamp packages ollama livekit pages models

# One after the other: the distribution's package manager has a lock.
packages:
	@scripts/install-chromium.sh
	@scripts/install-rhvoice.sh
	@scripts/install-redis.sh
	@scripts/install-pulseaudio.sh

chromium:
	@scripts/install-chromium.sh

# After the packages, since building it may need some more of them.
ollama: packages
	@scripts/install-ollama.sh

# After Ollama: each of them takes both cores to build.
livekit: ollama
	@scripts/install-livekit.sh

pages: ## the browser tests' LiveKit pages, bundled from npm's packages
	@scripts/build-test-pages.sh

redis:
	@scripts/install-redis.sh

rhvoice: ## install the Russian voice (Debian; needs root)
	@scripts/install-rhvoice.sh

models: .venv/dev.stamp
	@$(BIN)/meetbot models pull embedded piper-joe

# dev.txt holds all of base.txt, so an environment for the tests serves the demo as well.
.venv/base.stamp: requirements/base.txt $(WORKSPACE)
	@rm -f .venv/dev.stamp
	@scripts/sync-venv.sh .venv base
	@touch $@

.venv/dev.stamp: requirements/dev.txt requirements/base.txt $(WORKSPACE)
	@scripts/sync-venv.sh .venv dev
	@touch .venv/base.stamp $@

.venv-torch/torch.stamp: requirements/torch.txt $(WORKSPACE)
	@scripts/sync-venv.sh .venv-torch torch
	@touch $@
