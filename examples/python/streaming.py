"""Fits a CSV file that is larger than the memory that it may use: it writes rows of which it knows the truth, allows
itself 16 MB more than it has by setrlimit, and fits, block by block, in one pass. What a stream keeps is a few
kilobytes, however many rows come. Read as a whole, the file does not fit.

    streaming.py [build/streaming.csv [ROWS]]

Output:

    300000 rows in 57 MB, to be fitted in 16 MB
    as a whole: MemoryError
    in blocks:  300000 rows
    intercept    3.003 +- 0.0018, in truth  3.0
    first slope  0.498 +- 0.0018, in truth  0.5
    last slope   9.999 +- 0.0018, in truth 10.0
    19 of 20 slopes are within two standard errors of the truth
"""

import resource
import sys
from pathlib import Path

import numpy as np

import talweg as tw

path = Path(sys.argv[1] if len(sys.argv) > 1 else "build/streaming.csv")
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
path.parent.mkdir(parents=True, exist_ok=True)

intercept, slopes = 3.0, np.arange(1, 21) / 2
generator = np.random.default_rng(0)
line = ",".join(["%.6f"] * 21) + "\n"
with path.open("w") as file:
    for first in range(0, rows, 1000):
        X = generator.standard_normal((min(1000, rows - first), 20))
        y = X @ slopes + intercept + generator.standard_normal(len(X))
        file.writelines(line % tuple(row) for row in np.column_stack([X, y]).tolist())

megabytes = 16
has = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_DATA, (has + (megabytes << 20), resource.RLIM_INFINITY))
print(f"{rows} rows in {path.stat().st_size >> 20} MB, to be fitted in {megabytes} MB")

try:
    tw.read_csv(path)
    print("as a whole: read")
except MemoryError:
    print("as a whole: MemoryError")

stream = tw.LstsqStream(features=20)
stream.push_csv(path)
fit = stream.solve()
print(f"in blocks:  {stream.rows} rows")

b, errors = fit.coefficients.numpy(), fit.standard_errors.numpy()
constant, constant_error = fit.intercept.item(), fit.intercept_standard_error.item()
print(f"intercept   {constant:6.3f} +- {constant_error:.4f}, in truth {intercept:4}")
print(f"first slope {b[0]:6.3f} +- {errors[0]:.4f}, in truth {slopes[0]:4}")
print(f"last slope  {b[-1]:6.3f} +- {errors[-1]:.4f}, in truth {slopes[-1]:4}")
within = np.sum(np.abs(b - slopes) < 2 * errors)
print(f"{within} of 20 slopes are within two standard errors of the truth")
