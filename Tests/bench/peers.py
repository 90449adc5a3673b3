#!/usr/bin/env python3
"""Runs talweg-bench and its peers in turn, on the same work, and prints how they compare.

    peers.py [SUITE...] [--only NAME,...] [--peers torch,jax] [--json FILE] [--markdown FILE]

Every peer is a process of its own (for training, every workload of every peer), with the same number of threads, and
the peers' turn at a workload comes right before talweg's, because a machine's speed drifts. A peer that is not
installed is left out, with a message. The ratio is the fastest peer's time by talweg's: 2.00 is twice as fast. Where a
fit makes an objective least, the table tells how far talweg's and the fastest peer's end above the least of all, as
shares of it; a fit that ends higher than the peer's is void."""

import argparse
import fnmatch
import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODULES = {"torch": "torch", "compile": "torch", "jax": "jax", "numpy": "numpy", "scipy": "scipy", "sklearn": "sklearn",
           "talweg": "talweg"}
# What each suite is compared with. In overhead and lstsq, talweg's own package stands beside the C interface.
SUITES = {
    "train": ("torch", "compile", "jax"),
    "gemm": ("torch", "jax", "numpy"),
    "conv": ("torch",),
    "ops": ("torch", "jax", "numpy"),
    "overhead": ("torch", "talweg"),
    "lstsq": ("numpy", "scipy", "sklearn", "torch", "talweg"),
    "linalg": ("numpy", "scipy", "torch"),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)} (default: all)")
    parser.add_argument("--bench", default=str(ROOT / "build/bin/talweg-bench"), help="the program")
    parser.add_argument("--only", default="", help="names, by commas; * stands for anything")
    parser.add_argument("--peers", default="", help=f"of {', '.join(MODULES)} (default: those installed)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds that a repeat takes at least")
    parser.add_argument("--json", metavar="FILE", help="writes all results there")
    parser.add_argument("--markdown", metavar="FILE", help="writes the tables there, as Markdown")
    options = parser.parse_args()
    options.suites = options.suites or list(SUITES)
    for suite in options.suites:
        if suite not in SUITES:
            parser.error(f"there is no suite {suite}; the suites are {', '.join(SUITES)}")
    options.peers = options.peers.split(",") if options.peers else list(MODULES)
    for peer in options.peers:
        if peer not in MODULES:
            parser.error(f"there is no peer {peer}; the peers are {', '.join(MODULES)}")
    return options


def installed(peers):
    found = []
    for peer in peers:
        if importlib.util.find_spec(MODULES[peer]):
            found.append(peer)
        else:
            print(f"{MODULES[peer]} is not installed: left out", file=sys.stderr)
    return found


def names_of(options, suite):
    listed = subprocess.run([options.bench, suite, "--list"], check=True, capture_output=True, text=True).stdout
    names = [line.split()[1] for line in listed.splitlines()]
    patterns = [pattern for pattern in options.only.split(",") if pattern]
    return [name for name in names if not patterns or any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]


def timing(options):
    return ["--threads", str(options.threads), "--repeats", str(options.repeats), "--min-time", str(options.min_time)]


class Worker:
    """A process that measures one peer, one workload when it is asked."""

    def __init__(self, options, peer, suite):
        self.label = f"{peer} {suite}"
        command = [sys.executable, str(HERE / "worker.py"), peer, suite, *timing(options)]
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)

    def measure(self, name):
        try:
            self.process.stdin.write(name + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if line:
            return json.loads(line)
        self.process.wait()
        self.errors.seek(0)
        print(f"{self.label} {name}: failed\n{self.errors.read().strip()[-2000:]}", file=sys.stderr)
        return None

    @property
    def lives(self):
        return self.process.poll() is None

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()


def ours_of(options, suite, name):
    done = subprocess.run([options.bench, suite, name, *timing(options)], capture_output=True, text=True)
    if done.returncode == 0 and done.stdout.startswith("{"):
        return json.loads(done.stdout)
    print(f"talweg {suite} {name}: failed\n{done.stderr.strip()}", file=sys.stderr)
    return None


def compare(options, suite, name, peers, workers):
    """The results of a workload, by peer; ours last."""
    results = {}
    for peer in peers:
        if peer not in workers or not workers[peer].lives:
            workers[peer] = Worker(options, peer, suite)
        if found := workers[peer].measure(name):
            results[peer] = found
        # Memory is a process's, so each training step gets one.
        if suite == "train":
            workers.pop(peer).end()
    if ours := ours_of(options, suite, name):
        results["ours"] = ours
        for peer, found in results.items():
            if found.get("n_params", 0) != ours.get("n_params", 0):
                sys.exit(f"{name}: {found['n_params']} parameters in {peer}, {ours['n_params']} in talweg")
    return results


def seconds_of(result):
    return result.get("step_s", result.get("s")) if result else None


def text_of(seconds):
    if seconds is None:
        return "-"
    for unit, scale in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


# How far above a peer's an objective may end for what rounding does.
ROUNDING = 1e-11


def ratio_of(peer, ours):
    """The peer's time by ours; void where ours is not as accurate."""
    if not peer or not ours:
        return "-"
    if "objective" in ours and ours["objective"] > peer["objective"] * (1 + ROUNDING):
        return "void"
    return f"{seconds_of(peer) / seconds_of(ours):.2f}"


def excess_of(results, peer):
    if not peer or "objective" not in peer or "ours" not in results:
        return "-"
    least = min(result["objective"] for result in results.values())
    return " / ".join(f"{result['objective'] / least - 1:.0e}" for result in (results["ours"], peer))


def row_of(name, results, peers):
    ours = results.get("ours")
    others = [results[peer] for peer in peers if peer in results and peer != "talweg"]
    fastest = min(others, key=seconds_of, default=None)
    share = (ours or {}).get("peak_share", (ours or {}).get("bandwidth_share"))
    memory = [results[peer]["peak_rss_mb"] for peer in peers if "n_params" in results.get(peer, {})]
    row = [name, *(text_of(seconds_of(results.get(peer))) for peer in peers), text_of(seconds_of(ours))]
    row += [ratio_of(fastest, ours), ratio_of(fastest, results.get("talweg")), excess_of(results, fastest)]
    row.append(f"{100 * share:.0f} %" if share is not None else "-")
    row.append(f"{ours['peak_rss_mb']:.0f} / {min(memory):.0f}" if memory and ours else "-")
    return row


def heads(suite, peers):
    title = {"compile": "torch.compile", "sklearn": "scikit-learn", "talweg": "talweg, from Python", "jax": "JAX",
             "torch": "PyTorch", "numpy": "NumPy", "scipy": "SciPy"}
    ours = "talweg, from C" if suite == "overhead" else "talweg"
    return [suite, *(title[peer] for peer in peers), ours, "ratio", "ratio, from Python", "above the least, ours / peer",
            "of peak", "MB, ours / least"]


def without_empty_columns(rows):
    kept = [i for i in range(len(rows[0])) if any(row[i] != "-" for row in rows[1:])]
    return [[row[i] for i in kept] for row in rows]


def printed(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def markdown(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines)


def machine(options):
    model = platform.processor() or platform.machine()
    try:
        text = Path("/proc/cpuinfo").read_text()
        facts = dict([part.strip() for part in line.split(":", 1)] for line in text.splitlines() if ":" in line)
        model = f"{facts.get('model name', model)}, family {facts.get('cpu family')} model {facts.get('model')}"
    except OSError:
        pass
    versions = []
    for name in sorted(set(MODULES[peer] for peer in options.peers)):
        try:
            versions.append(f"{name} {importlib.metadata.version('scikit-learn' if name == 'sklearn' else name)}")
        except importlib.metadata.PackageNotFoundError:
            pass
    return f"{model}; {options.threads} threads; {', '.join(versions)}"


def main():
    options = arguments()
    if not os.access(options.bench, os.X_OK):
        sys.exit(f"there is no {options.bench}: make bench builds it")
    options.peers = installed(options.peers)
    print(machine(options))
    everything, tables = [], []
    for suite in options.suites:
        peers = [peer for peer in SUITES[suite] if peer in options.peers]
        names = names_of(options, suite)
        if not names:
            continue
        rows, workers = [heads(suite, peers)], {}
        for name in names:
            results = compare(options, suite, name, peers, workers)
            rows.append(row_of(name, results, peers))
            everything += [{"peer": peer, **result} for peer, result in results.items()]
            cells = [f"{head} {cell}" for head, cell in zip(rows[0][1:], rows[-1][1:]) if cell != "-"]
            print(f"{suite} {name}: {', '.join(cells)}", flush=True)
        for worker in workers.values():
            worker.end()
        rows = without_empty_columns(rows)
        print("\n" + printed(rows) + "\n", flush=True)
        tables.append(markdown(rows))
    if options.json:
        Path(options.json).write_text(json.dumps({"machine": machine(options), "results": everything}, indent=1) + "\n")
    if options.markdown:
        Path(options.markdown).write_text(machine(options) + "\n\n" + "\n\n".join(tables) + "\n")


if __name__ == "__main__":
    main()
