#!/usr/bin/env bash
# Sees to it that there is a redis-server for the cache's tests: the one on PATH, or the distribution's.
set -euo pipefail

if command -v redis-server >/dev/null; then
    exit 0
fi
"$(dirname "$0")/apt-install.sh" "make test: the cache's tests need Redis" \
    "install it so that 'redis-server' is on PATH" redis-server
