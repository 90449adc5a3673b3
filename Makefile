# Talweg's verbs; `make help` says what each does. Every verb does its own set-up,
# and a second call does not redo what is done.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

SWIFT ?= swift
export SWIFT
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR ?=

VERSION := $(shell sed -n 's/^\#define TW_VERSION_STRING "\(.*\)"/\1/p' include/talweg/base.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))
LIBRARY := build/lib/libtalweg.so.$(VERSION)
HEADERS := include/talweg.h $(wildcard include/talweg/*.h)
CPP_HEADERS := bindings/cpp/talweg.hpp $(wildcard bindings/cpp/talweg/*.hpp)
SOURCES := Package.swift $(shell find Sources include -type f -not -name '.*' 2>/dev/null)
EXTENSION := $(shell find bindings/python -type f \
    \( -name '*.c' -o -name '*.h' -o -name '*.py' -o -name '*.pyi' -o -name '*.toml' -o -name '*.typed' \) \
    -not -path '*/build/*' -not -path '*/_lib/*' -not -path '*.egg-info/*' 2>/dev/null)
DONE := build/.done

CFLAGS ?= -O2 -g
C_WARNINGS := -Wall -Wextra -Wpedantic -Werror
C_LINK := -Lbuild/lib -ltalweg -Wl,-rpath,'$$ORIGIN/../../lib' -lm -lpthread

C_TESTS := $(patsubst Tests/c/%.c,build/tests/c/%,$(wildcard Tests/c/*.c))
C_EXAMPLES := $(patsubst examples/c/%.c,build/examples/c/%,$(wildcard examples/c/*.c))

.PHONY: help demo test lib python install clean fashion resume-test sanitize exhaustive sweep fuzz fuzz-asan conformance bench bench-peers

help:
	@echo 'make demo      fit lines and train a digit classifier, in C and in Python'
	@echo 'make test      run all tests: Swift, C, Python, the ABI, the examples'
	@echo 'make lib       build/lib/libtalweg.so, build/include, pkg-config and CMake files'
	@echo 'make python    the Python package, in .venv'
	@echo 'make install   install the library and headers: PREFIX=/usr/local DESTDIR='
	@echo 'make bench     run the benchmarks: BENCH="train gemm" for some suites; beside PyTorch and JAX'
	@echo '               after make bench-peers, which installs them in .venv'
	@echo 'make sanitize  run the Swift tests under the address and thread sanitizers'
	@echo 'make exhaustive  run the matrix products of every small shape, under the address sanitizer'
	@echo 'make conformance  run the array API standard'"'"'s test suite (minutes; from GitHub, or'
	@echo '               ARRAY_API_TESTS=a checkout of it)'
	@echo 'make fashion   train on Fashion-MNIST, from Debian, beside PyTorch after make bench-peers (long)'
	@echo 'make resume-test  kill a training at 100 random moments, each time resumed (minutes)'
	@echo 'make sweep     the errors of the elementary functions over every float32 (a quarter of an hour)'
	@echo 'make fuzz      random programs through the C interface and NumPy: FUZZ=SEED:COUNT, 1:100000 at first'
	@echo 'make fuzz-asan the same under the address sanitizer'
	@echo 'make clean     remove what the builds made (.venv stays)'

# ---- Set-up -------------------------------------------------------------------

$(DONE)/build-tools: scripts/setup.sh scripts/find_python.sh
	@scripts/setup.sh build
	@mkdir -p $(@D) && touch $@

$(DONE)/test-tools: scripts/setup.sh scripts/find_python.sh
	@scripts/setup.sh test
	@mkdir -p $(@D) && touch $@

# .venv's own stamps lie in it, so that removing it is enough to make it anew.
.venv/.made: | $(DONE)/build-tools
	python=$$(scripts/find_python.sh) && "$$python" -m venv --clear .venv
	touch $@

.venv/.requirements: bindings/python/requirements-test.txt .venv/.made
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r bindings/python/requirements-test.txt
	touch $@

.venv/.conformance: Tests/conformance/requirements.txt .venv/.requirements
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/conformance/requirements.txt
	touch $@

# ---- The library --------------------------------------------------------------

lib: $(LIBRARY) $(DONE)/include $(DONE)/package-config

$(LIBRARY): $(SOURCES) | $(DONE)/build-tools
	$(SWIFT) build -c release --product talweg
	mkdir -p $(@D)
	strip --strip-unneeded -o $@ .build/release/libtalweg.so
	ln -sfn libtalweg.so.$(VERSION) build/lib/libtalweg.so.$(SOVERSION)
	ln -sfn libtalweg.so.$(SOVERSION) build/lib/libtalweg.so

$(DONE)/include: $(HEADERS) $(CPP_HEADERS)
	rm -rf build/include
	mkdir -p build/include/talweg $(@D)
	cp include/talweg.h bindings/cpp/talweg.hpp build/include/
	cp include/talweg/*.h bindings/cpp/talweg/*.hpp build/include/talweg/
	touch $@

$(DONE)/package-config: $(wildcard cmake/*.in) scripts/package_config.sh include/talweg/base.h
	scripts/package_config.sh build/lib '$${pcfiledir}/../..' '$${prefix}/lib' '$${prefix}/include' \
	    $(VERSION) $(SOVERSION)
	mkdir -p $(@D) && touch $@

install: lib
	install -d '$(DESTDIR)$(LIBDIR)' '$(DESTDIR)$(INCLUDEDIR)/talweg'
	install -m 755 $(LIBRARY) '$(DESTDIR)$(LIBDIR)/libtalweg.so.$(VERSION)'
	ln -sfn libtalweg.so.$(VERSION) '$(DESTDIR)$(LIBDIR)/libtalweg.so.$(SOVERSION)'
	ln -sfn libtalweg.so.$(SOVERSION) '$(DESTDIR)$(LIBDIR)/libtalweg.so'
	install -m 644 build/include/talweg.h build/include/talweg.hpp '$(DESTDIR)$(INCLUDEDIR)/'
	install -m 644 build/include/talweg/*.h build/include/talweg/*.hpp '$(DESTDIR)$(INCLUDEDIR)/talweg/'
	scripts/package_config.sh '$(DESTDIR)$(LIBDIR)' '$(PREFIX)' '$(LIBDIR)' '$(INCLUDEDIR)' $(VERSION) $(SOVERSION)

# ---- Python -------------------------------------------------------------------

python: $(DONE)/python

# The stamp also names the .venv that the package went into.
$(DONE)/python: $(LIBRARY) $(DONE)/include $(EXTENSION) .venv/.requirements
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall ./bindings/python
	mkdir -p $(@D) && touch $@

# ---- C programs ---------------------------------------------------------------

build/tests/c/%: Tests/c/%.c Tests/c/check.h $(DONE)/include | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_XOPEN_SOURCE=700 $(CFLAGS) $(C_WARNINGS) -Ibuild/include $< -o $@ $(C_LINK)

build/examples/c/%: examples/c/%.c $(DONE)/include | $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) -std=c99 $(CFLAGS) $(C_WARNINGS) -Ibuild/include $< -o $@ $(C_LINK)

# The diabetes set of the tuning example, from scikit-learn: ten columns and the target.
build/diabetes.csv: scripts/diabetes_csv.py .venv/.requirements
	.venv/bin/python $< $@

# ---- Verbs ---------------------------------------------------------------------

demo: $(C_EXAMPLES) $(DONE)/python
	@scripts/demo.sh

test: $(DONE)/test-tools build/bin/talweg-bench $(C_TESTS) $(C_EXAMPLES) $(DONE)/python $(DONE)/package-config build/diabetes.csv
	@scripts/test.sh

sanitize: $(DONE)/build-tools
	@scripts/sanitize.sh

# With the sanitizer's build of `make sanitize`. Minutes: no part of `make test`.
exhaustive: $(DONE)/build-tools
	@TALWEG_EXHAUSTIVE=1 ASAN_OPTIONS=detect_leaks=0 $(SWIFT) test -c release -Xswiftc -enable-testing \
	    --sanitize=address --scratch-path .build/sanitize-address --filter MatrixMultiply

# Fails below the accuracy that is asked; its epochs beside PyTorch's where that is in .venv. Long: no part of `make test`.
fashion: $(DONE)/python
	@scripts/setup.sh fashion
	@.venv/bin/python Tests/bench/fashion.py

# Minutes: no part of `make test`, which kills a few times.
resume-test: $(DONE)/python
	@RESUME_KILLS=100 .venv/bin/python -m pytest Tests/python/test_resume.py -q -s -p no:cacheprovider

# Built as for `make test`. A quarter of an hour: no part of it.
sweep: $(DONE)/build-tools
	@TALWEG_SWEEP=1 $(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build/test --filter WholeRange

# The array API standard's tests, from ARRAY_API_TESTS if that names a checkout. Minutes: no part of `make test`.
ARRAY_API_TESTS ?=

conformance: $(DONE)/python .venv/.conformance
	@Tests/conformance/run.sh $(ARRAY_API_TESTS)

# Programs of seeds from SEED on, as many as COUNT.
FUZZ ?= 1:100000

fuzz: lib .venv/.requirements
	@.venv/bin/python Tests/fuzz/fuzz.py $(FUZZ)

# With a library of its own.
fuzz-asan: .venv/.requirements | $(DONE)/build-tools
	@scripts/fuzz_asan.sh $(FUZZ)

# The suites to run; empty means all.
BENCH ?=

build/bin/talweg-bench: $(SOURCES) | $(DONE)/build-tools
	$(SWIFT) build -c release --product talweg-bench
	mkdir -p $(@D)
	strip -o $@ .build/release/talweg-bench

# With the peers that .venv has, or alone.
bench: build/bin/talweg-bench
	@scripts/bench.sh $(BENCH)

bench-peers: $(DONE)/python
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r Tests/bench/requirements.txt

clean:
	rm -rf build .build examples/swift/.build bindings/python/build bindings/python/dist bindings/python/*.egg-info
