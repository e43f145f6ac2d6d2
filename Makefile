# All commands that people and CI run. `make run` and `make test` do the set-up first.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2

.PHONY: help setup system run test test-fast check static format lint types layers docs migrations lies corpus mutants bench bench-large soak soak-readers drawings replay lock clean

help:  ## Say what each command does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/installed: requirements.lock pyproject.toml tools/make-venv.sh
	@PYTHON="$(PYTHON)" sh tools/make-venv.sh

system: .venv/installed
	@sh tools/install-system.sh browser printing

setup: .venv/installed system  ## Virtual environment from the hashed lock; Chromium and fonts when missing

run: setup  ## Set up, then watch the simulated préfectures (http://127.0.0.1:9808/metrics)
	@$(BIN)/vigie demo

# --dist loadfile: the tests of one file share what they install or start, so they must run on one worker.
test: setup  ## Set up, then run every test
	@sh tools/install-system.sh servers
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(PATHS)

test-fast: .venv/installed  ## Run what needs no browser, no server and no patience, in a minute; PATHS as above
	@sh tools/install-system.sh printing
	@READINGS=1000 SIMULATED_MONTHS=4 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile \
	  -m "not (browser or postgresql or slow)" --hypothesis-profile fast --durations 5 $(PATHS)

check: static test  ## What CI runs: format, lint, types, layers, docs, migrations, tests

static: format lint types layers docs migrations

format: .venv/installed
	@$(BIN)/ruff format --check .

lint: .venv/installed
	@$(BIN)/ruff check .
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

types: .venv/installed
	@$(BIN)/mypy

layers: .venv/installed
	@$(BIN)/lint-imports --no-cache

docs migrations: setup
	@$(BIN)/python -m pytest -q tests/$@

lies: setup  ## Every page that lies, over plain HTTP and in Chromium: none may be believed (a few minutes)
	@LIES=all $(BIN)/python -m pytest -q tests/adversary

corpus: setup  ## Read the labelled pages, visit those that lie, count what is read wrong (OPTIONS="--json": the first part alone)
	@$(BIN)/python -m tests.corpus $(OPTIONS)
	@$(if $(OPTIONS),:,$(BIN)/python -m tests.adversary)

mutants: setup  ## Break a hundred lines one by one, in a copy: a test beside each must notice (a quarter of an hour)
	@$(BIN)/python -m tests.mutants

bench: setup  ## Measure beside bare loops and write docs/performance.md (about half an hour)
	@sh tools/install-system.sh servers
	@$(BIN)/python -m bench $(PARTS)

bench-large: setup  ## The same for ten million rows on each database (two hours or more, 15 GB for their time)
	@sh tools/install-system.sh servers
	@$(BIN)/python -m bench record-large panels-large

soak: setup  ## 10,000 simulated months a pattern; 200 kills on each database; every byte of a bundle; an hour of visits that must stay flat
	@sh tools/install-system.sh servers
	@echo "1 of 4: ten thousand simulated months of every pattern of supply (a quarter of an hour or more)"
	@SIMULATED_MONTHS=10000 $(BIN)/python -m pytest tests/figures/test_statistics.py
	@echo "2 of 4: killing the service and the mailer 200 times each, on SQLite and on PostgreSQL (half an hour or more)"
	@CRASH_KILLS=200 $(BIN)/python -m pytest tests/service/test_crash.py tests/alerts/test_kill.py
	@echo "3 of 4: changing every byte of a bundle, and another one 10,000 times, against both verifiers (an hour or more)"
	@TAMPERING=all $(BIN)/python -m pytest -n $(JOBS) --timeout 0 tests/evidence/test_tampering.py
	@echo "4 of 4: all of France over Chromium for 60 minutes: a line a minute; fails when a goal is missed or anything grows"
	@$(BIN)/python -m bench soak

soak-readers: setup  ## 100,000 random pages past the readers, 2,000 in Chromium: not one false conclusive reading
	@READINGS=103000 $(BIN)/python -m pytest tests/platforms/test_never_conclusive.py \
	  --hypothesis-show-statistics
	@LIES=all FUZZ=2000 SEED=$$(date +%s) $(BIN)/python -m pytest tests/adversary

drawings: setup  ## Draw every dashboard with Grafana's own libraries into var/drawings, to be looked at (needs npm)
	@sh tools/install-system.sh servers
	@mkdir -p var/drawings && cp tests/grafana/drawing/* var/drawings/
	@cd var/drawings && npm install --silent --ignore-scripts --legacy-peer-deps --no-audit --no-fund --no-package-lock
	@cd var/drawings && node_modules/.bin/esbuild page.tsx --bundle --minify --jsx=automatic --outfile=drawn.js \
	  --alias:react-custom-scrollbars-2=./scrollbars.cjs --define:process.env.NODE_ENV='"production"' \
	  --loader:.svg=dataurl --loader:.ttf=dataurl --loader:.woff2=dataurl --log-level=error
	@DRAWINGS=var/drawings $(BIN)/python -m pytest tests/grafana/test_drawing.py

replay: setup  ## A bundle's pages in ReplayWeb.page, which npm fetches: each must replay as itself
	@sh tools/replayweb.sh var/replayweb
	@REPLAYWEB=var/replayweb/package $(BIN)/python -m pytest tests/evidence/test_replay.py

lock:  ## Compile both hashed locks anew (maintainers; needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --group dev -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --group build -c requirements.lock -o requirements-run.lock

clean:  ## Remove the virtual environment and what the demo stored
	@rm -rf .venv var
