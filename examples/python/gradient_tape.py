"""The tape: a loss written by hand, its derivative, and descent along it. Solves
theta x = y for x = y = 1, 2, 3.

Output:

LINE
"""

import talweg as tw

x = tw.tensor([1.0, 2.0, 3.0])
y = tw.tensor([1.0, 2.0, 3.0])
theta = tw.tensor(0.0, requires_grad=True)

for step in range(8):
    loss = ((theta * x - y) ** 2).mean()
    loss.backward()
    print(f"step {step}: theta {theta.item():.4f}, loss {loss.item():.6f}, gradient {theta.grad.item():8.4f}")
    with tw.no_grad():
        theta.assign(theta - 0.08 * theta.grad)
    theta.zero_grad()

# The derivative is itself on the tape, if asked for: d2 loss / d theta2 = 2 mean(x^2).
loss = ((theta * x - y) ** 2).mean()
first = tw.grad(loss, theta, create_graph=True)
second = tw.grad(first, theta)
print(f"theta {theta.item():.3f}, second derivative {second.item():.4f}")
