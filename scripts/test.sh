#!/bin/bash
# Runs every part of the tests and closes with a line of counts. `make test` builds
# what they need first. With names as arguments, only those parts are run:
#     scripts/test.sh c examples
# Each part's whole output is in build/test/<part>.log.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
only=" $* "
mkdir -p build/test
passed=0 failed=0 skipped=0 broken=()

# The counts that a part's log closes with: the last line that has "N passed" or "N failed",
# as our own programs and pytest print it, or Swift Testing's "Test run with N tests".
counts_of() {
    local log=$1 line p=0 f=0 s=0
    if line=$(grep -E 'Test run with [0-9]+ tests?' "$log" | tail -n 1) && [[ -n $line ]]; then
        local all
        all=$(sed -E 's/.*Test run with ([0-9]+) tests?.*/\1/' <<< "$line")
        f=$(grep -cE '^(✘|.\[[0-9;]*m✘.*) Test .* failed after' "$log")
        [[ $line == *passed* ]] && f=0
        s=$(grep -cE '(➜|skipped:?) ?Test .* skipped' "$log")
        p=$((all - f - s))
    else
        line=$(grep -E '[0-9]+ (passed|failed|skipped|errors?)' "$log" | tail -n 1)
        p=$(sed -nE 's/.*\b([0-9]+) passed.*/\1/p' <<< "$line")
        f=$(sed -nE 's/.*\b([0-9]+) failed.*/\1/p' <<< "$line")
        s=$(sed -nE 's/.*\b([0-9]+) skipped.*/\1/p' <<< "$line")
        local e
        e=$(sed -nE 's/.*\b([0-9]+) errors?.*/\1/p' <<< "$line")
        f=$((${f:-0} + ${e:-0}))
    fi
    echo "${p:-0} ${f:-0} ${s:-0}"
}

part() { # NAME COMMAND...
    local name=$1 log=build/test/$1.log start=$SECONDS status p f s
    shift
    [[ $only == '  ' || $only == *" $name "* ]] || return 0
    printf '==== %s\n' "$name"
    "$@" < /dev/null > "$log" 2>&1
    status=$?
    read -r p f s < <(counts_of "$log")
    if ((status != 0 && f == 0)); then f=1; fi
    if ((status == 0 && p + f + s == 0)); then # it says nothing: that is no pass
        f=1
        echo "$name printed no counts" >> "$log"
    fi
    if ((f > 0)); then
        broken+=("$name")
        tail -n 60 "$log"
    else
        grep -E '^(skipped|LRE|[A-Za-z0-9]+ +LRE)' "$log" | sort -u | head -n 20
    fi
    printf '%s: %d passed, %d failed, %d skipped (%d s)\n' "$name" "$p" "$f" "$s" $((SECONDS - start))
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

part abi        Tests/abi/run.sh
part c          scripts/c_tests.sh plain
part c-avx2     scripts/c_tests.sh avx2
part c-baseline scripts/c_tests.sh baseline
part older-cpus Tests/abi/older_cpu.sh
part examples   .venv/bin/python scripts/examples.py
part link       scripts/link_tests.sh
part python     .venv/bin/python -m pytest Tests/python -q -p no:cacheprovider
part fuzz       .venv/bin/python -m pytest Tests/fuzz -q -p no:cacheprovider
part bench      .venv/bin/python -m pytest Tests/bench -q -p no:cacheprovider
part readme     .venv/bin/python scripts/readme.py
part headers    Tests/abi/headers.sh
part valgrind   scripts/c_tests.sh valgrind
part swift      scripts/swift_tests.sh
part swift-avx2 scripts/swift_tests.sh avx2
part swift-baseline scripts/swift_tests.sh baseline

echo
((${#broken[@]} == 0)) || echo "failed: ${broken[*]} (whole output in build/test/<part>.log)"
if ((skipped > 0)); then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
((failed == 0))
