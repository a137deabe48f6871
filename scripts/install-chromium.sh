#!/usr/bin/env bash
# Sees to it that there is a Chromium for the browser tests: the one on PATH, or the distribution's.
set -euo pipefail

for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null; then
        exit 0
    fi
done
"$(dirname "$0")/apt-install.sh" "make test: the browser tests need Chromium" \
    "install it so that 'chromium' is on PATH" chromium
