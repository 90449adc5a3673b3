#!/bin/bash
# c_tests.sh plain|valgrind|baseline|avx2
# Runs the C tests (under valgrind also the C examples), as many at once as there are
# cores, and sums their counts. A program under valgrind counts as one test more. With
# the name of an instruction set the programs use its kernels.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mode=$1
logs=build/test/c-$mode
rm -rf "$logs"
mkdir -p "$logs"
cores=$(nproc)

# seed is no test program: its output is compared below.
programs=()
for source in Tests/c/*.c; do
    name=$(basename "$source" .c)
    [[ $name == seed ]] || programs+=("build/tests/c/$name")
done

# A program that hangs is ended, and fails.
run_plain() {
    timeout -k 5 300 "$1" > "$2/$(basename "$1").log" 2>&1
    echo $? > "$2/$(basename "$1").status"
}

# valgrind 3.19 does not know AVX-512. Memory that is still reachable at the end (the thread
# pool, the runtime's own tables) is no leak; what nothing points to any more is.
run_valgrind() {
    local name
    name=$(basename "$(dirname "$(dirname "$1")")")-$(basename "$1")
    TALWEG_CPU=${TALWEG_VALGRIND_CPU:-avx2} TALWEG_TEST_VALGRIND=1 TALWEG_NUM_THREADS=2 timeout -k 5 600 \
        valgrind --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
        --error-exitcode=99 --num-callers=30 "$@" > "$logs/$name.log" 2>&1
    echo $? > "$logs/$name.status"
}
export -f run_plain run_valgrind
export logs

if [[ $mode == baseline || $mode == avx2 ]]; then
    # Out of memory and the certified fits take long, and tell nothing more of the kernels.
    printf '%s\n' "${programs[@]}" | grep -vE '/(oom|descent)$' |
        TALWEG_CPU=$mode xargs -P "$cores" -I {} bash -c "run_plain {} $logs"
elif [[ $mode == plain ]]; then
    printf '%s\n' "${programs[@]}" | xargs -P "$cores" -I {} bash -c "run_plain {} $logs"
else
    {
        printf '%s\n' "${programs[@]}" build/tests/c/seed
        for source in examples/c/*.c; do
            name=$(basename "$source" .c)
            case $name in
                digits) [[ -e build/digits.csv ]] && echo "build/examples/c/digits build/digits.csv 1" ;;
                tuning) echo "build/examples/c/tuning build/diabetes.csv 1" ;;
                streaming) echo "build/examples/c/streaming build/streaming_valgrind.csv 2000" ;;
                char_lstm) echo "build/examples/c/char_lstm README.md 1" ;;
                fashion_mnist) ;; # gzip is a process of its own
                *) echo "build/examples/c/$name" ;;
            esac
        done
    } | xargs -P "$cores" -I {} bash -c 'run_valgrind {}'
fi

passed=0 failed=0 skipped=0
for log in "$logs"/*.log; do
    name=$(basename "$log" .log)
    status=$(cat "${log%.log}.status")
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
    if [[ -n $line ]]; then
        read -r p f s < <(sed -E 's/([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?.*/\1 \2 \4/' <<< "$line")
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
    fi
    echo "$name: ${line:-ran} (exit status $status)"
    if [[ $mode == valgrind ]]; then
        if ((status == 99)); then failed=$((failed + 1)); else passed=$((passed + 1)); fi
    fi
    if ((status != 0)); then
        [[ -n $line && $status != 99 ]] || ((status == 99)) || failed=$((failed + 1)) # it did not reach its end
        sed 's/^/    /' "$log" | tail -n 40
    else
        grep -E '^(skipped|[A-Za-z0-9]+ +LRE)' "$log"
    fi
done

if [[ $mode == plain ]]; then
    # The same seed, the same bits: on 1 and 2 threads, and from Python.
    one=$(TALWEG_NUM_THREADS=1 build/tests/c/seed)
    two=$(TALWEG_NUM_THREADS=2 build/tests/c/seed)
    echo "trained weights: $one on 1 thread, $two on 2"
    if [[ -n $one && $one == "$two" ]]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo 'FAILED  1 and 2 threads differ'; fi
    for threads in 1 2; do
        from_python=$(TALWEG_NUM_THREADS=$threads .venv/bin/python Tests/python/trained_weights.py | tail -n 1)
        if [[ -n $one && $one == "$from_python" ]]; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAILED  Python's weights on $threads threads: $from_python"
        fi
    done
fi

echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
