"""Runs the C examples and the Swift examples and compares what they print with the comment at their top.

A number agrees if it is within two units of its last printed place, or 2 % of it: what a training ends
with may differ a little between the kernels of two CPUs. Everything else agrees to the letter.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SWIFT = os.environ.get("SWIFT", "swift")
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def expected_of(source):
    """The lines under "Output:" in the comment at the top of a C or a Swift file."""
    lines = source.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if re.fullmatch(r"( \*|//) Output:", line.rstrip()))
    output = []
    for line in lines[start + 1:]:
        if line.strip() == "*/" or not (line.startswith(" *") or line.startswith("//")):
            break
        output.append(re.sub(r"^( \*|//)( {5}|$)", "", line).rstrip())
    return output


def agree(found, expected):
    if NUMBER.sub("#", re.sub(r" +", " ", found)) != NUMBER.sub("#", re.sub(r" +", " ", expected)):
        return False
    for a, b in zip(NUMBER.findall(found), NUMBER.findall(expected)):
        place = 10.0 ** -len(b.partition(".")[2]) if "e" not in b else 0
        if abs(float(a) - float(b)) > max(2 * place, 0.02 * abs(float(b))) * (1 + 1e-9):
            return False
    return True


def compare(name, source, command, environment=None):
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                         env={**os.environ, **(environment or {})})
    found = [line.rstrip() for line in run.stdout.splitlines()]
    expected = expected_of(source)
    while found and not found[-1]:
        found.pop()
    problems = [f"{a!r} is not {b!r}" for a, b in zip(found, expected) if not agree(a, b)]
    if len(found) != len(expected):
        problems.append(f"{len(found)} lines, not {len(expected)}")
    if run.returncode != 0:
        problems.append(f"exit status {run.returncode}: {run.stderr.strip()}")
    if run.stderr.strip() and run.returncode == 0:
        problems.append(f"it wrote to the error output: {run.stderr.strip()}")
    if problems:
        print(f"FAILED  {name}")
        for problem in problems:
            print("   ", problem)
        print("    the whole output:\n" + "\n".join("        " + line for line in found))
    else:
        print(f"ok      {name}")
    return not problems


# What trains on data from elsewhere is run briefly, and what it comes to is checked, not each digit: the folder or file
# that it reads, its further arguments, what it prints, and from where to where that number may lie.
BRIEF = {
    "char_lstm": ("README.md", ["60"], r"step    60: (\d\.\d+) bits a character", 2.0, 5.0),
    "fashion_mnist": ("/usr/share/datasets/fashion-mnist", ["1", "6400"], r"test accuracy (\d\.\d+)", 0.7, 1.0),
}


def brief(name, program):
    data, arguments, pattern, low, high = BRIEF[name]
    if not (ROOT / data).exists():
        print(f"skipped examples/c/{name}.c: there is no {data}")
        return None
    run = subprocess.run([program, data, *arguments], cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(pattern, run.stdout)
    good = run.returncode == 0 and not run.stderr and found is not None and low <= float(found[1]) <= high
    print(f"{'ok     ' if good else 'FAILED '} examples/c/{name}.c" + ("" if good else "\n" + run.stdout + run.stderr))
    return good


def main():
    digits = ROOT / "build/digits.csv"
    if not digits.exists():  # the Python example writes it
        subprocess.run([ROOT / ".venv/bin/python", "examples/python/digits.py"], cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    arguments = {"digits": [str(digits)], "tuning": [str(ROOT / "build/diabetes.csv")],
                 "curve_fit": [str(ROOT / "build/curve_fit.svg")]}
    pictures = [ROOT / "build" / name for name in ("curve_fit.svg", "image_before.pgm", "image_after.pgm")]
    for picture in pictures:
        picture.unlink(missing_ok=True)
    results = []
    for source in sorted((ROOT / "examples/c").glob("*.c")):
        program = ROOT / "build/examples/c" / source.stem
        if source.stem in BRIEF:
            results.append(brief(source.stem, program))
            continue
        results.append(compare(f"examples/c/{source.name}", source, [program] + arguments.get(source.stem, [])))
    for picture in pictures:
        made = picture.exists() and picture.read_bytes().startswith((b"<svg", b"P5"))
        print(f"{'ok     ' if made else 'FAILED '} the picture build/{picture.name}")
        results.append(made)
    build = subprocess.run(
        [SWIFT, "build", "-c", "release", "--package-path", ROOT / "examples/swift"],
        capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if build.returncode != 0:
        print("FAILED  examples/swift does not build\n" + build.stdout + build.stderr)
        results.append(False)
    else:
        for source in sorted((ROOT / "examples/swift/Sources").glob("*/main.swift")):
            name = source.parent.name
            results.append(compare(f"examples/swift: {name}", source, [ROOT / "examples/swift/.build/release" / name]))
    counts = [sum(result is kind for result in results) for kind in (True, False, None)]
    print("{} passed, {} failed, {} skipped".format(*counts))
    return 0 if counts[1] == 0 else 1


sys.exit(main())
