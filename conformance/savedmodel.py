#!/usr/bin/env python3
"""Exports models as SavedModels, loads them with the real TensorFlow and compares scores. Exit code 1 on a miss.

  python   greatest difference between podium predict and `loaded(...)`, in one batch and row by row; at most 1e-5
  served   the same for the C loader and signature that TF Serving runs; at most 1e-5
  frozen   the same for the graph that convert_variables_to_constants_v2 makes, which has no variable and no call left

The tutorial's model on every data set, a factorization, and a small model of each kind of node, feature and activation,
which tests/interop/kinds_test.cpp leaves in the folder KINDS. With Adagrad's accumulators, tf-keras must go on from
them as if it had made them.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

import cases
import numpy as np
import podium
import seed_model  # sets TensorFlow up
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

import c_loader

LIMIT = 1e-5
ROWS = 10_000
SINGLE = 20  # rows that are also scored alone
# What tests/interop/kinds.h fits, and values that its vocabularies lack.
KINDS = {"user": ["7", "42", "9", "nobody"],
         "title": ["Speed (1994)", "Amélie (2001)", 'M*A*S*H, "the" (1970)', "君の名は。", "Up"],
         "second title": ["Up", "Speed (1994)", "Amélie (2001)", "?"],
         "second_title": ["Up", "c", "Amélie (2001)", "Speed (1994)", "e"],
         "Käufer": ["ä", "ö", "ü", "ß", "a"],
         "class": ["A", "B", "C", "D", "E"],
         "secondZ": ["x", "y", "z", "a", "b"],
         "year": [1994, 2001, -1970, 9007199254740993, 9007199254740992, 7],
         "price": [0.5, 1.5, 2.5, -3.0, 0.0, -1.25],
         "stars": [5.0, 4.0, -3.0, 2.0, 1.0]}


def random_rows(values, rows=ROWS):
    """{column: [rows] values}, drawn from each column's list."""
    random = np.random.default_rng(11)
    return {column: [known[i] for i in random.integers(0, len(known), rows)] for column, known in values.items()}


def rows_of(data):
    """Users and films of the data, each sometimes one that the model can't know."""
    users, films, _ = (list(column) for column in zip(*data["train"], *data["test"]))
    return random_rows({"user_id": sorted(set(users)) + ["nobody", "-1"],
                        "movie_title": sorted(set(films)) + ["Amélie?", "映画"]})


def predicted(binary, model, rows):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rows.csv"
        podium.write_csv(path, rows)
        return np.array(podium.scores(binary, model, path))


def parameter(column):
    """The column's name in the signature."""
    return {"second title": "second_title_1", "Käufer": "K_ufer", "class": "arg_class"}.get(column, column)


def python_differences(export, features, scores):
    """As TFRS's tutorial calls it: arrays or lists, one row or many, and by the signature."""
    loaded = tf.saved_model.load(str(export))
    first = lambda answer: answer[0] if isinstance(answer, (tuple, list)) else answer

    def difference(answer, right):
        answer = answer.numpy()
        if answer.shape != (len(right), 1):
            raise RuntimeError(f"scores of shape {answer.shape} for {len(right)} rows")
        return float(np.max(np.abs(answer[:, 0] - right)))

    arrays = {column: np.array(values) for column, values in features.items()}
    signature = loaded.signatures["serving_default"]
    found = [difference(first(loaded(arrays)), scores),
             difference(first(loaded(arrays, training=False)), scores),
             difference(signature(**{parameter(c): tf.constant(v) for c, v in arrays.items()})["output_1"], scores)]
    for row in range(min(SINGLE, len(scores))):
        one = {column: values[row:row + 1] for column, values in arrays.items()}
        if row % 2 == 1:  # a plain list, where TensorFlow knows what a number in it is
            one = {c: v.tolist() if v.dtype.kind == "U" else v for c, v in one.items()}
        found.append(difference(first(loaded(one)), scores[row:row + 1]))
    return max(found)


def check_outputs(export, features):
    """The kind `outputs`: output_2 is the hidden layer, and each other one a dense layer and a bias of it, by NumPy."""
    loaded = tf.saved_model.load(str(export))
    answers = [answer.numpy() for answer in loaded(features)]
    named = {variable.name.removesuffix(":0"): variable.numpy() for variable in loaded.variables}
    served = c_loader.Session(export).run(features)
    worst = 0.0
    for i, answer in enumerate(answers):
        right = answers[1]
        if i != 1:
            dense, bias = f"dense_{i + 1}", f"bias_{i}"
            right = right @ named[f"{dense}/kernel"] + named[f"{dense}/bias"] + named[f"{bias}/bias"]
        for found in (answer, served[f"output_{i + 1}"]):
            worst = max(worst, float(np.max(np.abs(found - right))))
    ok = worst <= LIMIT and len(answers) == len(served) == 12
    print(f"{'outputs, all twelve':32s} {len(answers[0]):6d} {worst:9.1e} {worst:9.1e} {'':9s} {'ok' if ok else 'MISS'}", flush=True)
    return ok


def served_difference(export, features, scores):
    session = c_loader.Session(export)
    features = {parameter(column): values for column, values in features.items()}
    found = [np.max(np.abs(session.run(features)["output_1"][:, 0] - scores))]
    for row in range(min(SINGLE, len(scores))):
        one = {column: values[row:row + 1] for column, values in features.items()}
        found.append(np.max(np.abs(session.run(one)["output_1"][:, 0] - scores[row])))
    session.close()
    return float(max(found))


def frozen_difference(export, features, scores):
    """Raises RuntimeError if a call, or a variable that isn't a constant, is left."""
    loaded = tf.saved_model.load(str(export))  # holds the variables while it lives
    signature = loaded.signatures["serving_default"]
    frozen = convert_variables_to_constants_v2(signature)
    left = sorted({node.op for node in frozen.graph.as_graph_def().node}
                  & {"ResourceGather", "VarHandleOp", "ReadVariableOp", "PartitionedCall", "StatefulPartitionedCall"})
    if left:
        raise RuntimeError(f"{export}: the frozen graph still has {', '.join(left)}")
    # Inputs and outputs alike are in the order of their names; the tables, which stay what they are, are inputs now.
    by_name = {parameter(column): tf.constant(values) for column, values in features.items()}
    variables = {id(variable.handle) for variable in signature.graph.variables}
    tables = [captured for captured in signature.captured_inputs if id(captured) not in variables]
    answers = frozen(*(by_name[name] for name in sorted(by_name)), *tables)
    first = sorted(signature.structured_outputs).index("output_1")
    return float(np.max(np.abs(answers[first].numpy()[:, 0] - scores)))


def typed(export, rows):
    """The rows' columns that the export reads, as its types."""
    _, specs = tf.saved_model.load(str(export)).signatures["serving_default"].structured_input_signature
    kinds = {tf.string: str, tf.int64: np.int64, tf.float32: np.float32}
    return {column: np.array(values, kinds[specs[parameter(column)].dtype]) for column, values in rows.items()
            if parameter(column) in specs}


def check(label, binary, model, export, rows, *flags):
    """True if every way of loading agrees with podium predict."""
    podium.run(binary, "export", model, "--format", "savedmodel", "--to", export, "--quiet", *flags)
    scores = predicted(binary, model, rows)
    features = typed(export, rows)
    python = python_differences(export, features, scores)
    served = served_difference(export, features, scores)
    frozen = frozen_difference(export, features, scores)
    agrees = max(python, served, frozen) <= LIMIT
    print(f"{label:32s} {len(scores):6d} {python:9.1e} {served:9.1e} {frozen:9.1e} {'ok' if agrees else 'MISS'}",
          flush=True)
    return agrees


def check_optimizer(label, data, export, optimizer):
    """tf-keras restores variables and optimizer from the export, and goes on from there."""
    vocabularies = {feature: seed_model.sorted_vocabulary(row[i] for row in data["train"] + data["test"])
                    for i, feature in enumerate(seed_model.FEATURES)}
    model = seed_model.RankingModel(vocabularies)
    model.create_weights()
    variables = list(model.named_variables().values())
    checkpoint = tf.train.Checkpoint(variables=variables, optimizer=optimizer)
    checkpoint.restore(str(export / "variables" / "variables"))
    # A step of nothing makes the slots, which fills them.
    optimizer.apply_gradients((tf.zeros_like(variable), variable) for variable in variables)
    loaded = tf.saved_model.load(str(export))
    slots = (optimizer._accumulators if hasattr(optimizer, "_accumulators")
             else [optimizer.get_slot(variable, "accumulator") for variable in variables])
    same = all(np.array_equal(found, right) for found, right in
               [*zip(slots, loaded.optimizer._accumulators), *zip(variables, loaded.variables)])
    grown = all(np.max(slot) > 0.1 for slot in slots)  # 0.1 is where they start
    steps = cases.EPOCHS * -(-len(data["train"]) // data["batch_size"])
    ok = same and grown and int(optimizer.iterations) == steps + 1 and abs(float(optimizer.learning_rate) - 0.1) < 1e-7
    print(f"{label:32s} accumulators in tf-keras {'ok' if ok else 'MISS'}", flush=True)
    return ok


def trained(binary, folder, name, data, change=lambda text: text, **optimizer):
    """The directory of a model trained by the tutorial's recipe."""
    place = folder / name
    place.mkdir()
    cases.write_rows(place / "train.csv", data["train"])
    cases.write_rows(place / "test.csv", data["test"])
    recipe = place / "recipe.toml"
    cases.write_recipe(recipe, data, {"kind": "adagrad", "learning_rate": 0.1, **optimizer})
    recipe.write_text(change(recipe.read_text(encoding="utf-8")), encoding="utf-8")
    return podium.train(binary, recipe, place / "models")["model"]


def check_all(binary, kinds, folder):
    results = []
    for name, make in cases.DATA_SETS.items():
        data = make()
        if data is None:
            print(f"{name:32s} left out: run examples/movielens/fetch first")
            continue
        data = {**data, "vocabulary": "all"}
        model, rows, export = trained(binary, folder, name, data), rows_of(data), folder / "exports" / name / "1"
        results.append(check(name, binary, model, export, rows, "--with-optimizer"))
        results.append(check_optimizer(name, data, export, tf.keras.optimizers.Adagrad(0.5)))
    data, rows = {**cases.synthetic(), "vocabulary": "all"}, rows_of(cases.synthetic())
    export = folder / "exports" / "legacy" / "1"
    model = trained(binary, folder, "legacy", data, epsilon_outside=True)
    results.append(check("legacy Adagrad", binary, model, export, rows, "--with-optimizer"))
    results.append(check_optimizer("legacy Adagrad", data, export, tf.keras.optimizers.legacy.Adagrad(0.5)))
    model = trained(binary, folder, "factorization", data, lambda text: text.replace(
        'kind = "mlp"', 'kind = "factorization"').replace("hidden = [256, 64]\n", ""))
    results.append(check("factorization", binary, model, folder / "exports" / "factorization" / "1", rows))
    rows = random_rows(KINDS, 1000)
    for model in sorted(kinds.iterdir()):
        results.append(check(model.name, binary, model, folder / "exports" / model.name / "1", rows))
    results.append(check_outputs(folder / "exports" / "outputs" / "1", {"user": np.array(rows["user"])}))
    return results


def write_kinds(tests, folder):
    if not tests.is_file():
        raise RuntimeError(f"there is no {tests}; run make build first")
    done = subprocess.run([str(tests), "--gtest_filter=Kinds.AreSavedAndLoaded"], capture_output=True, text=True,
                          env={**os.environ, "PODIUM_KINDS": str(folder)})
    if done.returncode != 0:
        raise RuntimeError(f"{tests}: {done.stdout}{done.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_kinds(options.podium.resolve().parent / "interop_tests", folder / "kinds")
        print(f"{'model':32s} {'rows':>6s} {'python':>9s} {'served':>9s} {'frozen':>9s}")
        results = check_all(options.podium, folder / "kinds", folder)
    print(f"{sum(results)} of {len(results)} agree with TensorFlow {tf.__version__} (limit: {LIMIT:g})")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
