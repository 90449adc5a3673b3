#!/bin/bash
# run.sh [CHECKOUT [PYTEST ARGUMENTS]]
# Runs the test suite of the Python array API standard, version 2024.12, against talweg:
# https://github.com/data-apis/array-api-tests at the commit below, from CHECKOUT if one is
# given (with its submodule), else from GitHub. skips.txt names the tests that do not apply,
# xfails.txt those that fail, each with its reason. Closes with the counts; fails where a test
# fails that is not listed, one passes that is, or the share of what passes is too small.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
commit=55fcc60179efa2680ddd6cd926ddf17b83530e2b
suite=$PWD/build/array-api-tests
here=$PWD/Tests/conformance
checkout=${1:-}
shift || true

if [[ -n $checkout ]]; then
    rm -rf "$suite"
    mkdir -p build
    cp -r "$checkout" "$suite"
elif [[ $(git -C "$suite" rev-parse HEAD 2> /dev/null) != "$commit" ]]; then
    rm -rf "$suite"
    git clone --quiet https://github.com/data-apis/array-api-tests "$suite"
    git -C "$suite" checkout --quiet "$commit"
    git -C "$suite" submodule --quiet update --init
fi
# The suite at this commit can leave dtypes out, but not all the complex ones.
git -C "$suite" apply --reverse --check "$here/no_complex.patch" 2> /dev/null ||
    git -C "$suite" apply "$here/no_complex.patch"

# The same examples in every run: derandomized, without a database.
cd "$suite"
ARRAY_API_TESTS_MODULE=talweg ARRAY_API_TESTS_VERSION=2024.12 ARRAY_API_TESTS_SKIP_DTYPES=complex64,complex128 \
    "$here/../../.venv/bin/python" -m pytest array_api_tests -q --tb=short -p no:cacheprovider \
    -o xfail_strict=true --derandomize --disable-deadline --max-examples="${MAX_EXAMPLES:-100}" --junitxml=results.xml \
    --skips-file="$here/skips.txt" --xfails-file="$here/xfails.txt" "$@" > results.log 2>&1 || true
"$here/../../.venv/bin/python" "$here/report.py" results.xml || {
    echo "The suite's own output is in build/array-api-tests/results.log"
    exit 1
}
