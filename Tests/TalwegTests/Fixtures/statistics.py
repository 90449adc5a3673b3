"""Prints the values that SpecialFunctionTests.swift compares with: python3 statistics.py, with mpmath."""
import mpmath as m
from mpmath import mpf

m.mp.dps = 340


def lower_gamma(a, x):
    """P(a, x) by its series, with digits enough for 1 less it."""
    a, x = mpf(a), mpf(x)
    term = total = mpf(1)
    n = 0
    while term > total * mpf(10) ** -m.mp.dps or x > a + n:
        n += 1
        term *= x / (a + n)
        total += term
    return total * m.exp(a * m.log(x) - x - m.loggamma(a + 1))


def beta(a, b, x):
    """I_x(a, b) by its series."""
    a, b, x = mpf(a), mpf(b), mpf(x)
    term = total = mpf(1)
    n = 0
    while True:
        ratio = (a + b + n) / (a + 1 + n) * x
        term *= ratio
        total += term
        n += 1
        if ratio < 1 and term < total * (1 - ratio) * mpf(10) ** -m.mp.dps:
            break
    logarithm = a * m.log(x) + b * m.log(1 - x) - m.loggamma(a) - m.loggamma(b) + m.loggamma(a + b)
    return total / a * m.exp(logarithm)


def two_sided(n, t):
    n, t = mpf(n), mpf(t)
    return 1 - beta(mpf(1) / 2, n / 2, t * t / (n + t * t))


def f_survival(d1, d2, f):
    x = mpf(d1) * mpf(f) / (mpf(d1) * mpf(f) + d2)
    return 1 - beta(mpf(d1) / 2, mpf(d2) / 2, x)


def show(name, function, cases):
    print(f"    static let {name}: [(arguments: [Double], expected: Double)] = [")
    for case in cases:
        print(f"        ([{', '.join(map(repr, case))}], {m.nstr(function(*case), 17)}),")
    print("    ]")


GAMMA = [(0.01, 0.001), (0.01, 0.5), (0.5, 0.02), (0.5, 1.4), (0.5, 3.0), (1.0, 1.0), (2.5, 0.25), (2.5, 9.0),
         (10.0, 5.0), (10.0, 11.0), (10.0, 40.0), (100.0, 75.0), (100.0, 101.0), (100.0, 140.0), (1000.0, 900.0),
         (1000.0, 1001.0), (1000.0, 1100.0)]  # fmt: skip
BETA = [(0.5, 0.5, 0.001), (0.5, 0.5, 0.75), (0.5, 40.0, 0.0125), (1.0, 3.0, 0.25), (3.0, 1.0, 0.25), (2.5, 7.0, 0.125),
        (10.0, 0.5, 0.9375), (10.0, 40.0, 0.25), (50.0, 7.0, 0.875), (50.0, 300.0, 0.15625), (500.0, 300.0, 0.625),
        (500.0, 300.0, 0.5625), (500.0, 2.5, 0.96875)]  # fmt: skip
show("logarithms", lambda x: m.loggamma(mpf(x)),
     [(x,) for x in (1e-300, 1e-10, 0.001, 0.25, 0.4999, 0.75, 0.999, 1.0000001, 1.5, 1.9999, 2.0001, 2.6, 5.5, 9.99,
                     10.0, 100.0, 1e5, 1e15)])  # fmt: skip
show("lowerGammas", lower_gamma, GAMMA)
show("upperGammas", lambda a, x: 1 - lower_gamma(a, x), GAMMA)
show("betas", beta, BETA)
show("twoSided", two_sided, [(n, t) for n in (1.0, 2.0, 5.5, 30.0, 1000.0, 1e5) for t in (0.001, 0.7, 2.0, 12.0)])
show("fSurvival", f_survival, [(1.0, 5.0, 3.0), (6.0, 9.0, 330.285), (2.0, 1e5, 5.0), (50.0, 1e5, 1.25),
                               (200.0, 300.0, 0.75), (10.0, 10.0, 1.0)])  # fmt: skip
show("normal", lambda p: m.sqrt(2) * m.erfinv(2 * mpf(p) - 1),
     [(p,) for p in (1e-100, 1e-20, 1e-5, 0.01, 0.0625, 0.25, 0.5625, 0.75, 0.9375, 0.9990234375)])
