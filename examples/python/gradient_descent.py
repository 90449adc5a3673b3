"""Gradient descent on y = 2 x: the whole data a step, a few rows, one row; a learning
rate that is too large; and Adam on the same data.

Output:

    batch     : weight 2.000, bias 0.000, stopped by tolerance
    mini-batch: weight 2.000, bias 0.000, stopped by tolerance
    stochastic: weight 2.000, bias 0.000, stopped by tolerance
    too large : TW_ERROR_DIVERGED
    Adam      : weight 2.000, bias 0.000
"""

import talweg as tw

x = [1.0, 2.0, 3.0, 4.0]
y = [2.0, 4.0, 6.0, 8.0]

# An iteration goes once over the data; it stops when one changes the loss by less than the tolerance.
for name, batch_size in (("batch", 0), ("mini-batch", 2), ("stochastic", 1)):
    fit = tw.lstsq(x, y, method="gradient_descent", batch_size=batch_size, learning_rate=0.05, tolerance=1e-14)
    weight, bias = fit.coefficients.item(), fit.intercept.item()
    print(f"{name:10}: weight {weight:.3f}, bias {abs(bias):.3f}, stopped by {fit.stop_reason}")

# The loss is a parabola: a step that is too long lands higher on its other side.
try:
    tw.lstsq(x, y, method="gradient_descent", learning_rate=0.5)
except tw.TalwegError as error:
    print(f"too large : {error.status}")

# Adam scales each parameter's step by the size of its recent gradients.
weight = tw.zeros((), requires_grad=True)
bias = tw.zeros((), requires_grad=True)
optimizer = tw.optim.Adam([weight, bias], lr=0.1)
inputs, targets = tw.tensor(x), tw.tensor(y)
for _ in range(1000):
    loss = tw.mse_loss(weight * inputs + bias, targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"Adam      : weight {weight.item():.3f}, bias {abs(bias.item()):.3f}")
