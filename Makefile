# Parvis: `make demo` to try it, `make test` before a change lands, `make build` for bin/parvis.
SHELL := /bin/bash
GO ?= go
TOOL := $(GO) tool -modfile=tools/go.mod
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LISTEN ?= 127.0.0.1:8080
DATA ?= ./demo-data

.PHONY: all build assets demo test lint generate bench doctor clean help
all: build

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# Styles, scripts and the official list of territories are made from npm packages and embedded.
WEB_SOURCES := web/package-lock.json $(wildcard web/styles/*.scss) $(wildcard web/styles/*/*.scss) $(wildcard web/scripts/*.mjs) $(wildcard web/scripts/client/*.js)
web/node_modules/.installed: web/package-lock.json
	@echo "• npm : styles et données officielles"
	cd web && npm ci --no-audit --no-fund --loglevel=error
	@touch $@
web/dist/manifest.json: web/node_modules/.installed $(WEB_SOURCES)
	@echo "• feuilles de style et scripts"
	cd web && npm run --silent build
	@touch $@
core/territory/official/dist/.built: web/node_modules/.installed web/scripts/territories.mjs
	@echo "• liste officielle des communes, EPCI, départements et régions"
	cd web && npm run --silent territories
	@touch $@
assets: web/dist/manifest.json core/territory/official/dist/.built ## styles, scripts, official list

build: assets ## bin/parvis
	@echo "• compilation du programme"
	$(GO) build -trimpath -ldflags "-s -w -X parvis/app.version=$(VERSION)" -o bin/parvis ./cmd/parvis

demo: build ## build and start a demonstration, nothing to configure
	./bin/parvis demo --listen $(LISTEN) --data $(DATA)

generate: ## templ pages to Go
	$(TOOL) templ generate

lint: assets ## formatting, vet, staticcheck, generated code fresh, tidy modules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...
	$(GO) mod tidy -diff
	@./scripts/generated.sh

test: assets ## every test; installs PostgreSQL and Chromium when it may
	./scripts/postgres.sh
	./scripts/chromium.sh
	$(MAKE) --no-print-directory lint
	$(GO) test -timeout 18m ./...

bench: assets ## the figures of bench/README.md
	./scripts/postgres.sh
	$(GO) run ./bench $(BENCH)

clean: ## what was built
	rm -rf bin web/dist/*.* web/node_modules core/territory/official/dist/*.* core/territory/official/dist/.built
