#!/bin/bash
# The Swift tests under the address sanitizer, and those that use threads under the
# thread sanitizer. $TALWEG_THREAD_SUITES (a regular expression) chooses the latter.
# Minutes each: no part of `make test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
# Release: the accuracy tests' loops take a quarter of an hour in debug. Leaks are valgrind's
# matter; XCTest itself leaks a little.
ASAN_OPTIONS=detect_leaks=0 "$swift" test -c release -Xswiftc -enable-testing \
    --sanitize=address --scratch-path .build/sanitize-address
"$swift" test --sanitize=thread --scratch-path .build/sanitize-thread \
    --filter "${TALWEG_THREAD_SUITES:-ThreadPoolTests|ThreadsTests|MatrixMultiplyTests|FitTests|PredictTests|LoaderTests|SharedLeafTests}"
