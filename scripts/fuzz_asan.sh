#!/bin/bash
# The random programs of Tests/fuzz against a library built with the address sanitizer, whose
# runtime is loaded before Python. A debug build: it also traps on what an unchecked build would
# pass over. The sanitizer's reports go to stderr, and the fuzzer names the program.
#     scripts/fuzz_asan.sh SEED:COUNT
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
options=(--sanitize=address --scratch-path .build/sanitize-fuzz)
"$swift" build --product talweg "${options[@]}"
folder=$("$swift" build "${options[@]}" --show-bin-path)
toolchain=$(dirname "$(readlink -f "$(command -v "$swift")")")
runtime=$(find "$toolchain/../lib/clang/" -name "libclang_rt.asan-$(uname -m).so" | head -n 1)
# Leaks are valgrind's matter, and Python's own would drown ours.
ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:abort_on_error=1 LD_PRELOAD=$runtime \
    TALWEG_FUZZ_LIBRARY=$folder/libtalweg.so PYTHONMALLOC=malloc \
    .venv/bin/python Tests/fuzz/fuzz.py "$@"
