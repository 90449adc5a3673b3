"""Trains a small network and prints the FNV-1a 64-bit digest of its weights. Tests/c/seed.c
does the same, and must print the same.

    python trained_weights.py [number of threads]
"""

import sys

import talweg as tw


def fnv1a(data: bytes) -> int:
    """FNV-1a, 64 bits (Fowler, Noll and Vo)."""
    digest = 0xCBF29CE484222325
    for byte in data:
        digest = (digest ^ byte) * 0x100000001B3 % 2**64
    return digest


def trained_weights() -> str:
    """The digest of all parameters' bytes in order, as 16 hexadecimal digits."""
    X = tw.random.normal((90, 4), dtype="float32", generator=tw.random.Generator(7))
    labels = tw.arange(90) % 3
    generator = tw.random.Generator(1)
    model = tw.nn.Sequential(
        tw.nn.Linear(4, 8, generator=generator), tw.nn.Tanh(), tw.nn.Linear(8, 3, generator=generator)
    )
    tw.fit(
        model,
        X,
        labels,
        loss="cross_entropy",
        optimizer=tw.optim.Adam(model, lr=0.01),
        epochs=5,
        batch_size=16,
        shuffle=True,
        seed=3,
    )
    return f"{fnv1a(b''.join(p.detach().numpy().tobytes() for p in model.parameters())):016x}"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        tw.set_num_threads(int(sys.argv[1]))
    print(trained_weights())
