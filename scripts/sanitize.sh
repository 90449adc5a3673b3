#!/bin/bash
# The Swift tests under the address sanitizer, and those that use threads under the
# thread sanitizer. $TALWEG_THREAD_SUITES (a regular expression) chooses the latter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
swift=${SWIFT:-swift}
"$swift" test --sanitize=address --scratch-path .build/sanitize-address
"$swift" test --sanitize=thread --scratch-path .build/sanitize-thread --filter "${TALWEG_THREAD_SUITES:-ThreadPoolTests|ThreadsTests|MatrixMultiplyTests|FitTests|PredictTests|LoaderTests}"
