#!/usr/bin/env python3
"""The seed job (see seed_job.py) in TensorFlow, TFRS and tf-keras; prints one JSON object.

As fast as the tutorial's own means allow: text becomes ids once, by the model's StringLookup before the first epoch
(the tutorial does it again in every step); batches are made once and cached; Keras compiles the step. What is saved is
all weights and vocabularies in one synced file; a SavedModel, as the tutorial exports it, would take seconds more."""
import time

STARTED = time.perf_counter()
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

import seed_job

keras = tf.keras


class RankingModel(tfrs.Model):
    def __init__(self, vocabularies):
        super().__init__()
        self.tables = {f: keras.layers.Embedding(len(v) + 1, seed_job.DIM) for f, v in vocabularies.items()}
        self.stack = keras.Sequential([keras.layers.Dense(units, activation="relu") for units in seed_job.HIDDEN]
                                      + [keras.layers.Dense(1)])
        self.task = tfrs.tasks.Ranking(loss=keras.losses.MeanSquaredError(),
                                       metrics=[keras.metrics.RootMeanSquaredError(name="rmse")])

    def call(self, ids):
        return self.stack(tf.concat([self.tables[f](ids[f]) for f in seed_job.FEATURES], axis=1))

    def compute_loss(self, rows, training=False):
        return self.task(labels=rows[seed_job.LABEL], predictions=self(rows))


class EpochTimes(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter() - self.begun)


def main():
    options = seed_job.arguments(__doc__)
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(options.threads)
    keras.utils.set_random_seed(options.seed)
    watch = seed_job.Stopwatch(STARTED)
    watch.lap("import")

    columns = seed_job.read(options.ratings)
    watch.lap("read")

    vocabularies = {f: seed_job.vocabulary(columns[f]) for f in seed_job.FEATURES}
    lookups = {f: keras.layers.StringLookup(vocabulary=v, mask_token=None) for f, v in vocabularies.items()}
    rows = {f: lookups[f](tf.constant(columns[f])).numpy().astype(np.int32) for f in seed_job.FEATURES}
    rows[seed_job.LABEL] = np.array(columns[seed_job.LABEL], np.float32)
    order = np.random.default_rng(options.seed).permutation(len(rows[seed_job.LABEL]))
    rows = {name: column[order] for name, column in rows.items()}

    def batches(part):
        return tf.data.Dataset.from_tensor_slices({n: c[part] for n, c in rows.items()}).batch(seed_job.BATCH).cache()

    train, test = batches(slice(seed_job.TEST, None)), batches(slice(seed_job.TEST))
    watch.lap("encode")

    model = RankingModel(vocabularies)
    model.compile(optimizer=keras.optimizers.Adagrad(0.1))
    epochs = EpochTimes()
    model.fit(train, epochs=seed_job.EPOCHS, verbose=0, callbacks=[epochs])
    watch.lap("fit")

    rmse = float(model.evaluate(test, verbose=0, return_dict=True)["rmse"])
    watch.lap("evaluate")

    weights = {f"weight_{i}": w for i, w in enumerate(model.get_weights())}
    seed_job.save_synced(options.out / "model.npz", lambda file: np.savez(
        file, **weights, **{f: np.array(v) for f, v in vocabularies.items()}))
    watch.lap("save")
    result = watch.result(test_rmse=rmse, epochs=epochs.seconds, threads=options.threads,
                          versions={"tensorflow": tf.__version__, "tfrs": tfrs.__version__})

    if options.steady:
        steady = EpochTimes()
        model.fit(train, epochs=options.steady, verbose=0, callbacks=[steady])
        result["steady_epochs"] = steady.seconds
    seed_job.print_result(result)


if __name__ == "__main__":
    main()
