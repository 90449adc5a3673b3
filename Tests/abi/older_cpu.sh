#!/bin/bash
# usage: older_cpu.sh       (after make test's C programs are built)
#
# On a CPU without AVX2 or AVX-512, loading the library and using it must reach no instruction of theirs. QEMU's
# user mode imitates such a CPU: an instruction that the CPU model has not ends the program. What runs there are the
# start-up program and the C tests of tensors and operations, with TALWEG_CPU unset and with a set asked for that
# the CPU has not. Skipped, with a message, where there is no qemu-x86_64.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if ! command -v qemu-x86_64 > /dev/null || [[ $(uname -m) != x86_64 ]]; then
    echo 'skipped older CPUs: no qemu-x86_64 (Debian: qemu-user)'
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
passed=0 failed=0
verdict() { # STATUS WHAT
    if (($1 == 0)); then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED  $2"; fi
}
unset TALWEG_CPU
export TALWEG_NUM_THREADS=2 TALWEG_TEST_VALGRIND=1 # a slow machine

# QEMU does refuse what the model has not: this program is one AVX2 instruction.
trap 'rm -rf "$scratch"' EXIT
scratch=$(mktemp -d)
cat > "$scratch/avx2.c" << 'CODE'
int main(void) { __asm__ volatile("vpaddd %%ymm0, %%ymm0, %%ymm0" ::: "xmm0"); return 0; }
CODE
gcc -O1 "$scratch/avx2.c" -o "$scratch/avx2"
qemu-x86_64 -cpu Nehalem "$scratch/avx2" > /dev/null 2>&1
verdict $(($? == 0)) 'QEMU ran an AVX2 instruction on a Nehalem'

gcc -O2 -Ibuild/include Tests/abi/startup.c -o "$scratch/startup" -Lbuild/lib -ltalweg -Wl,-rpath,"$PWD/build/lib"
verdict $? 'the start-up program does not build'

# Models and what the library is to choose on them. Of AVX-512 QEMU has nothing.
for expected in qemu64:baseline Nehalem:baseline SandyBridge:baseline Haswell:avx2; do
    model=${expected%:*} chosen=${expected#*:}
    for wanted in '' baseline avx2 avx512_bf16; do
        found=$(env ${wanted:+TALWEG_CPU=$wanted} qemu-x86_64 -cpu "$model" "$scratch/startup" 2> "$scratch/errors")
        status=$?
        verdict $status "the start-up program on a $model, TALWEG_CPU=$wanted: $(tail -n 3 "$scratch/errors")"
        [[ $wanted == baseline || $found == *"kernels: $chosen "* ]]
        verdict $? "a $model is to use $chosen, TALWEG_CPU=$wanted: $found"
    done
done
for name in tensor ops autodiff bfloat16 dtypes; do
    timeout -k 5 120 qemu-x86_64 -cpu Nehalem "build/tests/c/$name" > "$scratch/log" 2>&1
    verdict $? "$name on a Nehalem: $(tail -n 5 "$scratch/log")"
done
echo "$passed passed, $failed failed"
((failed == 0))
