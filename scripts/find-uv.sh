#!/usr/bin/env bash
# Prints the path of uv: the one on PATH, or one installed into .venv-uv from the package registry.
set -euo pipefail
cd "$(dirname "$0")/.."

works() { "$1" pip sync --help >/dev/null 2>&1; }

say() { printf '%s\n' "$*" >&2; }

python_for_uv() {
    local name
    for name in python3.13 python3.12 python3.11 python3 python; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    say "make: no Python here; install Python 3.11, 3.12 or 3.13 and run this again"
    return 1
}

# A distribution's Python may forbid installing beside its packages and may lack venv or pip, so
# each way is tried in turn; none touches anything outside this folder.
install_uv() {
    local python
    python=$(python_for_uv)
    say "installing uv into .venv-uv ..."
    rm -rf .venv-uv
    if "$python" -m venv .venv-uv >/dev/null 2>&1 && .venv-uv/bin/python -m pip install -q uv >&2; then
        return
    fi
    rm -rf .venv-uv
    "$python" -m pip install -q --target .venv-uv uv >&2
}

if command -v uv >/dev/null && works "$(command -v uv)"; then
    command -v uv
    exit
fi
if ! { [ -x .venv-uv/bin/uv ] && works .venv-uv/bin/uv; }; then
    install_uv || {
        say "make: uv could not be installed; install it by hand (pip install uv) and run this again"
        exit 1
    }
fi
printf '%s/.venv-uv/bin/uv\n' "$PWD"
