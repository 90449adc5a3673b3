"""The polynomials of Bodies/{Trigonometry,InverseTrigonometry,Hyperbolic,Power}.swift.

Each is the interpolation of a function of z at the Chebyshev nodes of an interval, in 60 digits, whose error is
within a small factor of the minimax polynomial's. Prints the coefficients, from the highest power down, and the
error relative to the whole result.

    python3 elementary_coefficients.py
"""
from mpmath import asin, atan, chebyfit, cos, cosh, exp, factorial, fabs, linspace, log, mp, mpf, sin, sinh, sqrt

mp.dps = 60


def series(terms):
    """The function of z with the Taylor coefficients terms(k), where closed forms cancel."""
    return lambda z: sum((terms(k) * z**k for k in range(40)), mpf(0))


def central(n):
    return factorial(2 * n) / (4**n * factorial(n) ** 2 * (2 * n + 1))


# name: function of z, interval of z, degrees (float64, float32), share of the result that the polynomial makes
TABLE = {
    # sin r = r + r z p(z), cos r = 1 - z / 2 + z^2 p(z), z = r^2, |r| <= pi / 4
    "sin": (series(lambda k: (-1) ** (k + 1) / factorial(2 * k + 3)), 0.6169, (5, 3), lambda z: z),
    "cos": (series(lambda k: (-1) ** k / factorial(2 * k + 4)), 0.6169, (5, 3), lambda z: z * z),
    # atan r = r + r z p(z), |r| <= tan(pi / 8)
    "atan": (series(lambda k: mpf((-1) ** (k + 1)) / (2 * k + 3)), 0.1716, (11, 5), lambda z: z),
    # asin r = r + r z p(z), |r| <= 1 / 2
    "asin": (lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z if z > 1e-6 else series(lambda k: central(k + 1))(z),
             0.25, (11, 5), lambda z: z),
    # sinh r = r + r z p(z), |r| <= 1
    "sinh": (series(lambda k: 1 / factorial(2 * k + 3)), 1.0, (6, 3), lambda z: z),
    # log m = 2 s + s z p(z), s = (m - 1) / (m + 1), |s| <= 3 - 2 sqrt 2; and its part behind 2 s + 2 / 3 s z
    "log": (series(lambda k: mpf(2) / (2 * k + 3)), 0.02944, (6, 3), lambda z: z / 2),
    "log tail": (series(lambda k: mpf(2) / (2 * k + 5)), 0.02944, (7, 7), lambda z: z * z / 2),
}

for name, (function, end, degrees, share) in TABLE.items():
    for degree in degrees:
        polynomial = chebyfit(function, [mpf(0), mpf(end)], degree + 1)
        error = max(
            fabs(sum(mpf(float(c)) * z ** (degree - i) for i, c in enumerate(polynomial)) - function(z)) * share(z)
            for z in linspace(mpf(10) ** -12, mpf(end), 300))
        print(f"{name}, degree {degree}: error {float(error):.1e}")
        for c in polynomial:
            print(f"    {float(c)!r}")
