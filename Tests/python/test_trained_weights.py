"""The same seed gives the same trained weights, bit for bit, on 1 and 2 threads, and from C."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from trained_weights import fnv1a, trained_weights

import talweg as tw

ROOT = Path(__file__).resolve().parents[2]


def test_fnv1a():
    # The published test vectors.
    assert fnv1a(b"") == 0xCBF29CE484222325 and fnv1a(b"foobar") == 0x85944171F73967E8


def test_same_bits_on_any_number_of_threads():
    before = tw.num_threads()
    try:
        digests = set()
        for threads in (1, 2, 3):
            tw.set_num_threads(threads)
            digests.add(trained_weights())
    finally:
        tw.set_num_threads(before)
    assert len(digests) == 1


def test_same_bits_from_another_process():
    script = str(Path(__file__).with_name("trained_weights.py"))
    out = subprocess.run([sys.executable, script, "2"], check=True, capture_output=True, text=True).stdout
    assert out.strip() == trained_weights()


def test_same_bits_from_c():
    program = ROOT / "build" / "tests" / "c" / "seed"
    if not program.exists():
        pytest.skip("build/tests/c/seed is not built: make test builds it")
    for threads in ("1", "2"):
        environment = {**os.environ, "TALWEG_NUM_THREADS": threads}
        out = subprocess.run([program], check=True, capture_output=True, text=True, env=environment).stdout
        assert out.strip() == trained_weights()
