"""Coefficients of Sources/TalwegKernels/Bodies/ErrorFunction.swift in float32, by weighted least squares on
Chebyshev points, refined towards equal relative errors (Lawson). Needs mpmath and numpy.
Prints the coefficients, highest power first, and the largest relative error of the fit."""
import mpmath as mp
import numpy as np


def fit(target, basis_x, scale, degree):
    """Polynomial p of `degree` in basis_x such that scale * p is target to least relative error."""
    a = np.vander(basis_x, degree + 1) * (scale / target)[:, None]
    weight = np.ones(len(target))
    for _ in range(200):
        w = np.sqrt(weight)
        c = np.linalg.lstsq(a * w[:, None], w, rcond=None)[0]
        error = np.abs(a @ c - 1)
        weight = weight * error
        weight = weight / weight.sum()
    return c, error.max()


def chebyshev(low, high, n=2001):
    return (low + high) / 2 + (high - low) / 2 * np.cos(np.pi * (np.arange(n) + 0.5) / n)


def show(name, result):
    c, error = result
    print(name, error)
    for x in c:
        print("   ", repr(float(np.float32(x))))


# erf x = x p(x^2) for |x| <= 0.9375
z = chebyshev(1e-9, 0.9375**2)
x = np.sqrt(z)
erf = np.array([float(mp.erf(v)) for v in x])
show("near", fit(erf / x, z, np.ones_like(z), 6))

# erfc t = exp(-t^2) p(u) / (1 + 2 t), u = (t - 3.75) / (t + 3.75), for 0.5 <= t <= 10.7
# (Shepherd, Laframboise, Chebyshev approximation of (1 + 2 x) exp(x^2) erfc x, Math. Comp. 36, 1981)
u = chebyshev((0.5 - 3.75) / (0.5 + 3.75), (10.7 - 3.75) / (10.7 + 3.75))
t = 3.75 * (1 + u) / (1 - u)
erfcx = np.array([float(mp.exp(mp.mpf(v) ** 2) * mp.erfc(mp.mpf(v))) for v in t])
show("tail", fit(erfcx * (1 + 2 * t), u, np.ones_like(u), 9))
