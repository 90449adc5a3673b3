"""Fashion-MNIST to a stated accuracy, and the time of an epoch beside PyTorch's where that is installed.

    fashion.py [--models mlp,cnn] [--epochs N] [--images N] [--threads N] [--data FOLDER] [--no-peer]

Both train the same network with the same optimizer, rates and batches; they take turns, each in a process of its own, and
print a JSON object a line: model, engine, n_params, epoch_s (the fastest epoch without the test pass), accuracy. Each line
of ratios ends with what is asked: test accuracy of 0.883 by the perceptron of 256-128-100 and 0.915 by two convolutions of
fewer than 100,000 parameters.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ASKED = {"mlp": 0.883, "cnn": 0.915}
BATCH, RATE, DECAY = 128, {"mlp": 1e-3, "cnn": 2e-3}, 1e-2


def read_idx(path):
    import numpy as np

    data = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(data, ">i4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def load(folder, images):
    import numpy as np

    parts = []
    for name, most in (("train", images), ("t10k", None)):
        pixels = read_idx(folder / f"{name}-images-idx3-ubyte.gz")[:most].astype(np.float32) / 255
        labels = read_idx(folder / f"{name}-labels-idx1-ubyte.gz")[:most].astype(np.int64)
        parts += [np.ascontiguousarray((pixels[:, None] - 0.286) / 0.353, np.float32), labels]
    return parts


def network(nn, name):
    """The same in both libraries, whose layers have the same names."""
    if name == "mlp":
        sizes = [784, 256, 128, 100]
        hidden = [layer for a, b in zip(sizes, sizes[1:]) for layer in (nn.Linear(a, b), nn.ReLU())]
        return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(100, 10))
    blocks = []
    for inputs, outputs in ((1, 32), (32, 64)):
        blocks += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*blocks, nn.Flatten(), nn.Dropout(0.3), nn.Linear(64 * 7 * 7, 10))


def by_talweg(name, options, x, y, test_x, test_y):
    import numpy as np

    import talweg as tw

    tw.seed(1)
    model = network(tw.nn, name)
    optimizer = tw.optim.AdamW(model, lr=RATE[name], weight_decay=DECAY)
    times = []
    for epoch in range(options.epochs):
        optimizer.lr = RATE[name] * (1 - epoch / options.epochs)
        start = time.perf_counter()
        tw.fit(model, x, y, loss="cross_entropy", optimizer=optimizer, epochs=1, batch_size=BATCH, seed=epoch,
               progress=False)
        times.append(time.perf_counter() - start)
    guesses = tw.predict(model, test_x, batch_size=500).argmax(axis=1).numpy()
    return min(times), float(np.mean(guesses == test_y)), model.parameter_size


def by_torch(name, options, x, y, test_x, test_y):
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    model = network(nn, name)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE[name], weight_decay=DECAY, fused=True)
    x, y, test_x, test_y = map(torch.from_numpy, (x, y, test_x, test_y))
    times = []
    for epoch in range(options.epochs):
        for group in optimizer.param_groups:
            group["lr"] = RATE[name] * (1 - epoch / options.epochs)
        start = time.perf_counter()
        order = torch.randperm(len(x))
        for first in range(0, len(x), BATCH):
            rows = order[first : first + BATCH]
            optimizer.zero_grad(set_to_none=True)
            F.cross_entropy(model(x[rows]), y[rows]).backward()
            optimizer.step()
        times.append(time.perf_counter() - start)
    model.eval()
    with torch.no_grad():
        guesses = torch.cat([model(part).argmax(1) for part in test_x.split(500)])
    return min(times), (guesses == test_y).double().mean().item(), sum(p.numel() for p in model.parameters())


def main():
    parser = argparse.ArgumentParser(description="Fashion-MNIST: accuracy, and epochs beside PyTorch's")
    parser.add_argument("--models", default="mlp,cnn")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets/fashion-mnist"))
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--engine", choices=["talweg", "torch"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.exit(f"{options.data}: no such folder; apt-get install dataset-fashion-mnist, or give --data")
    if options.engine:
        train = by_talweg if options.engine == "talweg" else by_torch
        seconds, accuracy, size = train(options.models, options, *load(options.data, options.images))
        record = {"model": options.models, "engine": options.engine, "n_params": size, "epoch_s": round(seconds, 4),
                  "accuracy": round(accuracy, 4)}
        print(json.dumps(record), flush=True)
        return 0
    engines = ["talweg"] if options.no_peer else ["talweg", "torch"]
    missed = 0
    for model in options.models.split(","):
        found = {}
        for engine in engines:
            run = subprocess.run(
                [sys.executable, __file__, "--engine", engine, "--models", model, "--epochs", str(options.epochs),
                 "--images", str(options.images), "--threads", str(options.threads), "--data", str(options.data)],
                capture_output=True, text=True, env={**os.environ, "TALWEG_NUM_THREADS": str(options.threads),
                                                     "OMP_NUM_THREADS": str(options.threads)})
            if run.returncode != 0:
                if engine == "torch" and "No module named 'torch'" in run.stderr:
                    print("PyTorch is not installed: left out (make bench-peers)", file=sys.stderr)
                    continue
                sys.exit(run.stderr)
            print(run.stdout, end="", flush=True)
            found[engine] = json.loads(run.stdout)
        own = found["talweg"]
        missed += own["accuracy"] < ASKED[model]
        ratio = f", {found['torch']['epoch_s'] / own['epoch_s']:.2f} times as fast as PyTorch" if "torch" in found else ""
        print(f"{model}: accuracy {own['accuracy']:.4f} (asked {ASKED[model]}){ratio}", flush=True)
    return 1 if missed else 0


sys.exit(main())
