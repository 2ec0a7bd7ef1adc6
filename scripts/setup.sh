#!/usr/bin/env bash
# Makes .venv with the locked versions and the project itself. Needs Python 3.11 or later and a package registry.
# uv is used where it is installed, plain pip elsewhere. Run through `make setup`.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
as_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    say "Python 3.11 or later is needed; set PYTHON=/path/to/python3 where it is not on the PATH" >&2
    exit 1
}

make_venv() {
    local python
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --clear --python "$(find_python)" .venv
        return
    fi
    python=$(find_python)
    rm -rf .venv
    "$python" -m venv .venv >/dev/null 2>&1 && return
    if as_root; then # Debian keeps the module venv in a package of its own
        say "installing python3-venv"
        (apt-get update -qq && apt-get install -y -qq python3-venv) >/dev/null 2>&1 || true
        rm -rf .venv
    fi
    "$python" -m venv .venv || { say "the module venv is missing: apt-get install python3-venv, or install uv" >&2; exit 1; }
}

install() {
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --compile-bytecode --python .venv/bin/python --require-hashes -r requirements.lock
        uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
    else
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
    fi
    .venv/bin/python -m compileall -q pipeline extractors normalizers # else each reading process might compile them again
}

# A second reader for scans, where the machine can have it; nothing depends on it
try_tesseract() {
    command -v tesseract >/dev/null 2>&1 && return 0
    [ -z "${LUMBUNG_NO_SYSTEM_PACKAGES:-}" ] || return 0
    if as_root; then
        say "trying to install tesseract (optional)"
        timeout 180 sh -c 'apt-get update -qq && apt-get install -y -qq tesseract-ocr tesseract-ocr-ind' >/dev/null 2>&1 || true
    fi
    command -v tesseract >/dev/null 2>&1 || say "no tesseract: scans are read without a second reader"
}

say "making .venv"
make_venv
say "installing locked versions"
install
try_tesseract
touch .venv/.installed
say "done: .venv/bin/lumbung --help"
