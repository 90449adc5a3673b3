#!/bin/bash
# The Swift tests. Release with testing enabled: the numeric loops are many times slower in debug.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec "${SWIFT:-swift}" test -c release -Xswiftc -enable-testing --scratch-path .build/test
