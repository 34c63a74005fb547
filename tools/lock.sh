#!/usr/bin/env bash
# Writes the locked requirements anew from pyproject.toml: with hashes, without addresses of registries.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() {
    .venv/bin/uv pip compile --universal --no-header --no-annotate --no-emit-index-url --generate-hashes \
        --python-version 3.11 --quiet "$@"
}
lock pyproject.toml -o requirements/run.txt
lock --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
lock requirements/build.in -c requirements/dev.txt -o requirements/build.txt
# The last official client of the first dialect, which cannot share an environment with the newest.
lock requirements/official-v1.in -o requirements/official-v1.txt
