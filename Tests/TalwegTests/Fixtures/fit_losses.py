# Prints the losses and last biases that FitTests compares with. PyTorch 2.15.0: python fit_losses.py
import copy

import torch
torch.set_default_dtype(torch.float64)
def grid(n, a, b, m, s): return torch.tensor([((i * a + b) % m - m // 2) / s for i in range(n)])
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
with torch.no_grad():
    for k, p in enumerate(model.parameters()):
        p.copy_(grid(p.numel(), 7, 3 + k, 11, 10).reshape(p.shape))
x = grid(30, 5, 2, 13, 6).reshape(10, 3)
labels = torch.tensor([i * i % 3 % 2 for i in range(10)])
y = grid(20, 3, 1, 7, 3).reshape(10, 2)
for name, make, loss_of, t in [
    ("mse", lambda p: torch.optim.Adam(p, lr=0.1), torch.nn.functional.mse_loss, y),
    ("ce", lambda p: torch.optim.SGD(p, lr=0.5, momentum=0.9, nesterov=True, weight_decay=0.01), torch.nn.functional.cross_entropy, labels),
    ("ce", lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1), torch.nn.functional.cross_entropy, labels),
    ("mse", lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.9, momentum=0.5), torch.nn.functional.mse_loss, y),
]:
    m = copy.deepcopy(model)
    o = make(m.parameters())
    losses = []
    for epoch in range(5):
        total = 0
        for i in range(0, 10, 4):
            o.zero_grad()
            w = [m[0].weight, m[2].weight]
            loss = loss_of(m(x[i:i+4]), t[i:i+4]) + 0.01 * sum(v.abs().sum() for v in w) + 0.02 * sum((v * v).sum() for v in w)
            total += loss.item() * len(x[i:i+4])
            loss.backward()
            o.step()
        losses.append(total / 10)
    print(name, losses, m[2].bias.tolist())
