#!/usr/bin/env python3
"""Writes optimizers.json, clipping.json and functions.json beside itself, from the real tf-keras and Keras 3.

Run it in the environment that conformance/setup makes:  .venv/bin/python tests/nn/golden/make_golden.py

optimizers.json and clipping.json: a tiny ranking model trained step by step. One object with
  versions    {package: version} of what computed the values
  rows        {"user_id": 6, "movie_title": 8}: rows of the embedding tables; row 0 is the unknown id's, never looked up
  dim         4; hidden [8, 4] (relu), then one linear unit; prediction = dense_2(relu(dense_1(relu(dense_0(concat(
              user, title)))))); loss = mean squared error over the batch's own rows
  batch_size  16; 40 rows, so that batches of 16, 16 and 8 rows; epochs 2: six steps in the order of the rows
  data        {"user_id": [40], "movie_title": [40], "label": [40]}: ids repeat within a batch, user 5 stands in the
              first batch alone, titles 6 and 7 in the second alone
  initial     {tensor: values}; tensors are embedding/user_id/weight [6, 4], embedding/movie_title/weight [8, 4],
              dense_0/kernel [8, 8], dense_0/bias [8], dense_1/kernel [8, 4], dense_1/bias [4], dense_2/kernel [4, 1],
              dense_2/bias [1]; row-major (kernels [in, out])
  shapes      {tensor: shape}
  runs        [{name, source, optimizer, losses [6], final {tensor: values}}]: `optimizer` is written as a recipe
              writes it (Keras' names; kind; epsilon_outside; duplicates); `source` is the class that was run;
              losses[i] is the loss of step i before its update

functions.json: one object with
  versions
  activations [{name, x, y, dy_dx}]; gelu by erf, leaky_relu with slope 0.2 below 0, as keras.activations have them
  losses      [{name, options, labels [n], predictions [n], loss, gradient [n]}]: loss = mean over n, gradient = its
              derivative by the predictions
  schedules   [{name, options, steps, values}]: the learning rate at step (counted from 0)
All values are float32, written so that reading them as float gives the same bits.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["KERAS_BACKEND"] = "tensorflow"

import numpy as np
import tensorflow as tf
import tf_keras as k2
import keras as k3

HERE = pathlib.Path(__file__).resolve().parent
ROWS = {"user_id": 6, "movie_title": 8}
DIM, HIDDEN, BATCH, EPOCHS = 4, [8, 4], 16, 2
TENSORS = ["embedding/user_id/weight", "embedding/movie_title/weight", "dense_0/kernel", "dense_0/bias",
           "dense_1/kernel", "dense_1/bias", "dense_2/kernel", "dense_2/bias"]


def numbers(array):
    """Shortest decimal text of each float32, as JSON numbers (json prints a double's shortest text)."""
    return [float(np.format_float_positional(x, unique=True, trim="0")) if 1e-4 <= abs(x) < 1e8 or x == 0
            else float(np.format_float_scientific(x, unique=True)) for x in np.asarray(array, np.float32).ravel()]


def tiny_data():
    random = np.random.default_rng(20)
    users, titles = random.integers(1, 5, 40), random.integers(1, 6, 40)
    users[[3, 9, 10]] = 5              # in the first batch alone
    titles[[17, 20, 20, 31]] = 6, 7, 7, 7  # in the second alone
    labels = random.integers(1, 6, 40).astype(np.float32)
    return users.astype(np.int32), titles.astype(np.int32), labels


def initial_weights():
    random = np.random.default_rng(21)
    inputs, shapes = 2 * DIM, [(ROWS["user_id"], DIM), (ROWS["movie_title"], DIM)]
    for units in HIDDEN + [1]:
        shapes += [(inputs, units), (units,)]
        inputs = units
    # Larger than Keras would draw them, and biases above zero: gradients of every tensor then tell rules apart.
    return [random.uniform(-0.6, 0.6, s).astype(np.float32) if len(s) == 2
            else random.uniform(0.0, 0.3, s).astype(np.float32) for s in shapes]


def network(keras):
    """The same eight tensors in tf-keras or in Keras 3: two tables, three dense layers."""
    tables = [keras.layers.Embedding(rows, DIM) for rows in ROWS.values()]
    stack = [keras.layers.Dense(units, activation="relu") for units in HIDDEN] + [keras.layers.Dense(1)]
    parts = tables + stack

    def predict(users, titles):
        x = tf.concat([tables[0](users), tables[1](titles)], axis=1)
        for layer in stack:
            x = layer(x)
        return x[:, 0]

    predict(tf.constant([1]), tf.constant([1]))
    return predict, [v for part in parts for v in part.trainable_variables]


def run(keras, optimizer, data, initial):
    users, titles, labels = data
    predict, variables = network(keras)
    for variable, value in zip(variables, initial):
        variable.assign(value)
    losses = []
    for _ in range(EPOCHS):
        for start in range(0, len(labels), BATCH):
            rows = slice(start, start + BATCH)
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(labels[rows] - predict(users[rows], titles[rows])))
            trained = [v.value if keras is k3 else v for v in variables]
            gradients = tape.gradient(loss, trained)
            assert all(isinstance(g, tf.IndexedSlices) for g in gradients[:2]), "a table's gradient must stay sparse"
            optimizer.apply_gradients(zip(gradients, variables))
            losses.append(float(loss))
    return losses, [np.asarray(v) for v in variables]


def optimizer_runs():
    """(name, recipe's optimizer, class, arguments). Arguments are the recipe's keys unless given."""
    new, legacy = k2.optimizers, k2.optimizers.legacy
    yield "sgd", dict(kind="sgd", learning_rate=0.05), new.SGD, None
    yield "sgd_momentum", dict(kind="sgd", learning_rate=0.02, momentum=0.9), new.SGD, None
    yield "sgd_nesterov", dict(kind="sgd", learning_rate=0.02, momentum=0.9, nesterov=True), new.SGD, None
    yield "adagrad", dict(kind="adagrad", learning_rate=0.1), new.Adagrad, None
    yield ("adagrad_epsilon", dict(kind="adagrad", learning_rate=0.1, initial_accumulator_value=0.01, epsilon=0.01),
           new.Adagrad, None)
    yield ("adagrad_legacy", dict(kind="adagrad", learning_rate=0.1, epsilon_outside=True), legacy.Adagrad,
           dict(learning_rate=0.1))
    yield ("adagrad_legacy_epsilon",
           dict(kind="adagrad", learning_rate=0.1, initial_accumulator_value=0.01, epsilon=0.01, epsilon_outside=True),
           legacy.Adagrad, dict(learning_rate=0.1, initial_accumulator_value=0.01, epsilon=0.01))
    yield ("adagrad_sum_of_squares", dict(kind="adagrad", learning_rate=0.1, duplicates="sum_of_squares"),
           k3.optimizers.Adagrad, dict(learning_rate=0.1))
    yield "adam", dict(kind="adam", learning_rate=0.02), new.Adam, None
    yield ("adam_betas", dict(kind="adam", learning_rate=0.02, beta_1=0.8, beta_2=0.9, epsilon=0.01), new.Adam, None)
    yield ("adamw", dict(kind="adam", learning_rate=0.02, weight_decay=0.1), new.AdamW,
           dict(learning_rate=0.02, weight_decay=0.1))
    yield "rmsprop", dict(kind="rmsprop", learning_rate=0.01), new.RMSprop, None
    yield ("rmsprop_epsilon", dict(kind="rmsprop", learning_rate=0.01, rho=0.8, epsilon=0.01), new.RMSprop, None)
    yield "rmsprop_momentum", dict(kind="rmsprop", learning_rate=0.005, momentum=0.8), new.RMSprop, None
    yield "rmsprop_centered", dict(kind="rmsprop", learning_rate=0.005, centered=True), new.RMSprop, None
    yield "ftrl", dict(kind="ftrl", learning_rate=0.05), new.Ftrl, None
    yield ("ftrl_regularized",
           dict(kind="ftrl", learning_rate=0.05, l1_regularization_strength=0.02, l2_regularization_strength=0.03,
                l2_shrinkage_regularization_strength=0.01, beta=0.1), new.Ftrl, None)
    yield "ftrl_power", dict(kind="ftrl", learning_rate=0.05, learning_rate_power=-0.4), new.Ftrl, None


def clipping_runs():
    new = k2.optimizers
    for key, value in (("clipvalue", 0.05), ("clipnorm", 0.3), ("global_clipnorm", 0.5), ("weight_decay", 0.1)):
        yield f"adagrad_{key}", {"kind": "adagrad", "learning_rate": 0.1, key: value}, new.Adagrad, None
        yield f"sgd_{key}", {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.5, key: value}, new.SGD, None
        yield f"adam_{key}", {"kind": "adam", "learning_rate": 0.02, key: value}, new.Adam, None
    yield ("adagrad_sum_of_squares_clipnorm",
           dict(kind="adagrad", learning_rate=0.1, duplicates="sum_of_squares", clipnorm=0.3),
           k3.optimizers.Adagrad, dict(learning_rate=0.1, clipnorm=0.3))


def trained(runs):
    data, initial = tiny_data(), initial_weights()
    results = []
    for name, recipe, kind, arguments in runs:
        optimizer = kind(**(arguments or {k: v for k, v in recipe.items() if k != "kind"}))
        losses, final = run(k3 if kind.__module__.startswith("keras.") else k2, optimizer, data, initial)
        results.append({"name": name, "source": f"{kind.__module__}.{kind.__qualname__}", "optimizer": recipe,
                        "losses": numbers(losses), "final": dict(zip(TENSORS, map(numbers, final)))})
    users, titles, labels = data
    return {"versions": versions(), "rows": ROWS, "dim": DIM, "hidden": HIDDEN, "batch_size": BATCH, "epochs": EPOCHS,
            "data": {"user_id": users.tolist(), "movie_title": titles.tolist(), "label": labels.tolist()},
            "shapes": {name: list(w.shape) for name, w in zip(TENSORS, initial)},
            "initial": dict(zip(TENSORS, map(numbers, initial))), "runs": results}


def activations():
    x = tf.constant([-20, -5, -2.5, -1, -0.5, -0.1, -1e-4, 0, 1e-4, 0.1, 0.5, 1, 2.5, 5, 20], tf.float32)
    for name in ("linear", "relu", "sigmoid", "tanh", "gelu", "selu", "elu", "leaky_relu", "swish"):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = k2.activations.get(name)(x)
        yield {"name": name, "x": numbers(x), "y": numbers(y), "dy_dx": numbers(tape.gradient(y, x))}


def losses():
    ratings = [1.0, 5.0, 3.0, 4.0, 2.0, 3.5]
    guesses = [3.5, 4.75, 3.0, 4.5, -1.0, 4.75]
    clicks = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]
    logits = [0.3, -2.0, -30.0, 25.0, 8.0, 0.0, 120.0, 1e-3]
    # 0 and 1 are clipped to [1e-7, 1 - 1e-7]: no gradient passes there.
    chances = [0.3, 0.2, 0.999, 1e-3, 0.0, 1.0, 1.0, 0.5]
    cases = [("mean_squared_error", {}, k2.losses.MeanSquaredError(), ratings, guesses),
             ("mean_absolute_error", {}, k2.losses.MeanAbsoluteError(), ratings, guesses),
             ("huber", {"delta": 1.0}, k2.losses.Huber(), ratings, guesses),
             ("huber", {"delta": 0.5}, k2.losses.Huber(delta=0.5), ratings, guesses),
             ("binary_crossentropy", {"from_logits": True}, k2.losses.BinaryCrossentropy(from_logits=True), clicks,
              logits),
             ("binary_crossentropy", {"from_logits": False}, k2.losses.BinaryCrossentropy(), clicks, chances)]
    for name, options, loss, labels, predictions in cases:
        p = tf.constant(predictions, tf.float32)
        with tf.GradientTape() as tape:
            tape.watch(p)
            # As a column, so that Keras means over rows and not over one row's outputs.
            value = loss(tf.constant(labels)[:, None], p[:, None])
        yield {"name": name, "options": options, "labels": numbers(labels), "predictions": numbers(predictions),
               "loss": numbers(value)[0], "gradient": numbers(tape.gradient(value, p))}


def schedules():
    s = k2.optimizers.schedules
    cases = [("cosine", dict(initial_learning_rate=0.1, decay_steps=20), s.CosineDecay),
             ("cosine", dict(initial_learning_rate=0.1, decay_steps=20, alpha=0.1), s.CosineDecay),
             ("cosine", dict(initial_learning_rate=0.0, decay_steps=20, warmup_target=0.1, warmup_steps=5),
              s.CosineDecay),
             ("cosine", dict(initial_learning_rate=0.02, decay_steps=12, alpha=0.05, warmup_target=0.2,
                             warmup_steps=8), s.CosineDecay),
             ("exponential", dict(initial_learning_rate=0.1, decay_steps=5, decay_rate=0.5, staircase=False),
              s.ExponentialDecay),
             ("exponential", dict(initial_learning_rate=0.1, decay_steps=5, decay_rate=0.5, staircase=True),
              s.ExponentialDecay),
             ("piecewise_constant", dict(boundaries=[5, 12], values=[0.1, 0.05, 0.01]), s.PiecewiseConstantDecay)]
    for name, options, kind in cases:
        schedule = kind(**options)
        steps = list(range(30))
        yield {"name": name, "options": options, "steps": steps,
               "values": numbers([schedule(tf.constant(i)) for i in steps])}


def versions():
    return {"python": ".".join(map(str, sys.version_info[:3])), "tensorflow": tf.__version__,
            "tf-keras": k2.__version__, "keras": k3.__version__, "numpy": np.__version__}


def write(name, content):
    """One line per entry of a list of objects: a change in one run is a change in one line."""
    parts = []
    for key, value in content.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n  " + ",\n  ".join(json.dumps(x) for x in value) + "]"
        else:
            text = json.dumps(value)
        parts.append(f"{json.dumps(key)}: {text}")
    path = HERE / name
    path.write_text("{" + ",\n".join(parts) + "}\n")
    print(f"{path}: {path.stat().st_size} bytes")


def main():
    write("functions.json", {"versions": versions(), "activations": list(activations()), "losses": list(losses()),
                             "schedules": list(schedules())})
    write("optimizers.json", trained(optimizer_runs()))
    write("clipping.json", trained(clipping_runs()))


if __name__ == "__main__":
    main()
