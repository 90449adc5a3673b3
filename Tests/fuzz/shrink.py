"""A failing program made as short, and its tensors as small, as they go while it fails."""

import numpy as np

from arrays import Array, packed
from programs import Machine, Mismatch, Step, run_steps
from values import Leaf


def shrunk(library, steps):
    """Steps (None for those that are dropped) that fail as the given ones do, and how."""
    steps = list(steps)
    message = run_steps(library, steps)
    if message is None:
        return steps, None  # it fails in its place only: with a scope, or after another program

    def attempt(candidate):
        nonlocal steps, message
        found = run_steps(library, candidate)
        if found is None:
            return False
        steps, message = candidate, found
        return True

    def drop_unused():
        for number in range(len(steps) - 1, -1, -1):
            used = {ref.step for step in steps if step for ref in step.refs()}
            if steps[number] is not None and number not in used:
                attempt(replaced(steps, number, None))

    drop_unused()
    for number in range(len(steps)):
        values = made(library, steps)
        step = steps[number]
        if step is None or number not in values or (step.op == "leaf" and not step.arguments[0].views):
            continue
        attempt(replaced(steps, number, leaf_step(values[number])))
        drop_unused()
    for _ in range(8):
        before = steps
        smaller(steps, attempt)
        if steps is before:
            break
    simpler(lambda: steps, attempt)
    drop_unused()
    return steps, message


def replaced(steps, number, step):
    return [step if i == number else s for i, s in enumerate(steps)]


def leaf_step(array):
    return Step("leaf", (Leaf(array),))


def made(library, steps):
    """The first outputs of the steps, as far as they run."""
    machine = Machine(library)
    try:
        for number, step in enumerate(steps):
            if step is not None:
                machine.run(number, step)
    except (Mismatch, KeyError):
        pass
    finally:
        machine.close()
    return {ref.step: array for ref, array in machine.arrays.items() if ref.output == 0}


def plain_leaves(steps):
    return {n: s.arguments[0].base for n, s in enumerate(steps) if s and s.op == "leaf" and not s.arguments[0].views}


def smaller(steps, attempt):
    """Axes cut: of all leaves that have an axis of one size together, then of each alone."""
    sizes = {size for base in plain_leaves(steps).values() for size in base.shape if size > 1}
    for size in sorted(sizes, reverse=True):
        for keep in (slice(0, size // 2), slice(size // 2, size), slice(0, size - 1), slice(1, size)):
            candidate = list(steps)
            for number, base in plain_leaves(steps).items():
                data = base.data
                for axis in range(data.ndim):
                    if data.shape[axis] == size:
                        data = data[(slice(None),) * axis + (keep,)]
                candidate[number] = leaf_step(Array(base.dtype, packed(data)))
            if attempt(candidate):
                return
    for number, base in plain_leaves(steps).items():
        for axis, size in enumerate(base.shape):
            for keep in (slice(0, size // 2), slice(size // 2, size), slice(0, size - 1)):
                cut = base.data[(slice(None),) * axis + (keep,)]
                if cut.size < base.data.size and attempt(
                    replaced(steps, number, leaf_step(Array(base.dtype, packed(cut))))):
                    return


def simpler(current, attempt):
    """Elements replaced by 0 or 1."""
    for number in list(plain_leaves(current())):
        count = plain_leaves(current())[number].data.size
        for place in range(min(count, 16)):
            for value in (0, 1):
                base = plain_leaves(current()).get(number)
                if base is None or base.data.size <= place:
                    continue
                if base.data.flat[place] == value and not np.signbit(float(base.data.flat[place])):
                    break
                data = base.data.copy()
                data.flat[place] = value
                if attempt(replaced(current(), number, leaf_step(Array(base.dtype, data)))):
                    break
