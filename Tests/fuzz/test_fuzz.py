"""A short run of the fuzzer, and that no function is left out of its table."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import ops  # noqa: E402, F401
from fuzz import report  # noqa: E402
from library import FUNCTIONS, Library  # noqa: E402
from programs import run_seed  # noqa: E402
from table import EXEMPT, TABLE, uncovered  # noqa: E402


@pytest.fixture(scope="module")
def library():
    return Library()


def test_every_function_has_a_row():
    assert uncovered() == []


def test_no_row_and_no_exemption_is_of_nothing():
    for name in TABLE:
        assert f"tw_{name}" in FUNCTIONS
    assert not set(TABLE) & set(EXEMPT)


@pytest.mark.parametrize("begin", range(0, 600, 100))
def test_programs(library, begin):
    for seed in range(begin, begin + 100):
        found = run_seed(library, seed)
        assert found is None, report(library, seed, *found)
