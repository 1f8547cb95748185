#!/usr/bin/env python3
"""Makes the small .keras archives of the TensorFlow that runs this, of those between 2.12 and 2.15, whose Keras named the
layers in them in ways of its own; tests/interop reads them:

    python3.11 -m venv OLD && OLD/bin/pip install "tensorflow-cpu==2.13.*"      # and again with 2.14
    OLD/bin/python tests/interop/golden/make_archives.py [FOLDER]

keras2_13.keras was made by TensorFlow 2.13.1, keras2_14.keras by 2.14.1. The users go through a Sequential model whose
lookup was adapted, the titles through layers of their own; NAME.json is as make_golden.py writes it.
"""
import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf

USERS = ["1", "42", "7", "é"]
TITLES = ["Speed (1994)", "Up", "M*A*S*H (1970)"]
ROWS = {"user": ["42", "7", "nobody", "é", "1"], "title": ["Up", "Speed (1994)", "Up", "nothing", "M*A*S*H (1970)"]}


def ranking_model(layers):
    inputs = {name: tf.keras.Input(shape=(1,), name=name, dtype="string") for name in ROWS}
    users, titles = layers.StringLookup(mask_token=None), layers.StringLookup(vocabulary=TITLES, mask_token=None)
    users.adapt(np.array(USERS))
    text = tf.keras.Input(shape=(1,), dtype="string")
    user = tf.keras.Sequential([text, users, layers.Embedding(len(USERS) + 1, 2), layers.Flatten(), layers.Dense(3)])
    title = layers.Flatten()(layers.Embedding(len(TITLES) + 1, 2)(titles(inputs["title"])))
    x = layers.Concatenate()([user(inputs["user"]), title])
    for layer in (layers.Dense(4, activation="relu"), layers.Dense(2, activation="tanh"), layers.Dense(1)):
        x = layer(x)
    return tf.keras.Model(inputs, x)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
    tf.keras.utils.set_random_seed(42)
    model = ranking_model(tf.keras.layers)
    model.compile(tf.keras.optimizers.Adagrad(0.1), "mse")
    rows = {name: tf.reshape(tf.constant(values), [-1, 1]) for name, values in ROWS.items()}
    model.fit(rows, tf.constant([[4.0], [3.0], [1.0], [5.0], [2.0]]), batch_size=5, epochs=2, verbose=0)
    version = ".".join(tf.__version__.split(".")[:2])
    name = f"keras{version.replace('.', '_')}"
    options = {"save_format": "keras_v3"} if version == "2.12" else {}
    model.save(str(folder / f"{name}.keras"), **options)
    sums = [float(np.sum(variable.numpy())) for variable in model.optimizer.variables if variable.shape.rank > 0]
    result = {"maker": f"tensorflow {tf.__version__}", "columns": ROWS,
              "scores": [float(score) for score in model(rows).numpy()[:, 0]], "sums_of_accumulators": sums}
    (folder / f"{name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
