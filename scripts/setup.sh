#!/bin/bash
# setup.sh build|test|fashion
# Makes sure that what the build (or, further, the tests) needs from the system is
# there. What is missing is installed by apt-get if this runs as root on a system
# that has it; else the command to run is printed and the script fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'talweg: %s\n' "$*"; }

need_swift() {
    local version
    if ! command -v "${SWIFT:-swift}" > /dev/null 2>&1; then
        say "there is no swift on the PATH. Talweg is built with Swift 6.3 or later: https://www.swift.org/install/linux"
        exit 1
    fi
    version=$("${SWIFT:-swift}" --version 2> /dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    if [[ -z $version ]] || ! printf '6.3\n%s\n' "$version" | sort -C -V; then
        say "found Swift ${version:-of an unknown version}; Talweg is built with Swift 6.3 or later: https://www.swift.org/install/linux"
        exit 1
    fi
}

have() { command -v "$1" > /dev/null 2>&1; }

missing_packages() {
    have gcc || echo gcc
    have g++ || echo g++
    have cc || echo gcc
    have strip || echo binutils
    [[ -e /usr/include/stdlib.h ]] || echo libc6-dev
    scripts/find_python.sh > /dev/null || echo python3 python3-venv libpython3-dev
    if [[ $1 == test ]]; then
        have valgrind || echo valgrind libc6-dbg
        have pkg-config || echo pkg-config
        have cmake || echo cmake
    fi
    if [[ $1 == fashion ]]; then
        [[ -d /usr/share/datasets/fashion-mnist ]] || echo dataset-fashion-mnist
    fi
}

need_swift
missing=$(missing_packages "$1" | tr ' ' '\n' | sort -u | tr '\n' ' ')
if [[ -n ${missing// /} ]]; then
    if have apt-get && [[ $(id -u) == 0 ]]; then
        say "installing $missing"
        apt-get update -qq < /dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing < /dev/null
    elif have apt-get; then
        say "some system packages are missing. Run this, then the same make again:"
        echo "    sudo apt-get update && sudo apt-get install -y $missing"
        exit 1
    else
        say "some tools are missing; Debian's packages of them are called: $missing"
        exit 1
    fi
    missing=$(missing_packages "$1" | tr ' ' '\n' | sort -u | tr '\n' ' ')
    if [[ -n ${missing// /} ]]; then
        say "still missing: $missing"
        [[ $missing != *python3* ]] || say "(Python 3.11 or later with venv and its C headers; PYTHON=... names one)"
        exit 1
    fi
fi
