#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0 (Python 3.11): an activation of one's own whose function has the name of one of Keras'
# is saved by that name alone, and load_model() puts Keras' in its place, without a warning: other predictions.
#   seen: made [3.0, -3.0], loaded [0.8413, -0.0455]
# What it means for Podium's users: an archive can't tell the two apart, so `podium import model.keras` gives Keras'
# function too, as load_model() does. model.export() writes what the function computes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0 numpy==2.4.6
cd "$folder"
cat > seen.py << 'PYTHON'
import keras
import numpy as np


def gelu(x):  # not Keras' gelu
    return 2.0 * x + 1.0


inputs = keras.Input((1,))
model = keras.Model(inputs, keras.layers.Dense(1, activation=gelu, kernel_initializer="ones")(inputs))
model.save("model.keras")
rows = np.array([[1.0], [-2.0]], "float32")
made = model.predict(rows, verbose=0).ravel()
loaded = keras.models.load_model("model.keras").predict(rows, verbose=0).ravel()
print("made", made.round(4).tolist(), "loaded", loaded.round(4).tolist())
assert np.allclose(made, [3.0, -3.0])
assert np.allclose(loaded, [0.8413447, -0.0455003], atol=1e-4), "Keras changed: mend docs/from-tfrs-to-podium.md"
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES="" "$folder/venv/bin/python" seen.py
