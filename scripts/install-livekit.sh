#!/usr/bin/env bash
# Sees to it that there is a LiveKit server: the one on PATH, the one built earlier, or one built
# here from its source, which takes some minutes. It is kept in the user's cache folder.
set -euo pipefail

version=v1.13.5
scripts="$(dirname "$0")"
otherwise="install LiveKit so that 'livekit-server' is on PATH"
bin="${XDG_CACHE_HOME:-$HOME/.cache}/meetbot/bin"

give_up() {
    echo "make: $1; $otherwise" >&2
    exit 1
}
there() { [ -x "$bin/livekit-server" ] || command -v livekit-server >/dev/null; }

if there; then exit 0; fi
mkdir -p "$bin"
exec 9>"$bin/.livekit.lock"
if command -v flock >/dev/null; then flock 9; fi
if there; then exit 0; fi
echo "building the LiveKit server $version, which takes some minutes ..."
command -v go >/dev/null ||
    "$scripts/apt-install.sh" "make: building the LiveKit server needs Go" "$otherwise" golang-go
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
# An older Go than the server asks for fetches the one that it needs.
GOTOOLCHAIN=auto GOBIN="$work" nice -n 10 go install "github.com/livekit/livekit-server/cmd/server@$version" ||
    give_up "the LiveKit server could not be built"
install -m 755 "$work/server" "$bin/livekit-server.new"
mv "$bin/livekit-server.new" "$bin/livekit-server"
