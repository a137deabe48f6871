#!/usr/bin/env bash
# sync-venv.sh FOLDER SET: makes the virtual environment FOLDER exactly requirements/SET.txt, with
# this workspace's own packages on top, editable. Uses a Python that is there; downloads none.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$1 requirements=requirements/$2.txt
export UV_PYTHON_DOWNLOADS=never
uv=$(scripts/find-uv.sh)

if ! "$folder/bin/python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
    "$uv" venv -q --clear --python '>=3.11,<3.14' "$folder" || {
        echo "make: Meetbot needs Python 3.11, 3.12 or 3.13; install one of them and run this again" >&2
        exit 1
    }
fi
echo "installing $requirements into $folder ..."
"$uv" pip sync -q --python "$folder/bin/python" --require-hashes "$requirements"
"$uv" pip install -q --python "$folder/bin/python" --no-deps -e . -e connectors/livekit -e connectors/virtualcam \
    -e connectors/webrtc
