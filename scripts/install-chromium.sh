#!/usr/bin/env bash
# Sees to it that there is a Chromium for the browser tests: the one on PATH, or the distribution's.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
if ! command -v apt-get >/dev/null; then
    echo "make test: the browser tests need Chromium; install it so that 'chromium' is on PATH" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "make test: the browser tests need Chromium; as root: apt-get install chromium" >&2
        exit 1
    fi
    as_root=(sudo -n)
fi
echo "installing Chromium ..."
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q=2
"${as_root[@]}" apt-get install -q=2 --no-install-recommends chromium >/dev/null || {
    echo "make test: Chromium could not be installed; as root: apt-get install chromium" >&2
    exit 1
}
