#!/bin/bash
# package_config.sh OUT PREFIX LIBDIR INCLUDEDIR VERSION SOVERSION
# Writes OUT/pkgconfig/talweg.pc and OUT/cmake/talweg/ for a library that lies in LIBDIR.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=$1 prefix=$2 libdir=$3 includedir=$4 version=$5 soversion=$6

if [[ $prefix == /* ]]; then
    include_from_lib=$(realpath -m --relative-to="$libdir" "$includedir")
else # relative to the .pc file: the build tree
    include_from_lib=../include
fi

fill() {
    sed -e "s|@PREFIX@|$prefix|g" -e "s|@LIBDIR@|$libdir|g" -e "s|@INCLUDEDIR@|$includedir|g" \
        -e "s|@VERSION@|$version|g" -e "s|@SOVERSION@|$soversion|g" -e "s|@INCLUDE_FROM_LIB@|$include_from_lib|g" "$1"
}

mkdir -p "$out/pkgconfig" "$out/cmake/talweg"
fill cmake/talweg.pc.in > "$out/pkgconfig/talweg.pc"
fill cmake/talwegConfig.cmake.in > "$out/cmake/talweg/talwegConfig.cmake"
fill cmake/talwegConfigVersion.cmake.in > "$out/cmake/talweg/talwegConfigVersion.cmake"
