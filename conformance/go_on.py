#!/usr/bin/env python3
"""Trains on, from one imported model, in TensorFlow and in Podium, and compares what becomes of every number:

    conformance/go_on.py FOLDER [--podium PODIUM]

Models of TFRS, tf-keras and Keras 3 are trained for an epoch with Adagrad and saved in each form: the layers of TFRS's
tutorial, and ten with depths, widths, activations, biases and lookups of their own, drawn from a seed. `podium import`
reads them; the recipes say the tutorial's layers, and take the others' with `model.kind = "from"`. Then both sides train
five more batches, the last one partial, of the same rows in the same order, with ids that
stand several times in a batch and ids that the model never saw. Where the form holds no optimizer's state (export() of
Keras 3) both start a new one. At most 1e-5 (of 1, or of a larger number itself) may lie between any two weights,
accumulators and scores. `moved`: how far the five batches moved a weight, in the tensor where that is least.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import sys

import numpy as np

import cases
import podium
import tensors

FEATURES = ["user_id", "movie_title"]
LABEL = "user_rating"
BATCH, ROWS = 64, 4 * 64 + 23  # five batches
LIMIT = 1e-5
# An epsilon large enough that its place, in or beside the root, moves every weight by more than the limit.
ADAGRAD = {"learning_rate": 0.1, "initial_accumulator_value": 0.2, "epsilon": 1e-2}

ACTIVATIONS = ["relu", "sigmoid", "tanh", "gelu", "selu", "elu", "leaky_relu", "swish", "linear"]


@dataclasses.dataclass
class Variant:
    """What a model is made of; TFRS's tutorial by default, but smaller."""
    dims: list = dataclasses.field(default_factory=lambda: [8, 8])
    layers: list = dataclasses.field(default_factory=lambda: [(16, "relu", True), (8, "relu", True)])  # units, activation, bias
    oov: int = 1
    dot: bool = False

    @staticmethod
    def draw(number):
        random = np.random.default_rng(100 + number)
        dot = number % 5 == 4
        dims = [int(d) for d in random.integers(2, 20, 2)]
        layers = [(int(random.integers(2, 40)), ACTIVATIONS[random.integers(len(ACTIVATIONS))], bool(random.random() < 0.7))
                  for _ in range(random.integers(1, 5))]
        return Variant(dims=dims[:1] * 2 if dot else dims, layers=[] if dot else layers, oov=[1, 3, 1, 2, 1][number % 5],
                       dot=dot)


# name: (form, optimizer's class, lookup[, variant]). Lookups: list, mask, file, integers (with a mask).
CASES = {
    "tf_keras": {
        "tfrs": ("tfrs", "Adagrad", "list"),
        "tfrs_legacy": ("tfrs", "legacy.Adagrad", "list"),
        "tfrs_mask": ("tfrs", "Adagrad", "mask"),
        "tfrs_file": ("tfrs", "Adagrad", "file"),
        "save": ("save", "Adagrad", "list"),
        "save_legacy": ("save", "legacy.Adagrad", "mask"),
        "saved_model": ("saved_model", "Adagrad", "file"),
        "saved_model_legacy": ("saved_model", "legacy.Adagrad", "integers"),
        "archive": ("keras", "Adagrad", "list"),
        "archive_legacy": ("keras", "legacy.Adagrad", "integers"),
        "archive_mask": ("keras", "Adagrad", "mask"),  # a vocabulary's file is not in tf-keras' archive
        "drawn_0": ("save", "Adagrad", "list", 0),
        "drawn_1": ("saved_model", "Adagrad", "mask", 1),
        "drawn_2": ("keras", "Adagrad", "integers", 2),
        "drawn_3": ("saved_model", "legacy.Adagrad", "file", 3),
        "drawn_4": ("save", "Adagrad", "mask", 4),
    },
    "keras3": {
        "archive": ("keras", "Adagrad", "list"),
        "archive_mask": ("keras", "Adagrad", "mask"),
        "archive_file": ("keras", "Adagrad", "file"),
        "archive_integers": ("keras", "Adagrad", "integers"),
        "export": ("export", "Adagrad", "list"),
        "export_mask": ("export", "Adagrad", "mask"),
        "export_file": ("export", "Adagrad", "file"),
        "drawn_5": ("keras", "Adagrad", "mask", 5),
        "drawn_6": ("export", "Adagrad", "list", 6),
        "drawn_7": ("keras", "Adagrad", "integers", 7),
        "drawn_8": ("export", "Adagrad", "file", 8),
        "drawn_9": ("keras", "Adagrad", "list", 9),
    },
}


def vocabularies(lookup):
    """In an order that is nobody's sorted one."""
    random = np.random.default_rng(5)
    users, films = [int(v) for v in random.permutation(40)], [int(v) - 9 for v in random.permutation(25)]
    if lookup == "integers":
        return {"user_id": users, "movie_title": films}
    return {"user_id": [str(v) for v in users], "movie_title": [f"Ünï, {v}" for v in films]}


def rows_of(lookup, seed):
    """Columns of ROWS rows: popular and rare values, one in ten unknown, and the mask's where there is one."""
    random = np.random.default_rng(seed)
    columns = {}
    for name, values in vocabularies(lookup).items():
        drawn = [values[int(len(values) * random.random() ** 2)] for _ in range(ROWS)]
        for place in np.flatnonzero(random.random(ROWS) < 0.1):
            drawn[place] = 7000 + int(place) if lookup == "integers" else f"new {place}"
        if lookup in ("mask", "integers"):
            for place in np.flatnonzero(random.random(ROWS) < 0.05):
                drawn[place] = 9999 if lookup == "integers" else ""
        columns[name] = drawn
    columns[LABEL] = [float(v) for v in random.integers(1, 6, ROWS)]
    return columns


def lookup_layer(keras, lookup, oov, name, values, folder):
    if lookup == "integers":
        return keras.layers.IntegerLookup(vocabulary=values, mask_token=9999, num_oov_indices=oov)
    if lookup == "file":
        path = folder / f"{name}.txt"
        path.write_text("".join(f"{v}\n" for v in values), encoding="utf-8")
        values = str(path)
    return keras.layers.StringLookup(vocabulary=values, mask_token="" if lookup == "mask" else None, num_oov_indices=oov)


class Parts:
    """The layers of one model."""

    def __init__(self, keras, variant, lookup, folder):
        self.variant = variant
        self.lookups = {name: lookup_layer(keras, lookup, variant.oov, name, values, folder)
                        for name, values in vocabularies(lookup).items()}
        self.tables = {f: keras.layers.Embedding(self.lookups[f].vocabulary_size(), dim)
                       for f, dim in zip(FEATURES, variant.dims)}
        self.stack = [keras.layers.Dense(units, activation=activation, use_bias=bias)
                      for units, activation, bias in variant.layers] + [keras.layers.Dense(1)]

    def functional(self, keras, dtype):
        inputs = {f: keras.Input((1,), name=f, dtype=dtype) for f in FEATURES}
        vectors = [keras.layers.Flatten()(self.tables[f](self.lookups[f](inputs[f]))) for f in FEATURES]
        x = keras.layers.Dot(axes=1)(vectors) if self.variant.dot else keras.layers.Concatenate()(vectors)
        for layer in self.stack:
            x = layer(x)
        return keras.Model(inputs, x)

    def variables(self):
        """{Podium's name: variable}."""
        named = {f"embedding/{f}/weight": self.tables[f].embeddings for f in FEATURES}
        for number, layer in enumerate(self.stack):
            named[f"dense_{number}/kernel"] = layer.kernel
            if layer.use_bias:
                named[f"dense_{number}/bias"] = layer.bias
        return named

    def values_of_rows(self, lookup):
        """{table: the value of each row; None for those of the unknown}."""
        first = {"mask": [""], "integers": [9999]}.get(lookup, []) + [None] * self.variant.oov
        return {f"embedding/{f}/weight": first + values for f, values in vocabularies(lookup).items()}


def tfrs_model(parts):
    """TFRS's tutorial's model, with layers of our own."""
    import seed_model

    class Model(seed_model.RankingModel):
        def __init__(self):
            super().__init__({f: ["a"] for f in FEATURES})
            self.lookups, self.tables, self.stack = parts.lookups, parts.tables, parts.stack

    model = Model()
    model.create_weights()
    return model


def accumulators_of(optimizer, variables, model):
    if hasattr(optimizer, "get_slot"):  # the legacy one
        return {name: optimizer.get_slot(variable, "accumulator").numpy() for name, variable in variables.items()}
    place = {id(variable): place for place, variable in enumerate(model.trainable_variables)}
    return {name: np.asarray(optimizer._accumulators[place[id(variable)]]) for name, variable in variables.items()}


def keeps_optimizer(form, kind):
    """tf-keras writes no state of its older optimizers into an archive."""
    return form != "export" and (form, kind) != ("keras", "legacy.Adagrad")


def save(tf, model, form, path):
    if form in ("tfrs", "saved_model"):
        tf.saved_model.save(model, str(path))
    elif form == "save":
        model.save(str(path), save_format="tf")
    elif form == "export":
        model.export(str(path), verbose=False)
    else:
        model.save(str(path.with_suffix(".keras")))


def make_case(folder, which, form, kind, lookup, number=None):
    import tensorflow as tf
    if which == "tf_keras":
        import tf_keras as keras
    else:
        import keras
    keras.utils.set_random_seed(3)
    folder.mkdir(parents=True)
    dtype = "int64" if lookup == "integers" else "string"
    parts = Parts(keras, Variant() if number is None else Variant.draw(number), lookup, folder)
    is_tfrs = form == "tfrs"
    model = tfrs_model(parts) if is_tfrs else parts.functional(keras, dtype)

    def given(columns):
        shape = [-1] if is_tfrs else [-1, 1]
        return {f: tf.reshape(tf.constant(columns[f], dtype), shape) for f in FEATURES}

    def fit(columns):
        labels = tf.constant(columns[LABEL], tf.float32)
        if is_tfrs:
            data = tf.data.Dataset.from_tensor_slices(given(columns) | {LABEL: labels}).batch(BATCH)
        else:
            data = tf.data.Dataset.from_tensor_slices((given(columns), labels[:, None])).batch(BATCH)
        model.fit(data, epochs=1, verbose=0)

    def compile_anew():
        optimizers = keras.optimizers.legacy if kind == "legacy.Adagrad" else keras.optimizers
        optimizer = optimizers.Adagrad(**ADAGRAD)
        model.compile(optimizer=optimizer, **({} if is_tfrs else {"loss": "mse"}))
        return optimizer

    optimizer = compile_anew()
    fit(rows_of(lookup, 1))
    save(tf, model, form, folder / "model")
    if not keeps_optimizer(form, kind):
        optimizer = compile_anew()
    before = {name: v.numpy() for name, v in parts.variables().items()}
    more, others = rows_of(lookup, 2), rows_of(lookup, 3)
    fit(more)
    after = {name: np.asarray(v) for name, v in parts.variables().items()}
    podium.write_csv(folder / "train.csv", more)
    podium.write_csv(folder / "test.csv", others)
    tensors.write(folder / "before.safetensors", before)
    tensors.write(folder / "weights.safetensors", after)
    tensors.write(folder / "accumulators.safetensors", accumulators_of(optimizer, parts.variables(), model))
    scores = np.asarray(model(given(others)))[:, 0]
    (folder / "expected.json").write_text(json.dumps(
        {"rows": parts.values_of_rows(lookup), "scores": [float(s) for s in scores]}))


def make(folder, which):
    if which == "tf_keras":
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
    for name, case in CASES[which].items():
        make_case(folder / f"{which}_{name}", which, *case)


def recipe_of(which, kind, lookup, number):
    optimizer = {"kind": "adagrad", **ADAGRAD, "epsilon_outside": kind.startswith("legacy"),
                 "duplicates": "sum_of_squares" if which == "keras3" else "sum"}
    lines = ["[data]", 'train = "train.csv"', 'test = "test.csv"', f'user = "{FEATURES[0]}"', f'item = "{FEATURES[1]}"',
             'missing = "fill"']  # the mask's empty cells
    said = Variant() if number is None else None
    for feature, dim in zip(FEATURES, Variant().dims):
        lines += [f"[features.{feature}]", 'vocabulary = "from"']
        if said:
            lines += [f"dim = {dim}"] + (['type = "integer"'] if lookup == "integers" else [])
    lines += ["[model]", f"hidden = {[units for units, _, _ in said.layers]}" if said else 'kind = "from"']
    lines += ["[task]", f'label = "{LABEL}"', "[train]", 'from = "models/imported"', 'shuffle = "none"', "epochs = 1",
              f"batch_size = {BATCH}", f"optimizer = {cases.toml_value(optimizer)}"]
    return "\n".join(lines) + "\n"


def places(model, rows):
    """For each row of TensorFlow's table of a feature its row in Podium's, {tensor: [rows]}."""
    vocabulary = tensors.read(model / "vocabulary.safetensors", of_any_kind=True)
    result = {}
    for name, values in rows.items():
        feature = name.split("/")[1]
        if f"{feature}/values" in vocabulary:
            known = [int(v) for v in vocabulary[f"{feature}/values"]]
        else:
            ends, text = vocabulary[f"{feature}/offsets"], vocabulary[f"{feature}/bytes"].tobytes()
            known = [text[a:b].decode("utf-8") for a, b in zip(ends[:-1], ends[1:])]
        unknown = values.count(None)
        if len(known) + unknown != len(values):
            raise RuntimeError(f"{feature} has {len(known)} values instead of {len(values) - unknown}")
        unknown_rows = iter(range(unknown))
        result[name] = [next(unknown_rows) if value is None else known.index(value) + unknown for value in values]
    return result


def distance(found, expected):
    """The largest |found - expected| / max(1, |expected|)."""
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape:
        raise RuntimeError(f"shape {found.shape} instead of {expected.shape}")
    return float(np.max(np.abs(found - expected) / np.maximum(1, np.abs(expected))))


def compare(binary, folder, which, form, kind, lookup, number=None):
    """{weights, accumulators, scores: the largest difference}, and what `moved` is."""
    source = folder / "model"
    podium.run(binary, "import", source if source.is_dir() else source.with_suffix(".keras"),
               "--to", folder / "models" / "imported", "--quiet")
    recipe = folder / "gone_on.toml"
    recipe.write_text(recipe_of(which, kind, lookup, number), encoding="utf-8")
    got, notes = podium.run_with_notes(binary, "train", recipe, "--out", folder / "models", "--json", "--no-baselines",
                                       "--no-report")
    starts_anew = "the optimizer starts anew" in notes
    if starts_anew == keeps_optimizer(form, kind) or "goes on with" in notes:
        raise RuntimeError(f"said of the optimizer: {notes!r}")
    model = pathlib.Path(json.loads(got)["model"])
    expected = json.loads((folder / "expected.json").read_text())
    rows = places(model, expected["rows"])
    weights = tensors.read(model / "weights.safetensors")
    slots = tensors.read(model / "resume" / "optimizer.safetensors")
    before, right = tensors.read(folder / "before.safetensors"), tensors.read(folder / "weights.safetensors")
    if set(weights) != set(right) or set(slots) != {f"{name}/accumulator" for name in right}:
        raise RuntimeError(f"the tensors are {sorted(weights)} and {sorted(slots)}")

    def worst(found, expected):
        return max(distance(found(name)[rows.get(name, slice(None))], values) for name, values in expected.items())
    scores = podium.scores(binary, model, folder / "test.csv")
    return {"weights": worst(lambda name: weights[name], right),
            "accumulators": worst(lambda name: slots[f"{name}/accumulator"],
                                  tensors.read(folder / "accumulators.safetensors")),
            "scores": distance(scores, expected["scores"])}, min(distance(before[name], right[name]) for name in right)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    parser.add_argument("--make", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.folder = options.folder.resolve()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if options.make:
        return make(options.folder, options.make)
    podium.make_apart(__file__, options.folder, CASES)
    all_cases = [(which, name, case) for which in CASES for name, case in CASES[which].items()]
    misses = 0
    print(f"  {'':28s} {'weights':>8s} {'accumulators':>13s} {'scores':>8s} {'moved':>8s}")
    for which, name, case in all_cases:
        name = f"{which}_{name}"
        try:
            found, moved = compare(options.podium, options.folder / name, which, *case)
            missed = not all(difference <= LIMIT for difference in found.values())
            print(f"  {name:28s} {found['weights']:8.1e} {found['accumulators']:13.1e} {found['scores']:8.1e} "
                  f"{moved:8.1e} {'MISS' if missed else 'ok'}", flush=True)
        except (RuntimeError, OSError, KeyError, ValueError) as error:
            missed = True
            print(f"  {name:28s} FAILED: {error}", flush=True)
        misses += missed
    print(f"{len(all_cases) - misses} of {len(all_cases)} imported models go on as TensorFlow does (limit {LIMIT:g})")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
