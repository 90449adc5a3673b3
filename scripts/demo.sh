#!/bin/bash
# The main job: a line, gradient descent, and a classifier of handwritten digits, in C and in Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=.venv/bin/python

title() { printf '\n==== %s\n\n' "$*"; }

title 'line_fit, in C';             build/examples/c/line_fit
title 'line_fit, in Python';        $python examples/python/line_fit.py
title 'gradient_descent, in C';     build/examples/c/gradient_descent
title 'gradient_descent, in Python'; $python examples/python/gradient_descent.py
title 'digits, in Python';          $python examples/python/digits.py
title 'digits, in C';               build/examples/c/digits build/digits.csv

echo
picture=$(ls -t build/digits*.png 2> /dev/null | head -n 1 || true)
if [[ -n $picture ]]; then
    echo "The learning curve of the digits is in $PWD/$picture"
else
    echo 'The digits example wrote no picture to build/' >&2
    exit 1
fi
