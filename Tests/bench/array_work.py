"""Products, convolutions, operations, overhead and linear algebra in the peers, under the names of talweg-bench."""

import re

import numpy as np

from timing import best

GENERATOR = np.random.default_rng(0)


def measure(options, name, result):
    """Fills the result; False where the peer has no such thing."""
    works = {"gemm": product, "conv": convolution, "ops": operation, "overhead": overhead, "linalg": linear_algebra}
    made = works[options.suite](options.peer, name, options.threads)
    if made is None:
        return False
    work, finish, calls = made
    result["s"] = best(work, options.repeats, options.min_time, finish) / calls
    return True


def ready(_):
    pass


def torch_with(threads):
    import torch

    torch.set_num_threads(threads)
    return torch


# ---- Matrix products ------------------------------------------------------------


def product(peer, name, threads):
    dtype, variant, sizes = re.fullmatch(r"(\w+?)-(?:(nt|tn|tt)-)?([\dx]+)", name).groups()
    *batch, m, k, n = map(int, sizes.split("x"))
    variant = variant or "nn"

    def operand(rows, columns, transposed):
        shape = (*batch, columns, rows) if transposed else (*batch, rows, columns)
        return GENERATOR.uniform(-1, 1, shape).astype(np.float64 if dtype == "f64" else np.float32)

    a, b = operand(m, k, variant[0] == "t"), operand(k, n, variant[1] == "t")

    def turned(x, letter, swap):
        return swap(x) if letter == "t" else x

    if peer == "torch":
        torch = torch_with(threads)
        kind = {"f32": torch.float32, "f64": torch.float64, "bf16": torch.bfloat16}[dtype]
        a, b = (torch.from_numpy(x).to(kind) for x in (a, b))
        a, b = (turned(x, letter, lambda x: x.transpose(-1, -2)) for x, letter in zip((a, b), variant))
        return lambda: torch.matmul(a, b), ready, 1
    if peer == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
        kind = {"f32": "float32", "f64": "float64", "bf16": "bfloat16"}[dtype]
        a, b = (jax.numpy.asarray(x, dtype=kind) for x in (a, b))

        @jax.jit
        def multiply(a, b):
            a, b = (turned(x, letter, lambda x: x.swapaxes(-1, -2)) for x, letter in zip((a, b), variant))
            return a @ b

        return lambda: multiply(a, b), jax.block_until_ready, 1
    if peer == "numpy" and dtype != "bf16":
        a, b = (turned(x, letter, lambda x: x.swapaxes(-1, -2)) for x, letter in zip((a, b), variant))
        return lambda: a @ b, ready, 1
    return None


# ---- Convolutions -----------------------------------------------------------------


def convolution(peer, name, threads):
    if peer != "torch":
        return None
    torch = torch_with(threads)
    way, inputs, outputs, size, kernel, stride, groups = re.fullmatch(
        r"(\w+)-(\d+)x(\d+)x(\d+)-k(\d+)(?:-s(\d+))?(?:-g(\d+))?", name).groups()
    inputs, outputs, size, kernel, stride, groups = (
        int(x or 1) for x in (inputs, outputs, size, kernel, stride, groups))
    x = torch.rand(32, inputs, size, size)
    weight = torch.rand(outputs, inputs // groups, kernel, kernel)
    options = {"stride": stride, "padding": kernel // 2, "groups": groups}
    given = torch.rand_like(torch.nn.functional.conv2d(x, weight, **options))
    if way == "forward":
        return lambda: torch.nn.functional.conv2d(x, weight, **options), ready, 1
    if way == "input":
        return lambda: torch.nn.grad.conv2d_input(x.shape, weight, given, **options), ready, 1
    return lambda: torch.nn.grad.conv2d_weight(x, weight.shape, given, **options), ready, 1


# ---- Element-wise operations, reductions, rows -------------------------------------

UNARIES = {
    "negative": "-x", "absolute": "abs(x)", "square": "x * x", "sqrt": "lib.sqrt(x)", "reciprocal": "1 / x",
    "relu": {"torch": "lib.relu(x)", "jax": "nn.relu(x)", "numpy": "lib.maximum(x, 0)"},
    "exp": "lib.exp(x)", "expm1": "lib.expm1(x)", "log": "lib.log(x)", "log1p": "lib.log1p(x)",
    "sin": "lib.sin(x)", "cos": "lib.cos(x)", "tanh": "lib.tanh(x)",
    "sigmoid": {"torch": "lib.sigmoid(x)", "jax": "nn.sigmoid(x)", "numpy": None},
    "erf": {"torch": "lib.erf(x)", "jax": "lax.erf(x)", "numpy": None},
    "gelu": {"torch": "nn.gelu(x)", "jax": "nn.gelu(x, approximate=False)", "numpy": None},
    "add-scalar": "x + 1.5",
    "add": "x + y", "subtract": "x - y", "multiply": "x * y", "divide": "x / y", "maximum": "lib.maximum(x, y)",
    "power": {"torch": "lib.pow(x, y)", "jax": "lib.power(x, y)", "numpy": "lib.power(x, y)"},
    "sum": "x.sum()", "mean": "x.mean()", "max": "x.max()", "min": "x.min()", "argmax": "x.argmax()",
    "norm": "lib.linalg.norm(x)",
    "variance": {"torch": "lib.var(x, correction=0)", "jax": "x.var()", "numpy": "x.var()"},
    "logsumexp": {"torch": "lib.logsumexp(x, 0)", "jax": "nn.logsumexp(x)", "numpy": None},
    "sum-columns": "x.sum(0)", "sum-rows": "x.sum(1)",
    "softmax": {"torch": "lib.softmax(x, -1)", "jax": "nn.softmax(x)", "numpy": None},
    "layer-norm": {"torch": "nn.layer_norm(x, x.shape[-1:])", "jax": "nn.standardize(x)", "numpy": None},
    "log-softmax": {"torch": "lib.log_softmax(x, -1)", "jax": "nn.log_softmax(x)", "numpy": None},
}


def operation(peer, name, threads):
    base, size = name.rsplit("-", 1)
    text = UNARIES.get(base)
    if isinstance(text, dict):
        text = text.get(peer)
    if text is None or peer not in ("torch", "jax", "numpy"):
        return None
    if base in ("sum-columns", "sum-rows"):
        shape = (10_000, 1_000) if size == "10m" else (256, 256)
    else:
        shape = {"10m": (10_000_000,), "64k": (65_536,)}.get(size) or tuple(map(int, size.split("x")))
    x, y = (GENERATOR.uniform(1e-3, 4, shape).astype(np.float32) for _ in range(2))
    if peer == "torch":
        torch = torch_with(threads)
        names = {"lib": torch, "nn": torch.nn.functional}
        x, y = torch.from_numpy(x), torch.from_numpy(y)
        work = eval(f"lambda x, y: {text}", names)
        return lambda: work(x, y), ready, 1
    if peer == "jax":
        import jax

        names = {"lib": jax.numpy, "nn": jax.nn, "lax": jax.lax}
        x, y = jax.numpy.asarray(x), jax.numpy.asarray(y)
        work = jax.jit(eval(f"lambda x, y: {text}", names))
        return lambda: work(x, y), jax.block_until_ready, 1
    work = eval(f"lambda x, y: {text}", {"lib": np})
    return lambda: work(x, y), ready, 1


# ---- Overhead, from Python ---------------------------------------------------------


def overhead(peer, name, threads):
    """What the small operations cost from Python: the peers have no other face. `talweg` is our own package."""
    if peer == "torch":
        lib = torch_with(threads)
        a, b = (lib.randn(4, 4) for _ in range(2))
    elif peer == "talweg":
        import talweg as lib

        a, b = (lib.tensor(GENERATOR.standard_normal((4, 4)).astype(np.float32)) for _ in range(2))
    else:
        return None
    if name.endswith("-tape"):
        for x in (a, b):
            x.requires_grad = True
    calls = 100
    if name.startswith("add-4x4"):
        def work():
            for _ in range(calls):
                a + b
    elif name.startswith("matmul-4x4"):
        def work():
            for _ in range(calls):
                a @ b
    else:
        return None
    return work, ready, calls


# ---- Linear algebra ----------------------------------------------------------------


def linear_algebra(peer, name, threads):
    kind, dtype, sizes = re.fullmatch(r"(.+)-(f32|f64)-([\dx]+)", name).groups()
    *batch, n = map(int, sizes.split("x"))
    a = GENERATOR.uniform(-1, 1, (*batch, n, n)).astype(np.float64 if dtype == "f64" else np.float32)
    if kind == "cholesky":
        a = a @ a.swapaxes(-1, -2) + n * np.eye(n, dtype=a.dtype)
    b = GENERATOR.uniform(-1, 1, (n, 1)).astype(a.dtype)
    if peer == "numpy":
        works = {
            "cholesky": lambda: np.linalg.cholesky(a),
            "qr": lambda: np.linalg.qr(a),
            "solve": lambda: np.linalg.solve(a, b),
            "inv": lambda: np.linalg.inv(a),
        }
    elif peer == "scipy" and not batch:
        import scipy.linalg

        works = {
            "cholesky": lambda: scipy.linalg.cholesky(a, lower=True),
            "qr": lambda: scipy.linalg.qr(a, mode="economic"),
            "lu": lambda: scipy.linalg.lu_factor(a),
            "solve": lambda: scipy.linalg.solve(a, b, assume_a="general"),
            "inv": lambda: scipy.linalg.inv(a),
            "eigh": lambda: scipy.linalg.eigh(a),
            "eigvalsh": lambda: scipy.linalg.eigvalsh(a),
            "svd": lambda: scipy.linalg.svd(a),
            "svdvals": lambda: scipy.linalg.svdvals(a),
        }
    elif peer == "torch":
        torch = torch_with(threads)
        a, b = torch.from_numpy(a), torch.from_numpy(b)
        works = {
            "cholesky": lambda: torch.linalg.cholesky(a),
            "qr": lambda: torch.linalg.qr(a),
            "lu": lambda: torch.linalg.lu_factor(a),
            "solve": lambda: torch.linalg.solve(a, b),
            "inv": lambda: torch.linalg.inv(a),
            "eigh": lambda: torch.linalg.eigh(a),
            "eigvalsh": lambda: torch.linalg.eigvalsh(a),
            "svd": lambda: torch.linalg.svd(a),
            "svdvals": lambda: torch.linalg.svdvals(a),
        }
    else:
        return None
    return (works[kind], ready, 1) if kind in works else None
