"""Trains a layer in batches of four, and compares it with the exact least-squares answer.

Output:

LINE
"""

import talweg as tw

points = tw.tensor([[-1.0, -1.0], [-0.8, -0.6], [-0.3, -0.8], [0.4, 0.2], [0.8, 0.8], [1.0, 1.0]], dtype="float32")
values = tw.tensor([[0.4], [0.2], [0.6], [1.0], [1.0], [1.6]], dtype="float32")

model = tw.nn.Linear(2, 1, generator=tw.random.Generator(1))
optimizer = tw.optim.SGD(model, lr=0.1)
loader = tw.data.DataLoader(points, values, batch_size=4, shuffle=True, seed=1)

for epoch in range(400):
    for x, y in loader:
        loss = tw.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    optimizer.lr = 0.1 / (1 + epoch / 20)  # smaller steps, or the batches pull it about
    if epoch in (0, 9, 99, 399):
        print(f"epoch {epoch + 1:3}: loss {tw.mse_loss(model(points), values).item():.4f}")

exact = tw.lstsq(points, values[:, 0])
(a, b), c = model.weight[0].tolist(), model.bias.item()
print(f"trained: {a:.2f} x + {b:.2f} y + {c:.2f}")
(a, b), c = exact.coefficients.tolist(), exact.intercept.item()
print(f"exact  : {a:.2f} x + {b:.2f} y + {c:.2f}, loss {exact.rss.item() / len(points):.4f}")
