#!/usr/bin/env python3
"""Makes the small models of other programs that tests/interop reads, and the scores that they gave:

    .venv/bin/python tests/interop/golden/make_golden.py [FOLDER]

Each NAME is one export and NAME.json: {"maker": versions, "columns": {column: values}, "scores": of those rows}.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys

LEGACY = {"frozen", "tfrs", "tfrs_index", "tfrs_index_rows", "tfrs_mask", "tf_keras_save", "tf_keras_dot", "tf_keras_file", "tf_keras_integer"}
KERAS3 = {"keras3_export", "keras3_file", "keras3_dot"}
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

USERS = ["1", "42", "7", "é"]
TITLES = ["Speed (1994)", "Up", "M*A*S*H (1970)"]
ROWS = {"user": ["42", "7", "nobody", "é", "1"], "title": ["Up", "Speed (1994)", "Up", "nothing", "M*A*S*H (1970)"]}
LABELS = [4.0, 3.0, 1.0, 5.0, 2.0]


def ranking_model(tf, tfrs, lookup, dense):
    """TFRS' tutorial in small, with Adagrad's accumulators after two steps."""
    keras = tf.keras

    class Ranking(tfrs.Model):
        def __init__(self):
            super().__init__()
            self.users, self.titles = lookup(USERS), lookup(TITLES)
            self.user_table = keras.layers.Embedding(self.users.vocabulary_size(), 2)
            self.title_table = keras.layers.Embedding(self.titles.vocabulary_size(), 2)
            self.ratings = keras.Sequential(dense)
            self.task = tfrs.tasks.Ranking(loss=keras.losses.MeanSquaredError())

        def call(self, features):
            user = self.user_table(self.users(features["user"]))
            title = self.title_table(self.titles(features["title"]))
            return self.ratings(tf.concat([user, title], axis=1))

        def compute_loss(self, features, training=False):
            features = dict(features)
            labels = features.pop("label")
            return self.task(labels=labels, predictions=self(features))

    model = Ranking()
    model.compile(optimizer=keras.optimizers.Adagrad(0.1))
    columns = {name: tf.constant(values) for name, values in ROWS.items()} | {"label": tf.constant(LABELS)}
    model.fit(tf.data.Dataset.from_tensor_slices(columns).batch(5).repeat(2), verbose=0)
    return model


def functional(keras, lookup, kind, join, dense):
    """The same as a functional model, as Keras' own users write it."""
    inputs = {name: keras.Input(shape=(1,), name=name, dtype=kind) for name in ROWS}
    vectors = []
    for name, values in (("user", USERS), ("title", TITLES)):
        layer = lookup(values)
        ids = layer(inputs[name])
        vectors.append(keras.layers.Flatten()(keras.layers.Embedding(layer.vocabulary_size(), 2)(ids)))
    x = keras.layers.Dot(axes=1)(vectors) if join == "dot" else keras.layers.Concatenate()(vectors)
    for layer in dense:
        x = layer(x)
    return keras.Model(inputs, x)


def spread(model):
    """Weights far from the small ones that initializers draw, biases that are not zero."""
    import numpy as np
    random = np.random.default_rng(7)
    model.set_weights([random.normal(0, 0.7, weight.shape).astype(weight.dtype) if np.issubdtype(weight.dtype, np.floating)
                       else weight for weight in model.get_weights()])


def cut(folder):
    """Leaves out what no reader of the weights needs, so that an export is small enough to keep: what only saving runs,
    functions that nothing calls, the Python objects' graph and notes for debuggers."""
    from tensorflow.core.protobuf import saved_model_pb2
    path = folder / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    meta = saved.meta_graphs[0]
    graph = meta.graph_def

    def needed(nodes, starts):
        named, found, waiting = {n.name: n for n in nodes}, set(), list(starts)
        while waiting:
            name = waiting.pop().lstrip("^").split(":")[0]
            if name in named and name not in found:
                found.add(name)
                waiting.extend(named[name].input)
        return [n for n in nodes if n.name in found]

    starts = [info.name for s in meta.signature_def.values() for info in [*s.inputs.values(), *s.outputs.values()]]
    starts += [n for c in meta.collection_def.values() for n in c.node_list.value]
    kept = needed(graph.node, [*starts, meta.saver_def.restore_op_name, meta.saver_def.filename_tensor_name])
    kept += [n for n in graph.node if n.op == "AssignVariableOp"]
    names = {n.name for n in kept}
    kept = needed(graph.node, names)
    functions, called, waiting = {f.signature.name: f for f in graph.library.function}, {}, list(kept)
    while waiting:
        for attribute in waiting.pop().attr.values():
            name = attribute.func.name
            if name in functions and name not in called:
                called[name] = functions[name]
                waiting.extend(functions[name].node_def)
    for function in called.values():
        function.ClearField("arg_attr")
        function.ClearField("attr")
    for node in [*kept, *(n for f in called.values() for n in f.node_def)]:
        node.ClearField("experimental_debug_info")
        for name in [name for name in node.attr if name.startswith("_") or name in ("config_proto", "executor_type")]:
            del node.attr[name]
    nodes, library = list(kept), [called[name] for name in sorted(called)]
    smaller = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    other = smaller.meta_graphs.add()
    other.meta_info_def.tags.extend(meta.meta_info_def.tags)
    other.meta_info_def.tensorflow_version = meta.meta_info_def.tensorflow_version
    other.graph_def.node.extend(nodes)
    other.graph_def.library.function.extend(library)
    other.graph_def.versions.CopyFrom(graph.versions)
    other.saver_def.CopyFrom(meta.saver_def)
    other.asset_file_def.extend(meta.asset_file_def)
    for name in set(meta.collection_def) & {"saved_model_main_op"}:
        other.collection_def[name].CopyFrom(meta.collection_def[name])
    for name, signature in meta.signature_def.items():
        other.signature_def[name].CopyFrom(signature)
    path.write_bytes(smaller.SerializeToString(deterministic=True))
    for left in ("fingerprint.pb", "keras_metadata.pb"):
        (folder / left).unlink(missing_ok=True)


def write(folder, name, maker, scores, columns=None, extra=None):
    if (folder / name).is_dir():
        cut(folder / name)
    result = {"maker": maker, "columns": columns or ROWS, "scores": [float(s) for s in scores]} | (extra or {})
    (folder / f"{name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


def make_legacy(folder):
    import tensorflow as tf
    import tensorflow_recommenders as tfrs
    import tf_keras
    keras = tf.keras
    layers = keras.layers
    keras.utils.set_random_seed(42)
    maker = f"tensorflow {tf.__version__}, tf-keras {tf_keras.__version__}"
    rows = {name: tf.constant(values) for name, values in ROWS.items()}
    column = {name: tf.reshape(values, [-1, 1]) for name, values in rows.items()}

    def plain(values):
        return layers.StringLookup(vocabulary=values, mask_token=None)

    model = ranking_model(tf, tfrs, plain, [layers.Dense(4, activation="relu"), layers.Dense(1)])
    tf.saved_model.save(model, str(folder / "tfrs"))
    accumulators = [v.numpy().tolist() for v in model.optimizer.variables if "iteration" not in v.name
                    and "learning_rate" not in v.name]
    write(folder, "tfrs", maker, model(rows).numpy()[:, 0], extra={"accumulators": accumulators})

    model = ranking_model(tf, tfrs, lambda values: layers.StringLookup(vocabulary=values, mask_token="nothing"),
                          [layers.Dense(3, activation=a) for a in ("selu", "elu", "swish", "tanh")] +
                          [layers.Dense(1, activation="sigmoid")])
    spread(model)
    tf.saved_model.save(model, str(folder / "tfrs_mask"))
    write(folder, "tfrs_mask", maker, model(rows).numpy()[:, 0])

    model = functional(keras, plain, "string", "concat",
                       [layers.Dense(3, activation="gelu"), layers.Dense(3, activation=tf.nn.leaky_relu), layers.Dense(1)])
    spread(model)
    model.save(str(folder / "tf_keras_save"), save_format="tf")
    write(folder, "tf_keras_save", maker, model(column).numpy()[:, 0])

    model = functional(keras, plain, "string", "dot", [])
    spread(model)
    model.save(str(folder / "tf_keras_dot"), save_format="tf")
    write(folder, "tf_keras_dot", maker, model(column).numpy()[:, 0])

    def from_file(values):
        path = folder / f"{'users' if values is USERS else 'titles'}.txt"
        path.write_text("\n".join(values) + "\n")
        return layers.StringLookup(vocabulary=str(path), mask_token=None)

    model = functional(keras, from_file, "string", "concat", [layers.Dense(3, activation="relu"), layers.Dense(1)])
    spread(model)
    model.save(str(folder / "tf_keras_file"), save_format="tf")
    write(folder, "tf_keras_file", maker, model(column).numpy()[:, 0])
    for name in ("users", "titles"):
        (folder / f"{name}.txt").unlink()
    make_frozen(folder, tf)
    make_index(folder, "tfrs_index", maker, tf, tfrs, [layers.Dense(3, activation="tanh"), layers.Dense(2)],
               [*TITLES, TITLES[0]])
    make_index(folder, "tfrs_index_rows", maker, tf, tfrs, [], [])

    numbers = {"user": [3, -5, 8, 8, 1000], "title": [4, 4, 2, 9, 0]}
    vocabularies = {id(USERS): [3, -5, 8], id(TITLES): [4, 2]}
    model = functional(keras, lambda values: layers.IntegerLookup(vocabulary=vocabularies[id(values)], mask_token=0),
                       "int64", "concat", [layers.Dense(3, activation="sigmoid"), layers.Dense(1)])
    spread(model)
    model.save(str(folder / "tf_keras_integer"), save_format="tf")
    scores = model({name: tf.reshape(tf.constant(values, tf.int64), [-1, 1]) for name, values in numbers.items()})
    write(folder, "tf_keras_integer", maker, scores.numpy()[:, 0], numbers)


def make_frozen(folder, tf):
    """A graph of TensorFlow 1's kind, whose weights are constants: no functions, no variables."""
    import numpy as np
    random = np.random.default_rng(7)
    v1 = tf.compat.v1
    with v1.Graph().as_default(), v1.Session() as session:
        inputs, vectors, fills = {}, [], []
        for name, values in (("user", USERS), ("title", TITLES)):
            inputs[name] = v1.placeholder(tf.string, [None], name)
            table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(
                tf.constant(values), tf.constant(list(range(1, len(values) + 1)), tf.int64)), 0)
            weights = tf.constant(random.normal(0, 0.7, (len(values) + 1, 2)), tf.float32)
            vectors.append(tf.gather(weights, table.lookup(inputs[name])))
        dot = tf.reduce_sum(vectors[0] * vectors[1], axis=1, keepdims=True)
        hidden = tf.nn.relu(tf.concat(vectors, 1) @ tf.constant(random.normal(0, 0.7, (4, 3)), tf.float32) + tf.constant([0.1, -0.2, 0.3]))
        scores = tf.matmul(hidden, tf.constant(random.normal(0, 0.7, (1, 3)), tf.float32), transpose_b=True) + dot + 3.5
        session.run(v1.tables_initializer())
        signature = v1.saved_model.predict_signature_def(inputs, {"score": scores})
        builder = v1.saved_model.Builder(str(folder / "frozen"))
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature},
                                             main_op=v1.tables_initializer(), strip_default_attrs=True)
        builder.save()
        given = {inputs[name]: values for name, values in ROWS.items()}
        result = session.run(scores, given)[:, 0]
    (folder / "frozen" / "variables").rmdir()
    write(folder, "frozen", f"tensorflow {tf.__version__}", result)


def make_index(folder, name, maker, tf, tfrs, dense, titles):
    """A retrieval index that answers with the best two: of titles, or of rows without any. As "ranking", what it says for
    each user of all its candidates."""
    import numpy as np
    layers = tf.keras.layers
    random = np.random.default_rng(7)
    query = tf.keras.Sequential([layers.StringLookup(vocabulary=USERS, mask_token=None),
                                 layers.Embedding(len(USERS) + 1, 2), *dense])
    candidates = random.normal(0, 0.7, (len(TITLES), 2)).astype(np.float32)
    if titles:
        candidates = candidates[[TITLES.index(title) for title in titles]]
    index = tfrs.layers.factorized_top_k.BruteForce(query, k=2)
    index.index(tf.constant(candidates), tf.constant(titles) if titles else None)
    users = [*USERS, "nobody"]
    index(tf.constant(users))
    spread(query)
    tf.saved_model.save(index, str(folder / name))
    scores, items = (result.numpy() for result in index(tf.constant(users), k=len(candidates)))
    items = [[item.decode() if titles else int(item) for item in row] for row in items]
    pairs = [(user, item, float(score)) for user, row, numbers in zip(users, items, scores)
             for item, score in zip(row, numbers)]
    columns = {"input_1": [user for user, _, _ in pairs], "item": [item for _, item, _ in pairs]}
    write(folder, name, maker, [score for _, _, score in pairs], columns, {"ranking": dict(zip(users, items))})


def corpus(folder, to):
    """What the fuzz targets start from: a model's parts in one file, each but the last with its length before it."""
    import struct
    import zipfile

    def put(target, name, *parts):
        (to / target).mkdir(parents=True, exist_ok=True)
        lengths = b"".join(struct.pack("<I", len(part)) for part in parts[:-1])
        (to / target / name).write_bytes(lengths + b"".join(parts))

    for name in ("frozen", "tf_keras_dot", "tfrs", "tfrs_index"):
        variables = folder / name / "variables"
        index, data = b"", b""
        if variables.is_dir():
            index, data = (variables / "variables.index").read_bytes(), (variables / "variables.data-00000-of-00001").read_bytes()
        put("savedmodel", name, (folder / name / "saved_model.pb").read_bytes(), index, data)
        if index:
            put("tensor_bundle", name, index, data)
    for name in ("keras3_file", "keras2_13"):
        with zipfile.ZipFile(folder / f"{name}.keras") as archive:
            version = json.loads(archive.read("metadata.json"))["keras_version"].encode()
            put("keras", name, version, archive.read("config.json"), archive.read("model.weights.h5"))
            put("keras_weights", name, archive.read("model.weights.h5"))
    block = b"\0\1\2ab1" + b"\1\1\1c2" + bytes(4) + b"\1\0\0\0"  # "a" is "b1", "ac" is "2"; one restart
    put("snappy_block", "plain", b"\0" + block)
    put("snappy_block", "literal", b"\1" + bytes([len(block), (len(block) - 1) << 2]) + block)
    put("snappy_block", "copy", b"\1\x0c\x00\0" + b"\x2a\1\0")  # eleven more of the first byte


def make_keras3(folder):
    import keras
    import tensorflow as tf
    layers = keras.layers
    keras.utils.set_random_seed(42)
    maker = f"tensorflow {tf.__version__}, keras {keras.__version__}"
    column = {name: tf.reshape(tf.constant(values), [-1, 1]) for name, values in ROWS.items()}

    def plain(values):
        return layers.StringLookup(vocabulary=values, mask_token=None)

    model = functional(keras, plain, "string", "concat", [layers.Dense(3, activation="relu"), layers.Dense(1)])
    spread(model)
    model.export(str(folder / "keras3_export"), verbose=False)
    write(folder, "keras3_export", maker, model(column).numpy()[:, 0])

    model = functional(keras, lambda values: layers.StringLookup(vocabulary=values, mask_token=""), "string", "concat",
                       [layers.Dense(3, activation="gelu"), layers.Dense(1)])
    spread(model)
    model.compile("adagrad", "mse")
    model.fit(column, tf.constant(LABELS), verbose=0)
    model.save(str(folder / "keras3_file.keras"))
    write(folder, "keras3_file", maker, model(column).numpy()[:, 0],
          extra={"accumulators": [v.numpy().tolist() for v in model.optimizer.variables[2:]]})

    model = functional(keras, plain, "string", "dot", [])
    spread(model)
    model.export(str(folder / "keras3_dot"), verbose=False)
    write(folder, "keras3_dot", maker, model(column).numpy()[:, 0])


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent).resolve()
    if "--keras3" in sys.argv:
        return make_keras3(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in LEGACY | KERAS3:
        shutil.rmtree(folder / name, ignore_errors=True)
    environment = dict(os.environ)
    subprocess.run([sys.executable, __file__, str(folder), "--keras3"], env=environment, check=True)
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    make_legacy(folder)
    if folder == pathlib.Path(__file__).resolve().parent:
        corpus(folder, folder.parents[2] / "fuzz" / "corpus")


if __name__ == "__main__":
    main()
