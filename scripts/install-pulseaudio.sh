#!/usr/bin/env bash
# Sees to it that there is a sound server for the virtual camera's tests: the one on PATH, or the distribution's.
set -euo pipefail

if command -v pulseaudio >/dev/null && command -v pactl >/dev/null && command -v parec >/dev/null; then
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "make test: the virtual camera's tests need PulseAudio; install it so that 'pulseaudio', 'pactl' and 'parec' are on PATH" >&2
    exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "make test: the virtual camera's tests need PulseAudio; as root: apt-get install pulseaudio pulseaudio-utils" >&2
        exit 1
    fi
    as_root=(sudo -n)
fi
echo "installing PulseAudio ..."
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q=2
"${as_root[@]}" apt-get install -q=2 --no-install-recommends pulseaudio pulseaudio-utils >/dev/null || {
    echo "make test: PulseAudio could not be installed; as root: apt-get install pulseaudio pulseaudio-utils" >&2
    exit 1
}
