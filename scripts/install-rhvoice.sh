#!/usr/bin/env bash
# Sees to it that RHVoice is there for the Russian voice: the library and its Russian data, from the
# distribution. Debian keeps them in its section non-free (the licences of some voices forbid
# commercial use), which is switched on where it is not.
set -euo pipefail

packages=(librhvoice5 rhvoice-russian)
section=/etc/apt/sources.list.d/meetbot-non-free

installed() { dpkg-query -W -f '${db:Status-Status}\n' "${packages[@]}" 2>/dev/null | grep -cx installed; }
offered() { apt-cache show "${packages[@]}" >/dev/null 2>&1; }
give_up() {
    echo "make: $1; as root, with the section non-free of Debian: apt-get install ${packages[*]}" >&2
    exit 1
}

if ! command -v apt-get >/dev/null; then
    echo "make: the Russian voice needs RHVoice (libRHVoice.so.5 and its Russian data); install it" >&2
    exit 1
fi
if [ "$(installed)" = "${#packages[@]}" ]; then
    exit 0
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || give_up "the Russian voice needs RHVoice"
    as_root=(sudo -n)
fi
echo "installing RHVoice ..."
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q=2
if ! offered; then
    if [ -f /etc/apt/sources.list.d/debian.sources ]; then
        sed 's/^Components:.*/Components: non-free/' /etc/apt/sources.list.d/debian.sources |
            "${as_root[@]}" tee "$section.sources" >/dev/null
    elif [ -f /etc/apt/sources.list ]; then
        sed -nE 's/^(deb .*[[:space:]])main([[:space:]].*)?$/\1non-free/p' /etc/apt/sources.list |
            "${as_root[@]}" tee "$section.list" >/dev/null
    fi
    "${as_root[@]}" apt-get update -q=2
fi
"${as_root[@]}" apt-get install -q=2 --no-install-recommends "${packages[@]}" >/dev/null ||
    give_up "RHVoice could not be installed"
