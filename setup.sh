#!/bin/sh
# Makes the environment that ./demo and ./check run in: .venv beside this file, or $YUHU_VENV.
#
# Done once; a later run only compares a stamp. The environment is built anew when pyproject.toml,
# constraints.txt, this file, the Python in it or the place of the checkout has changed, and after a
# set-up that did not finish. Where pip is configured (a mirror, a certificate), that is what is used.
set -eu

root=$(dirname -- "$(readlink -f -- "$0")")
venv=${YUHU_VENV:-$root/.venv}
case $venv in /*) ;; *) venv=$PWD/$venv ;; esac
stamp=$venv/.yuhu-setup
begun=$venv/.yuhu-begun
lock=$(dirname -- "$venv")/.yuhu-setup.lock
shown=$venv
[ "$venv" != "$root/.venv" ] || shown=.venv

say() {
    printf 'yuhu: %s\n' "$*" >&2
}

stop() {
    say "$@"
    exit 1
}

# What the stamp must hold for the environment to be good as it stands.
wanted_stamp() {
    version=$("$venv/bin/python" -V 2>&1) || return 1
    sum=$(cd -- "$root" && cat pyproject.toml constraints.txt setup.sh | cksum) || return 1
    printf '%s\n%s\n%s\n%s\n' "$root" "$venv" "$version" "$sum"
}

is_ready() {
    [ -f "$stamp" ] && [ -x "$venv/bin/yuhu" ] && [ -x "$venv/bin/python" ] || return 1
    wanted=$(wanted_stamp 2>/dev/null) || return 1
    [ "$wanted" = "$(cat -- "$stamp")" ]
}

# --- one set-up at a time -----------------------------------------------------------------------

# By its command line where the system shows it: after a crash the number may be another program's.
is_alive() {
    if [ -r "/proc/$1/cmdline" ]; then
        grep -q setup.sh "/proc/$1/cmdline" 2>/dev/null
    else
        kill -0 "$1" 2>/dev/null
    fi
}

# Whoever takes away the lock of a dead process holds $lock.steal meanwhile, so that two who find it
# at once cannot take away each other's new one.
remove_stale_lock() {
    mkdir -- "$lock.steal" 2>/dev/null || return 0
    if [ "$(cat -- "$lock/pid" 2>/dev/null || true)" = "$1" ]; then
        rm -rf -- "$lock"
    fi
    rmdir -- "$lock.steal"
}

take_lock() {
    waited=0
    unnamed=0
    mkdir -p -- "$(dirname -- "$venv")"
    while ! mkdir -- "$lock" 2>/dev/null; do
        [ -d "$lock" ] || [ -w "$(dirname -- "$lock")" ] || stop "cannot write in $(dirname -- "$lock")."
        holder=$(cat -- "$lock/pid" 2>/dev/null || true)
        if [ -z "$holder" ]; then
            unnamed=$((unnamed + 1)) # just made, its pid about to come; or left so by a kill
            [ "$unnamed" -lt 5 ] || remove_stale_lock ''
        elif ! is_alive "$holder"; then
            remove_stale_lock "$holder"
        fi
        [ "$waited" -ne 2 ] || say "another set-up${holder:+ (process $holder)} is at work here; waiting for it"
        [ "$waited" -lt 900 ] || stop "waited 15 minutes for another set-up. If none is running: rm -rf '$lock' '$lock.steal'"
        waited=$((waited + 1))
        sleep 1
    done
    locked=yes
    printf '%s\n' "$$" >"$lock/pid"
}

leave() {
    status=$?
    trap - EXIT
    [ -z "$locked" ] || rm -rf -- "$lock"
    [ "$status" -eq 0 ] || [ -z "$building" ] || say 'the set-up did not finish; the next run starts it anew.'
    exit "$status"
}

# --- Python -------------------------------------------------------------------------------------

find_python() {
    found=
    for python in python3 python3.13 python3.12 python3.11; do
        command -v "$python" >/dev/null 2>&1 || continue
        version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' && return 0
        found="$found${found:+, }$python is $version"
    done
    stop "Python 3.11 or newer is needed; ${found:-no python3 was found} (Ubuntu 22.04 ships 3.10)." \
        'Install a newer one, so that python3, python3.13, python3.12 or python3.11 on PATH is it, and run this again.'
}

has_venv() {
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

need_venv() {
    has_venv && return 0
    package=$python-venv
    command -v apt-get >/dev/null 2>&1 ||
        stop "$python has no venv module (with ensurepip). Install it with this system's package manager, and run this again."
    install="apt-get update && apt-get install -y $package"
    if [ "$(id -u)" -ne 0 ] && ! sudo -n true >/dev/null 2>&1; then
        if command -v sudo >/dev/null 2>&1; then
            install="sudo apt-get update && sudo apt-get install -y $package"
        else
            install="su -c '$install'"
        fi
        stop "Python's venv module is missing, and only root can install it. Run this once, then try again:
    $install"
    fi
    say "installing $package with apt-get (once)"
    log=$(mktemp)
    if ! {
        as_root apt-get update -qq || true
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"
    } </dev/null >"$log" 2>&1; then
        tail -n 20 -- "$log" >&2
        rm -f -- "$log"
        stop "apt-get could not install $package. When this works, try again:
    $install"
    fi
    rm -f -- "$log"
    has_venv || stop "$package is installed, but $(command -v "$python") still has no venv module: it is not the system's own. \
Put a Python that has it first on PATH, and run this again."
}

# --- the environment ----------------------------------------------------------------------------

# $YUHU_VENV may name anything: only an environment, or one that was begun, may be emptied.
refuse_foreign() {
    [ -e "$venv" ] || [ -L "$venv" ] || return 0
    [ -d "$venv" ] || stop "$shown is in the way and is no folder. Move it away, and run this again."
    [ -e "$begun" ] || [ -e "$stamp" ] || [ -e "$venv/pyvenv.cfg" ] || [ -z "$(ls -A -- "$venv")" ] ||
        stop "$shown is in the way and is no Python environment. Move it away, and run this again."
}

# The signs that it is ours go last, so that this too can be interrupted. Tried again where something
# still writes there, as a pip may whose set-up was killed.
clear_venv() {
    mkdir -p -- "$venv"
    tries=5
    until find "$venv/" -mindepth 1 -maxdepth 1 ! -name pyvenv.cfg ! -name '.yuhu-*' -exec rm -rf -- {} + 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || stop "cannot empty $shown. Remove it, and run this again."
        sleep 1
    done
    : >"$begun"
    rm -f -- "$stamp" "$venv/pyvenv.cfg"
}

pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check "$@"
}

# One setting of pip's own configuration files, empty where it has none.
pip_setting() {
    pip config list 2>/dev/null | sed -n "s/^[a-z]*\.$1='\(.*\)'\$/\1/p" | tail -n 1
}

# uv does not read pip's configuration: hand it the index and the certificate from there, unless uv has its own.
tell_uv_of_pip() {
    if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
        index=${PIP_INDEX_URL:-$(pip_setting index-url)}
        [ -z "$index" ] || export UV_DEFAULT_INDEX="$index"
    fi
    if [ -z "${SSL_CERT_FILE:-}" ]; then
        cert=${PIP_CERT:-$(pip_setting cert)}
        [ -z "$cert" ] || export SSL_CERT_FILE="$cert"
    fi
}

install_with_uv() {
    pin=$(sed -n 's/^\(uv==[0-9A-Za-z.+!-]*\).*/\1/p' constraints.txt | head -n 1)
    [ -n "$pin" ] && pip install -q "$pin" || return 1
    tell_uv_of_pip
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" -c constraints.txt -b constraints.txt -e . --group dev
}

install_with_pip() {
    "$venv/bin/python" - >"$venv/.yuhu-dev.txt" <<'END'
import re, tomllib
with open("pyproject.toml", "rb") as file:
    dev = tomllib.load(file)["dependency-groups"]["dev"]
print(*(line for line in dev if not re.match(r"uv\b(?!-)", line)), sep="\n")
END
    pip install -q -c constraints.txt -e . -r "$venv/.yuhu-dev.txt"
}

build() {
    refuse_foreign
    say "setting up $shown (once; about a minute)"
    building=yes
    clear_venv
    "$python" -m venv "$venv"
    cd -- "$root"
    if ! install_with_uv; then
        say 'uv did not do it; going on with pip alone (a few minutes)'
        install_with_pip
    fi
    wanted_stamp >"$stamp.new"
    mv -- "$stamp.new" "$stamp"
    rm -f -- "$begun"
    building=
}

# The front end of the workbench, where its sources have changed since it was built. With `--node`, its tests can be run too.
front_end() {
    is_built=$("$venv/bin/python" "$root/hatch_build.py" --is-built)
    if [ "$is_built" = no ] || [ "$with_node" = yes ]; then
        need_node
    fi
    [ "$is_built" = yes ] || "$venv/bin/python" "$root/hatch_build.py" ||
        stop 'the front end of the workbench was not built (above); everything else is ready.'
}

need_node() {
    node=$("$venv/bin/python" "$root/hatch_build.py" --missing-node)
    [ -n "$node" ] || return 0
    say 'fetching node for the front end (once)'
    tell_uv_of_pip
    "$venv/bin/uv" pip install -q --python "$venv/bin/python" "$node" 2>/dev/null || pip install -q "$node"
}

case ${1:-} in --node) with_node=yes ;; *) with_node=no ;; esac
locked=
building=
if is_ready; then
    front_end
    exit 0
fi
[ -f "$root/constraints.txt" ] || stop 'constraints.txt is missing: git checkout constraints.txt, or write it with tools/pin.'
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
find_python
need_venv
take_lock
is_ready || build
front_end
