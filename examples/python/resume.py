"""Trains a network, interrupts it half way, and resumes: the weights come out as if it had never stopped.

Output:

    begun      : stopped by hand in epoch 6, after 270 steps
    checkpoint : step-000000000270.safetensors
    resumed    : 20 epochs, loss 0.08
    undisturbed: 20 epochs, loss 0.08
    same bits  : True
"""

import shutil
from pathlib import Path

import talweg as tw

FOLDER = Path("build/resume")

x = tw.linspace(-3, 3, 400, dtype="float32").reshape(-1, 1)
y = tw.sin(2 * x)


def network():
    """A network with dropout, whose random numbers are part of a checkpoint."""
    tw.seed(1)
    generator = tw.random.Generator(1)
    return tw.nn.Sequential(
        tw.nn.Linear(1, 64, generator=generator),
        tw.nn.Tanh(),
        tw.nn.Dropout(0.05, seed=2),
        tw.nn.Linear(64, 1, generator=generator),
    )


def train(model, *callbacks, **options):
    optimizer = tw.optim.Adam(model, lr=0.02)
    return tw.fit(model, x, y, optimizer=optimizer, epochs=20, batch_size=8, callbacks=callbacks, **options)


shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.parent.mkdir(exist_ok=True)
checkpoints = tw.ModelCheckpoint(FOLDER, steps=100, keep=1)

# Ctrl-C would do the same: the fit ends after a batch, and writes a checkpoint.
stop = tw.LambdaCallback(on_batch_end=lambda event: event.step == 270)
history = train(network(), checkpoints, stop)
print(f"begun      : stopped by hand in epoch {history.epochs + 1}, after 270 steps")
print(f"checkpoint : {next(FOLDER.iterdir()).name}")

# Another process would begin like this.
resumed = network()
history = train(resumed, checkpoints, resume=True)
print(f"resumed    : {history.epochs} epochs, loss {history.loss[-1]:.2f}")

undisturbed = network()
history = train(undisturbed)
print(f"undisturbed: {history.epochs} epochs, loss {history.loss[-1]:.2f}")

pairs = zip(resumed.parameters(), undisturbed.parameters(), strict=True)
print(f"same bits  : {all((a == b).all().item() for a, b in pairs)}")
