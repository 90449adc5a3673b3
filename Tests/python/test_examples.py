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
# What trains on data from elsewhere is run briefly: what it reads, with what arguments, what it prints and from where to
# where that number may lie.
ROOT = Path(__file__).resolve().parents[2]
BRIEF = {
    "char_lstm": (ROOT / "README.md", ["{}", "--steps", "60"], r"step    60: ([\d.]+) bits a character", 2, 5),
    "fashion_mnist": (
        Path("/usr/share/datasets/fashion-mnist"), ["--data", "{}", "--epochs", "1", "--images", "6400"],
        r"test accuracy ([\d.]+) %", 70, 100,
    ),
}  # fmt: skip
# Longer trainings: another CPU sums in another order, so the last digits may differ.
ABOUT = {"tuning": 0.05, "digits": None, "sine_mlp": None}
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")


def documented(path):
    """What stands below "Output:" in the docstring."""
    text = ast.get_docstring(ast.parse(path.read_text()), clean=False)
    return dedent(text.split("Output:\n\n", 1)[1]).strip()


def run(path, folder):
    done = subprocess.run([sys.executable, path], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def test_all_are_listed():
    assert [path.stem for path in EXAMPLES] == [
        "char_lstm", "curve_fit", "derivatives", "digits", "fashion_mnist", "gradient_descent", "gradient_tape",
        "image_denoise", "line_fit", "logistic", "minibatch_training", "outliers", "resume", "sine_mlp", "streaming",
        "tuning",
    ]  # fmt: skip
    assert all(len(path.read_text().splitlines()) <= 110 for path in EXAMPLES)


@pytest.mark.parametrize("name", BRIEF)
def test_trains(name, tmp_path):
    data, arguments, pattern, low, high = BRIEF[name]
    if not data.exists():
        pytest.skip(f"there is no {data}")
    path = next(path for path in EXAMPLES if path.stem == name)
    arguments = [argument.format(data) for argument in arguments]
    done = subprocess.run([sys.executable, path, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = re.search(pattern, done.stdout)
    assert found and low <= float(found[1]) <= high, done.stdout
    if name == "fashion_mnist":
        assert is_picture(tmp_path / "build/fashion_mnist.png") and is_picture(tmp_path / "build/fashion_mnist_mistakes.png")


@pytest.mark.parametrize("name", BRIEF)
def test_says_what_data_is_missing(name, tmp_path):
    path = next(path for path in EXAMPLES if path.stem == name)
    arguments = ["none"] if name == "char_lstm" else ["--data", "none"]
    done = subprocess.run([sys.executable, path, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "apt-get install" in done.stderr and "none" in done.stderr


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path.stem not in BRIEF], ids=lambda path: path.stem)
def test_prints_what_it_says(path, tmp_path):
    printed, expected = run(path, tmp_path), documented(path)
    tolerance = ABOUT.get(path.stem, 0)
    if tolerance == 0:
        assert printed == expected
        CHECKS.get(path.stem, lambda *_: None)(printed, tmp_path / "build")
        return
    assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", expected).split()
    if tolerance is None:
        {"digits": check_digits, "sine_mlp": check_sine}[path.stem](printed, tmp_path)
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


def check_sine(printed, folder):
    """Errors by the order of their sizes; times are this machine's."""
    rows = dict(re.findall(r"^(\S+) +\d+ +(\d\.\de-\d+) ", printed, re.MULTILINE))
    errors = {name: float(error) for name, error in rows.items()}
    assert list(errors) == ["Levenberg-Marquardt", "L-BFGS", "Adam"]
    assert errors["Levenberg-Marquardt"] < 1e-8
    assert errors["Levenberg-Marquardt"] * 100 < errors["L-BFGS"] < errors["Adam"]
    assert is_picture(folder / "build" / "sine_mlp.png")


def is_picture(path):
    return path.read_bytes().startswith(b"\x89PNG")


def check_picture(name):
    def check(printed, build):
        assert is_picture(build / name)

    return check


def check_denoised(printed, build):
    from PIL import Image
    from sklearn.datasets import load_sample_image

    before, after, photograph = (
        np.asarray(Image.open(build / "image_denoise" / f"{name}.png")) for name in ("before", "after", "photograph")
    )
    np.testing.assert_array_equal(photograph, load_sample_image("flower.jpg"))
    told = [float(value) for value in re.findall(r"([\d.]+) dB", printed)]
    for picture, decibels in ((before, told[0]), (after, told[-1])):
        error = np.mean((picture / 255 - photograph / 255) ** 2)
        assert -10 * np.log10(error) == pytest.approx(decibels, abs=0.05)
    assert told[-1] > told[1] > told[0] + 3


def check_logistic(printed, build):
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import confusion_matrix, f1_score, roc_auc_score
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    data = load_breast_cancer()
    y = 1 - data.target
    X, X_test, y, y_test = train_test_split(data.data, y, test_size=0.3, stratify=y, random_state=0)
    scaler = StandardScaler().fit(X)
    peer = LogisticRegression(C=1.0, tol=1e-8, max_iter=10_000).fit(scaler.transform(X), y)
    probability = peer.predict_proba(scaler.transform(X_test))[:, 1]
    told = dict(re.findall(r"^(\S.*?) {2,}(-?\d+\.\d+) ", printed, re.MULTILINE))
    for name, value in told.items():
        b = peer.coef_[0, list(data.feature_names).index(name)]
        assert float(value) == pytest.approx(b, abs=2e-3), name
    assert len(told) == 8
    counts = [[int(n) for n in row.split()] for row in re.findall(r"^(?:benign|malignant) +(\d+ +\d+)$", printed, re.MULTILINE)]
    np.testing.assert_array_equal(counts, confusion_matrix(y_test, probability > 0.5))
    assert f"F1 {f1_score(y_test, probability > 0.5):.3f}" in printed
    assert f"ROC curve {roc_auc_score(y_test, probability):.4f}" in printed


def check_streamed(printed, build):
    """The file is what it said, and as a whole gives what was printed."""
    rows, megabytes = map(int, re.match(r"(\d+) rows in (\d+) MB", printed).groups())
    path = build / "streaming.csv"
    assert path.stat().st_size >> 20 == megabytes
    table = np.loadtxt(path, delimiter=",", max_rows=50_000)
    assert rows == 300_000 and table.shape == (50_000, 21)
    X = np.column_stack([table[:, :20], np.ones(50_000)])
    b = np.linalg.lstsq(X, table[:, 20], rcond=None)[0]
    for name, index in (("intercept", 20), ("first slope", 0), ("last slope", 19)):
        found = float(re.search(rf"{name} +([\d.]+)", printed).group(1))
        assert found == pytest.approx(b[index], abs=0.025)  # five standard errors of the part


CHECKS = {
    "curve_fit": check_picture("curve_fit.png"),
    "image_denoise": check_denoised,
    "logistic": check_logistic,
    "outliers": check_picture("outliers.png"),
    "streaming": check_streamed,
}
