"""worker.py PEER SUITE [--threads N] [--repeats R] [--min-time S]

Measures one peer. Reads names of workloads, a line each, and answers each with a line: a JSON object, or null where the
peer has no such thing."""

import argparse
import json
import os
import sys


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", choices=("torch", "compile", "jax", "numpy", "scipy", "sklearn", "talweg"))
    parser.add_argument("suite")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--min-time", type=float, default=0.1)
    return parser.parse_args()


def limit_threads(count):
    """Before anything is imported: every library counts the CPUs that it may run on, or reads these."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TALWEG_NUM_THREADS"):
        os.environ[name] = str(count)
    os.environ["JAX_PLATFORMS"] = "cpu"
    flags = f"--xla_cpu_multi_thread_eigen={'true' if count > 1 else 'false'} intra_op_parallelism_threads={count}"
    os.environ["XLA_FLAGS"] = (os.environ.get("XLA_FLAGS", "") + " " + flags).strip()


def train(options, name, result):
    from timing import best, rss_mb

    def finish(last):
        pass

    if options.peer == "jax":
        import jax
        from jax_train import MODELS, training_step

        if name not in MODELS:
            return False
        result["start_rss_mb"] = round(rss_mb())
        work, parameters = training_step(name)
        finish = jax.block_until_ready
    elif options.peer in ("torch", "compile"):
        import torch
        from torch_train import training_step

        torch.set_num_threads(options.threads)
        result["start_rss_mb"] = round(rss_mb())
        work, parameters = training_step(name, options.peer == "compile")
    else:
        return False
    result["n_params"] = parameters
    result["step_s"] = best(work, options.repeats, options.min_time, finish)
    return True


def least_squares(options, name, result):
    from least_squares import work
    from timing import best

    made = work(options.peer, name, options.threads)
    if made is None:
        return False
    fit, objective = made
    result["s"] = best(fit, options.repeats, options.min_time)
    result["objective"] = float(objective(fit()))
    return True


def answer(options, name):
    result = {"peer": options.peer, "suite": options.suite, "name": name, "threads": options.threads}
    if options.suite == "train":
        done = train(options, name, result)
    elif options.suite == "lstsq":
        done = least_squares(options, name, result)
    else:
        from array_work import measure

        done = measure(options, name, result)
    from timing import peak_rss_mb

    result["peak_rss_mb"] = round(peak_rss_mb())
    return result if done else None


def main():
    options = arguments()
    limit_threads(options.threads)
    # What libraries print goes to stderr: stdout is for the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(answer(options, line.strip())), file=answers, flush=True)


if __name__ == "__main__":
    main()
