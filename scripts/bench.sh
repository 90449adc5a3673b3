#!/bin/bash
# bench.sh [SUITE...]: the benchmarks, beside the peers that .venv has. Without any, talweg's alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bench=build/bin/talweg-bench
suites=("$@")
compared=()
for suite in "${suites[@]}"; do
    if [[ $suite == peak || $suite == fit ]]; then "$bench" "$suite"; else compared+=("$suite"); fi
done
if .venv/bin/python -c 'import numpy' 2> /dev/null; then
    ((${#suites[@]} > 0)) || "$bench" peak
    if ((${#suites[@]} == 0 || ${#compared[@]} > 0)); then
        .venv/bin/python Tests/bench/peers.py "${compared[@]}" --threads "$(nproc)" \
            --json build/bench.json --markdown build/bench.md
    fi
else
    for suite in "${compared[@]}"; do "$bench" "$suite"; done
    ((${#suites[@]} > 0)) || "$bench" all
    echo 'talweg: to compare with PyTorch and JAX: make bench-peers, then make bench again'
fi
