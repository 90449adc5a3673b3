"""A training that is killed at random moments and started again ends with the weights of one that was left alone.

RESUME_KILLS=100 (``make resume-test``) kills as many times; a few without it.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import talweg as tw

PROGRAM = Path(__file__).with_name("resume_training.py")
KILLS = int(os.environ.get("RESUME_KILLS", "8"))


def start(folder, weights):
    process = subprocess.Popen([sys.executable, PROGRAM, folder, weights], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def finish(folder, weights):
    process = start(folder, weights)
    begun = time.monotonic()
    assert process.wait(timeout=300) == 0
    process.stdout.close()
    return time.monotonic() - begun


def test_killed_at_random_moments(tmp_path):
    expected = tmp_path / "expected.safetensors"
    seconds = finish(tmp_path / "undisturbed", expected)
    source = random.Random(20240)
    kills = runs = 0
    while kills < KILLS:
        # Each run is killed some times on its way, and then begun anew.
        folder, weights = tmp_path / f"killed-{runs}", tmp_path / f"weights-{runs}.safetensors"
        runs += 1
        for _ in range(min(4, KILLS - kills)):
            process = start(folder, weights)
            time.sleep(source.uniform(0, seconds / 3))
            process.send_signal(signal.SIGKILL)
            process.wait(timeout=60)
            process.stdout.close()
            kills += process.returncode == -signal.SIGKILL
            # What is under the name of a checkpoint can be read.
            for path in folder.glob("step-*.safetensors"):
                assert "fit/position" in tw.load_safetensors(path)
        finish(folder, weights)
        assert weights.read_bytes() == expected.read_bytes()
        assert not list(folder.glob(".talweg-*")), "what killed writers left is removed"
    print(f"{kills} kills in {runs} trainings of {seconds:.1f} s")
