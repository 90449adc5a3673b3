"""Tells malignant tumours from benign ones by 30 measurements of cell nuclei (scikit-learn's breast cancer set), with
the report that one would want. A plane separates the 398 patients that the model is fitted to, so that plain logistic
regression has no best coefficients: it says so, and a ridge helps.

Output:

    398 patients to fit to, 171 to test; 37% of the tumours are malignant
    without a penalty: separated is True
    with a ridge of 1: separated is False, deviance 36.6 of 525.3

    the eight clearest, by a standard deviation more of each
                         coefficient std. error      z  odds ratio  95 % interval
    worst radius               1.029      0.226   4.55        2.80   1.80 to 4.36
    worst area                 0.880      0.203   4.33        2.41   1.62 to 3.59
    worst perimeter            0.890      0.217   4.09        2.44   1.59 to 3.73
    area error                 0.784      0.199   3.94        2.19   1.48 to 3.24
    radius error               1.254      0.328   3.82        3.51   1.84 to 6.67
    mean concave points        0.946      0.333   2.84        2.58   1.34 to 4.95
    perimeter error            0.891      0.327   2.73        2.44   1.28 to 4.62
    compactness error         -0.924      0.339  -2.72        0.40   0.20 to 0.77

    rows: the tumour, columns: what the model says
                  benign malignant
    benign           103         4
    malignant          4        60
    accuracy 0.953, precision 0.938, recall 0.938, F1 0.938
    area under the ROC curve 0.9917
"""

import warnings

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import talweg as tw

cancer = load_breast_cancer()
malignant = 1 - cancer.target
X, X_test, y, y_test = train_test_split(cancer.data, malignant, test_size=0.3, stratify=malignant, random_state=0)
mean, deviation = X.mean(axis=0), X.std(axis=0)
X, X_test = (X - mean) / deviation, (X_test - mean) / deviation
print(f"{len(y)} patients to fit to, {len(y_test)} to test; {np.mean(malignant):.0%} of the tumours are malignant")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    plain = tw.glm(X, y, family="binomial")
print(f"without a penalty: separated is {plain.separated}")

model = tw.glm(X, y, family="binomial", ridge=1.0)
print(f"with a ridge of 1: separated is {model.separated}, "
      f"deviance {model.deviance:.1f} of {model.null_deviance:.1f}")  # fmt: skip

b, errors = model.coefficients.numpy(), model.standard_errors.numpy()
print("\nthe eight clearest, by a standard deviation more of each")
print(f"{'':20} {'coefficient':>11} {'std. error':>10} {'z':>6} {'odds ratio':>11} {'95 % interval':>14}")
for j in np.argsort(-np.abs(b / errors))[:8]:
    low, high = np.exp(b[j] - 1.96 * errors[j]), np.exp(b[j] + 1.96 * errors[j])
    print(f"{cancer.feature_names[j]:20} {b[j]:11.3f} {errors[j]:10.3f} {b[j] / errors[j]:6.2f} {np.exp(b[j]):11.2f}"
          f" {low:6.2f} to {high:4.2f}")  # fmt: skip

probability = model.predict(X_test).numpy()
said = probability > 0.5
right = np.array([[np.sum((y_test == truth) & (said == guess)) for guess in (0, 1)] for truth in (0, 1)])
print("\nrows: the tumour, columns: what the model says")
print(f"{'':10} {'benign':>9} {'malignant':>9}")
for name, row in zip(("benign", "malignant"), right, strict=True):
    print(f"{name:10} {row[0]:9} {row[1]:9}")
precision, recall = right[1, 1] / right[:, 1].sum(), right[1, 1] / right[1].sum()
f1 = 2 * precision * recall / (precision + recall)
print(f"accuracy {right.trace() / right.sum():.3f}, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")

# The share of pairs of a malignant and a benign tumour that the probabilities put in order (ties count half).
ahead = probability[y_test == 1][:, None] - probability[y_test == 0]
print(f"area under the ROC curve {np.mean((ahead > 0) + 0.5 * (ahead == 0)):.4f}")
