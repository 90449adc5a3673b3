"""Random programs: made step by step, each step run by the library and by its oracle at once."""

import ctypes
import random
from ctypes import byref, c_double, c_int64, c_void_p
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

import values
from arrays import ALL, Array, from_bytes, held, itemsize, packed, to_bytes
from compare import Refused, Unclear, Verified, compared
from library import DTYPES, FUNCTIONS, integers
from table import TABLE

NAMES = {value: name for name, value in DTYPES.items()}
WRONG = 0.04  # how many calls get an argument that is likely wrong
INT64 = (2**63 - 1, -(2**63))


class Ref(NamedTuple):
    """A tensor: output `output` of step `step`."""

    step: int
    output: int = 0

    def __repr__(self):
        return f"t{self.step}" + (f".{self.output}" if self.output else "")


def refs_of(argument):
    """The tensors in an argument, also inside lists and tuples."""
    if isinstance(argument, Ref):
        yield argument
    elif isinstance(argument, list | tuple):
        for item in argument:
            yield from refs_of(item)


@dataclass(eq=False)
class Step:
    op: str  # "leaf" or a row of the table
    arguments: tuple

    def refs(self):
        yield from refs_of(self.arguments)

    def __repr__(self):
        return repr(self.arguments[0]) if self.op == "leaf" else f"tw_{self.op}({', '.join(map(repr, self.arguments))})"


class Mismatch(Exception):
    """The library did something else than the oracle."""


class Machine:
    """The tensors of one program, in the library and as arrays."""

    def __init__(self, library, scoped=False, statistics=None):
        self.library = library
        self.scope = library.scope_new() if scoped else None
        self.handles = {}
        self.arrays = {}
        self.statistics = statistics

    def close(self):
        for handle in self.handles.values():
            self.library.release(handle)
        self.library.scope_free(self.scope)
        self.handles = {}

    # ---- One step ---------------------------------------------------------------

    def run(self, number, step):
        """Runs a step and keeps what it made; raises Mismatch."""
        with np.errstate(all="ignore"):
            if step.op == "leaf":
                self.make(Ref(number), step.arguments[0])
            else:
                self.apply(number, step)

    def make(self, ref, leaf):
        """A tensor from data and views of it; the steps between are released at once."""
        library = self.library
        base = leaf.base
        data = to_bytes(base)
        handle = self.must(library.tensor_from_data(
            self.scope, data, DTYPES[base.dtype], integers(base.shape), len(base.shape)), "tensor_from_data")
        for name, *rest in leaf.views:
            if name == "slice":
                axis, start, stop, step = rest
                start = (0 if step > 0 else INT64[0]) if start is None else start
                stop = INT64[0 if step > 0 else 1] if stop is None else stop
                view = library.slice(self.scope, handle, axis, start, stop, step)
            elif name == "permute":
                view = library.permute(self.scope, handle, integers(rest[0]), len(rest[0]))
            else:
                view = library.broadcast_to(self.scope, handle, integers(rest[0]), len(rest[0]))
            library.release(handle)
            handle = self.must(view, name)
        self.handles[ref] = handle
        self.arrays[ref] = leaf.array
        text = self.unlike(handle, leaf.array)
        if text:
            raise Mismatch(f"a leaf reads otherwise: {text}")

    def must(self, handle, name):
        if not handle:
            raise Mismatch(f"{name} failed: {self.library.message()}")
        return handle

    def apply(self, number, step):
        row = TABLE[step.op]
        expected, refused, unclear = None, None, False
        resolved = tuple(self.resolved(a) for a in step.arguments)
        try:
            if self.has_null(row, step.arguments):
                raise Refused("NULL")
            expected = row.oracle(*resolved)
        except Refused as error:
            refused = error
        except Unclear:
            unclear = True
        except (ValueError, IndexError, TypeError, OverflowError, MemoryError) as error:
            refused = Refused(f"{type(error).__name__}: {error}")
        self.library.clear_last_error()
        outputs = (
            row.run(self.library, self.scope, self.handles, step.arguments, resolved) if row.run
            else call(self.library, self.scope, self.handles, row, step.arguments))
        failed = outputs is None
        if self.statistics is not None:
            self.statistics.count(step.op, "open" if unclear else "refused" if failed else "given")
        try:
            if failed:
                self.check_error(row)
            if unclear:
                return
            if failed != (refused is not None):
                raise Mismatch(
                    f"it failed with {self.error()}, the oracle gives {describe(expected)}" if failed
                    else f"it gives {self.describe(outputs)}, the oracle refuses: {refused}")
            if failed:
                if refused.status and self.library.last_status() != refused.status and not self.scope:
                    raise Mismatch(f"it failed with {self.error()}; status {refused.status} was expected")
                return
            if isinstance(expected, Verified):
                found = [self.read(handle) for handle in outputs]
                text = expected.check(*found)
                if text:
                    raise Mismatch(f"{text}: {'; '.join(map(describe, found))}")
                self.keep(number, outputs, found)
                outputs = []
                return
            wanted = expected if isinstance(expected, list) else [expected]
            if len(wanted) != len(outputs):
                raise Mismatch(f"{len(outputs)} results, {len(wanted)} were expected")
            results = [self.read(handle) for handle in outputs]
            for output, (found, want) in enumerate(zip(results, wanted, strict=True)):
                text, distance = compared(found, want)
                if distance is not None and self.statistics is not None:
                    self.statistics.measure(step.op, want.dtype, distance)
                if text:
                    raise Mismatch(f"result {output}: {text}" if len(wanted) > 1 else text)
            self.keep(number, outputs, results)
            outputs = []
        finally:
            for handle in outputs or ():
                self.library.release(handle)

    def keep(self, number, handles, arrays):
        for output, (handle, array) in enumerate(zip(handles, arrays, strict=True)):
            self.handles[Ref(number, output)] = handle
            self.arrays[Ref(number, output)] = array

    def has_null(self, row, arguments):
        """Whether a tensor is NULL where none may be."""
        if row.run:
            return False  # a call of another kind: its oracle sees to it
        for parameter, argument in zip(argument_parameters(row), arguments, strict=False):
            if parameter.name in row.nullable:
                continue
            if "tw_tensor *" in parameter.type and argument is None:
                return True
            if isinstance(argument, list) and "tw_tensor" in parameter.type and None in argument:
                return True
        return False

    def resolved(self, argument):
        if isinstance(argument, Ref):
            return self.arrays[argument]
        if isinstance(argument, list | tuple):
            return type(argument)(self.resolved(a) for a in argument)
        return argument

    def error(self):
        return self.library.message()

    def check_error(self, row):
        if self.library.last_status() == 0:
            raise Mismatch("it failed without a status")
        if self.library.last_status() == 15:
            raise Mismatch(f"it failed with {self.error()}")
        if not self.library.last_message():
            raise Mismatch("it failed without a message")
        if self.scope and not row.run and self.library.scope_status(self.scope) == 0:
            raise Mismatch("it failed and left the scope's status TW_OK")

    def describe(self, handles):
        return ", ".join(describe(self.read(h)) for h in handles)

    # ---- Looking ----------------------------------------------------------------

    def read(self, handle):
        library = self.library
        dtype, rank = ctypes.c_int(), c_int64()
        good = library.tensor_dtype(handle, byref(dtype)) == 0 and library.tensor_rank(handle, byref(rank)) == 0
        if not good:
            raise Mismatch(f"the result is no tensor: {self.error()}")
        sizes = (c_int64 * max(rank.value, 1))()
        if library.tensor_shape(handle, sizes, rank.value) != 0:
            raise Mismatch(f"no shape: {self.error()}")
        shape = tuple(sizes[: rank.value])
        name = NAMES[dtype.value]
        size = values.count(shape) * itemsize(name)
        if size > 1 << 28:
            raise Mismatch(f"a result of shape {list(shape)}")
        data = ctypes.create_string_buffer(max(size, 1))
        if library.tensor_copy_to(handle, data, size) != 0:
            raise Mismatch(f"tensor_copy_to: {self.error()}")
        return from_bytes(name, shape, data.raw[:size])

    def unlike(self, handle, array):
        """A line, if a tensor's elements are not an array's bits: as copied out, and by address and strides."""
        found = self.read(handle)
        if found.dtype != array.dtype or found.shape != array.shape or to_bytes(found) != to_bytes(array):
            return f"{describe(found)} is not {describe(array)}"
        if array.data.size == 0:
            return None
        strides = (c_int64 * max(array.rank, 1))()
        address = c_void_p()
        library = self.library
        if library.tensor_strides(handle, strides, array.rank) or library.tensor_data(handle, byref(address)):
            return f"no strides or address: {self.error()}"
        size = itemsize(array.dtype)
        low = sum(min(0, s * (n - 1)) for s, n in zip(strides, array.shape, strict=False)) * size
        high = sum(max(0, s * (n - 1)) for s, n in zip(strides, array.shape, strict=False)) * size + size
        memory = ctypes.string_at(address.value + low, high - low)
        raw = np.dtype(f"V{size}" if size > 8 else f"u{size}")
        seen = np.ndarray(array.shape, raw, memory, -low, [s * size for s in strides[: array.rank]])
        if packed(seen).tobytes() != to_bytes(array):
            return "its address and strides lead to other elements than are copied out"
        return None

    def check_inputs(self):
        """No step has changed what a step before it made."""
        for ref, array in self.arrays.items():
            text = self.unlike(self.handles[ref], array)
            if text:
                raise Mismatch(f"{ref} has changed: {text}")


def describe(result):
    if isinstance(result, list):
        return ", ".join(map(describe, result))
    if isinstance(result, Verified):
        return "a result"
    data = result.data if isinstance(result, Array) else np.asarray(result.value)
    return f"{result.dtype} {list(data.shape)} {values.literal(data)}"


# ---- Calling --------------------------------------------------------------------


def argument_parameters(row):
    """For each argument of a row the parameter that it is for: without the scope, the counts of lists and what is
    written to."""
    found, pending = [], False
    for p in row.prototype.parameters:
        if p.type == "tw_scope *" or p.type == "tw_tensor **":
            continue
        if p.type == "int64_t" and pending and (p.name == "rank" or p.name == "count" or p.name.endswith("_count")):
            pending = False
            continue
        if p.type in ("const int64_t *", "const tw_tensor *const *"):
            pending = True
        found.append(p)
    return found


def call(library, scope, handles, row, arguments):
    """Calls a function by its prototype. None if it failed, else the handles that it made."""
    prototype = row.prototype
    places, pending, outputs = list(arguments), None, []
    given = []
    for p in prototype.parameters:
        if p.type == "tw_scope *":
            given.append(scope)
        elif p.type == "tw_tensor **":
            outputs.append(c_void_p())
            given.append(byref(outputs[-1]))
        elif p.type == "int64_t" and pending is not None and (
            p.name == "rank" or p.name == "count" or p.name.endswith("_count")):
            given.append(pending)
            pending = None
        else:
            value = places.pop(0)
            if p.type == "const int64_t *":
                # Lists that share a count: the library may read no more than the shorter.
                length = 0 if value is None else row.count(value)
                pending = length if not pending else pending if value is None else min(pending, length)
                value = integers(value)
            elif p.type == "const tw_tensor *const *":
                pending = 0 if value is None else len(value)
                value = None if value is None else (c_void_p * max(len(value), 1))(*(handles.get(v) for v in value))
            elif isinstance(value, Ref):
                value = handles[value]
            elif p.type == "tw_dtype":
                value = DTYPES.get(value, value)
            elif p.type == "const char *" and value is not None:
                value = value.encode()
            given.append(value)
    assert not places, f"{prototype} takes fewer arguments than its row makes"
    result = getattr(library, prototype.name.removeprefix("tw_"))(*given)
    if prototype.result == "tw_tensor *":
        return [result, *(o.value for o in outputs)] if result else None
    return [o.value for o in outputs] if result == 0 else None


# ---- Generating -----------------------------------------------------------------


class Generation:
    """What generators of arguments draw from."""

    def __init__(self, seed, machine):
        self.r = random.Random(seed)
        self.rng = np.random.Generator(np.random.PCG64(self.r.getrandbits(64)))
        self.machine = machine
        self.steps = []

    # Numbers

    def chance(self, probability):
        return self.r.random() < probability

    def choice(self, items):
        return self.r.choice(items)

    def int(self, low, high):
        return self.r.randint(low, high)

    def number(self):
        return self.r.choice([0.0, 1.0, 2.0, -1.0, 0.5, -0.5, 3.0, -2.0, 0.1, -2.5, 255.0, 256.0, 2147483648.0, 1e300,
                              float("inf"), float("-inf"), float("nan"), -0.0, 1e-40, 9223372036854775808.0])  # fmt: skip

    # Tensors

    def shape(self, **wanted):
        return values.shape(self.r, **wanted)

    def array(self, ref):
        return self.machine.arrays[ref]

    def add(self, step):
        self.steps.append(step)
        self.machine.run(len(self.steps) - 1, step)
        return Ref(len(self.steps) - 1)

    def add_leaf(self, leaf):
        return self.add(Step("leaf", (leaf,)))

    def leaf(self, dtypes=ALL, shape=None):
        dtype = self.r.choice(dtypes)
        sizes = self.shape() if shape is None else shape
        return self.add_leaf(values.leaf(self.r, self.rng, dtype, sizes))

    def of(self, dtype, data):
        """A leaf with certain elements."""
        return self.add_leaf(values.Leaf(Array(dtype, np.asarray(data, held(dtype)))))

    def tensor(self, dtypes=ALL, shape=None, least_rank=0, least=0, rank=None, most=2**62):
        """One that is there already, or a new one."""
        if self.chance(0.6):
            fitting = [
                ref for ref, a in self.machine.arrays.items()
                if a.dtype in dtypes and a.rank >= least_rank and a.data.size <= most
                and (shape is None or a.shape == tuple(shape)) and (rank is None or a.rank == rank)
                and (least == 0 or all(size >= least for size in a.shape))
            ]  # fmt: skip
            if fitting:
                return self.r.choice(fitting[-6:])
        if shape is None:
            sizes = self.shape(rank=rank, least=least)
            while len(sizes) < least_rank:
                sizes = (self.int(max(least, 1), 4), *sizes)
        return self.leaf(dtypes, shape=sizes if shape is None else tuple(shape))

    def like(self, ref, dtypes=ALL):
        """One that broadcasts with another."""
        target = self.array(ref).shape
        if self.chance(0.3):
            fitting = [q for q, a in self.machine.arrays.items() if a.dtype in dtypes and fits(a.shape, target)]
            if fitting:
                return self.r.choice(fitting)
        return self.leaf(dtypes, values.broadcastable(self.r, target))

    def pair(self, dtypes=ALL):
        a = self.tensor(dtypes)
        if self.chance(0.03):
            return a, self.leaf(dtypes)
        same = (self.array(a).dtype,)
        b = self.like(a, same if self.chance(0.6) else dtypes)
        return (a, b) if self.chance(0.5) else (b, a)

    # Axes

    def axis(self, ref, extra=0):
        rank = self.array(ref).rank + extra
        return self.int(-rank, rank - 1) if rank else 0

    def axes(self, ref):
        rank = self.array(ref).rank
        if self.chance(0.25):
            return None
        chosen = self.r.sample(range(rank), self.int(0, rank))
        return [a - rank if self.chance(0.3) else a for a in chosen]

    # Wrong arguments

    def spoiled(self, arguments):
        """Arguments of which one is likely wrong."""
        arguments = list(arguments)
        if arguments:
            place = self.r.randrange(len(arguments))
            arguments[place] = self.spoil(arguments[place])
        return tuple(arguments)

    def spoil(self, value):
        if isinstance(value, Ref):
            return None if self.chance(0.4) else self.r.choice(list(self.machine.arrays))
        if isinstance(value, bool):
            return value
        if isinstance(value, int):
            return self.r.choice([-1, -2, 5, 8, 9, 100, -100, *INT64])
        if isinstance(value, float):
            return self.r.choice([0.0, -1.0, float("nan"), float("inf"), float("-inf"), 1e300, -0.0])
        if isinstance(value, str) and value in DTYPES:
            return self.r.choice([-1, max(DTYPES.values()) + 1, 99, 2**31 - 1])
        if isinstance(value, list):
            value = list(value)
            kind = self.r.random()
            if value and kind < 0.5:
                place = self.r.randrange(len(value))
                value[place] = self.spoil(value[place])
            elif value and kind < 0.7:
                value.append(value[0])
            elif value and kind < 0.85:
                value.pop()
            elif value and all(isinstance(v, int) for v in value):
                value.append(self.r.choice([0, 1, 2, -1]))
            return value
        if isinstance(value, tuple) and len(value) > 1:
            place = self.r.randrange(1, len(value))
            return (*value[:place], self.spoil(value[place]), *value[place + 1:])
        return value


def fits(shape, target):
    try:
        return values.count(np.broadcast_shapes(shape, target)) <= 4 * values.LIMIT
    except ValueError:
        return False


def run_seed(library, seed, statistics=None, trace=None, names=None):
    """Makes and runs the program of a seed. None, or its steps and what went wrong."""
    before = library.live_handles()
    machine = Machine(library, scoped=seed % 4 == 0, statistics=statistics)
    generation = Generation(seed, machine)
    names = names or list(TABLE)
    weights = [TABLE[name].weight for name in names]
    try:
        if trace:
            original = generation.add

            def add(step):
                trace(f"  t{len(generation.steps)} = {step!r}")
                return original(step)

            generation.add = add
        for _ in range(generation.int(1, 20)):
            row = TABLE[generation.r.choices(names, weights)[0]]
            arguments = row.generate(generation)
            if arguments is None:
                continue
            if row.spoils and generation.chance(WRONG):
                arguments = generation.spoiled(arguments)
            generation.add(Step(row.name, tuple(arguments)))
        machine.check_inputs()
    except Mismatch as error:
        return generation.steps, str(error)
    finally:
        machine.close()
    if library.live_handles() != before:
        return generation.steps, f"{library.live_handles() - before} handles were left"
    return None


def run_steps(library, steps):
    """Runs given steps anew. None, or what went wrong."""
    machine = Machine(library)
    try:
        for number, step in enumerate(steps):
            if step is not None:
                machine.run(number, step)
        machine.check_inputs()
    except Mismatch as error:
        return str(error)
    except KeyError:
        return None  # a step that gives an input has failed, in the library and in the oracle
    finally:
        machine.close()
    return None


__all__ = ["FUNCTIONS", "Generation", "Mismatch", "Ref", "Step", "Unclear", "c_double", "run_seed", "run_steps"]
