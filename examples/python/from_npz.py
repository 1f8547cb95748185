#!/usr/bin/env python3
"""Rebuilds `podium export models/ranking --format npz` in Keras and scores films for a user.
  from_npz.py weights.npz USER TITLE ..."""
import sys

import keras
import numpy as np

weights = np.load(sys.argv[1])


def ids(column, texts):
    """Row 0 of a table is every unknown value's, as in keras.layers.StringLookup."""
    offsets, data = weights[f"vocabulary/{column}/offsets"], weights[f"vocabulary/{column}/bytes"].tobytes()
    index = {data[a:b].decode(): row for row, (a, b) in enumerate(zip(offsets, offsets[1:]), 1)}
    return np.array([index.get(text, 0) for text in texts])


columns = ("user_id", "movie_title")
inputs = [keras.Input((), dtype="int32") for _ in columns]
vectors = [keras.layers.Embedding(*weights[f"embedding/{c}/weight"].shape, name=c)(i) for c, i in zip(columns, inputs)]
value = keras.layers.Concatenate()(vectors)
for name, units, activation in (("dense_0", 256, "relu"), ("dense_1", 64, "relu"), ("dense_2", 1, None)):
    value = keras.layers.Dense(units, activation, name=name)(value)
model = keras.Model(inputs, value)
for column in columns:
    model.get_layer(column).set_weights([weights[f"embedding/{column}/weight"]])
for name in ("dense_0", "dense_1", "dense_2"):  # kernels are [in, out], as Keras has them
    model.get_layer(name).set_weights([weights[f"{name}/kernel"], weights[f"{name}/bias"]])
user, titles = sys.argv[2], sys.argv[3:]
scores = model.predict([ids("user_id", [user] * len(titles)), ids("movie_title", titles)], verbose=0)
for title, score in zip(titles, scores.flatten()):
    print(f"{score:.6f}  {title}")
