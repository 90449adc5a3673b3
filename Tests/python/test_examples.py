"""Each example is run in a folder of its own, and what it prints is what stands at its top."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples" / "python").glob("*.py"))
# Longer trainings: another CPU sums in another order, so the last digits may differ.
ABOUT = {"tuning": 0.05, "digits": None}
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


def documented(path):
    """What stands below "Output:" in the docstring."""
    text = ast.get_docstring(ast.parse(path.read_text()), clean=False)
    return dedent(text.split("Output:\n\n", 1)[1]).strip()


def run(path, folder):
    done = subprocess.run([sys.executable, path], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def test_there_are_eight():
    assert [path.stem for path in EXAMPLES] == [
        "curve_fit", "derivatives", "digits", "gradient_descent", "gradient_tape", "line_fit", "minibatch_training", "tuning",
    ]  # fmt: skip
    assert all(len(path.read_text().splitlines()) <= 110 for path in EXAMPLES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_prints_what_it_says(path, tmp_path):
    printed, expected = run(path, tmp_path), documented(path)
    tolerance = ABOUT.get(path.stem, 0)
    if tolerance == 0:
        assert printed == expected
        return
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", expected).split()
    if tolerance is None:
        check_digits(printed, tmp_path)
        return
    numbers = [np.array([float(n) for n in NUMBER.findall(text)]) for text in (printed, expected)]
    np.testing.assert_allclose(numbers[0], numbers[1], atol=tolerance)


def check_digits(printed, folder):
    from sklearn.datasets import load_digits

    digits = load_digits()
    rows = re.findall(r"^\d: (.*)$", printed, re.MULTILINE)
    confusion = np.array([[int(count) for count in row.split()] for row in rows])
    np.testing.assert_array_equal(confusion.sum(axis=1), np.bincount(digits.target[4::5]))
    accuracy = confusion.trace() / confusion.sum()
    assert accuracy >= 0.96 and f"{100 * accuracy:.1f} %" in printed
    csv = np.loadtxt(folder / "build" / "digits.csv", delimiter=",")
    np.testing.assert_array_equal(csv, np.column_stack([digits.data, digits.target]))
    assert (folder / "build" / "digits.png").read_bytes().startswith(b"\x89PNG")
