# Every target does its own set-up; what is done already is skipped. `make help` explains them.
.DEFAULT_GOAL := help
.PHONY: help run test lint unit vsix setup lock screenshot clean

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Open a repository in real VS Code, in your browser: make run [REPO=path] [PORT=8080]
	@scripts/dev run

test: ## Check everything and run all tests, those in real VS Code included
	@scripts/dev test

lint: ## Only the checks: format, lint, types, layers, extension
	@scripts/dev lint

unit: ## Only the fast tests
	@scripts/dev unit

vsix: ## Build the VS Code extension package in dist/, for people who have VS Code already
	@scripts/dev vsix

setup: ## Only install what run and test need
	@scripts/dev setup

lock: ## Write requirements.lock and requirements-runtime.lock anew from pyproject.toml
	@scripts/dev lock

screenshot: ## Copy the tests' picture of the graph to docs/images/graph.png
	@scripts/dev screenshot

clean: ## Remove what was built in this checkout (not .venv, not the shared tools)
	@scripts/dev clean
