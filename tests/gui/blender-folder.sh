#!/usr/bin/env bash
# A real Blender with a window, on a machine that has no screen: a Debian release that carries a modern Blender, an X
# server and software OpenGL, all in one folder. Nothing outside that folder is changed, but for mmdebstrap, which is
# installed where it is missing.
#
#   blender-folder.sh make FOLDER [sid|trixie]             once, some minutes; at once when it is there
#   blender-folder.sh run FOLDER [--bind DIR]... -- COMMAND…   inside it; HOME is $LAB_HOME
#
# `run` shares /proc, /dev, /tmp, the network and every DIR with the machine, in a mount namespace of its own: nothing
# stays mounted. Both need root and leave to mount; status 77 says that they are not given here.
set -euo pipefail

say() { echo "blender-folder: $*" >&2; }

packages=(
    blender python3-cattr # Blender's own extensions add-on needs cattr, Debian's package does not ask for it
    python3-numpy python3-requests python3-zstandard
    xvfb xauth xdotool xclip x11-utils imagemagick
    libgl1-mesa-dri libglx-mesa0 libegl-mesa0 libegl1 mesa-vulkan-drivers
    fonts-dejavu-core
)

# The Debian mirror of this machine, from either form of apt's configuration
mirror() {
    { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null || true; } |
        sed -n -E -e 's/^URIs:[[:space:]]*([^[:space:]]+).*/\1/p' \
            -e 's/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+)[[:space:]].*/\2/p' |
        grep -E -m 1 '/debian/?$' || true
}

can_mount() { [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; }

make_folder() {
    local folder=$1 suite=${2:-sid} from
    local wanted="$suite ${packages[*]}"
    if [ "$(cat "$folder/.ready" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    can_mount || { say "needs root and leave to mount"; exit 77; }
    from=$(mirror)
    [ -n "$from" ] || { say "no Debian mirror in apt's configuration"; exit 77; }
    command -v mmdebstrap >/dev/null || {
        apt-get update -qq && apt-get install -y -qq --no-install-recommends mmdebstrap
    } >/dev/null || { say "mmdebstrap could not be installed"; exit 77; }
    mkdir -p "$(dirname "$folder")"
    rm -rf --one-file-system "$folder.partial"
    say "putting $suite into $folder, about 1.3 GB"
    mmdebstrap --mode=root --variant=apt --architectures="$(dpkg --print-architecture)" \
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt=force-unsafe-io \
        --include="$(IFS=,; echo "${packages[*]}")" \
        "$suite" "$folder.partial" "deb $from $suite main"
    rm -rf --one-file-system "$folder"
    mv "$folder.partial" "$folder"
    echo "$wanted" >"$folder/.ready"
}

run_inside() {
    local folder
    folder=$(readlink -f "$1")
    shift
    local shared=("$PWD" "${LAB_HOME:?the folder that is HOME inside}")
    while [ "${1:-}" = --bind ]; do
        shared+=("$2")
        shift 2
    done
    [ "${1:-}" = -- ] && shift
    can_mount || { say "needs root and leave to mount"; exit 77; }
    local inner='
        folder=$1 home=$2 count=$3; shift 3
        mount --bind /proc "$folder/proc"
        mount --rbind /dev "$folder/dev"
        mount --bind /tmp "$folder/tmp"
        while [ "$count" -gt 0 ]; do
            case $1 in
                / | /tmp | /tmp/*) ;;
                *) mkdir -p "$folder$1" && mount --bind "$1" "$folder$1" ;;
            esac
            shift; count=$((count - 1))
        done
        unset LD_LIBRARY_PATH PYTHONPATH PYTHONHOME VIRTUAL_ENV
        export HOME=$home LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        exec chroot "$folder" sh -c "cd \"\$1\" && shift && exec \"\$@\"" sh "$PWD" "$@"'
    local real=()
    for dir in "${shared[@]}"; do real+=("$(readlink -f "$dir")"); done
    exec unshare --mount --propagation private \
        bash -euc "$inner" bash "$folder" "$(readlink -f "$LAB_HOME")" "${#real[@]}" "${real[@]}" "$@"
}

case ${1:-} in
    make) shift && make_folder "$@" ;;
    run) shift && run_inside "$@" ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
