#!/bin/sh
# Brings .venv up to the locked packages: `tools/environment.sh run` or `dev`.
# PYTHON names the Python.
# Costs a few milliseconds where nothing has changed: the stamp in .venv is a copy of what was installed.
set -eu
cd "$(dirname "$0")/.."
kind=$1
python=${PYTHON:-python3}

refuse() {
    echo "$1" >&2
    exit 1
}

installed() {
    [ -x .venv/bin/python ] && cat requirements/uv.txt "requirements/$1.txt" | cmp -s - ".venv/installed-$1"
}

require_python() {
    command -v "$python" >/dev/null ||
        refuse "$python was not found: install Python 3.11 or newer, or name one, as in: make run PYTHON=python3.12"
}

make_environment() {
    require_python
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        refuse "$python is $("$python" --version 2>&1), but Python 3.11 or newer is needed: install one, or name one, as in: make run PYTHON=python3.12"
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        refuse "$python has no venv module: install it, on Debian and Ubuntu with: apt-get install python3-venv"
    mkdir -p .venv 2>/dev/null && touch .venv/writable 2>/dev/null ||
        refuse "The folder $(pwd) cannot be written: clone into a folder of yours."
    "$python" -m venv --clear .venv ||
        refuse "The environment could not be made in $(pwd)/.venv (see above)."
}

install() {
    echo "Installing the packages of requirements/$1.txt" >&2
    if .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt &&
        .venv/bin/python -m uv pip sync --quiet --python .venv/bin/python --compile-bytecode --require-hashes "requirements/$1.txt"
    then
        return
    fi
    echo "uv could not be used (see above); installing with pip, which takes a minute" >&2
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "requirements/$1.txt" ||
        refuse "The packages could not be installed (see above): is there a way to a package index?"
}

# Who has the packages for development keeps them: they contain those for running.
if [ "$kind" = run ] && [ -e .venv/installed-dev ]; then
    kind=dev
fi
# One that was named counts even where there is an environment already.
if [ "$python" != python3 ] && [ -x .venv/bin/python ]; then
    require_python
    wanted=$("$python" -c 'import sys; print(*sys.version_info[:2], sep=".")')
    there=$(.venv/bin/python -c 'import sys; print(*sys.version_info[:2], sep=".")')
    [ "$wanted" = "$there" ] ||
        refuse "The environment in .venv has Python $there, not $wanted: delete the folder .venv to make it anew."
fi
if installed "$kind"; then
    exit 0
fi
if ! { [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    make_environment
fi
install "$kind"
# Or each of the processes that start at once would compile them.
.venv/bin/python -m compileall -q -j 0 assistants_app dashboard launcher local_api testing
cat requirements/uv.txt "requirements/$kind.txt" >".venv/installed-$kind"
