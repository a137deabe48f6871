#!/usr/bin/env bash
# Sees to it that there is a redis-server for the cache's tests: the one on PATH, or the distribution's.
set -euo pipefail

if command -v redis-server >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "make test: the cache's tests need Redis; install it so that 'redis-server' is on PATH" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "make test: the cache's tests need Redis; as root: apt-get install redis-server" >&2
        exit 1
    fi
    as_root=(sudo -n)
fi
echo "installing Redis ..."
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q=2
"${as_root[@]}" apt-get install -q=2 --no-install-recommends redis-server >/dev/null || {
    echo "make test: Redis could not be installed; as root: apt-get install redis-server" >&2
    exit 1
}
