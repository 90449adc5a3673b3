#!/bin/bash
# The library as a file: its symbols, what it needs, its size, how fast it starts, and that
# no kernel for a newer CPU can be reached on an older one.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
library=$(readlink -f build/lib/libtalweg.so)
python=.venv/bin/python
[[ -x $python ]] || python=python3
clang=$(command -v clang || echo "$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")/clang")
passed=0 failed=0

verdict() { # STATUS WHAT
    if (($1 == 0)); then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED  $2"; fi
}

output=$("$python" Tests/abi/symbols.py "$library" include "$clang")
status=$?
echo "$output" | head -n -1
verdict $status 'the exported symbols'

needed=$(ldd "$library" | awk '{print $1}' | xargs -n 1 basename | sed 's/\.so.*//' | sort -u)
echo "needs: $(echo $needed)"
extra=$(grep -vxE 'linux-vdso|libc|libm|libgcc_s|libstdc\+\+|ld-linux-x86-64|ld-linux-aarch64' <<< "$needed")
verdict $((${#extra} > 0)) "ldd lists $extra"

size=$(stat -c %s "$library")
echo "size: $size bytes, stripped"
verdict $((size > 18 * 1024 * 1024)) "$size bytes are more than 18 MB"
[[ -z $(nm "$library" 2> /dev/null) ]]
verdict $? 'the library is not stripped'

stack=$(readelf -lW "$library" | awk '$1 == "GNU_STACK" {print $7}')
[[ $stack == RW ]]
verdict $? "its stack is marked $stack"
! readelf -d "$library" | grep -q TEXTREL
verdict $? 'it has text relocations'
! readelf -d "$library" | grep -E 'R(UN)?PATH' | grep -qv '\[\$ORIGIN\]'
verdict $? "it has a run path that is not its own folder: $(readelf -d "$library" | grep -E 'R(UN)?PATH')"

mkdir -p build/tests/abi
gcc -O2 -Ibuild/include Tests/abi/startup.c -o build/tests/abi/startup -Lbuild/lib -ltalweg -Wl,-rpath,'$ORIGIN/../../lib'
verdict $? 'the start-up program does not build'
best=$("$python" - <<'CODE'
import subprocess, time
best = float("inf")
for _ in range(20):
    start = time.perf_counter()
    subprocess.run(["build/tests/abi/startup"], check=True, stdout=subprocess.DEVNULL)
    best = min(best, time.perf_counter() - start)
print(f"{best * 1000:.1f}")
CODE
)
echo "loads, fits a line and ends in $best ms (best of 20)"
awk -v ms="${best:-1000}" 'BEGIN { exit !(ms <= 20) }'
verdict $? "$best ms are more than 20 ms"

# No code for a newer CPU can have been linked where an older one reaches it.
Tests/abi/kernel_symbols.sh .build/release
verdict $? 'Tests/abi/kernel_symbols.sh'

# Every instruction set's kernels that this CPU has give the same fit.
for cpu in baseline avx2 avx512 avx512_bf16; do
    TALWEG_CPU=$cpu build/tests/abi/startup > /dev/null
    verdict $? "a fit with TALWEG_CPU=$cpu"
done

echo "$passed passed, $failed failed"
((failed == 0))
