"""Tells ten kinds of clothes apart with two convolutions: Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017) as Debian
packages it (dataset-fashion-mnist). Writes pictures of the learning curves and of what it takes for something else.

    fashion_mnist.py [--epochs N] [--images N] [--data FOLDER] [--out build/fashion_mnist.png]

Of a short run, --epochs 1 --images 12800: test accuracy 84.8 %
"""

import argparse
import gzip
import sys
import time
from pathlib import Path

import numpy as np

import talweg as tw
from talweg import nn

NAMES = ["T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]


def read_idx(path):
    """The array in a gzipped IDX file: two zero bytes, the type, the number of axes, the sizes, the elements."""
    data = gzip.decompress(path.read_bytes())
    axes = data[3]
    shape = np.frombuffer(data, ">i4", axes, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def network(generator):
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1, generator=generator),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1, generator=generator),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.3, seed=1),
        nn.Linear(64 * 7 * 7, 10, generator=generator),
    )


def draw_mistakes(path, images, labels, guesses):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    wrong = np.flatnonzero(guesses != labels)[:18]
    for axes, index in zip(figure.subplots(3, 6).flat, wrong):
        axes.imshow(images[index, 0], cmap="gray_r")
        axes.set_title(f"{NAMES[labels[index]]}:\n{NAMES[guesses[index]]}?", fontsize=8)
    for axes in figure.axes:
        axes.axis("off")
    figure.savefig(path)


parser = argparse.ArgumentParser(description="Fashion-MNIST with a small network")
parser.add_argument("--epochs", type=int, default=12)
parser.add_argument("--images", type=int, default=60000, help="of the training images, how many to use")
parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
parser.add_argument("--out", type=Path, default=Path("build/fashion_mnist.png"))
arguments = parser.parse_args()
if not arguments.data.is_dir():
    sys.exit(f"{arguments.data}: no such folder; apt-get install dataset-fashion-mnist, or give --data")

sets = {}
for name in ("train", "t10k"):
    images = read_idx(arguments.data / f"{name}-images-idx3-ubyte.gz").astype(np.float32) / 255
    labels = read_idx(arguments.data / f"{name}-labels-idx1-ubyte.gz").astype(np.int64)
    sets[name] = ((images[:, None] - 0.286) / 0.353, labels)  # mean and standard deviation of the training pixels
X, y = (part[: arguments.images] for part in sets["train"])
test_X, test_y = sets["t10k"]

model = network(tw.random.Generator(1))
print(model)
optimizer = tw.optim.AdamW(model, lr=2e-3, weight_decay=1e-2)
start = time.perf_counter()
history = tw.fit(
    model,
    X,
    y,
    loss="cross_entropy",
    optimizer=optimizer,
    schedule=tw.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=arguments.epochs),
    schedule_epochs=True,
    epochs=arguments.epochs,
    batch_size=128,
    validation_data=(test_X, test_y),
    seed=1,
)
seconds = time.perf_counter() - start
guesses = tw.predict(model, test_X, batch_size=500).argmax(axis=1).numpy()
print(f"\n{len(X)} images to train, {len(test_X)} to test, {seconds / arguments.epochs:.1f} s an epoch")
print(f"test accuracy {100 * np.mean(guesses == test_y):.1f} %\n")
for label, name in enumerate(NAMES):
    others = np.bincount(guesses[(test_y == label) & (guesses != label)], minlength=10)
    share = np.mean(guesses[test_y == label] == label)
    print(f"{name:9} {100 * share:5.1f} %, else most often taken for a {NAMES[others.argmax()]}")

arguments.out.parent.mkdir(parents=True, exist_ok=True)
history.plot(arguments.out)
mistakes = arguments.out.with_stem(arguments.out.stem + "_mistakes")
draw_mistakes(mistakes, test_X, test_y, guesses)
print(f"\nlearning curves in {arguments.out}, mistakes in {mistakes}")
