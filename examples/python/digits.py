"""Reads handwritten digits: an MLP on the 8 x 8 images of scikit-learn's bundle. Writes
them as CSV for the C program, and a picture of the learning curves.

    digits.py [build/digits.csv [build/digits.png]]

Output:

    1438 images to train, 359 to test
    test accuracy 97.5 %

    rows: the digit, columns: what the network reads
    0:  27   0   0   0   0   0   0   0   0   0
    1:   0  20   0   0   0   1   0   0   0   0
    2:   0   0  34   0   0   0   0   0   0   0
    3:   0   0   0  49   0   3   0   0   0   0
    4:   0   0   0   0  34   0   0   0   0   0
    5:   0   0   0   0   0  28   0   0   0   0
    6:   0   0   0   0   0   0  31   0   0   0
    7:   0   0   0   0   0   0   0  43   0   0
    8:   0   3   1   0   0   0   1   0  42   0
    9:   0   0   0   0   0   0   0   0   0  42

    learning curves in build/digits.png
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

import talweg as tw

csv_path = Path(sys.argv[1] if len(sys.argv) > 1 else "build/digits.csv")
picture_path = Path(sys.argv[2] if len(sys.argv) > 2 else "build/digits.png")
for path in (csv_path, picture_path):
    path.parent.mkdir(parents=True, exist_ok=True)

digits = load_digits()
tw.write_csv(csv_path, np.column_stack([digits.data, digits.target]).astype(np.int32))

# 64 pixels of 0 to 16; every fifth image is for the test.
X = (digits.data / 16).astype(np.float32)
y = digits.target
test = np.arange(len(X)) % 5 == 4

generator = tw.random.Generator(1)
model = tw.nn.Sequential(
    tw.nn.Linear(64, 64, init="he_normal", generator=generator),
    tw.nn.ReLU(),
    tw.nn.Dropout(0.2, seed=1),
    tw.nn.Linear(64, 10, generator=generator),
)
history = tw.fit(
    model,
    X[~test],
    y[~test],
    loss="cross_entropy",
    optimizer=tw.optim.AdamW(model, lr=3e-3),
    epochs=40,
    batch_size=32,
    validation_split=0.1,
    patience=10,
    restore_best=True,
    seed=1,
)

guesses = tw.predict(model, X[test]).argmax(axis=1).numpy()
accuracy = np.mean(guesses == y[test])
print(f"{np.sum(~test)} images to train, {np.sum(test)} to test")
print(f"test accuracy {100 * accuracy:.1f} %")

confusion = np.zeros((10, 10), dtype=int)
np.add.at(confusion, (y[test], guesses), 1)
print("\nrows: the digit, columns: what the network reads")
print("\n".join(f"{digit}: " + " ".join(f"{count:3}" for count in row) for digit, row in enumerate(confusion)))

history.plot(picture_path)
print(f"\nlearning curves in {picture_path}")
