"""
Random programs of tensor operations, through the C interface and through NumPy.

    python Tests/fuzz/fuzz.py [SEED:COUNT] [--processes N] [--only NAME,NAME] [--statistics] [--trace]

Program i is a function of SEED + i alone. A program that differs is made as short as it goes, and printed with the
seed that makes it. $TALWEG_FUZZ_LIBRARY names another library than build/lib/libtalweg.so.
"""

import argparse
import json
import signal
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ops  # noqa: F401  (fills the table)
from library import LIBRARY, Library
from programs import run_seed
from shrink import shrunk
from tally import Statistics

MOST_REPORTS = 20


def report(library, seed, steps, message):
    """The lines about a program that differs."""
    small, reason = shrunk(library, steps)
    lines = [f"program {seed}: {message}", f"  again: make fuzz FUZZ={seed}:1"]
    lines += [f"  t{number} = {step!r}" for number, step in enumerate(small) if step is not None]
    if reason and reason != message:
        lines.append(f"  as shortened: {reason}")
    return "\n".join(lines)


def worker(arguments):
    """Programs seed, seed + step, ...; writes the one at work to a file, and a line of JSON at the end."""
    library = Library()
    statistics = Statistics()
    failures, reported = 0, {}
    progress = open(arguments.progress, "r+b", buffering=0) if arguments.progress else None
    for seed in range(arguments.seed, arguments.seed + arguments.count, arguments.step):
        if progress:
            progress.seek(0)
            progress.write(struct.pack("q", seed))
        found = run_seed(library, seed, statistics, print_now if arguments.trace else None, arguments.only)
        if found:
            failures += 1
            name = found[0][-1].op if found[0] else "?"
            reported[name] = reported.get(name, 0) + 1
            if reported[name] <= 3 and failures <= MOST_REPORTS:
                print_now(report(library, seed, *found))
    print_now(json.dumps({"failures": failures, "counts": statistics.counts, "worst": statistics.worst}))


def print_now(text):
    print(text, flush=True)


def start(arguments, seed, count, step, progress, *more):
    command = [sys.executable, __file__, "--worker", f"{seed}:{count}", "--step", str(step), "--progress", progress]
    if arguments.only:
        command += ["--only", ",".join(arguments.only)]
    return subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True)


def crashed_in(process, progress, arguments):
    """Prints what a worker died of, and gives the seed."""
    seed = struct.unpack("q", Path(progress).read_bytes())[0]
    name = signal.Signals(-process.returncode).name
    print_now(f"program {seed}: the process died of {name}\n  again: make fuzz FUZZ={seed}:1")
    again = start(arguments, seed, 1, 1, progress, "--trace")
    print_now("".join(line + "\n" for line in again.communicate()[0].splitlines()[-8:]).rstrip())
    return seed


def run(arguments):
    """Shares the programs among processes. The number of those that differ or crash."""
    began = time.monotonic()
    failures, statistics = 0, Statistics()
    end = arguments.seed + arguments.count
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for i in range(min(arguments.processes, arguments.count)):
            progress = f"{folder}/{i}"
            Path(progress).write_bytes(struct.pack("q", arguments.seed + i))
            first = arguments.seed + i
            jobs.append([start(arguments, first, end - first, arguments.processes, progress), progress])
        for job in jobs:
            while True:
                process, progress = job
                lines = []
                for line in process.stdout:
                    if line.startswith('{"failures"'):
                        lines.append(line)
                    else:
                        print_now(line.rstrip("\n"))
                process.wait()
                if process.returncode == 0 and lines:
                    result = json.loads(lines[-1])
                    failures += result["failures"]
                    statistics.add(Statistics(result["counts"], result["worst"]))
                    break
                failures += 1
                if process.returncode >= 0:
                    print_now(f"a process ended with exit status {process.returncode}")
                    break
                seed = crashed_in(process, progress, arguments) + arguments.processes
                if seed >= end or failures > MOST_REPORTS:
                    break
                job[0] = start(arguments, seed, end - seed, arguments.processes, progress)
    if arguments.statistics:
        print_now("\n".join(statistics.lines()))
    calls, refused = statistics.total("given", "refused", "open"), statistics.total("refused")
    print_now(
        f"{arguments.count} programs of seeds from {arguments.seed}, {calls} calls, {refused} of them refused as they "
        f"should be, {failures} programs that differ, {time.monotonic() - began:.0f} s ({LIBRARY})")
    print_now(f"{arguments.count - failures} passed, {failures} failed")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", nargs="?", default="1:100000", help="SEED:COUNT")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", type=lambda text: text.split(","), help="operations to make programs of")
    parser.add_argument("--statistics", action="store_true", help="count each operation's calls, and its greatest error")
    parser.add_argument("--trace", action="store_true", help="print each step before it runs")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--step", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--progress", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    seed, _, count = arguments.programs.partition(":")
    arguments.seed, arguments.count = int(seed), int(count or 1)
    if arguments.worker or arguments.trace:
        return worker(arguments)
    return 1 if run(arguments) else 0


if __name__ == "__main__":
    sys.exit(main())
