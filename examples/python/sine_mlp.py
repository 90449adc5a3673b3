"""A sine by a network of one hidden layer, 61 parameters on 200 points: Levenberg-Marquardt, L-BFGS and Adam from
the same start. A least-squares method sees how each residual bends with each parameter, and is after some hundred passes
over the data where a descent along gradients is not after thousands. A picture of the errors over time is written
where matplotlib is installed.

    sine_mlp.py [build/sine_mlp.png]

Output:

                         passes  mean squared error  seconds
    Levenberg-Marquardt     372             6.0e-10     0.62
    L-BFGS                  453             2.2e-06     0.06
    Adam                   5000             5.6e-06     0.66
"""

import sys
import time
from pathlib import Path

import numpy as np

import talweg as tw

x = np.linspace(-np.pi, np.pi, 200)[:, None]
y = np.sin(2 * x)
inputs, targets = tw.tensor(x), tw.tensor(y)


def network():
    generator = tw.random.Generator(3)
    return tw.nn.Sequential(
        tw.nn.Linear(1, 20, dtype="float64", generator=generator),
        tw.nn.Tanh(),
        tw.nn.Linear(20, 1, dtype="float64", generator=generator),
    )


def least_squares(model, tell):
    # The cost is half the sum of squares.
    solver = tw.optim.LevenbergMarquardt(model)
    solver.fit(x, y, max_iterations=300, callback=lambda i, passes, cost, *_: tell(passes, 2 * cost / len(x)))


def descent(optimizer, model, steps, tell):
    passes = 0

    def closure():
        nonlocal passes
        passes += 1
        optimizer.zero_grad()
        loss = tw.mse_loss(model(inputs), targets)
        loss.backward()
        return loss

    for _ in range(steps):
        tell(passes + 1, optimizer.step(closure).item())


METHODS = {
    "Levenberg-Marquardt": least_squares,
    "L-BFGS": lambda model, tell: descent(tw.optim.LBFGS(model, max_iter=5), model, 80, tell),
    "Adam": lambda model, tell: descent(tw.optim.Adam(model, lr=0.01), model, 5000, tell),
}
curves, fits = {}, {}
print(f"{'':19}  passes  mean squared error  seconds")
for name, method in METHODS.items():
    model, begin, curve = network(), time.perf_counter(), []
    method(model, lambda passes, error: curve.append((time.perf_counter() - begin, passes, error)))
    curves[name], fits[name] = np.array(curve), tw.predict(model, x).numpy()
    error = np.mean((fits[name] - y) ** 2)
    print(f"{name:19}  {curve[-1][1]:6}  {error:18.1e}  {curve[-1][0]:7.2f}")

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
if plt:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    left.plot(x, y, "k", linewidth=3, alpha=0.3)
    for name in METHODS:
        left.plot(x, fits[name], label=name)
        right.loglog(curves[name][:, 0], curves[name][:, 2], label=name)
    right.set(xlabel="seconds", ylabel="mean squared error")
    left.legend()
    picture = Path(sys.argv[1] if len(sys.argv) > 1 else "build/sine_mlp.png")
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, dpi=120)
