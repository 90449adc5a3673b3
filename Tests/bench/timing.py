"""Timing as talweg-bench does it: the best of several repeats, each long enough."""

import resource
import time


def best(work, repeats=5, min_time=0.1, finish=lambda last: None):
    """The least seconds that a call took, over repeats of at least min_time each.

    `finish` waits for what the last call returned, where calls only start their work."""

    def timed(calls):
        last = None
        start = time.perf_counter()
        for _ in range(calls):
            last = work()
        finish(last)
        return time.perf_counter() - start

    timed(2)
    least = once = timed(1)
    calls = 1
    while once < min_time and calls < 1_000_000:
        calls = max(calls + 1, min(10 * calls, int(1.1 * min_time / once * calls)))
        once = timed(calls)
    for _ in range(repeats):
        least = min(least, timed(calls) / calls)
    return least


def peak_rss_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def rss_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 2**20
