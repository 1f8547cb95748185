#!/usr/bin/env bash
# Keras 3.15.1 on TensorFlow 2.21.0 (Python 3.11): Model.export() writes every weight twice, once below "variables" and
# once below "_all_variables"; a model of 256,260 bytes of weights has a variables file of twice that. The functions
# read the second copies, while the lists that say what is trainable hold the first.
#   seen: 256260 bytes of weights, 512520 bytes of tensors in the checkpoint, each name twice
# What it means for Podium's users: an exported table takes twice its size on disk; `podium import` reads one copy, and
# follows the copies to the list when it asks what is trained (interop/savedmodel/trainable.cpp).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check keras==3.15.1 tensorflow-cpu==2.21.0 numpy==2.4.6
cd "$folder"
cat > seen.py << 'PYTHON'
import keras
import numpy as np
import tensorflow as tf

ids = keras.Input((1,), dtype="int32")
vectors = keras.layers.Flatten()(keras.layers.Embedding(1000, 64)(ids))
model = keras.Model(ids, keras.layers.Dense(1)(vectors))
model.export("exported", verbose=False)
tensors = [(name, shape) for name, shape in tf.train.list_variables("exported/variables/variables")
           if name.endswith("VARIABLE_VALUE")]
weights = 4 * model.count_params()
stored = sum(4 * int(np.prod(shape)) for _, shape in tensors)
first = sum(name.startswith("variables/") for name, _ in tensors)
second = sum(name.startswith("_all_variables/") for name, _ in tensors)
print(weights, "bytes of weights,", stored, "bytes of tensors;", first, "of them below variables,", second, "below _all_variables")
assert stored == 2 * weights and first == second == 3, "Keras changed: look at interop/savedmodel/trainable.cpp"
PYTHON
TF_CPP_MIN_LOG_LEVEL=3 CUDA_VISIBLE_DEVICES="" "$folder/venv/bin/python" seen.py
