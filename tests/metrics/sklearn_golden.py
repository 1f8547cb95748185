"""Writes sklearn_golden.h: metrics of a few random vectors by scikit-learn, which we did not write.

Made with Python 3.11, scikit-learn 1.9.1, numpy 2.4.6:
    python tests/metrics/sklearn_golden.py > tests/metrics/sklearn_golden.h
"""
import numpy as np
import sklearn.metrics as m


def floats(values):
    # The shortest decimal that reads back as the same float, with a point so that C++ reads a float.
    return "{" + ", ".join(f"{np.float32(v)!s}F" if "." in str(np.float32(v)) or "e" in str(np.float32(v))
                           else f"{np.float32(v)!s}.0F" for v in values) + "}"


print("#pragma once")
print("// Written by sklearn_golden.py, which names the versions; do not edit.")
print("#include <vector>")
print("namespace podium {")
print("struct Golden {\n  std::vector<float> predictions, labels, yes;\n"
      "  double rmse, mae, mse, auc, log_loss, accuracy;\n};")
print("inline const std::vector<Golden> kGolden = {")
random = np.random.default_rng(42)
for rows, levels in ((5, 0), (40, 0), (40, 4), (200, 16)):
    p = random.uniform(0.01, 0.99, rows).astype(np.float32)
    if levels:  # ties
        p = (np.round(p * levels) / levels).astype(np.float32)
    y = random.integers(1, 6, rows).astype(np.float32)
    yes = (random.uniform(0, 1, rows) < 0.2 + 0.6 * p).astype(np.float32)
    yes[:2] = (0, 1)
    p64, y64 = p.astype(np.float64), y.astype(np.float64)
    print("    {" + ",\n     ".join([floats(p), floats(y), floats(yes)]) + ",")
    values = [m.root_mean_squared_error(y64, p64), m.mean_absolute_error(y64, p64), m.mean_squared_error(y64, p64),
              m.roc_auc_score(yes, p64),
              m.log_loss(yes, np.clip(p64, 1e-7, 1 - 1e-7)), m.accuracy_score(yes > 0.5, p64 > 0.5)]
    print("     " + ", ".join(repr(float(v)) for v in values) + "},")
print("};")
print("}  // namespace podium")
