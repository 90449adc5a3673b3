#!/bin/bash
# Every header compiles alone, in every standard that the project promises, with gcc and
# with clang, without a warning; and twice in a row, as an include guard has it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

gcc=gcc gxx=g++
clang=$(command -v clang || echo "$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")/clang")
warnings='-Wall -Wextra -Wpedantic -Werror'

# The spelling of C23 and C++23 that a compiler knows.
spelling() { # COMPILER LANGUAGE NEW OLD
    if echo | "$1" -x "$2" -std="$3" -fsyntax-only - > /dev/null 2>&1; then echo "$3"; else echo "$4"; fi
}

try() { # COMPILER LANGUAGE STANDARD HEADER
    printf '#include "%s"\n#include "%s"\nextern int translation_unit;\n' "$4" "$4" > "$work/unit.$2"
    if "$1" -x "$2" -std="$3" $warnings -Iinclude -fsyntax-only "$work/unit.$2" 2> "$work/errors"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED  $4 as $3 with $1"
        cat "$work/errors"
    fi
}

for header in talweg.h $(cd include && ls talweg/*.h); do
    for compiler in "$gcc" "$clang"; do
        for standard in c99 c11 c17 "$(spelling "$compiler" c c23 c2x)"; do try "$compiler" c "$standard" "$header"; done
    done
    for compiler in "$gxx" "$clang"; do
        for standard in c++11 c++17 "$(spelling "$compiler" c++ c++23 c++2b)"; do try "$compiler" c++ "$standard" "$header"; done
    done
done

# Every struct that has an initialiser takes it without a warning, in both languages: TW_NAME_INIT is tw_name's.
initialisers=$(sed -nE 's/^#define (TW_[A-Z0-9_]+)_INIT.*/\1/p' include/talweg/*.h)
for language in c:c99 c++:c++11 c++:c++17; do
    {
        printf '#include "talweg.h"\nint use(void);\nint use(void) {\n    int all = 0;\n'
        for name in $initialisers; do
            # Adam's kin share its struct.
            type=$(sed -E 's/^tw_(adamw|nadam|radam|adamax|lion|lamb)_/tw_adam_/' <<< "${name,,}")
            printf '    { %s value = %s_INIT; all += value.struct_size > 0; }\n' "$type" "$name"
        done
        printf '    return all;\n}\n'
    } > "$work/init.txt"
    for compiler in "$gcc" "$clang"; do
        if "$compiler" -x "${language%%:*}" -std="${language#*:}" $warnings -Iinclude -fsyntax-only "$work/init.txt" 2> "$work/errors"; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            echo "FAILED  option initialisers as ${language#*:} with $compiler"
            cat "$work/errors"
        fi
    done
done

# A status that is ignored warns.
printf '#include "talweg.h"\nvoid f(void);\nvoid f(void) { tw_set_num_threads(1); }\n' > "$work/ignored.c"
for compiler in "$gcc" "$clang"; do
    if "$compiler" -std=c11 -Wall -Werror -Iinclude -c -o /dev/null "$work/ignored.c" 2> /dev/null; then
        failed=$((failed + 1))
        echo "FAILED  $compiler does not warn of an ignored status"
    else
        passed=$((passed + 1))
    fi
done

echo "$passed passed, $failed failed"
((failed == 0))
