"""Fits a line, then a plane, by least squares in closed form.

Output:

    slope     0.6000 +- 0.2828
    intercept 2.2000 +- 0.9381
    R^2       0.6000
    at x = 6  5.8000

    LstsqResult: 2 coefficients, rank 2, 3 degrees of freedom, condition estimate 1.4, closed_form
    R^2 0.99787, residual sum of squares 0.0581818
                     estimate     std. error
     intercept        1.09091       0.102852
            x0        1.94545      0.0865628
            x1       -3.05455      0.0865628
"""

import numpy as np

import talweg as tw

# A line: y = intercept + slope x.
x = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
y = np.array([2.0, 4.0, 5.0, 4.0, 5.0])
fit = tw.lstsq(x, y)
print(f"slope     {fit.coefficients.item():.4f} +- {fit.standard_errors.item():.4f}")
print(f"intercept {fit.intercept.item():.4f} +- {fit.intercept_standard_error.item():.4f}")
print(f"R^2       {fit.r_squared.item():.4f}")
print(f"at x = 6  {fit.predict([6.0]).item():.4f}")

# A plane: z = intercept + a x + b y, through measurements that do not lie on it quite.
points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [1.0, 2.0]])
z = np.array([1.1, 2.9, -1.9, 0.1, 2.0, -3.2])
print()
print(tw.lstsq(points, z))
