"""Derivatives of functions: the sensitivities of a pendulum's path to its length and to gravity, by forward mode,
and Newton's method with the Hessian of a valley.

Output:

    time   angle  d/dlength  d/dgravity
    0.25   0.745      0.247      -0.025
    0.50   0.097      0.751      -0.077
    0.75  -0.605      0.885      -0.090
    1.00  -0.981      0.276      -0.028
    step 0: f = 2.420e+01
    step 1: f = 4.732e+00
    step 2: f = 1.412e+03
    step 3: f = 5.597e-02
    step 4: f = 3.132e-01
    step 5: f = 1.853e-11
"""

import talweg as tw
from talweg import autograd


def pendulum(length, gravity):
    """The angles at 0.25 s, 0.5 s, ... of a pendulum that is let go at 1 rad, by steps of 5 ms."""
    angle, speed, path = tw.tensor(1.0, dtype=tw.float64), tw.tensor(0.0, dtype=tw.float64), []
    for step in range(200):
        speed = speed - 0.005 * gravity / length * tw.sin(angle)
        angle = angle + 0.005 * speed
        if step % 50 == 49:
            path.append(angle)
    return tw.stack(path)


length, gravity = tw.tensor(1.0, dtype=tw.float64), tw.tensor(9.81, dtype=tw.float64)
along_length = (tw.ones_like(length), tw.zeros_like(gravity))
angles, by_length = autograd.jvp(pendulum, (length, gravity), along_length)
by_gravity = autograd.jacobian(lambda g: pendulum(length, g), gravity)
print("time   angle  d/dlength  d/dgravity")
for i in range(4):
    print(f"{0.25 * (i + 1):.2f}  {angles[i].item():6.3f}  {by_length[i].item():9.3f}  {by_gravity[i].item():10.3f}")


def valley(p):
    """Rosenbrock's: its least value, 0, is at (1, 1)."""
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


p = tw.tensor([-1.2, 1.0])
for step in range(6):
    value, gradient = autograd.value_and_grad(valley)(p)
    print(f"step {step}: f = {value.item():.3e}")
    p = p - tw.tensor(tw.lstsq(autograd.hessian(valley, p), gradient, intercept=False).coefficients)
