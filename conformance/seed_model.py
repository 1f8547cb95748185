"""The model of TFRS's tutorial "Recommending movies: ranking", in TensorFlow, TFRS and tf-keras, with the names that
Podium gives its weights."""
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # TFRS stands on Keras 2
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

tf.get_logger().setLevel("ERROR")

DIM = 32
HIDDEN = [256, 64]
FEATURES = ["user_id", "movie_title"]
LABEL = "user_rating"


class RankingModel(tfrs.Model):
    """vocabularies: {feature: sorted strings}; index 0 is every other string's."""

    def __init__(self, vocabularies):
        super().__init__()
        keras = tf.keras
        self.lookups = {f: keras.layers.StringLookup(vocabulary=vocabularies[f], mask_token=None) for f in FEATURES}
        self.tables = {f: keras.layers.Embedding(len(vocabularies[f]) + 1, DIM) for f in FEATURES}
        self.stack = [keras.layers.Dense(units, activation="relu") for units in HIDDEN] + [keras.layers.Dense(1)]
        self.task = tfrs.tasks.Ranking(loss=keras.losses.MeanSquaredError(),
                                       metrics=[keras.metrics.RootMeanSquaredError(name="rmse")])

    def call(self, features):
        x = tf.concat([self.tables[f](self.lookups[f](features[f])) for f in FEATURES], axis=1)
        for layer in self.stack:
            x = layer(x)
        return x

    def compute_loss(self, features, training=False):
        return self.task(labels=features[LABEL], predictions=self(features))

    def create_weights(self):
        self({f: tf.constant(["?"]) for f in FEATURES})

    def named_variables(self):
        """{Podium's name: variable}."""
        named = {f"embedding/{f}/weight": self.tables[f].embeddings for f in FEATURES}
        for number, layer in enumerate(self.stack):
            named[f"dense_{number}/kernel"] = layer.kernel
            named[f"dense_{number}/bias"] = layer.bias
        return named

    def weights_now(self):
        return {name: variable.numpy() for name, variable in self.named_variables().items()}

    def start_from(self, weights):
        for name, variable in self.named_variables().items():
            variable.assign(weights[name])


def batches(columns, batch_size):
    """Batches in the order of the rows, made once."""
    return tf.data.Dataset.from_tensor_slices(columns).batch(batch_size).cache()


class StepLosses(tf.keras.callbacks.Callback):
    """Each step's loss before its update: tfrs.Model reports the batch's own."""

    def __init__(self):
        super().__init__()
        self.losses = []

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(float(logs["loss"]))


def sorted_vocabulary(values):
    """Sorted by bytes, as Podium sorts."""
    return sorted(set(values), key=lambda text: text.encode("utf-8"))


def seed(number):
    tf.keras.utils.set_random_seed(number)


def as_columns(rows):
    """{column: array} of (user, title, rating) rows."""
    return {"user_id": np.array([r[0] for r in rows], object).astype(str),
            "movie_title": np.array([r[1] for r in rows], object).astype(str),
            "user_rating": np.array([r[2] for r in rows], np.float32)}
