#!/bin/bash
# swift_tests.sh [baseline|avx2]
# The Swift tests. Release with testing enabled: the numeric loops are many times slower in debug. With the name of an
# instruction set, what was built already, on its kernels: the suites of the engine's arithmetic (those of the
# kernels run on every set anyway).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
options=(-c release -Xswiftc -enable-testing --scratch-path .build/test)
if (($# > 0)); then
    export TALWEG_CPU=$1
    options+=(--skip-build --filter '^TalwegTests' --skip '(Fit|CSV|Safetensors|AtomicFile|Loader|Printing|Descent|ThreadPool|Allocator|DecimalNumber)Tests')
fi
exec "${SWIFT:-swift}" test "${options[@]}"
