"""Trains a small network with checkpoints in a folder, going on from what is there, and writes the final weights.

    python resume_training.py FOLDER WEIGHTS

Whatever it is killed at, once more brings the same weights: what test_resume.py checks.
"""

import sys

import talweg as tw
from talweg import nn, optim

STEPS = 600


class Net(nn.Module):
    """Dropout of its own and of the process's random numbers, and what batch norm has if there is one."""

    def __init__(self):
        super().__init__()
        generator = tw.random.Generator(1)
        self.first = nn.Linear(5, 16, generator=generator)
        self.norm = nn.BatchNorm1d(16) if hasattr(nn, "BatchNorm1d") else nn.Tanh()
        self.dropout = nn.Dropout(0.2, seed=2)
        self.last = nn.Linear(16, 3, generator=generator)

    def forward(self, x):
        x = self.dropout(tw.tanh(self.norm(self.first(x))))
        return self.last(tw.dropout(x, 0.1) if self.training else x)


def main(folder: str, weights: str) -> None:
    tw.seed(11)
    generator = tw.random.Generator(3)
    X = tw.random.normal((200, 5), generator=generator)
    y = (X[:, :3] ** 2).argmax(axis=1)
    model = Net()
    optimizer = optim.AdamW(model, lr=0.01)
    print("ready", flush=True)
    tw.fit(
        model,
        X,
        y,
        optimizer=optimizer,
        loss="cross_entropy",
        max_steps=STEPS,
        batch_size=16,
        accumulate=2,
        validation_split=0.2,
        restore_best=True,
        record_steps=10,
        schedule=schedule(optimizer),
        callbacks=[tw.ModelCheckpoint(folder, steps=5, keep=4)],
        resume=True,
    )
    tw.save_safetensors(weights, model.state_dict())


def schedule(optimizer: optim.Optimizer) -> object:
    """A cosine, where there is one."""
    schedules = getattr(optim, "lr_scheduler", None)
    return schedules.CosineAnnealingLR(optimizer, STEPS) if schedules is not None else None


if __name__ == "__main__":
    main(*sys.argv[1:])
