#!/usr/bin/env bash
# The tests of this folder in Debian's Blender program (5.2 LTS or newer), in the folder that the window tests use too.
# Status 77: this machine does not allow that (needs root and leave to mount).
set -euo pipefail
cd "$(dirname "$0")/../.."
cache=${XDG_CACHE_HOME:-$HOME/.cache}/maquette
folder=${MAQUETTE_BLENDER_FOLDER:-$cache/blender-lab/sid}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tests/gui/blender-folder.sh make "$folder" sid
.venv/bin/python tools/build_extension.py --platform here --out "$work/zip"
.venv/bin/python -m pip install --quiet --target "$work/pytest" "pytest==9.2.0" "pytest-timeout==2.4.0"
mkdir "$work/home"
# imports are tested with the backend of .venv: its Python is to be seen inside, too
python=$(.venv/bin/python -c 'import sys; print(sys.base_prefix)')
case $python in /usr | /usr/*) shared=() ;; *) shared=(--bind "$python") ;; esac
LAB_HOME=$work/home tests/gui/blender-folder.sh run "$folder" "${shared[@]}" -- \
    env PYTEST_FOLDER="$work/pytest" MAQUETTE_EXTENSION_ZIP="$(echo "$work"/zip/*.zip)" \
    blender --background --factory-startup --python tests/blender/in_program.py -- "$@"
