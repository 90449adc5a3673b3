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

# Option structs initialise without a warning in both languages.
for language in c:c99 c++:c++11 c++:c++17; do
    cat > "$work/init.txt" <<'CODE'
#include "talweg.h"
int use(void);
int use(void) {
    tw_grad_options a = TW_GRAD_OPTIONS_INIT;
    tw_lstsq_options b = TW_LSTSQ_OPTIONS_INIT;
    tw_linear_options c = TW_LINEAR_OPTIONS_INIT;
    tw_sgd_options d = TW_SGD_OPTIONS_INIT;
    tw_rmsprop_options e = TW_RMSPROP_OPTIONS_INIT;
    tw_adam_options f = TW_ADAM_OPTIONS_INIT, g = TW_ADAMW_OPTIONS_INIT;
    tw_loader_options h = TW_LOADER_OPTIONS_INIT;
    tw_fit_options i = TW_FIT_OPTIONS_INIT;
    tw_csv_options j = TW_CSV_OPTIONS_INIT;
    tw_glm_options k = TW_GLM_OPTIONS_INIT;
    tw_elastic_net_options l = TW_ELASTIC_NET_OPTIONS_INIT;
    tw_robust_options m = TW_ROBUST_OPTIONS_INIT;
    tw_quantile_options n = TW_QUANTILE_OPTIONS_INIT;
    tw_ransac_options o = TW_RANSAC_OPTIONS_INIT;
    tw_theil_sen_options p = TW_THEIL_SEN_OPTIONS_INIT;
    tw_ridge_options q = TW_RIDGE_OPTIONS_INIT;
    tw_glm_path_options r = TW_GLM_PATH_OPTIONS_INIT;
    tw_constrained_options s = TW_CONSTRAINED_OPTIONS_INIT;
    tw_total_options t = TW_TOTAL_OPTIONS_INIT;
    tw_polynomial_options u = TW_POLYNOMIAL_OPTIONS_INIT;
    tw_spline_options v = TW_SPLINE_OPTIONS_INIT;
    tw_huber_options w = TW_HUBER_OPTIONS_INIT;
    tw_stochastic_options x = TW_STOCHASTIC_OPTIONS_INIT;
    tw_parameter_blocks parameters = TW_PARAMETER_BLOCKS_INIT;
    tw_residual_blocks residuals = TW_RESIDUAL_BLOCKS_INIT;
    tw_problem_options problem = TW_PROBLEM_OPTIONS_INIT;
    tw_problem_summary summary = TW_PROBLEM_SUMMARY_INIT;
    tw_separable separable = TW_SEPARABLE_INIT;
    return a.struct_size + b.struct_size + c.struct_size + d.struct_size + e.struct_size + f.struct_size +
           g.struct_size + h.struct_size + i.struct_size + j.struct_size + k.struct_size + l.struct_size +
           m.struct_size + n.struct_size + o.struct_size + p.struct_size + q.struct_size + r.struct_size +
           s.struct_size + t.struct_size + u.struct_size + v.struct_size +
           w.struct_size + x.struct_size +
           parameters.struct_size + residuals.struct_size + problem.struct_size + summary.struct_size +
           separable.struct_size > 0;
}
CODE
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
