"""talweg-bench runs, and says what it should. Sizes are small: no figure is judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).resolve().parents[2] / "build/bin/talweg-bench"
FIELD = {"peak": {"gflops", "gb_s", "skipped"}, "gemm": {"gflops"}, "conv": {"gflops"}, "ops": {"gb_s"},
         "overhead": {"s"}, "lstsq": {"s", "objective"}, "linalg": {"gflops"}, "train": {"step_s", "skipped"},
         "fit": {"step_s", "module_step_s", "fit_step_s", "shuffled_fit_step_s"}}
# Counted by hand from the layers: inputs x outputs and biases, gates, tables, norms.
PARAMETERS = {
    "linreg": 1 + 1,
    "tabular": 13 * 64 + 64 + 64 * 64 + 64 + 64 + 1,
    "mlp": 784 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10,
    "cnn": 25 * 32 + 32 + 25 * 32 * 32 + 32 + 2 * 32 + 9 * 32 * 64 + 64 + 9 * 64 * 64 + 64 + 2 * 64 + 576 * 10 + 10,
    "lstm": 100 * 128 + 4 * 256 * (128 + 256 + 2) + 256 * 100 + 100,
    "nanogpt": (65 + 64) * 128 + 4 * (12 * 128**2 + 13 * 128) + 2 * 128,
    "gpt10m": (65 + 256) * 384 + 6 * (12 * 384**2 + 13 * 384) + 2 * 384,
}


def run(*arguments):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=120)


def records(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("suite", FIELD)
def test_a_suite_runs(suite):
    found = records(run(suite, "--quick", "--min-time", "0", "--repeats", "1", "--threads", "2"))
    listed = [line.split() for line in run(suite, "--list").stdout.splitlines()]
    assert [[record["suite"], record["name"]] for record in found] == listed
    for record in found:
        fields = FIELD[suite] & record.keys()
        assert fields == FIELD[suite] or suite != "lstsq", record
        assert fields and record["threads"] == 2
        for field in fields - {"skipped"} if "skipped" not in record else ():
            assert record[field] > 0, record


def test_models_have_the_parameters_of_the_design():
    for record in records(run("train", "--quick", "--min-time", "0", "--repeats", "1")):
        if "skipped" not in record:
            assert record["n_params"] == PARAMETERS[record["name"]], record["name"]


def test_training_learns():
    record = records(run("train", "tabular", "--quick", "--min-time", "0.2", "--repeats", "1"))[0]
    assert record["last_loss"] < 0.5 * record["first_loss"]


@pytest.mark.parametrize("arguments, message", [
    ((), "name a suite"), (("nonsense",), "no suite nonsense"), (("gemm", "nonsense"), "has no nonsense"),
    (("train", "--threads"), "needs a value"), (("train", "--threads", "0"), "cannot be 0"), (("--what",), "no option"),
])
def test_a_wrong_command_line_is_refused(arguments, message):
    done = run(*arguments)
    assert done.returncode == 2
    assert message in done.stderr and "--help" in done.stderr


def test_help():
    done = run("--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: talweg-bench SUITE")


def compared(tmp_path, names, peers):
    saved = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, BENCH.parents[2] / "Tests/bench/peers.py", "lstsq", "--only", names, "--peers", peers,
         "--min-time", "0", "--repeats", "1", "--json", saved], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return json.loads(saved.read_text())["results"], done.stdout


def test_peers_are_compared(tmp_path):
    found, printed = compared(tmp_path, "ols-1000*", "numpy,talweg")
    assert [(result["peer"], result["name"]) for result in found] == [
        (peer, "ols-1000x100x5") for peer in ("numpy", "talweg", "ours")]
    assert all(result["s"] > 0 for result in found)
    assert "above the least" in printed and "void" not in printed


@pytest.mark.parametrize("name, peer", [
    ("ols-1000x100x5", "scipy"), ("logistic-200000x100", "sklearn"), ("lasso-200000x100", "sklearn"), ("curve-100", "scipy"),
    ("lsqr-750000x250000", "scipy"), ("nnls-2000x200", "scipy")])  # fmt: skip
def test_peers_fit_the_same_data(tmp_path, name, peer):
    """Else their least objectives were not the same."""
    found, _ = compared(tmp_path, name, f"{peer},talweg")
    theirs, python, ours = (result["objective"] for result in found)
    assert ours == pytest.approx(theirs, rel=1e-7) and python == pytest.approx(ours, rel=1e-12)
