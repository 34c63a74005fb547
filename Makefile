# Needs only make and Python 3.11 or newer. ARGS go on: make test ARGS="-k queue"
PYTHON ?= python3
export PYTHON
# Set by one process for its own children only; see launcher/leash.py.
unexport LEASH_PARENT
# Byte code is kept, or each of many processes would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE
IN := .venv/bin/python

.PHONY: run test test-repeat check bench weigh pictures words sending-faults posting-faults

run: ## Start the dashboard and print where it is
	@tools/environment.sh run
	@$(IN) -S -m launcher.leash TERM $(IN) -m launcher run

test: ## Run the tests, on SQLite and on PostgreSQL; SLOW=on runs the slow ones too; ARGS=path runs a part on SQLite
	@tools/environment.sh dev
	@$(IN) -m testing $(ARGS)

test-repeat: ## Run the tests COUNT times (10), two suites beside each other, and name every test that was not steady
	@tools/environment.sh dev
	@$(IN) -m testing.repeat $(ARGS)

# Each check is a target of its own, so that .pre-commit-config.yaml runs the same ones.
CHECKS := check-format check-lint check-types check-imports check-templates check-migrations check-deployment check-workflow
.PHONY: environment $(CHECKS)

check: $(CHECKS) ## Format, lint, types, imports, templates, migrations, deployment, CI workflow

$(CHECKS): environment

environment:
	@tools/environment.sh dev

check-format:
	$(IN) -m ruff format --check .

check-lint:
	$(IN) -m ruff check .

check-types:
	$(IN) -m mypy

check-imports:
	$(IN) .venv/bin/lint-imports

check-templates:
	$(IN) -m djlint templates --lint --quiet

check-migrations:
	@DATA_DIR=$$(mktemp -d) && export DATA_DIR && trap 'rm -rf "$$DATA_DIR"' EXIT && set -ex && \
	    $(IN) manage.py migrate --verbosity 0 && \
	    $(IN) manage.py makemigrations --check --dry-run

check-deployment:
	@DATA_DIR=$$(mktemp -d) && export DATA_DIR && trap 'rm -rf "$$DATA_DIR"' EXIT && set -ex && \
	    SECURE=on $(IN) manage.py check --deploy --fail-level WARNING

check-workflow:
	$(IN) -m check_jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yaml

bench: ## Measure what README claims
	@tools/environment.sh dev
	@$(IN) -m benchmarks $(ARGS)

sending-faults: ## Send answers under COUNT faults and count what arrives; SEED repeats a run
	@tools/environment.sh dev
	@$(IN) -m testing.fault_injection $(ARGS)

posting-faults: ## Make COUNT messages, runs and threads, lose the answers, and count what is there; SEED repeats a run
	@tools/environment.sh dev
	@$(IN) -m testing.fault_injection posting $(ARGS)

weigh: ## Weigh every page as a browser gets it
	@tools/environment.sh dev
	@$(IN) -m benchmarks weigh $(ARGS)

pictures: ## Take the pictures of docs/images anew
	@tools/environment.sh dev
	@$(IN) -m tools.pictures $(ARGS)

words: ## Find the words of pages and Python, and compile their translations
	@tools/environment.sh dev
	@$(IN) -m tools.words
