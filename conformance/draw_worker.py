"""Makes the drawn models in one framework's process: builds, saves, loads again, and asks the artefact for its scores."""

import collections
import dataclasses
import functools
import gc
import json
import shutil
import traceback

import numpy as np

from draw_builder import KERAS3_ACTIVATIONS, OTHER_ACTIVATIONS, SPOTS, Builder, draw_body, draw_column
import draw_columns, draw_names, draw_options, draw_pairs, draw_vectors  # they fill TERMS
from draw_terms import TERMS

ROWS = 200
ATTEMPTS = 40
HARD_SEEDS = 1000  # from this seed on every model holds a hard term: to hunt, not to measure
FORMATS = [
    ("tf_keras", "save"),
    ("keras3", "export"),
    ("tf_keras", "keras"),
    ("keras3", "keras"),
    ("tf_keras", "saved_model"),
    ("keras3", "export"),
    ("tf_keras", "keras"),
    ("keras3", "keras"),
]


NEEDED = [
    "where",
    "cast",
    "mixed policies",
    "clip",
    "minimum",
    "exp",
    "Maximum",
    "Normalization",
    "BatchNormalization",
    "Rescaling",
    "Hashing",
    "Multiply",
    "Subtract",
    "Average",
]  # the required terms that plain models lack


class Redraw(Exception):
    """This drawing can't be a model of this framework in this format."""


def name_of(seed, number):
    framework, how = FORMATS[number % len(FORMATS)]
    return f"{framework}_{how}_{seed}_{number:03d}"


@dataclasses.dataclass(frozen=True)
class Plan:
    """What kind of model this is, and the terms that are mixed in."""

    kind: str  # plain: what Podium can say; easy: what it may say; activations; hard
    terms: tuple = ()  # places in TERMS
    turn: int = 0  # the how-manieth of this kind


def pool_of(framework, how):
    """The terms that this format can hold; those that are drawn more often several times."""

    def fits(entry):
        if entry.where in ("raw", "saved"):
            return how != "keras"
        if entry.where == "tables":  # which Keras 3 does not track
            return framework == "tf_keras" and how != "keras"
        if entry.where == "keras3":
            return framework == "keras3"
        return entry.where == "layers" or (framework, how) != ("tf_keras", "keras")  # whose operations are all of one class

    return [i for i, entry in enumerate(TERMS) if fits(entry) for _ in range(entry.weight)]


@functools.cache
def plan_of(seed, number):
    """Terms come in turn, so that few models hold each of them."""
    random = np.random.default_rng([seed, 1 << 20])
    orders, turns, drawn = {}, collections.Counter(), collections.Counter()
    for i in range(number + 1):
        group = FORMATS[i % len(FORMATS)]
        pool, chance, terms = pool_of(*group), 1.0 if seed >= HARD_SEEDS else random.random(), []
        kind = "plain" if chance < 0.25 else "easy" if chance < 0.36 else "activations" if chance < 0.49 else "hard"
        turns[kind] += 1
        for place in range(0 if kind != "hard" else 1 if random.random() < 0.7 else 2):
            order = orders.setdefault(group, [])
            if not order:
                order += [int(p) for p in random.permutation(pool)]
            term = order.pop()
            if place == 0 and seed < HARD_SEEDS and random.random() < 0.7:  # the required one that few models had so far
                names = sorted((drawn[n], NEEDED.index(n), n) for n in NEEDED if any(n in TERMS[p].names for p in pool))
                term = int(random.choice([p for p in pool if names[0][2] in TERMS[p].names]))
            if terms and TERMS[term].spot == TERMS[terms[0]].spot != "vec":
                continue  # one place, one term
            drawn.update(TERMS[term].names)
            terms.append(term)
        plan = Plan(kind, tuple(terms), turns[kind])
    return plan


def draw(seed, number, attempt, keras, tf, folder):
    framework, how = FORMATS[number % len(FORMATS)]
    plan = plan_of(seed, number)
    random = np.random.default_rng([seed, number, attempt])
    keras.utils.set_random_seed(int(random.integers(1, 2**31)))
    entries = [TERMS[i] for i in plan.terms]
    if attempt >= 6:  # these terms aren't to be had here: others then
        entries = [TERMS[int(random.choice(pool_of(framework, how)))] for _ in entries]
    needs = {e.where for e in entries}
    styles = ["functional"] * 3 + (["subclass"] if how != "keras" else []) + (["module"] if how == "saved_model" else [])
    if needs & {"raw", "tables"}:
        styles = ["subclass"] + (["module"] if how == "saved_model" and not needs & {"layers", "keras3"} else [])
    elif needs & {"layers", "keras3"}:
        styles = [s for s in styles if s != "module"]
    b = Builder(random, keras, tf, framework, how, styles[int(random.integers(0, len(styles)))], folder)
    b.dim = b.between(1, 6)
    b.plain = plan.kind in ("plain", "hard")
    if b.plain and how == "keras" and b.chance(0.8):
        b.has_ops = False
    if plan.kind == "activations":
        b.activations = [OTHER_ACTIVATIONS[(2 * plan.turn + i) % len(OTHER_ACTIVATIONS)] for i in range(2)]
        if framework == "keras3" and b.chance(0.5):
            b.activations.append(KERAS3_ACTIVATIONS[plan.turn % len(KERAS3_ACTIVATIONS)])
    wanted = {}
    for entry in entries:
        column = b.one_of("text", "int") if entry.spot == "hash" else entry.column
        if column == "float":
            wanted["age"] = True
        elif column:
            wanted["user_id"] = "raw" if column == "int" and b.chance(0.4) else column
        if entry.spot in ("layer", "global", "output"):
            b.term(*entry.names)
            entry.function(b)
            continue
        spot = b.one_of(*SPOTS) if entry.spot == "vec" else entry.spot
        b.pending.append({"spot": spot, "names": entry.names, "function": entry.function})
    return b, wanted


def build(b, wanted):
    """(The model, the function that gives its outputs as a dict by a dict of tensors, if it is no functional one)."""
    keras = b.keras
    if b.policy == "float64":
        keras.backend.set_floatx("float64")
    elif b.policy:
        (keras.config.set_dtype_policy if b.framework == "keras3" else keras.mixed_precision.set_global_policy)(b.policy)
    pairs = any(e["spot"] == "pair" for e in b.pending)
    names = ["user_id", "movie_title"] if pairs or b.chance(0.85) else ["user_id"]
    if b.chance(0.2) or wanted.get("age"):
        names.append("age")
    if b.chance(0.1):
        names.append("genre_id")
    vectors = [draw_column(b, name, wanted.get(name) if name != "age" else None) for name in names]
    if b.several:
        b.has_no_rows = True
        vectors.append(several_values(b))
    vectors = [vectors[i] for i in b.random.permutation(len(vectors))]
    score = draw_body(b, vectors)
    if b.pending:
        raise Redraw("no place for " + ", ".join(name for e in b.pending for name in e["names"]))
    outputs = outputs_of(b, vectors, score)
    if b.layer_options:
        raise Redraw(f"has no layer for {b.layer_options}")
    if b.quantized and b.style != "functional":
        raise Redraw("a subclassed model is not quantized here")
    return finish(b, outputs)


def several_values(b):
    if b.several == "float":
        column = b.input("numbers", "float32", (3,))
        return b.step(b.part(b.layers.Activation("linear")), column)
    column = b.input("items", "string" if b.several == "text" else "int64", (3,))
    if b.several == "text":
        column = b.step(b.part(b.layers.StringLookup(vocabulary=["a", "b"])), column, kind="ids")
        b.term("StringLookup")
    b.term("Embedding")
    made = b.step(b.part(b.layers.Embedding(5, 2)), column, axes=(3, 2))
    return (
        b.step(b.part(b.one_of(b.layers.Flatten(), b.layers.GlobalAveragePooling1D())), made, axes=(6,))
        if b.chance(0.5)
        else b.step(b.part(b.layers.GlobalAveragePooling1D()), made, axes=(2,))
    )


def outputs_of(b, vectors, score):
    ops = b.ops
    if b.shape == "flat":
        score = b.step(lambda x: ops.reshape(x, (-1,)), score, axes=())
    elif b.shape == "three":
        score = b.step(lambda x: ops.reshape(x, (-1, 1, 1)), score, axes=(1, 1))
    elif b.shape == "wide":
        score = b.dense(score, 3)
    elif b.shape == "bool":
        score = b.step(lambda x: x > 0, score)
    elif b.shape == "squeezed":
        score = b.step(lambda x: ops.squeeze(x, -1), score, axes=())
    elif b.shape == "whole":
        score = b.step(lambda x: ops.cast(x * 10.0, "int32"), score)
    if b.outputs in ("dict", "list"):
        second = b.dense(vectors[0], 1, "tanh")
        names = b.one_of(("score", "rating"), ("a_click", "b_rating"), ("z", "a"))
        return {names[0]: score, names[1]: second}
    if b.outputs == "vector":
        return {b.one_of("a_vector", "z_vector"): vectors[0], "score": score}
    if b.outputs == "logit":
        return {"logit": score, "chance": b.step(lambda x: ops.sigmoid(x), score)}
    return {"score": score}


def finish(b, outputs):
    keras, tf = b.keras, b.tf
    specs = {n: tf.TensorSpec((b.fixed_batch, *c["axes"]), c["type"], name=n) for n, c in b.columns.items()}
    if b.style == "functional":
        given = {n: keras.Input(c["axes"], name=n, dtype=c["type"], batch_size=b.fixed_batch) for n, c in b.columns.items()}
        values = b.run(list(given.values()))
        made = {n: values[v.place] for n, v in outputs.items()}
        if len(made) == 1:
            made = list(made.values())[0]
        elif b.outputs == "list" or b.framework == "tf_keras" and b.chance(0.5):
            made = list(made.values())
        way = b.one_of("dict", "dict", "list")
        order = list(given)
        if way == "list":
            order = [order[i] for i in b.random.permutation(len(order))]
        inputs = {n: given[n] for n in order} if way == "dict" else [given[n] for n in order]
        if len(given) == 1 and b.chance(0.5):
            inputs = list(given.values())[0]
        model = keras.Model(inputs, made)
        spread(b, model)
        if b.quantized:
            model.quantize(b.quantized)
        return model, None
    single = len(outputs) == 1

    def compute(inputs):
        values = b.run([inputs[n] for n in b.columns])
        made = {n: values[v.place] for n, v in outputs.items()}
        return list(made.values())[0] if single else made

    if b.style == "module":
        module = tf.Module()
        module.tensors = b.tensors
        signature = tf.function(
            autograph=False, func=lambda **inputs: {"score": compute(inputs)} if single else compute(inputs)
        )
        return module, signature.get_concrete_function(**specs)

    class Subclassed(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = b.parts
            for place, tensor in enumerate(b.tensors):
                setattr(self, f"tensor_{place}", tensor)

        def call(self, inputs):
            return compute(inputs)

    model = Subclassed()
    model(
        {
            n: (
                tf.zeros((ROWS, *c["axes"]), c["type"])
                if c["type"] != "string"
                else tf.fill((ROWS, *c["axes"]), c["known"][0] if c["known"] else "")
            )
            for n, c in b.columns.items()
        }
    )
    spread(b, model)
    return model, specs


def spread(b, model):
    """Weights, and the moving statistics, of a size that shows every mistake."""
    for layer in model._flatten_layers(include_self=False):
        if (
            type(layer).__name__ in ("Normalization", "StringLookup", "IntegerLookup", "TextVectorization")
            or hasattr(layer, "_flatten_layers")
            and len(list(layer._flatten_layers(include_self=False)))
        ):
            continue
        for weight in layer.weights:
            kind = str(getattr(weight.dtype, "name", weight.dtype))
            if "float" not in kind:
                continue
            shape = tuple(weight.shape)
            fan = shape[0] if len(shape) == 2 and type(layer).__name__ != "Embedding" else 2
            values = b.random.normal(0, 1.5 / np.sqrt(fan), shape)
            if "variance" in weight.name or "gamma" in weight.name:
                values = b.random.uniform(0.4, 2, shape)
            weight.assign(values.astype(np.float32) if kind != "bfloat16" else b.tf.cast(values, "bfloat16"))


def save(b, model, more, path):
    tf = b.tf
    if b.how == "keras":
        path = path.with_name(path.name + ".keras")
        model.save(str(path))
    elif b.how == "export":
        if b.style == "functional":
            model.export(str(path), verbose=False)
        else:
            model.export(str(path), verbose=False, input_signature=[more])
    elif b.style == "module" or b.signatures:
        if b.style == "module":
            signature = more
        else:
            specs = more or {n: tf.TensorSpec((b.fixed_batch, *c["axes"]), c["type"], name=n) for n, c in b.columns.items()}
            inputs = lambda given: (
                given
                if not isinstance(getattr(model, "input", None), (list, tuple))
                else [given[x.name.split(":")[0]] for x in model.inputs]
            )
            single = b.style == "functional" and not isinstance(model.input, (list, tuple, dict))
            call = lambda **given: model(list(given.values())[0] if single else inputs(given))

            def named(made):
                return (
                    made
                    if isinstance(made, dict)
                    else (
                        {"score": made}
                        if not isinstance(made, (list, tuple))
                        else {f"out{i}": m for i, m in enumerate(made)}
                    )
                )

            signature = tf.function(autograph=False, func=lambda **given: named(call(**given))).get_concrete_function(
                **specs
            )
        signatures = {"serving_default": signature}
        if b.signatures:
            twice = tf.function(
                autograph=False,
                func=lambda **given: {n: v * 2.0 if v.dtype.is_floating else v for n, v in signature(**given).items()},
            )
            specs = {n: tf.TensorSpec((b.fixed_batch, *c["axes"]), c["type"], name=n) for n, c in b.columns.items()}
            signatures = {b.one_of("a_first", "z_last", "serving"): twice.get_concrete_function(**specs), **signatures}
        if b.how == "save" and b.style != "module":
            model.save(str(path), save_format="tf", signatures=signatures)
        else:
            tf.saved_model.save(model, str(path), signatures=signatures)
    elif b.how == "save":
        model.save(str(path), save_format="tf")
    else:
        tf.saved_model.save(model, str(path))
    return path


class Runtime:
    """The saved artefact, loaded again."""

    def __init__(self, b, path):
        self.b, tf = b, b.tf
        self.columns = b.columns
        if b.how == "keras":
            self.model = (
                b.keras.models.load_model(str(path), safe_mode=False)
                if b.framework == "keras3"
                else b.keras.models.load_model(str(path), safe_mode=False, compile=False)
            )
            names = [x.name.split(":")[0] for x in self.model.inputs]
            given = (
                getattr(self.model, "input", None)
                if b.framework == "tf_keras"
                else getattr(self.model, "_inputs_struct", None)
            )
            self.is_dict = isinstance(given, dict)
            self.names = list(given) if self.is_dict else names
            outputs = [getattr(x, "_keras_history", None) for x in self.model.outputs]
            self.outputs = [(h[0].name if h is not None else f"out{i}") for i, h in enumerate(outputs)]
        else:
            self.loaded = tf.saved_model.load(str(path))
            signatures = self.loaded.signatures
            self.signature = (
                signatures["serving_default"] if "serving_default" in signatures else list(signatures.values())[0]
            )
            self.specs = self.signature.structured_input_signature[1]
            if sorted(self.specs) != sorted(self.columns):
                self.renamed = True
                if len(self.specs) == 1 and len(self.columns) == 1:
                    self.columns = {list(self.specs)[0]: list(self.columns.values())[0]}
                else:
                    raise Redraw(f"inputs are named {sorted(self.specs)} instead of {sorted(self.columns)}")

    def __call__(self, rows):
        """{output: [rows, ...] float32} for {column: list}."""
        tf = self.b.tf
        tensors = {}
        for name, column in self.columns.items():
            values = np.asarray(
                rows[name],
                dtype=(
                    object if column["type"] == "string" else "float32" if column["type"] == "bfloat16" else column["type"]
                ),
            )
            shape = (len(values), *[1 for _ in column["axes"]])
            values = values.reshape(shape)
            tensors[name] = (
                tf.cast(values, "bfloat16") if column["type"] == "bfloat16" else tf.constant(values, column["type"])
            )
        if self.b.how == "keras":
            given = {n: tensors[n] for n in self.names} if self.is_dict else [tensors[n] for n in self.names]
            if not self.is_dict and len(given) == 1:
                given = given[0]
            made = self.model(given)
            flat = list(self.b.tf.nest.flatten(made))
            made = (
                dict(zip(self.outputs, flat))
                if len(flat) == len(self.outputs)
                else {f"out{i}": m for i, m in enumerate(flat)}
            )
        else:
            made = self.signature(**tensors)
        return {n: np.asarray(tf.cast(v, tf.float32)) for n, v in made.items()}


def sayable(value, column):
    """Whether the column's type holds the value."""
    if "int" in column["type"]:
        limits = np.iinfo(column["type"])
        return limits.min <= value <= limits.max
    return True


def rows_of(b, runtime):
    """Known values, unknown ones and borders, all of which the runtime takes."""
    random, size = b.random, b.fixed_batch or 2
    columns, values = runtime.columns, {}
    for name, column in columns.items():
        odd = [v for v in column["odd"] if sayable(v, column)]
        known = [v for v in column["known"] if sayable(v, column)] or odd[:1]
        if column["type"] in ("float16", "bfloat16"):
            odd, known = [float(np.float16(v)) for v in odd if abs(v) < 6e4], [float(np.float16(v)) for v in known]
        if column["type"] == "bfloat16":
            odd, known = [float(b.tf.cast(b.tf.cast(v, "bfloat16"), "float32")) for v in odd], [
                float(b.tf.cast(b.tf.cast(v, "bfloat16"), "float32")) for v in known
            ]
        if "int" in column["type"]:
            odd, known = list(dict.fromkeys(map(int, odd))), list(dict.fromkeys(map(int, known)))
        elif column["type"] == "string":
            odd, known = list(dict.fromkeys(odd)), list(dict.fromkeys(known))
        values[name] = (known, odd)
    base = {n: [known[0]] * size for n, (known, odd) in values.items()}

    def takes(name, some):
        """Whether the runtime gives a score for all of these values."""
        for start in range(0, len(some), b.fixed_batch or max(len(some), 1)):
            piece = list(some[start : start + b.fixed_batch]) if b.fixed_batch else list(some)
            count = b.fixed_batch or max(len(piece) + len(piece) % 2, 2)
            rows = {n: [v[0]] * count for n, v in base.items()} | {name: (piece * count)[:count]}
            try:
                runtime(rows)
            except Exception:  # whatever the runtime says of a value
                return False
        return True

    for n, (known, odd) in values.items():
        if not takes(n, [known[0]]):
            better = [v for v in known + odd if takes(n, [v])]
            if not better:
                raise Redraw(f"takes no value of {n}")
            base[n] = [better[0]] * size
    for n, (known, odd) in list(values.items()):
        known = known if takes(n, known) else [v for v in known if takes(n, [v])]
        odd = odd if not odd or takes(n, odd) else [v for v in odd if takes(n, [v])]
        values[n] = (known or [base[n][0]], odd)
    rows = {}
    for n, (known, odd) in values.items():
        drawn = [known[i] for i in random.integers(0, len(known), ROWS)]
        if odd:
            for row in range(ROWS):
                if random.random() < 0.35:
                    drawn[row] = odd[int(random.integers(0, len(odd)))]
            for row, value in zip(random.permutation(ROWS), odd):
                drawn[row] = value
        rows[n] = drawn
    return rows


def well_conditioned(b, runtime, rows, scores):
    """Replaces huge numbers where the runtime's own rounding would decide."""
    names = [n for n, c in runtime.columns.items() if c["type"].startswith("float")]
    if not names:
        return rows, scores
    near = {
        n: [float(np.float32(v * (1 + 2e-7))) if n in names and abs(v) > 100 else v for v in values]
        for n, values in rows.items()
    }
    moved = runtime(near)
    with np.errstate(all="ignore"):
        bad = np.zeros(ROWS, bool)
        for output, values in scores.items():
            if values.ndim and values.shape[0] == ROWS and moved[output].shape == values.shape:
                apart = np.abs(values - moved[output]).reshape(ROWS, -1).max(1)
                top = np.nanmax(np.where(np.isfinite(values), np.abs(values), 0), initial=1.0)
                bad |= ~(apart <= 2e-6 * max(1.0, top)) & np.isfinite(values).reshape(ROWS, -1).all(1)
    if bad.any():
        rows = {
            n: [0.75 if bad[i] and n in names and abs(v) > 100 else v for i, v in enumerate(values)]
            for n, values in rows.items()
        }
        scores = runtime(rows)
    return rows, scores


def write_csv(path, columns, rows):
    def cell(value, column):
        if column["type"] == "string":
            return '"' + value.replace('"', '""') + '"'
        return str(int(value)) if "int" in column["type"] or column["type"] == "bool" else repr(float(np.float32(value)))

    lines = [",".join(rows)] + [",".join(cell(rows[n][i], columns[n]) for n in rows) for i in range(ROWS)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def layer_names(config, found):
    if isinstance(config, dict):
        if "class_name" in config and isinstance(config.get("config"), dict):
            found.add(str(config["class_name"]))
            found.add(str(config.get("name") or config["config"].get("name")))
        for value in config.values():
            layer_names(value, found)
    elif isinstance(config, list):
        for value in config:
            layer_names(value, found)


def words_of(b, path):
    """The names in the artefact that an error may name."""
    found = set()
    if b.how == "keras":
        import zipfile

        with zipfile.ZipFile(path) as archive:
            layer_names(json.loads(archive.read("config.json")), found)
    else:
        from tensorflow.core.protobuf import saved_model_pb2

        message = saved_model_pb2.SavedModel()
        message.ParseFromString((path / "saved_model.pb").read_bytes())
        for meta in message.meta_graphs:
            for nodes in [meta.graph_def.node, *[f.node_def for f in meta.graph_def.library.function]]:
                for node in nodes:
                    found.add(node.op)
                    found.add(node.name)
    return sorted(w for w in found if len(w) > 2)


def make_one(seed, number, attempt, keras, tf, folder):
    name = name_of(seed, number)
    folder.mkdir(parents=True, exist_ok=True)
    b, wanted = draw(seed, number, attempt, keras, tf, folder)
    try:
        model, more = build(b, wanted)
        path = save(b, model, more, folder / name)
        if b.policy:
            reset_policy(b)
        runtime = Runtime(b, path)
        meta = {
            "name": name,
            "framework": b.framework,
            "how": b.how,
            "style": b.style,
            "attempt": attempt,
            "artefact": path.name,
            "terms": b.terms,
            "kind": plan_of(seed, number).kind,
            "policy": b.policy,
            "words": words_of(b, path),
            "columns": list(runtime.columns),
            "has_rows": not b.has_no_rows,
        }
        if not b.has_no_rows:
            rows = rows_of(b, runtime)
            try:
                scores = runtime(rows)
            except Exception:
                rows = {n: [v if i % 5 else values[0] for i, v in enumerate(values)] for n, values in rows.items()}
                rows = keep_taken(b, runtime, rows)
                scores = runtime(rows)
            rows, scores = well_conditioned(b, runtime, rows, scores)
            again = runtime(rows)
            meta["is_random"] = not all(np.array_equal(scores[o], again[o], equal_nan=True) for o in scores)
            write_csv(folder / "rows.csv", runtime.columns, rows)
            meta["huge"] = [
                i
                for i in range(ROWS)
                if any(c["type"].startswith("float") and abs(rows[n][i]) > 1000 for n, c in runtime.columns.items())
                or any(c["type"].startswith("int") and abs(rows[n][i]) > 100000 for n, c in runtime.columns.items())
            ]
            meta["scores"] = {
                o: {"shape": list(v.shape), "values": [float(x) for x in v.reshape(-1)]} for o, v in scores.items()
            }
        (folder / "meta.json").write_text(json.dumps(meta))
    finally:
        reset_policy(b)


def keep_taken(b, runtime, rows):
    """Rows that the runtime takes alone, drawn again to be as many."""
    if b.fixed_batch:
        raise Redraw("its rows fail together, in a batch of one size")
    kept = []
    for i in range(ROWS):
        try:
            runtime({n: [values[i]] * 2 for n, values in rows.items()})
            kept.append(i)
        except Exception:
            pass
    if len(kept) < 20:
        raise Redraw("takes too few rows")
    return {n: [values[kept[i % len(kept)]] for i in range(ROWS)] for n, values in rows.items()}


def reset_policy(b):
    b.keras.backend.set_floatx("float32")
    (b.keras.config.set_dtype_policy if b.framework == "keras3" else b.keras.mixed_precision.set_global_policy)("float32")


def make(folder, framework, seed, numbers, report):
    """Each model's name on a line of `report` as soon as it is there; why others were drawn again in redrawn.txt."""
    import tensorflow as tf

    if framework == "tf_keras":
        import tf_keras as keras
    else:
        import keras
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    gc.collect()
    gc.freeze()  # what the imports made is looked at no more
    with open(folder / f"redrawn_{framework}.txt", "a", encoding="utf-8") as log:
        for number in numbers:
            name = name_of(seed, number)
            for attempt in range(ATTEMPTS):
                place = folder / name
                shutil.rmtree(place, ignore_errors=True)
                try:
                    make_one(seed, number, attempt, keras, tf, place)
                    print(name, file=report, flush=True)
                    break
                except Exception as error:  # a framework that refuses its own model
                    where = traceback.extract_tb(error.__traceback__)
                    own = [f for f in where if "draw_" in f.filename]
                    print(
                        f"{name} {attempt}: {type(error).__name__}: {str(error).strip().splitlines()[:1]}"
                        f" at {own[-1].filename.split('/')[-1]}:{own[-1].lineno} {own[-1].line}"
                        f" | {plan_of(seed, number).kind} {[TERMS[i].names for i in plan_of(seed, number).terms]}",
                        file=log,
                        flush=True,
                    )
            else:
                print(f"-{name}", file=report, flush=True)
            keras.backend.clear_session()
