#!/usr/bin/env bash
# Resolves pyproject.toml into requirements/*.txt: versions and hashes, and no address.
# With -U, to the newest versions allowed; else what is pinned already stays where it can.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(scripts/find-uv.sh)

lock() {
    local name=$1
    shift
    echo "requirements/$name.txt"
    UV_PYTHON_DOWNLOADS=never "$uv" pip compile -q --universal --fork-strategy fewest --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --python-version 3.11 \
        --no-emit-package meetbot --no-emit-package meetbot-livekit \
        --no-emit-package meetbot-virtualcam --no-emit-package meetbot-webrtc \
        pyproject.toml connectors/*/pyproject.toml "$@" -o "requirements/$name.txt" >/dev/null
}

lock base "${@}"
lock dev --extra espeak --extra upscale --extra piper --group pyproject.toml:dev -c requirements/base.txt "${@}"
lock torch --extra speechbrain --extra xtts --extra diffusers --extra export --extra espeak --extra upscale --extra piper \
    --group pyproject.toml:dev -c requirements/dev.txt "${@}"
