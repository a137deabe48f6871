#!/usr/bin/env bash
# Sees to it that there is an Ollama server: the one on PATH, the one built earlier, or one built
# here from its source, which takes some minutes. It is kept in the user's cache folder.
set -euo pipefail

version=v0.24.0
scripts="$(dirname "$0")"
otherwise="install Ollama so that 'ollama' is on PATH"
malgo=github.com/gen2brain/malgo@v0.11.24 # Ollama includes its miniaudio.h
packages=(g++ golang-go libstb-dev nlohmann-json3-dev)
bin="${XDG_CACHE_HOME:-$HOME/.cache}/meetbot/bin"

give_up() {
    echo "make: $1; $otherwise" >&2
    exit 1
}
there() { [ -x "$bin/ollama" ] || command -v ollama >/dev/null; }

install_packages() {
    local missing=() package
    for package in "${packages[@]}"; do
        if [ "$package" = golang-go ] && command -v go >/dev/null; then continue; fi
        if ! dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
            missing+=("$package")
        fi
    done
    if [ "${#missing[@]}" -eq 0 ]; then return; fi
    "$scripts/apt-install.sh" "make: building Ollama needs ${missing[*]}" "$otherwise" "${missing[@]}"
}

build() {
    local work="$1" flags="-O3" source
    if grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo && grep -qw f16c /proc/cpuinfo; then
        flags+=" -mavx2 -mfma -mf16c"
    fi
    # Debian's Go may be older than Ollama asks for: it then fetches the one that it needs.
    export GOTOOLCHAIN=auto
    source="$(cd "$work" && go mod download -json "$malgo" | sed -nE 's/^\s*"Dir": "(.*)",?$/\1/p')"
    mkdir -p "$work/include/miniaudio"
    ln -s "$source/miniaudio.h" "$work/include/miniaudio/miniaudio.h"
    GOBIN="$work/bin" CGO_ENABLED=1 CGO_CFLAGS="$flags" CGO_CXXFLAGS="$flags -I$work/include" \
        nice -n 10 go install "github.com/ollama/ollama@$version" || give_up "Ollama could not be built"
}

if there; then exit 0; fi
mkdir -p "$bin"
exec 9>"$bin/.ollama.lock"
if command -v flock >/dev/null; then flock 9; fi
if there; then exit 0; fi
command -v apt-get >/dev/null || give_up "Ollama is built here on Debian and its kin only"
echo "building Ollama $version, which takes some minutes ..."
install_packages
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
build "$work"
install -m 755 "$work/bin/ollama" "$bin/ollama.new"
mv "$bin/ollama.new" "$bin/ollama"
