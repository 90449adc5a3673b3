"""What a run of programs counts and measures."""


class Statistics:
    """By operation: how its calls ended, and the greatest error in units of the last place of each dtype."""

    def __init__(self, counts=None, worst=None):
        self.counts = counts or {}
        self.worst = worst or {}

    def count(self, op, end):
        counts = self.counts.setdefault(op, {"given": 0, "refused": 0, "open": 0})
        counts[end] += 1

    def measure(self, op, dtype, distance):
        worst = self.worst.setdefault(op, {})
        worst[dtype] = max(worst.get(dtype, 0), distance)

    def add(self, other):
        for op, counts in other.counts.items():
            mine = self.counts.setdefault(op, {"given": 0, "refused": 0, "open": 0})
            for end, count in counts.items():
                mine[end] += count
        for op, worst in other.worst.items():
            for dtype, distance in worst.items():
                self.measure(op, dtype, distance)

    def total(self, *ends):
        return sum(counts[end] for counts in self.counts.values() for end in ends)

    def lines(self):
        yield "operation: calls that gave a result, that failed as they should, that the contract leaves open; error in ulp"
        for op, counts in sorted(self.counts.items(), key=lambda item: -item[1]["given"]):
            worst = ", ".join(f"{dtype} {error:.2f}" for dtype, error in sorted(self.worst.get(op, {}).items()))
            yield f"  {op}: {counts['given']} {counts['refused']} {counts['open']}" + (f"; {worst}" if worst else "")
