"""The training workloads in JAX: pure functions of a tree of parameters, one jitted step, state donated."""

import math

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp

GENERATOR = np.random.default_rng(0)


def floats(*shape):
    return jnp.asarray(GENERATOR.standard_normal(shape, dtype=np.float32))


def integers(high, *shape):
    return jnp.asarray(GENERATOR.integers(0, high, shape, dtype=np.int32))


def dense(inputs, outputs):
    return {"w": floats(inputs, outputs) / math.sqrt(inputs), "b": jnp.zeros(outputs)}


def linear(p, x):
    return x @ p["w"] + p["b"]


def cross_entropy(logits, labels):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], 1).mean()


def perceptron(sizes):
    parameters = [dense(a, b) for a, b in zip(sizes, sizes[1:])]

    def forward(p, x):
        for layer in p[:-1]:
            x = jax.nn.relu(linear(layer, x))
        return linear(p[-1], x)

    return parameters, forward


def kernel(size, inputs, outputs):
    return floats(size, size, inputs, outputs) / math.sqrt(size * size * inputs)


def convolve(x, w, stride=1, padding=0):
    return lax.conv_general_dilated(
        x, w, (stride, stride), [(padding, padding)] * 2, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def scale_shift(channels):
    return {"scale": jnp.ones(channels), "shift": jnp.zeros(channels)}


def batch_norm(p, x, statistics):
    """By the batch's statistics; what the running ones would need is handed out, so that it is computed."""
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    statistics.append((mean, variance))
    return (x - mean) * lax.rsqrt(variance + 1e-5) * p["scale"] + p["shift"]


def max_pool(x):
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def cnn():
    def layer(size, inputs, outputs):
        return {"w": kernel(size, inputs, outputs), "b": jnp.zeros(outputs)}

    parameters = {
        "c1": layer(5, 1, 32), "c2": layer(5, 32, 32), "n2": scale_shift(32),
        "c3": layer(3, 32, 64), "c4": layer(3, 64, 64), "n4": scale_shift(64), "head": dense(576, 10)}

    def forward(p, x, statistics):
        def conv(name, x):
            return convolve(x, p[name]["w"]) + p[name]["b"]

        x = max_pool(jax.nn.relu(batch_norm(p["n2"], conv("c2", jax.nn.relu(conv("c1", x))), statistics)))
        x = max_pool(jax.nn.relu(batch_norm(p["n4"], conv("c4", jax.nn.relu(conv("c3", x))), statistics)))
        return linear(p["head"], x.reshape(x.shape[0], -1))

    return parameters, forward


def resnet18():
    strides, blocks, inputs = [], [], 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        for stride in (stride, 1):
            block = {
                "c1": kernel(3, inputs, outputs), "n1": scale_shift(outputs),
                "c2": kernel(3, outputs, outputs), "n2": scale_shift(outputs)}
            if stride > 1:
                block |= {"c3": kernel(1, inputs, outputs), "n3": scale_shift(outputs)}
            blocks.append(block)
            strides.append(stride)
            inputs = outputs
    parameters = {"stem": kernel(3, 3, 64), "norm": scale_shift(64), "blocks": blocks, "head": dense(512, 10)}

    def forward(p, x, statistics):
        x = jax.nn.relu(batch_norm(p["norm"], convolve(x, p["stem"], 1, 1), statistics))
        for block, stride in zip(p["blocks"], strides):
            y = jax.nn.relu(batch_norm(block["n1"], convolve(x, block["c1"], stride, 1), statistics))
            y = batch_norm(block["n2"], convolve(y, block["c2"], 1, 1), statistics)
            if stride > 1:
                x = batch_norm(block["n3"], convolve(x, block["c3"], stride), statistics)
            x = jax.nn.relu(x + y)
        return linear(p["head"], x.mean((1, 2)))

    return parameters, forward


def lstm():
    width = 256
    parameters = {
        "embedding": floats(100, 128), "wi": floats(128, 4 * width) / 16, "wh": floats(width, 4 * width) / 16,
        "bi": jnp.zeros(4 * width), "bh": jnp.zeros(4 * width), "head": dense(width, 100)}

    def forward(p, tokens):
        inputs = p["embedding"][tokens] @ p["wi"] + (p["bi"] + p["bh"])

        def cell(state, x):
            h, c = state
            i, f, g, o = jnp.split(x + h @ p["wh"], 4, -1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zero = jnp.zeros((tokens.shape[0], width))
        _, h = lax.scan(cell, (zero, zero), inputs.swapaxes(0, 1))
        return linear(p["head"], h.swapaxes(0, 1))

    return parameters, forward


def layer_norm(p, x):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) * lax.rsqrt(variance + 1e-5) * p["scale"] + p["shift"]


def attention(p, x, heads, mask):
    batch, length, width = x.shape
    q, k, v = jnp.split(linear(p["qkv"], x).reshape(batch, length, 3 * heads, width // heads), 3, 2)
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / math.sqrt(width // heads)
    weights = jax.nn.softmax(jnp.where(mask, scores, -1e30))
    y = jnp.einsum("bhqk,bkhd->bqhd", weights, v)
    return linear(p["out"], y.reshape(batch, length, width))


def transformer_block(width):
    return {
        "qkv": dense(width, 3 * width), "out": dense(width, width), "n1": scale_shift(width),
        "up": dense(width, 4 * width), "down": dense(4 * width, width), "n2": scale_shift(width)}


def feed(p, x):
    return linear(p["down"], jax.nn.gelu(linear(p["up"], x), approximate=False))


def gpt(layers, heads, width, context, vocabulary):
    parameters = {
        "tokens": 0.02 * floats(vocabulary, width), "positions": 0.02 * floats(context, width),
        "blocks": [transformer_block(width) for _ in range(layers)], "norm": scale_shift(width)}
    causal = jnp.tril(jnp.ones((context, context), bool))

    def forward(p, tokens):
        x = p["tokens"][tokens] + p["positions"]
        for block in p["blocks"]:
            x = x + attention(block, layer_norm(block["n1"], x), heads, causal)
            x = x + feed(block, layer_norm(block["n2"], x))
        return layer_norm(p["norm"], x) @ p["tokens"].T

    return parameters, forward


def bert(layers=6, heads=12, width=384, vocabulary=30522, positions=512, tags=9):
    parameters = {
        "words": 0.02 * floats(vocabulary, width), "positions": 0.02 * floats(positions, width),
        "types": 0.02 * floats(2, width), "norm": scale_shift(width),
        "blocks": [transformer_block(width) for _ in range(layers)], "head": dense(width, tags)}

    def forward(p, tokens, types, mask):
        x = layer_norm(p["norm"], p["words"][tokens] + p["positions"][: tokens.shape[1]] + p["types"][types])
        for block in p["blocks"]:
            x = layer_norm(block["n1"], x + attention(block, x, heads, mask))
            x = layer_norm(block["n2"], x + feed(block, x))
        return linear(p["head"], x)

    return parameters, forward


# Each workload: the parameters, the loss (with what is computed besides), and its data, an argument of the step
# so that the compiler takes no constant for it.


def regression(sizes, batch):
    parameters, forward = perceptron(sizes)
    data = floats(batch, sizes[0]), floats(batch, 1)
    return parameters, lambda p, x, y: (((forward(p, x) - y) ** 2).mean(), ()), data


def mlp():
    parameters, forward = perceptron((784, 512, 256, 10))
    data = floats(128, 784), integers(10, 128)
    return parameters, lambda p, x, labels: (cross_entropy(forward(p, x), labels), ()), data


def images(model, *shape):
    parameters, forward = model

    def loss(p, x, labels):
        statistics = []
        return cross_entropy(forward(p, x, statistics), labels), statistics

    return parameters, loss, (floats(*shape), integers(10, shape[0]))


def language(model, vocabulary, batch, length):
    parameters, forward = model
    data = integers(vocabulary, batch, length), integers(vocabulary, batch * length)
    return (
        parameters,
        lambda p, tokens, labels: (cross_entropy(forward(p, tokens).reshape(-1, vocabulary), labels), ()), data)


def tagging(batch=16, length=128):
    parameters, forward = bert()
    real = jnp.arange(length) < jnp.array([length // 2 + length // 2 * (i + 1) // batch for i in range(batch)])[:, None]
    data = integers(30522, batch, length), jnp.zeros((batch, length), jnp.int32), real, integers(9, batch, length)

    def loss(p, tokens, types, real, labels):
        logits = jax.nn.log_softmax(forward(p, tokens, types, real[:, None, None, :]))
        picked = jnp.take_along_axis(logits, labels[..., None], 2)[..., 0]
        return -(picked * real).sum() / real.sum(), ()

    return parameters, loss, data


MODELS = {
    "linreg": lambda: regression((1, 1), 4),
    "tabular": lambda: regression((13, 64, 64, 1), 32),
    "mlp": mlp,
    "cnn": lambda: images(cnn(), 64, 28, 28, 1),
    "resnet18": lambda: images(resnet18(), 32, 32, 32, 3),
    "lstm": lambda: language(lstm(), 100, 32, 64),
    "nanogpt": lambda: language(gpt(4, 4, 128, 64, 65), 65, 12, 64),
    "gpt10m": lambda: language(gpt(6, 6, 384, 256, 65), 65, 16, 256),
    "bertner": tagging,
}


def sgd(momentum):
    def start(p):
        return jax.tree.map(jnp.zeros_like, p) if momentum else ()

    def update(p, g, velocity):
        if momentum:
            g = velocity = jax.tree.map(lambda v, g: momentum * v + g, velocity, g)
        return jax.tree.map(lambda p, g: p - 0.01 * g, p, g), velocity

    return start, update


def adam(decay):
    def start(p):
        return jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p), jnp.zeros((), jnp.int32)

    def update(p, g, state):
        m, s, t = state
        t = t + 1
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        s = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, s, g)
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        p = jax.tree.map(
            lambda p, m, s: p * (1 - 1e-3 * decay) - 1e-3 * (m / c1) / (jnp.sqrt(s / c2) + 1e-8), p, m, s)
        return p, (m, s, t)

    return start, update


OPTIMIZERS = {
    "linreg": sgd(0), "tabular": adam(0), "mlp": adam(0), "cnn": adam(0), "resnet18": sgd(0.9), "lstm": adam(0),
    "nanogpt": adam(0.01), "gpt10m": adam(0.01), "bertner": adam(0.01)}


def training_step(name):
    """The workload's step, how many parameters it trains, and what to wait for after steps."""
    parameters, loss, data = MODELS[name]()
    start, update = OPTIMIZERS[name]

    def whole(p, state, *data):
        (value, statistics), g = jax.value_and_grad(loss, has_aux=True)(p, *data)
        p, state = update(p, g, state)
        return p, state, value, statistics

    jitted = jax.jit(whole, donate_argnums=(0, 1))
    held = [parameters, start(parameters)]
    count = sum(leaf.size for leaf in jax.tree.leaves(parameters))

    def step():
        held[0], held[1], value, _ = jitted(*held, *data)
        return value

    return step, count
