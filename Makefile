# Thin: every target is a line or two that a person could type. `make help` lists them.
SHELL := /bin/bash
.DELETE_ON_ERROR:
.NOTPARALLEL:

BUILD := build/release
JOBS  := $(shell tools/jobs)
# The compiler's cache stays in the project too, unless the environment names one.
export CCACHE_DIR ?= $(CURDIR)/.cache/ccache
# Two checkouts of the same code share what is in the cache.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

.PHONY: help demo test build bench conformance format tidy install clean setup

help:  ## says what each target does
	@sed -n 's/^\([a-z]*\):.*## /make \1|/p' Makefile | awk -F'|' '{ printf "  %-18s %s\n", $$1, $$2 }'

demo: build  ## fetches MovieLens 100K, trains, evaluates, ranks, saves, loads and predicts
	@tools/demo

test: build  ## builds everything and runs every test
	@echo "test: running every test"
	@ctest --test-dir $(BUILD) --output-on-failure --parallel $(JOBS)

build: setup $(BUILD)/build.ninja  ## leaves the binary at build/release/bin/podium and links bin/podium to it
	@echo "build: $(BUILD), $(JOBS) compilers at once (minutes the first time, seconds after; 1 GB of disk)"
	@cmake --build $(BUILD) --parallel $(JOBS)
	@tools/link $(BUILD)/bin/podium

bench: build  ## times Podium beside TensorFlow Recommenders and PyTorch (downloads them: 3 GB of disk)
	@bench/run

conformance: build  ## compares training with the real TensorFlow and exports with ONNX Runtime and OpenVINO (downloads them: 2 GB of disk)
	@conformance/run

format:  ## formats every C++ file in place
	@tools/format

tidy: setup $(BUILD)/build.ninja  ## clang-tidy over every source file
	@tools/tidy

install: build  ## installs below PREFIX (default /usr/local); replaces nothing but what it installed
	@tools/install $(BUILD) "$(or $(PREFIX),/usr/local)"

clean:  ## removes what was built and nothing else; downloads stay in .cache
	@tools/clean

setup:  ## installs what is missing (demo, test and build do it by themselves)
	@tools/setup

$(BUILD)/build.ninja: CMakePresets.json
	@cmake --preset release > .cache/configure.log 2>&1 || { cat .cache/configure.log; exit 1; }
	@touch $@
