"""Learns to spell from a list of words: an LSTM that reads characters and says what comes next. Without a file it takes
the word list that Debian packages (wamerican). Then it makes up words of its own.

    char_lstm.py [FILE] [--steps N] [--temperature T]

Output of a short run (first names, --steps 200):

    228,145 characters, 27 different ones, 6,417 sequences to train
    step     0: 4.75 bits a character, held out
    ...
    step   200: 3.12 bits a character, held out

    words of its own: kyleg, dsenela, gennael, stenttere, giezlee, avitis, arahl, evande, savrik, eraon, cherisa, tate
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

import talweg as tw
from talweg import nn
from talweg.nn import functional as F

parser = argparse.ArgumentParser(description="A character LSTM")
parser.add_argument("file", type=Path, nargs="?", default=Path("/usr/share/dict/words"))
parser.add_argument("--steps", type=int, default=1000)
parser.add_argument("--temperature", type=float, default=0.8)
arguments = parser.parse_args()
if not arguments.file.is_file():
    sys.exit(f"{arguments.file}: no such file; name a text file, or apt-get install wamerican")

# Lines in random order, so that the held-out tenth is like the rest.
random = np.random.default_rng(1)
lines = arguments.file.read_text(encoding="utf-8", errors="replace").split("\n")
random.shuffle(lines)
text = "\n".join(lines)
letters = sorted(set(text) | {"\n"})
codes = np.array([letters.index(letter) for letter in text])
length, batch = 32, 64
rows = (len(codes) - 1) // length
x = codes[: rows * length].reshape(rows, length)
y = codes[1 : rows * length + 1].reshape(rows, length)
held_out = max(1, rows // 10)
print(f"{len(text):,} characters, {len(letters)} different ones, {rows - held_out:,} sequences to train")


class Speller(nn.Module):
    def __init__(self, letters, width=128):
        super().__init__()
        generator = tw.random.Generator(1)
        self.embedding = nn.Embedding(letters, 32, generator=generator)
        self.lstm = nn.LSTM(32, width, batch_first=True, generator=generator)
        self.output = nn.Linear(width, letters, generator=generator)

    def forward(self, x, state=None):
        y, state = self.lstm(self.embedding(x), state)
        return self.output(y), state


def loss_of(model, x, y):
    logits, _ = model(x)
    return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))


model = Speller(len(letters))
optimizer = tw.optim.Adam(model, lr=4e-3)
start = time.perf_counter()
for step in range(arguments.steps + 1):
    if step % max(1, arguments.steps // 5) == 0:
        with tw.no_grad():
            bits = loss_of(model, x[:held_out], y[:held_out]).item() / np.log(2)
        print(f"step {step:5}: {bits:.2f} bits a character, held out")
    picked = random.integers(held_out, rows, batch)
    optimizer.zero_grad()
    loss_of(model, x[picked], tw.asarray(y[picked])).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
print(f"{1000 * (time.perf_counter() - start) / max(1, arguments.steps):.1f} ms a step\n")


def invent(most=20):
    """A word, letter by letter, each drawn from what the network thinks may follow."""
    word, letter, state = "", "\n", None
    with tw.no_grad():
        while len(word) < most:
            logits, state = model(np.array([[letters.index(letter)]]), state)
            p = np.exp((logits.numpy()[0, 0] - logits.numpy().max()) / arguments.temperature)
            letter = letters[random.choice(len(letters), p=p / p.sum())]
            if letter == "\n":
                break
            word += letter
    return word


print("words of its own:", ", ".join(invent() for _ in range(12)))
