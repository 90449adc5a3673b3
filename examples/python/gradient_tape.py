"""The tape: a loss written by hand, its derivative, and descent along it. Solves
theta x = y for x = y = 1, 2, 3.

Output:

    step 0: theta 0.0000, loss 4.666667, gradient  -9.3333
    step 1: theta 0.7467, loss 0.299496, gradient  -2.3644
    step 2: theta 0.9358, loss 0.019221, gradient  -0.5990
    step 3: theta 0.9837, loss 0.001234, gradient  -0.1517
    step 4: theta 0.9959, loss 0.000079, gradient  -0.0384
    step 5: theta 0.9990, loss 0.000005, gradient  -0.0097
    step 6: theta 0.9997, loss 0.000000, gradient  -0.0025
    step 7: theta 0.9999, loss 0.000000, gradient  -0.0006
    theta 1.000, second derivative 9.3333
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
