#!/bin/sh
# usage: kernel_symbols.sh BUILD_DIR      (for example .build/release, built without -enable-testing, which
#                                          keeps code that is otherwise inlined away)
#
# A kernel module compiled for one CPU may hold no weak code under a name that an object of another module
# has too: the linker keeps one copy of a weak symbol, perhaps the one that an older CPU cannot run. So each
# weak function of these modules must carry its own module's name (Swift's mangling of an extension names
# the module that made it). Weak data holds no instructions and is let pass.
set -eu
build=${1:?usage: kernel_symbols.sh BUILD_DIR}
status=0
for module in TalwegKernelsAVX2 TalwegKernelsAVX512 TalwegKernelsBF16; do
  found=0
  for object in "$build/$module.build/"*.o; do
    [ -e "$object" ] || continue
    found=1
    bad=$(nm --defined-only "$object" | awk '$2 == "W" || $2 == "w" { print $3 }' |
      swift demangle | grep -v "$module" || true)
    if [ -n "$bad" ]; then
      echo "$object: weak code not named after $module:" >&2
      echo "$bad" >&2
      status=1
    fi
  done
  if [ "$found" = 0 ]; then
    echo "no objects of $module under $build" >&2
    status=1
  fi
done
exit $status
