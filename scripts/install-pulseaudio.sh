#!/usr/bin/env bash
# Sees to it that there is a sound server for the virtual camera's tests: the one on PATH, or the distribution's.
set -euo pipefail

if command -v pulseaudio >/dev/null && command -v pactl >/dev/null && command -v parec >/dev/null; then
    exit 0
fi
"$(dirname "$0")/apt-install.sh" "make test: the virtual camera's tests need PulseAudio" \
    "install it so that 'pulseaudio', 'pactl' and 'parec' are on PATH" pulseaudio pulseaudio-utils
