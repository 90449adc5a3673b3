"""Trains a layer in batches of four, and compares it with the exact least-squares answer.

Output:

    epoch    1: loss 0.2083
    epoch   10: loss 0.0327
    epoch  100: loss 0.0292
    epoch 1000: loss 0.0297
    epoch 2000: loss 0.0281
    trained   : 0.60 x -0.04 y +0.79
    exact     : 0.61 x -0.05 y +0.79, loss 0.0280
"""

import talweg as tw

points = tw.tensor([[-1.0, -1.0], [-0.8, -0.6], [-0.3, -0.8], [0.4, 0.2], [0.8, 0.8], [1.0, 1.0]], dtype="float32")
values = tw.tensor([[0.4], [0.2], [0.6], [1.0], [1.0], [1.6]], dtype="float32")

model = tw.nn.Linear(2, 1, generator=tw.random.Generator(1))
optimizer = tw.optim.SGD(model, lr=0.1)
loader = tw.data.DataLoader(points, values, batch_size=4, shuffle=True, seed=1)

for epoch in range(1, 2001):
    if epoch == 1501:
        optimizer.lr = 0.01  # smaller steps to end with, or each batch pulls its own way
    for x, y in loader:
        loss = tw.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch in (1, 10, 100, 1000, 2000):
        print(f"epoch {epoch:4}: loss {tw.mse_loss(model(points), values).item():.4f}")

(a, b), c = model.weight[0].tolist(), model.bias.item()
print(f"trained   : {a:.2f} x {b:+.2f} y {c:+.2f}")

exact = tw.lstsq(points, values[:, 0])
(a, b), c = exact.coefficients.tolist(), exact.intercept.item()
print(f"exact     : {a:.2f} x {b:+.2f} y {c:+.2f}, loss {exact.rss.item() / len(points):.4f}")
