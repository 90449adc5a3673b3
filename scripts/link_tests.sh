#!/bin/bash
# Linking as the README has it: a gcc line, pkg-config and CMake, against the build tree and
# against an installation; and the C++ headers.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=$root/build/test/link
rm -rf "$work"
mkdir -p "$work"
passed=0 failed=0

try() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" > "$work/output" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED  $what"
        sed 's/^/    /' "$work/output"
    fi
}

program=$root/Tests/abi/startup.c
gcc_line() { # LIBDIR INCLUDEDIR
    gcc "$program" -I"$2" -L"$1" -ltalweg -Wl,-rpath,"$1" -o "$work/by_hand" && "$work/by_hand"
}
by_pkg_config() { # LIBDIR
    export PKG_CONFIG_PATH=$1/pkgconfig
    gcc "$program" $(pkg-config --cflags --libs talweg) -Wl,-rpath,"$(pkg-config --variable=libdir talweg)" -o "$work/by_pkg_config" &&
        "$work/by_pkg_config" && [[ $(pkg-config --modversion talweg) == "$version" ]]
}
by_cmake() { # PREFIX NAME VERSION
    mkdir -p "$work/$2"
    cat > "$work/$2/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.16)
project(program C)
find_package(talweg $3 REQUIRED)
add_executable(program $program)
target_link_libraries(program PRIVATE talweg::talweg)
CMAKE
    cmake -S "$work/$2" -B "$work/$2/build" -DCMAKE_PREFIX_PATH="$1" && cmake --build "$work/$2/build" && "$work/$2/build/program"
}
refuses_cmake() { ! by_cmake "$@"; }

version=$(sed -n 's/^#define TW_VERSION_STRING "\(.*\)"/\1/p' include/talweg/base.h)
try 'a gcc line, build tree' gcc_line "$root/build/lib" "$root/build/include"
try 'pkg-config, build tree' by_pkg_config "$root/build/lib"
try 'CMake, build tree' by_cmake "$root/build" cmake-build "$version"
try 'CMake refuses a version that is not there' refuses_cmake "$root/build" cmake-newer 99.0

try 'make install' make --no-print-directory install PREFIX="$work/usr"
try 'a gcc line, installed' gcc_line "$work/usr/lib" "$work/usr/include"
try 'pkg-config, installed' by_pkg_config "$work/usr/lib"
try 'CMake, installed' by_cmake "$work/usr" cmake-installed "${version%.*}"

# DESTDIR stages, and what is staged names the PREFIX.
try 'make install with DESTDIR' make --no-print-directory install PREFIX=/opt/talweg LIBDIR=/opt/talweg/lib64 DESTDIR="$work/stage"
try 'the staged .pc names the prefix' grep -qx 'prefix=/opt/talweg' "$work/stage/opt/talweg/lib64/pkgconfig/talweg.pc"
try 'the staged links' test "$(readlink "$work/stage/opt/talweg/lib64/libtalweg.so")" = libtalweg.so.0
export talweg_DIR=$work/stage/opt/talweg/lib64/cmake/talweg
try 'CMake, staged, in lib64' by_cmake "$work/stage/opt/talweg" cmake-staged "$version"
unset talweg_DIR
headers_are_all_there() {
    local staged=$work/stage/opt/talweg/include
    diff -r -x module.modulemap -x '*.hpp' include "$staged" && diff bindings/cpp/talweg.hpp "$staged/talweg.hpp" &&
        diff -r -x '*.h' bindings/cpp/talweg "$staged/talweg"
}
try 'the staged headers' headers_are_all_there

# The C++ headers, in each standard from C++17 on, with both compilers; the test's files are linked
# together, so that what is not inline is found. Valgrind reads DWARF 4 of both compilers.
clang=$(command -v clang++ || echo "$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")/clang++")
cpp() { # COMPILER STANDARD
    "$1" -std="$2" -O1 -g -gdwarf-4 -Wall -Wextra -Wpedantic -Werror -Ibuild/include bindings/cpp/test_*.cpp \
        -o "$work/cpp" -Lbuild/lib -ltalweg -Wl,-rpath,"$root/build/lib" &&
        "$work/cpp"
}
each_alone() { # twice in a row, as an include guard has it
    local header
    for header in bindings/cpp/talweg/*.hpp; do
        header=talweg/${header##*/}
        printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
            "$clang" -x c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror -Ibuild/include -fsyntax-only - || return 1
    done
}
readme_cpp() { # the README's program, against the installation: it prints what its comment says
    local expected
    sed -n '/^```cpp$/,/^```$/p' README.md | sed '/^```/d' > "$work/readme.cpp"
    expected=$(sed -n 's|.*std::cout.*// ||p' "$work/readme.cpp")
    export PKG_CONFIG_PATH=$work/usr/lib/pkgconfig
    g++ -std=c++17 "$work/readme.cpp" $(pkg-config --cflags --libs talweg) -Wl,-rpath,"$work/usr/lib" \
        -o "$work/readme" && [[ -n $expected && $("$work/readme") == "$expected" ]]
}
for standard in c++17 c++20 c++2b; do
    try "talweg.hpp as $standard with g++" cpp g++ $standard
    try "talweg.hpp as $standard with clang++" cpp "$clang" $standard
done
try 'each header of C++ alone' each_alone
try "the README's C++ program, installed" readme_cpp
try 'talweg.hpp under valgrind' env TALWEG_CPU=avx2 valgrind --quiet --leak-check=full --show-leak-kinds=definite \
    --errors-for-leak-kinds=definite --error-exitcode=99 "$work/cpp"

echo "$passed passed, $failed failed"
((failed == 0))
