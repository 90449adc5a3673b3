#!/bin/bash
# Prints a Python that the extension can be built for: 3.11 or later, with venv and
# with its C headers. $PYTHON, if set, is the only candidate. Fails if there is none.
set -uo pipefail
for candidate in ${PYTHON:-/usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11}; do
    command -v "$candidate" > /dev/null 2>&1 || continue
    "$candidate" - > /dev/null 2>&1 <<'CHECK' || continue
import ensurepip, os, sys, sysconfig, venv
sys.exit(sys.version_info < (3, 11) or not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))
CHECK
    command -v "$candidate"
    exit 0
done
exit 1
