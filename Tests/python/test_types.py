"""The package's types: what a strict type checker says of it, and of a program that uses it."""

import subprocess
import sys
from pathlib import Path

import pytest

import talweg

pytest.importorskip("mypy")

PACKAGE = Path(talweg.__file__).parent
PROGRAM = Path(__file__).with_name("typed_use.py")

# Names that only a stub can have: aliases, the buffer protocol's and the sequence protocol's slots.
STUBS_ALONE = (
    "Axes", "CapsuleType", "DTypeLike", "Path", "TensorLike",
    "Tensor.__buffer__", "Tensor.__iter__", "Tensor.__release_buffer__",
)  # fmt: skip
# Newer versions of mypy want a decorator that typing_extensions alone has.
BASES = ("Average", "Module", "Optimizer", "Schedule", "Tensor")


@pytest.fixture(scope="module")
def mypy(tmp_path_factory):
    """Runs mypy --strict, with what it found of the libraries kept between the runs."""
    folder = tmp_path_factory.mktemp("mypy")
    return lambda *arguments: run("mypy", "--strict", "--cache-dir", str(folder / "cache"), *arguments, cwd=folder)


def run(*arguments, cwd):
    result = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, cwd=cwd)
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("what", [("-p", "talweg"), (str(PROGRAM),)], ids=["package", "program"])
def test_passes_mypy_strict(mypy, what):
    status, output = mypy(*what)
    assert status == 0, output


def test_mistakes_are_found(mypy, tmp_path):
    program = tmp_path / "wrong.py"
    program.write_text("import talweg as tw\n\nx: int = tw.ones(2) + 1\ntw.sum(tw.ones(2), axes=0)\ntw.ones(2).nothing\n")
    status, output = mypy(str(program))
    lines = [f"wrong.py:{line}: error" for line in (3, 4, 5)]
    assert status == 1 and all(line in output for line in lines), output


def test_the_program_runs():
    status, output = run("typed_use", cwd=PROGRAM.parent)
    assert status == 0, output


def test_the_stub_has_the_extensions_signatures(tmp_path):
    allowed = tmp_path / "allowed"
    allowed.write_text("".join(f"talweg._talweg.{name}\n" for name in STUBS_ALONE + BASES))
    status, output = run(
        "mypy.stubtest", "talweg._talweg", "--allowlist", str(allowed), "--ignore-unused-allowlist", cwd=tmp_path
    )
    assert status == 0, output
