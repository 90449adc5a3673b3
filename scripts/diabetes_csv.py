"""Writes scikit-learn's diabetes set as a CSV of numbers: ten columns and the target."""
import sys

import numpy as np
from sklearn.datasets import load_diabetes

data = load_diabetes()
np.savetxt(sys.argv[1], np.column_stack([data.data, data.target]), delimiter=",", fmt="%.17g")
