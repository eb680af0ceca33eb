# Every target installs what it needs, and says what is missing where it can't.
.DEFAULT_GOAL := help
.PHONY: help run run-cluster test test-lab cluster-builds test-cluster perf campaign screenshots lint format clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= python3
export PYTHONDONTWRITEBYTECODE =

help:
	@echo "make run           the main job on the lab: this machine, no cluster; in a terminal the app"
	@echo "make run-cluster   the main job on a real two-node Kubernetes made on this machine (root, Go)"
	@echo "make test          the tests that need neither root nor a cluster"
	@echo "make test-lab      the tests on the lab's namespaces (root; apt for the tools)"
	@echo "make test-cluster  the tests on a real Kubernetes, with Cilium and with Flannel (root, Go);"
	@echo "                   CNI=flannel or CNI=cilium [MODE=native]: only those on this one;"
	@echo "                   CNI=none: those that need neither"
	@echo "make perf          speed and agreement by hand; prints ratios (root for the cluster's)"
	@echo "make campaign      our reference results anew: four clusters, the lab; two hours (root, Go)"
	@echo "make screenshots   the README's pictures, from the shipped recording"
	@echo "make lint          ruff, pyright, import-linter"

$(READY): pyproject.toml uv.lock .ci/prepare
	@PYTHON=$(PYTHON) .ci/prepare $(VENV)
	@touch $@

# The five protocols and one latency: all nine tests of quick on two wirings take seven minutes.
TESTS ?= tcp,udp,http,ftp,scp,latency-tcp

run: $(READY)
	@if [ -t 0 ] && [ -t 2 ]; then headless=; else headless=--headless; fi; \
	$(BIN)/cniadvisor lab $$headless --tests $(TESTS) $(LAB)

run-cluster: $(READY)
	@$(BIN)/python -m tests.cluster.demo

# Hypothesis' profile ci: the same examples each time, and no complaint about a slow machine.
# worksteal keeps the tests of a file together, and with them what they share.
test: $(READY)
	$(BIN)/python -m pytest -m "not cluster and not root" -n auto --dist worksteal --hypothesis-profile=ci --ignore=tests/perf --ignore=tests/cluster --ignore=tests/lab

test-lab: $(READY)
	$(BIN)/python -m pytest tests/lab -m "root and not calibration" -n 0 --timeout=600

# Cilium's tests come first: its cluster lives as long as they do.
ON_CILIUM := tests/cluster/test_cilium_live.py
ON_NONE := $(addprefix tests/cluster/test_,building_blocks.py coming_and_going.py image_tools.py)
ON_ := tests/cluster
ON_cilium := $(ON_CILIUM)
ON_none := $(ON_NONE)
ON_flannel := tests/cluster $(addprefix --ignore=,$(ON_CILIUM) $(ON_NONE))

# Before the tests, whose time limits don't reckon with a compiler; cached after the first time.
cluster-builds: $(READY)
	$(BIN)/python -m tests.cluster build $(addprefix --cni ,$(filter-out none,$(CNI)))

test-cluster: cluster-builds
	CNIADVISOR_CILIUM_MODE=$(or $(MODE),vxlan) $(BIN)/python -m pytest \
		$(or $(ON_$(CNI)),$(error CNI is flannel, cilium or none, not $(CNI))) \
		-m "cluster and not calibration" -n 0 --timeout=1800 --durations=15

perf: $(READY)
	$(BIN)/python -m tests.perf

campaign: $(READY)
	@$(BIN)/python -m tests.cluster.campaign

screenshots: $(READY)
	$(BIN)/python -m tests.tui.screenshots docs/images

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python --threads 2
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis
