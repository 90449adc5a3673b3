"""Compares learning rates, batch sizes, penalties and optimizers on a real regression
set (diabetes, Efron et al., 2004): ten measurements, the disease's progress a year later.

Output:

    optimizer     lr  batch     L1     L2   train  validation
    SGD        0.001     32      0      0    0.54        0.57
    SGD         0.01     32      0      0    0.45        0.56
    SGD          0.1     32      0      0    0.42        0.71
    SGD         0.01      8      0      0    0.41        0.58
    SGD         0.01    330      0      0    0.55        0.58
    RMSProp    0.003     32      0      0    0.37        0.60
    Adam       0.003     32      0      0    0.37        0.58
    Adam       0.003     32  0.005      0    0.41        0.55
    Adam       0.003     32      0   0.02    0.41        0.55
    AdamW      0.003     32      0      0    0.37        0.59
"""

import numpy as np
from sklearn.datasets import load_diabetes

import talweg as tw

data, target = load_diabetes(return_X_y=True)
X = (data / data.std(axis=0)).astype(np.float32)  # the columns are centred already
y = ((target - target.mean()) / target.std()).astype(np.float32)[:, None]
order = np.random.default_rng(0).permutation(len(X))
train, held = order[:330], order[330:]


def losses(optimizer, lr, batch_size, l1, l2):
    """Mean squared errors of a small network on the rows that it saw and those held out."""
    generator = tw.random.Generator(1)
    model = tw.nn.Sequential(
        tw.nn.Linear(10, 32, init="he_normal", generator=generator),
        tw.nn.ReLU(),
        tw.nn.Linear(32, 1, generator=generator),
    )
    tw.fit(
        model,
        X[train],
        y[train],
        optimizer=optimizer(model, lr=lr),
        epochs=40,
        batch_size=batch_size,
        l1=l1,
        l2=l2,
        seed=1,
    )
    return [tw.mse_loss(tw.predict(model, X[rows]), y[rows]).item() for rows in (train, held)]


print("optimizer     lr  batch     L1     L2   train  validation")
for optimizer, lr, batch_size, l1, l2 in (
    (tw.optim.SGD, 0.001, 32, 0, 0),
    (tw.optim.SGD, 0.01, 32, 0, 0),
    (tw.optim.SGD, 0.1, 32, 0, 0),
    (tw.optim.SGD, 0.01, 8, 0, 0),
    (tw.optim.SGD, 0.01, 330, 0, 0),
    (tw.optim.RMSProp, 0.003, 32, 0, 0),
    (tw.optim.Adam, 0.003, 32, 0, 0),
    (tw.optim.Adam, 0.003, 32, 0.005, 0),
    (tw.optim.Adam, 0.003, 32, 0, 0.02),
    (tw.optim.AdamW, 0.003, 32, 0, 0),
):
    trained, validated = losses(optimizer, lr, batch_size, l1, l2)
    name = optimizer.__name__
    print(f"{name:9} {lr:6} {batch_size:6} {l1:6} {l2:6} {trained:7.2f} {validated:11.2f}")
