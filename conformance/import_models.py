#!/usr/bin/env python3
"""Writes models with the real TensorFlow, tf-keras, TFRS and Keras 3, imports each with `podium import`, and compares
the scores of `podium predict` with those that the models gave:

    conformance/import_models.py FOLDER [--podium PODIUM]

The seed model by TFRS and by Keras 3, trained for an epoch, and twelve variants with depths, widths, activations,
lookups and formats of their own drawn from a seed. Models within a model, in every format. And retrieval indices of TFRS, whose order for every user is compared
too: that of `podium rank`.
"""
import argparse
import json
import os
import pathlib
import sys

import podium

ROWS = 1200
LIMIT = 1e-5
FORMATS = {"tf_keras": ["save", "saved_model", "keras"], "keras3": ["export", "keras"]}
ACTIVATIONS = ["relu", "sigmoid", "tanh", "gelu", "selu", "elu", "leaky_relu", "swish", "linear"]


def rows_of(random, users, items, integers):
    """Known and unknown values, as the columns of a file."""
    def draw(values):
        known = [values[i] for i in random.integers(0, len(values), ROWS)]
        unknown = [int(v) for v in random.integers(5000, 6000, ROWS)]
        return [k if random.random() < 0.9 else (u if integers else f"new {u}") for k, u in zip(known, unknown)]
    return {"user_id": draw(users), "movie_title": draw(items)}


def lookup_of(keras, variant, values, folder):
    layers = keras.layers
    options = {"num_oov_indices": variant["oov"]}
    if variant["integers"]:
        return layers.IntegerLookup(vocabulary=values, mask_token=9999 if variant["mask"] else None, **options)
    options["mask_token"] = "" if variant["mask"] else None
    if variant["file"]:
        path = folder / f"vocabulary_{len(values)}.txt"
        path.write_text("".join(f"{v}\n" for v in values), encoding="utf-8")
        return layers.StringLookup(vocabulary=str(path), **options)
    if variant["adapt"]:
        layer = layers.StringLookup(**options)
        layer.adapt(values)
        return layer
    return layers.StringLookup(vocabulary=values, **options)


def build(keras, tf, variant, users, items, folder):
    layers = keras.layers
    inputs, vectors = {}, []
    for name, values in (("user_id", users), ("movie_title", items)):
        inputs[name] = keras.Input((1,), name=name, dtype="int64" if variant["integers"] else "string")
        lookup = lookup_of(keras, variant, values, folder)
        ids = lookup(inputs[name])
        table = layers.Embedding(lookup.vocabulary_size(), variant["dim"])
        vectors.append(layers.Flatten()(table(ids)))
    x = layers.Dot(axes=1)(vectors) if variant["dot"] else layers.Concatenate()(vectors)
    for units, activation in variant["layers"]:
        if variant["apart"]:
            x = layers.Activation(activation)(layers.Dense(units)(x))
        else:
            x = layers.Dense(units, activation=activation, use_bias=variant["bias"])(x)
    return keras.Model(inputs, layers.Dense(1)(x))


def spread(model, random):
    import numpy as np
    new = []
    for weight in model.get_weights():
        fan = weight.shape[0] if weight.ndim == 2 else 4
        new.append(random.normal(0, 1.5 / np.sqrt(fan), weight.shape).astype(weight.dtype)
                   if np.issubdtype(weight.dtype, np.floating) else weight)
    model.set_weights(new)


def variant_of(random):
    dot = bool(random.random() < 0.2)
    integers = bool(random.random() < 0.3)
    kind = ["plain", "file", "adapt"][random.integers(0, 3)]
    return {"dim": int(random.integers(1, 40)), "dot": dot, "integers": integers, "mask": bool(random.random() < 0.5),
            "oov": [0, 1, 1, 2, 5][random.integers(0, 5)],
            "file": kind == "file" and not integers, "adapt": kind == "adapt" and not integers,
            "bias": bool(random.random() < 0.8), "apart": bool(random.random() < 0.3),
            "layers": [] if dot else [(int(random.integers(1, 70)), ACTIVATIONS[random.integers(0, len(ACTIVATIONS))])
                                      for _ in range(random.integers(0, 5))]}


def write_rows(path, columns, scores):
    podium.write_csv(path, columns)
    path.with_suffix(".json").write_text(json.dumps([float(s) for s in scores]))


def save(model, how, path):
    """Where the model was written."""
    import tensorflow as tf
    if how == "save":
        model.save(str(path), save_format="tf")
    elif how == "saved_model":
        tf.saved_model.save(model, str(path))
    elif how == "export":
        model.export(str(path), verbose=False)
    else:
        path = path.with_suffix(".keras")
        model.save(str(path))
    return path


def seed_model_of_tfrs(folder):
    import seed_model
    import tensorflow as tf
    import cases
    data = cases.DATA_SETS["movielens"]() or cases.DATA_SETS["synthetic"]()
    train = data["train"]
    vocabularies = {f: seed_model.sorted_vocabulary(r[i] for r in train) for i, f in enumerate(seed_model.FEATURES)}
    seed_model.seed(42)
    model = seed_model.RankingModel(vocabularies)
    model.create_weights()
    model.compile(optimizer=tf.keras.optimizers.Adagrad(0.1))
    model.fit(seed_model.batches(seed_model.as_columns(train), 8192), epochs=1, verbose=0)
    columns = {"user_id": [r[0] for r in data["test"]][:ROWS], "movie_title": [r[1] for r in data["test"]][:ROWS]}
    columns["user_id"][0] = columns["movie_title"][1] = "never seen"
    scores = model({name: tf.constant(values) for name, values in columns.items()}).numpy()[:, 0]
    tf.saved_model.save(model, str(folder / "seed_tfrs"))
    write_rows(folder / "seed_tfrs.csv", columns, scores)


def towers_of_tfrs(users, titles, dim):
    """The tutorial's two towers, trained for an epoch: the query's has a dense layer."""
    import numpy as np
    import tensorflow as tf
    import tensorflow_recommenders as tfrs
    layers = tf.keras.layers

    def tower(values, *more):
        return tf.keras.Sequential([layers.StringLookup(vocabulary=values, mask_token=None),
                                    layers.Embedding(len(values) + 1, dim), *more])

    class Retrieval(tfrs.Model):
        def __init__(self):
            super().__init__()
            self.query = tower(users, layers.Dense(24, activation="relu"), layers.Dense(dim))
            self.candidate = tower(titles)
            self.task = tfrs.tasks.Retrieval()

        def compute_loss(self, features, training=False):
            return self.task(self.query(features["user"]), self.candidate(features["title"]))

    model = Retrieval()
    model.compile(optimizer=tf.keras.optimizers.Adagrad(0.5))
    random = np.random.default_rng(3)
    rows = {"user": random.choice(users, 4000), "title": random.choice(titles, 4000)}
    model.fit(tf.data.Dataset.from_tensor_slices(rows).batch(200), epochs=1, verbose=0)
    return model


def write_ranking(folder, name, column, users, scores, items):
    """All pairs with the index's scores, and its items for each user, best first; an item that is there again is one."""
    rows = [(user, item, score) for user, row, numbers in zip(users, items, scores) for item, score in zip(row, numbers)]
    write_rows(folder / f"{name}.csv", {column: [r[0] for r in rows], "item": [r[1] for r in rows]}, [r[2] for r in rows])
    ranking = {user: {str(item): float(score) for item, score in zip(row, numbers)}
               for user, row, numbers in zip(users, items, scores)}
    (folder / f"{name}.ranking").write_text(json.dumps(ranking))


def make_indices(folder):
    import numpy as np
    import tensorflow as tf
    import tensorflow_recommenders as tfrs
    keras, layers = tf.keras, tf.keras.layers
    keras.utils.set_random_seed(5)
    random = np.random.default_rng(5)
    users = [str(v) for v in random.permutation(100)]
    asked = [*users, "never seen"]
    titles = [f"Ünï {v}" for v in range(150)]
    numbers = [int(v) for v in random.permutation(5000)[:150] - 2000]
    candidates = tf.constant(random.normal(0, 1, (150, 16)), tf.float32)

    def write(name, index, count=150):
        index(tf.constant(asked))
        tf.saved_model.save(index, str(folder / name))
        scores, items = (part.numpy() for part in index(tf.constant(asked), k=count))
        items = [[item.decode() if isinstance(item, bytes) else int(item) for item in row] for row in items]
        write_ranking(folder, name, "input_1", asked, scores, items)

    towers = towers_of_tfrs(users, titles, 16)
    index = tfrs.layers.factorized_top_k.BruteForce(towers.query)
    films = tf.data.Dataset.from_tensor_slices([*titles, *titles[7:12]])  # as MovieLens' films, some are there twice
    index.index_from_dataset(films.batch(40).map(lambda batch: (batch, towers.candidate(batch))))
    write("index_titles", index, 155)

    for name, identifiers, more in (("index_numbers", tf.constant(numbers, tf.int64), []),
                                    ("index_rows", None, [layers.Dense(16, activation="tanh")])):
        query = keras.Sequential([layers.StringLookup(vocabulary=users, mask_token=None), layers.Embedding(101, 16), *more])
        index = tfrs.layers.factorized_top_k.BruteForce(query, k=5)
        index.index(candidates, identifiers)
        index(tf.constant(asked))
        spread(query, random)
        write(name, index)

    class Index(tf.Module):  # written by hand: constants, and the places themselves
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "user_id")])
        def __call__(self, user_id):
            scores, places = tf.math.top_k(tf.matmul(query(user_id), candidates, transpose_b=True), k=150)
            return {"scores": scores, "places": places}

    index = Index()
    index.query = query
    tf.saved_model.save(index, str(folder / "index_module"), signatures=index.__call__)
    answer = index(tf.constant(asked))
    write_ranking(folder, "index_module", "user_id", asked, answer["scores"].numpy(),
                  [[int(place) for place in row] for row in answer["places"].numpy()])


def make(folder, which):
    import numpy as np
    if which == "tf_keras":
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow as tf
    if which == "tf_keras":
        import tf_keras as keras
        seed_model_of_tfrs(folder)
        make_indices(folder)
    else:
        import keras
    for number in range(7):  # the first is the seed model's shape, trained
        random = np.random.default_rng([number, 1 if which == "keras3" else 2])
        keras.utils.set_random_seed(number)
        variant = variant_of(random)
        if number == 0:
            variant |= {"dim": 32, "dot": False, "integers": False, "mask": False, "oov": 1, "file": False, "adapt": False,
                        "bias": True, "apart": False, "layers": [(256, "relu"), (64, "relu")]}
        if number in (4, 6):  # rarely drawn, and never missed
            variant |= {"integers": True, "file": False, "adapt": False, "mask": number == 4, "oov": 3 if number == 4 else 0}
        if number in (2, 3, 5):
            variant |= {"oov": number}
        users = [int(v) for v in random.permutation(300)] if variant["integers"] else [str(v) for v in random.permutation(300)]
        items = [int(v) - 50 for v in random.permutation(120)] if variant["integers"] else [f"Ünï {v}" for v in range(120)]
        how = FORMATS[which][number % len(FORMATS[which])]
        if how == "keras" and variant["file"]:
            how = FORMATS[which][0]
        model = build(keras, tf, variant, users, items, folder)
        columns = rows_of(random, users, items, variant["integers"])
        if variant["oov"] == 0:  # the model itself refuses what it doesn't know
            columns = {name: [v if v in known else known[0] for v in columns[name]]
                       for name, known in (("user_id", users), ("movie_title", items))}
        given = {name: tf.reshape(tf.constant(values, tf.int64 if variant["integers"] else tf.string), [-1, 1])
                 for name, values in columns.items()}
        if number == 0:
            model.compile(keras.optimizers.Adagrad(0.1), "mse")
            labels = np.asarray(random.integers(1, 6, (ROWS, 1)), np.float32)
            model.fit(given, labels, batch_size=256, epochs=1, verbose=0)
        else:
            spread(model, random)
        name = f"{which}_{number}_{how}"
        save(model, how, folder / name)
        write_rows(folder / f"{name}.csv", columns, np.asarray(model(given))[:, 0])
        (folder / f"{name}.txt").write_text(json.dumps(variant))
    make_nested(folder, which, keras, tf)


def make_nested(folder, which, keras, tf):
    """A tower for each side with its lookup inside, and a model that both go through."""
    import numpy as np
    keras.utils.set_random_seed(9)
    layers, random = keras.layers, np.random.default_rng(9)
    users, items = [str(v) for v in random.permutation(300)], [f"Ünï {v}" for v in range(120)]

    def tower(values):
        return keras.Sequential([keras.Input((1,), dtype="string"), layers.StringLookup(vocabulary=values),
                                 layers.Embedding(len(values) + 1, 5), layers.Flatten(), layers.Dense(6, activation="relu")])
    both = keras.Input((6,))
    twice = keras.Model(both, layers.Dense(4, activation="tanh")(both))
    inputs = {name: keras.Input((1,), name=name, dtype="string") for name in ("user_id", "movie_title")}
    sides = [twice(tower(users)(inputs["user_id"])), twice(tower(items)(inputs["movie_title"]))]
    model = keras.Model(inputs, layers.Dense(1)(layers.Concatenate()(sides)))
    spread(model, random)
    columns = rows_of(random, users, items, False)
    given = {name: tf.reshape(tf.constant(values), [-1, 1]) for name, values in columns.items()}
    for how in FORMATS[which]:
        name = f"{which}_nested_{how}"
        save(model, how, folder / name)
        write_rows(folder / f"{name}.csv", columns, np.asarray(model(given))[:, 0])


def compare(binary, folder, source):
    """The largest difference of a score, after import."""
    name = source.stem
    model = folder / "models" / name
    podium.run(binary, "import", source, "--to", model, "--json")
    got = podium.scores(binary, model, folder / f"{name}.csv")
    expected = json.loads((folder / f"{name}.json").read_text())
    if len(got) != len(expected) or len(got) < 1000:
        raise RuntimeError(f"{len(got)} scores for {len(expected)} rows")
    ranking = folder / f"{name}.ranking"
    for user, scores in json.loads(ranking.read_text()).items() if ranking.exists() else ():
        rows = json.loads(podium.run(binary, "rank", model, "--user", user, "--top", len(scores), "--json"))["ranking"]
        check_order(user, [str(row["item"]) for row in rows], scores)
    return max(abs(score - right) for score, right in zip(got, expected)), len(got)


def check_order(user, items, scores):
    """The order is the index's; two items may only change places whose scores are within the limit of each other."""
    if sorted(items) != sorted(scores):
        raise RuntimeError(f"user {user} is given other items than the index has")
    for item, other in zip(items, scores):
        if not abs(scores[item] - scores[other]) <= LIMIT:
            raise RuntimeError(f"user {user} is given {item} where the index has {other}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    parser.add_argument("--make", choices=FORMATS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if options.make:
        return make(options.folder, options.make)
    options.folder.mkdir(parents=True, exist_ok=True)
    podium.make_apart(__file__, options.folder, FORMATS)
    sources = sorted(p for p in options.folder.iterdir() if p.suffix == ".keras" or (p / "saved_model.pb").is_file())
    misses = 0
    for source in sources:
        try:
            difference, rows = compare(options.podium, options.folder, source)
            missed = not difference <= LIMIT
            print(f"  {source.name:28s} {rows} scores, largest difference {difference:.1e} {'MISS' if missed else 'ok'}")
        except (RuntimeError, OSError, KeyError, ValueError) as error:
            missed = True
            print(f"  {source.name:28s} FAILED: {error}")
        misses += missed
    print(f"{len(sources) - misses} of {len(sources)} imported models give their own program's scores (limit {LIMIT:g})")
    return 1 if misses or len(sources) < 24 else 0


if __name__ == "__main__":
    sys.exit(main())
