#!/usr/bin/env bash
# Installs packages of the distribution (Debian and its kin), as root or by sudo without a password:
# apt-install.sh WHO-NEEDS-WHAT WHAT-TO-DO-ELSEWHERE PACKAGE...
# Where that does not work, one line says who needs what, and what to do.
set -euo pipefail

need="$1" elsewhere="$2"
shift 2

give_up() {
    echo "$need; $1" >&2
    exit 1
}

command -v apt-get >/dev/null || give_up "$elsewhere"
by_hand="as root: apt-get install $*"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || give_up "$by_hand"
    as_root=(sudo -n)
fi
echo "installing $* ..."
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q=2
"${as_root[@]}" apt-get install -q=2 --no-install-recommends "$@" >/dev/null ||
    give_up "apt-get could not install it; $by_hand"
