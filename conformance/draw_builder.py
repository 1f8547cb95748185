"""Draws one small model as a program: a list of steps that runs on symbolic inputs (a functional model), within call()
(a subclassed model) or within a tf.function (a tf.Module). draw_terms.py has the list of the terms that are mixed in.
"""

import dataclasses

ACTIVATIONS = ["linear", "relu", "sigmoid", "tanh", "gelu", "selu", "elu", "leaky_relu", "swish"]  # that Podium has
OTHER_ACTIVATIONS = ["softmax", "softplus", "softsign", "exponential", "hard_sigmoid", "mish"]
KERAS3_ACTIVATIONS = [
    "relu6",
    "hard_silu",
    "log_softmax",
    "celu",
    "hard_tanh",
    "log_sigmoid",
    "squareplus",
    "tanh_shrink",
    "soft_shrink",
    "hard_shrink",
    "threshold",
    "sparse_plus",
]
SPOTS = ["tower", "mix", "hidden", "score"]  # where a term on a vector is put


@dataclasses.dataclass(frozen=True)
class Value:
    """What a step gives, by its place in the program. axes: beyond the rows."""

    place: int
    kind: str  # text, int, float: a column; ids: rows of a table; vec: float numbers
    axes: tuple
    rows: int = 0  # of the table that ids are for
    column: str = ""

    @property
    def width(self):
        size = 1
        for axis in self.axes:
            size *= axis
        return size


class TfOps:
    """keras.ops' names for TensorFlow's own functions."""

    def __init__(self, tf):
        for name in (
            "where",
            "minimum",
            "maximum",
            "exp",
            "cast",
            "reshape",
            "stop_gradient",
            "square",
            "sqrt",
            "abs",
            "sign",
            "floor",
            "round",
            "equal",
            "less",
            "less_equal",
            "greater",
            "greater_equal",
            "matmul",
            "einsum",
            "transpose",
            "stack",
            "squeeze",
            "expand_dims",
            "add",
            "subtract",
            "multiply",
            "divide",
            "negative",
            "not_equal",
            "logical_and",
            "zeros_like",
            "ones_like",
            "sigmoid",
            "tanh",
            "identity",
        ):
            setattr(self, name, getattr(tf, name))
        self.clip, self.power, self.log1p, self.sin, self.cumsum = tf.clip_by_value, tf.pow, tf.math.log1p, tf.sin, tf.cumsum
        self.erf, self.mod, self.floor_divide, self.log = tf.math.erf, tf.math.floormod, tf.math.floordiv, tf.math.log
        self.reciprocal, self.rsqrt = tf.math.reciprocal, tf.math.rsqrt
        self.relu, self.softplus, self.relu6, self.elu, self.selu = (
            tf.nn.relu,
            tf.nn.softplus,
            tf.nn.relu6,
            tf.nn.elu,
            tf.nn.selu,
        )
        self.leaky_relu = lambda x, negative_slope=0.2: tf.nn.leaky_relu(x, alpha=negative_slope)
        self.take = lambda x, indices, axis: tf.gather(x, indices, axis=axis)
        self.concatenate = lambda xs, axis=-1: tf.concat(xs, axis)
        self.repeat = lambda x, repeats, axis: tf.repeat(x, repeats, axis=axis)
        self.flip = lambda x, axis: tf.reverse(x, [axis])
        for name, function in (
            ("sum", tf.reduce_sum),
            ("mean", tf.reduce_mean),
            ("max", tf.reduce_max),
            ("min", tf.reduce_min),
            ("prod", tf.reduce_prod),
        ):
            setattr(self, name, lambda x, axis=-1, keepdims=False, f=function: f(x, axis=axis, keepdims=keepdims))
        self.softmax = lambda x, axis=-1: tf.nn.softmax(x, axis=axis)
        self.norm = lambda x, axis=-1, keepdims=False: tf.norm(x, axis=axis, keepdims=keepdims)


class Builder:
    def __init__(self, random, keras, tf, framework, how, style, folder):
        self.random, self.keras, self.tf, self.layers = random, keras, tf, keras.layers
        self.framework, self.how, self.style, self.folder = framework, how, style, folder
        self.is_raw = style in ("subclass", "module")  # its steps run on real tensors, under any function of TensorFlow
        self.ops = TfOps(tf) if framework == "tf_keras" or self.is_raw else keras.ops
        self.terms, self.columns, self.steps, self.count = {}, {}, [], 0  # a step: what it gives, its function, its inputs
        self.inputs = []
        self.parts, self.tensors, self.pending, self.layer_options = [], [], [], []
        self.fixed_batch, self.has_no_rows = None, False
        self.dim, self.activations, self.policy, self.several, self.outputs, self.signatures, self.shape = (
            4,
            [],
            None,
            None,
            None,
            False,
            None,
        )
        self.plain, self.number_dtype, self.id_dtype, self.quantized = False, "float32", None, None
        self.has_ops = how != "keras" or self.chance(0.3)  # in a .keras file Podium reads layers

    # ---- chance ----
    def chance(self, probability):
        return bool(self.random.random() < probability)

    def one_of(self, *options):
        return options[self.random.integers(0, len(options))]

    def between(self, low, high):
        return int(self.random.integers(low, high + 1))

    def real(self, low=-1.5, high=1.5):
        return round(float(self.random.uniform(low, high)), 3)

    def reals(self, *shape, low=-1.5, high=1.5):
        import numpy as np

        return self.random.uniform(low, high, shape).astype(np.float32)

    def term(self, *names):
        for name in names:
            self.terms[name] = self.terms.get(name, 0) + 1

    # ---- steps ----
    def input(self, name, type_, axes, known=(), odd=()):
        place = self.count
        self.count += 1
        self.inputs.append(place)
        self.columns[name] = {"type": type_, "axes": axes, "known": list(known), "odd": list(odd)}
        kind = "text" if type_ == "string" else "int" if "int" in type_ else "float"
        return Value(place, kind, axes, column=name)

    def step(self, function, *values, kind="vec", axes=None, rows=0, column=""):
        axes = values[0].axes if axes is None else tuple(axes)
        self.steps.append((self.count, function, [value.place for value in values]))
        self.count += 1
        return Value(
            self.count - 1, kind, axes, rows or (values[0].rows if kind == "ids" else 0), column or values[0].column
        )

    def part(self, layer):
        self.parts.append(layer)
        return layer

    def variable(self, array, **more):
        made = self.tf.Variable(array, **more)
        self.tensors.append(made)
        return made

    def run(self, tensors):
        """Every step's value."""
        values = dict(zip(self.inputs, tensors))
        for place, function, places in self.steps:
            values[place] = function(*[values[p] for p in places])
        return values

    def border(self, column, *values):
        if column in self.columns:
            self.columns[column]["odd"] += values

    # ---- lookups ----
    def vocabulary(self, name, integers):
        size = self.between(6, 24)
        if integers:
            shift = self.one_of(0, 3)
            return [int(v) - shift for v in self.random.permutation(60)[:size]]
        if name == "user_id":
            return [str(v) for v in self.random.permutation(60)[:size]]
        return [f"Ünï {v}" for v in range(size)]

    def string_lookup(self, text, easy=True):
        self.term("StringLookup")
        values = self.vocabulary(text.column, False)
        known = list(values)
        unknown = self.one_of(0, 1, 1, 1, 2, 5)
        mask = self.one_of(None, None, "", "[MASK]", values[0] if self.chance(0.3) else None)
        if mask == values[0]:
            values = values[1:]
        oov = self.one_of("[UNK]", "[UNK]", "other") if unknown else "[UNK]"
        if self.columns[text.column]["type"] == "string":
            self.border(
                text.column,
                "",
                "[UNK]",
                "[MASK]",
                "other",
                "007",
                "7",
                "new",
                "Ünï",
                " ",
                *[f"new {i}" for i in range(6)],
                *([mask] if mask is not None else []),
            )
            self.columns[text.column]["known"] += known
        rows = len(values) + unknown + (mask is not None)
        if self.style == "module" or (self.is_raw and self.framework == "tf_keras" and self.chance(0.3)):
            return self.raw_lookup(text, values, self.tf.string)
        options = {"num_oov_indices": unknown, "mask_token": mask, "oov_token": oov}
        how = self.one_of("list", "list", "adapt", "file", "tokens")
        if how == "file" and self.how != "keras":
            path = self.folder / f"vocabulary_{self.count}.txt"
            path.write_text("".join(f"{v}\n" for v in values), encoding="utf-8")
            layer = self.layers.StringLookup(vocabulary=str(path), **options)
        elif how == "adapt":
            layer = self.layers.StringLookup(**options)
            layer.adapt(self.tf.constant(values))
            rows = layer.vocabulary_size()
        elif how == "tokens" and unknown == 1:
            layer = self.layers.StringLookup(vocabulary=[*([mask] if mask is not None else []), oov, *values], **options)
        else:
            layer = self.layers.StringLookup(vocabulary=values, **options)
        self.part(layer)
        return self.step(layer, text, kind="ids", rows=rows)

    def integer_lookup(self, column):
        self.term("IntegerLookup")
        values = self.vocabulary(column.column, True)
        known = list(values)
        unknown = self.one_of(0, 1, 1, 1, 2, 5)
        mask = self.one_of(None, None, 0, -1, values[0])
        values = [v for v in values if v != mask and v != -1]
        self.border(column.column, 0, -1, -2, 1, 100, 101, 102, -100, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 2**32)
        self.columns[column.column]["known"] += known
        rows = len(values) + unknown + (mask is not None)
        if self.style == "module":
            return self.raw_lookup(column, values, self.tf.int64)
        options = {"num_oov_indices": unknown, "mask_token": mask}
        if self.chance(0.25):
            layer = self.layers.IntegerLookup(**options)
            layer.adapt(self.tf.constant(values, self.tf.int64))
            rows = layer.vocabulary_size()
        else:
            layer = self.layers.IntegerLookup(vocabulary=values, **options)
        self.part(layer)
        return self.step(layer, column, kind="ids", rows=rows)

    def raw_lookup(self, column, values, type_):
        tf = self.tf
        keys = tf.constant(values, type_)
        if self.chance(0.3):
            self.term("tf.StaticVocabularyTable")
            buckets = self.one_of(1, 2, 3)
            table = tf.lookup.StaticVocabularyTable(
                tf.lookup.KeyValueTensorInitializer(keys, tf.range(len(values), dtype=tf.int64)), buckets
            )
            rows = len(values) + buckets
        else:
            self.term("tf.StaticHashTable")
            first, default = self.one_of((0, len(values)), (1, 0), (2, 1), (0, 0))
            table = tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(keys, tf.range(len(values), dtype=tf.int64) + first), default
            )
            rows = len(values) + 2
        self.tensors.append(table)
        return self.step(
            lambda x: table.lookup(x if type_ == tf.string else tf.cast(x, tf.int64)), column, kind="ids", rows=rows
        )

    def hashing(self, column):
        self.term("Hashing")
        bins = self.between(2, 12)
        options = self.one_of({}, {}, {"salt": 7}, {"salt": [3, 5]}, {"mask_value": "" if column.kind == "text" else 0})
        self.border(
            column.column, *(["", "a", "b", "[UNK]", "42"] if column.kind == "text" else [0, 1, -1, 5, -7, 1000, 2**31 - 1])
        )
        self.columns[column.column]["known"] += self.vocabulary(column.column, column.kind == "int")
        return self.step(self.part(self.layers.Hashing(bins, **options)), column, kind="ids", rows=bins)

    def raw_ids(self, column):
        """Whole numbers that are rows already."""
        rows = self.between(4, 20)
        self.columns[column.column]["known"] += range(rows)
        self.border(column.column, 0, -1, -2, -rows, rows - 1, rows, -rows - 1, 2**31 - 1, -(2**31), 2**40)
        return Value(column.place, "ids", column.axes, rows, column.column)

    def embedding(self, ids, dim, layer=None):
        self.term("Embedding")
        shape = ids.axes
        if layer is None and self.style == "module":
            table = self.variable(self.reals(ids.rows, dim))
            gather = self.one_of(self.tf.gather, self.tf.nn.embedding_lookup)
            return self.flat(self.step(lambda x: gather(table, x), ids, axes=(*shape, dim)), dim)
        if layer is None:
            options = {}
            if self.chance(0.15):
                options |= self.one_of(
                    {"embeddings_regularizer": "l2"},
                    {"embeddings_constraint": "non_neg"},
                    {"trainable": False},
                    {"mask_zero": True},
                )
            layer = self.part(self.layers.Embedding(ids.rows, dim, **options, **self.option("Embedding")))
        return self.flat(self.step(layer, ids, axes=(*shape, dim)), dim)

    def flat(self, value, width):
        """[rows, width], in one of the ways to say it."""
        if value.axes == (width,):
            return value
        ops = self.ops
        if self.style != "module" and (self.chance(0.6) or not self.has_ops):
            self.term("Flatten")
            return self.step(self.part(self.layers.Flatten()), value, axes=(width,))
        self.term("reshape")
        way = self.one_of("layer", "ops", "squeeze") if self.style != "module" else "ops"
        if way == "layer":
            return self.step(self.part(self.layers.Reshape((width,))), value, axes=(width,))
        if way == "squeeze" and value.axes == (1, width):
            return self.step(lambda x: ops.squeeze(x, 1), value, axes=(width,))
        return self.step(lambda x: ops.reshape(x, (-1, width)), value, axes=(width,))

    def option(self, kind):
        """What a pending term says of a layer of this kind, once."""
        for entry in self.layer_options:
            if entry[0] in (kind, "any"):
                self.layer_options.remove(entry)
                return entry[1]
        return {}

    # ---- layers ----
    def dense(self, value, units, activation="linear", layer=None):
        self.term(f"Dense({activation})")
        if layer is None and self.style == "module":
            return self.raw_dense(value, units, activation)
        if layer is None:
            layer = self.dense_layer(units, activation)
        if isinstance(layer, tuple):
            made = self.step(layer[0], value, axes=(units,))
            return self.step(layer[1], made)
        return self.step(layer, value, axes=(units,))

    def dense_layer(self, units, activation):
        options = {"use_bias": self.chance(0.85)}
        if self.chance(0.12):
            options |= self.one_of(
                {"kernel_regularizer": "l2"},
                {"activity_regularizer": "l2"},
                {"trainable": False},
                {"kernel_constraint": "max_norm"},
                {"bias_constraint": "non_neg"},
            )
        options |= self.option("Dense")
        if activation != "linear" and self.chance(0.3):
            apart = self.part(self.layers.Activation(activation))
            if self.chance(0.3):
                apart = getattr(
                    self.keras.activations,
                    "silu" if activation == "swish" and self.framework == "keras3" else activation,
                    apart,
                )
            return (self.part(self.layers.Dense(units, **options)), apart)
        return self.part(self.layers.Dense(units, activation=activation, **options))

    def raw_dense(self, value, units, activation):
        import numpy as np

        tf, scale = self.tf, 1.5 / np.sqrt(value.width)
        transposed = self.chance(0.4)
        kernel = self.variable(
            self.reals(*((units, value.width) if transposed else (value.width, units))) * np.float32(scale)
        )
        bias = self.variable(self.reals(*self.one_of((units,), (1, units), (), (1,))))
        function = (
            {"leaky_relu": tf.nn.leaky_relu, "swish": tf.nn.silu, "linear": tf.identity}.get(activation)
            or getattr(tf.nn, activation, None)
            or getattr(self.keras.activations, activation)
        )
        adds = self.one_of(
            lambda x: x + bias,
            lambda x: bias + x,
            lambda x: tf.add_n([x, tf.broadcast_to(bias, tf.shape(x))]),
            lambda x: x - (-bias),
            lambda x: x + bias,
            lambda x: x + bias,
        )
        return self.step(lambda x: function(adds(tf.matmul(x, kernel, transpose_b=transposed))), value, axes=(units,))

    def concat(self, values):
        self.term("Concatenate")
        width = sum(value.width for value in values)
        if self.style == "module" or self.has_ops and self.chance(0.15):
            ops, axis = self.ops, self.one_of(-1, 1)
            return self.step(lambda *xs: ops.concatenate(xs, axis=axis), *values, axes=(width,))
        layer = self.part(self.layers.Concatenate(**self.one_of({}, {}, {"axis": 1}), **self.option("Concatenate")))
        return self.step(lambda *xs: layer(list(xs)), *values, axes=(width,))

    def dot(self, left, right):
        self.term("Dot")
        tf, ops = self.tf, self.ops
        if self.style == "module" or self.has_ops and self.chance(0.25):
            keep, axis = self.chance(0.7), self.one_of(1, -1)
            if self.is_raw and self.chance(0.3):
                return self.step(lambda a, b: tf.einsum("ij,ij->i", a, b)[:, None], left, right, axes=(1,))
            made = self.step(lambda a, b: ops.sum(a * b, axis=axis, keepdims=keep), left, right, axes=(1,) if keep else ())
            return made if keep else self.step(lambda x: ops.expand_dims(x, -1), made, axes=(1,))
        layer = self.part(self.layers.Dot(axes=self.one_of(1, -1, (1, 1), (1, -1))))
        return self.step(lambda a, b: layer([a, b]), left, right, axes=(1,))

    def merge(self, kind, values):
        """Add, Multiply, Subtract, Average, Maximum, Minimum of values of one width."""
        self.term(kind)
        ops = self.ops
        plain = {
            "Add": lambda a, b: a + b,
            "Multiply": lambda a, b: a * b,
            "Subtract": lambda a, b: a - b,
            "Average": lambda a, b: (a + b) / 2,
            "Maximum": lambda a, b: ops.maximum(a, b),
            "Minimum": lambda a, b: ops.minimum(a, b),
        }[kind]
        if len(values) == 2 and (self.style == "module" or self.has_ops and self.chance(0.3)):
            return self.step(plain, *values)
        layer = self.part(getattr(self.layers, kind)())
        return self.step(lambda *xs: layer(list(xs)), *values)

    # ---- pending terms ----
    def at(self, value, spot):
        """Applies the pending terms for this spot. Keeps [rows, width]."""
        for entry in [e for e in self.pending if e["spot"] == spot]:
            self.pending.remove(entry)
            self.term(*entry["names"])
            value = entry["function"](self, value)
        return value

    def pair(self, left, right):
        for entry in [e for e in self.pending if e["spot"] == "pair"]:
            self.pending.remove(entry)
            self.term(*entry["names"])
            return entry["function"](self, left, right)
        return None


# ---- the grammar that Podium can say ----
def draw_column(b, name, wanted=None):
    """A column as a vector."""
    kind = wanted or (b.one_of("text", "text", "text", "int", "int", "raw") if name != "age" else "float")
    axes = (1,) if b.chance(0.7) else ()
    if kind == "float":
        return draw_number(b, name, axes)
    if kind == "text":
        column = b.at(b.input(name, "string", axes), "text")
    else:
        type_ = b.id_dtype or b.one_of("int64", "int64", "int64" if b.plain else "int32")
        column = b.at(b.input(name, type_, axes), "int")
    if column.kind == "vec":
        return column
    if column.kind == "ids":
        ids = column
    elif any(e["spot"] == "hash" for e in b.pending) and b.style != "module":
        b.at(column, "hash")
        ids = b.hashing(column)
    elif column.kind == "text":
        ids = b.string_lookup(column)
    else:
        ids = b.raw_ids(column) if kind == "raw" else b.integer_lookup(column)
    ids = b.at(ids, "ids")
    return ids if ids.kind == "vec" else b.embedding(ids, b.dim)


def draw_number(b, name, axes):
    odd = [0.0, -0.0, 1.0, -1.0, -3.5, 1e6, -1e6, 1e-30, 0.5, 2.5, -2.5, 100.25]
    known = [round(float(v), 3) for v in b.random.normal(0, 2, 12)]
    if "int" in b.number_dtype or b.number_dtype == "bool":
        known, odd = list(range(0, 12)), [0, 1, -1, -5, 100, 127, 128, 255, 256, 300, -128]
    if b.number_dtype == "bool":
        known, odd = [0, 1], []
    value = b.input(name, b.number_dtype, axes, known, odd)
    value = Value(value.place, "vec", axes, column=name)
    if axes == ():
        ops = b.ops
        value = (
            b.step(lambda x: ops.expand_dims(x, -1), value, axes=(1,))
            if b.chance(0.5)
            else b.step(lambda x: ops.reshape(x, (-1, 1)), value, axes=(1,))
        )
    return b.at(value, "number")


def nested(b, value, units):
    """A model within the model, perhaps with a model within it."""
    b.term("nested")
    layers, keras = b.layers, b.keras
    activation = b.one_of(*ACTIVATIONS)
    b.term(f"Dense({activation})")
    if b.chance(0.5):
        inside = keras.Sequential(
            [keras.Input((value.width,)), layers.Dense(units, activation=activation), layers.Dropout(0.2)]
        )
    else:
        given = keras.Input((value.width,))
        x = layers.Dense(units, activation=activation)(given)
        if b.chance(0.3):
            x = keras.Sequential([keras.Input((units,)), layers.Dense(units, activation="tanh")])(x)
        inside = keras.Model(given, x)
    b.part(inside)
    return inside, b.step(inside, value, axes=(units,))


def soft_term(b, value):
    """What keeps a vector's values or is one of Podium's layers."""
    ops, layers = b.ops, b.layers
    way = (
        b.one_of(
            "dropout",
            "dropout",
            *(["stop_gradient", "stop_gradient"] if b.has_ops else []),
            "identity",
            *(["noise"] if not b.plain else []),
            "nested",
            "nested",
        )
        if b.style != "module"
        else "stop_gradient"
    )
    if way == "dropout":
        b.term("Dropout")
        return b.step(b.part(layers.Dropout(b.one_of(0.0, 0.2, 0.5))), value)
    if way == "stop_gradient":
        b.term("stop_gradient")
        return b.step(lambda x: ops.stop_gradient(x), value)
    if way == "nested":
        return nested(b, value, value.width)[1]
    if way == "noise":
        layer = b.one_of(
            lambda: layers.GaussianNoise(0.3),
            lambda: layers.GaussianDropout(0.3),
            lambda: layers.ActivityRegularization(0.1),
        )()
        b.term(type(layer).__name__)
        return b.step(b.part(layer), value)
    return b.step(b.part(layers.Activation("linear")), value)


def soft_score(b, score):
    """What one column may become and still be said."""
    ops, layers, number = b.ops, b.layers, b.real()
    way = b.one_of(
        "rescale", "rescale", *(["add", "scale", "divide", "negative", "from", "activation"] if b.has_ops else [])
    )
    if way == "rescale" and b.style != "module":
        b.term("Rescaling")
        return b.step(b.part(layers.Rescaling(b.one_of(2.0, 0.5, 4.5), offset=b.one_of(0.0, 1.0, -0.5))), score)
    if way == "add":
        b.term("constant added")
        return b.step(
            b.one_of(lambda x: x + number, lambda x: ops.add(x, number), lambda x: number + x, lambda x: x - number), score
        )
    if way == "scale":
        b.term("constant factor")
        return b.step(b.one_of(lambda x: x * number, lambda x: ops.multiply(number, x)), score)
    if way == "divide":
        b.term("constant factor")
        return b.step(lambda x: x / 4.0, score)
    if way == "negative":
        b.term("negative")
        return b.step(lambda x: -x, score)
    if way == "from":
        b.term("constant minus")
        return b.step(lambda x: 3.0 - x, score)
    if way == "activation":
        name = b.one_of("sigmoid", "tanh", "relu")
        b.term(name)
        return b.step(lambda x: getattr(ops, name)(x), score)
    return score


def draw_body(b, vectors):
    """One column."""
    if (
        b.chance(0.15)
        and len(vectors) >= 2
        and all(v.width == vectors[0].width for v in vectors[:2])
        and b.style != "module"
    ):
        b.term("shared")
        units, activation = b.between(1, 5), b.one_of(*ACTIVATIONS)
        if b.chance(0.4):
            inside, left = nested(b, vectors[0], units)
            vectors[:2] = [left, b.step(inside, vectors[1], axes=(units,))]
        else:
            layer = b.dense_layer(units, activation)
            vectors[:2] = [b.dense(vectors[0], units, activation, layer), b.dense(vectors[1], units, activation, layer)]
    vectors[0] = b.at(vectors[0], "tower")
    both = b.pair(vectors[0], vectors[1]) if len(vectors) > 1 else None
    way = b.one_of("concat", "concat", "concat", "dot", "dot", "add", "add", "columns")
    same = len({v.width for v in vectors[:2]}) == 1 and len(vectors) > 1
    if both is not None:
        x = b.concat([both, *vectors[2:]]) if len(vectors) > 2 else both
    elif len(vectors) == 1:
        x = vectors[0]
    elif way == "dot" and same:
        x = b.dot(vectors[0], vectors[1])
        if b.chance(0.5):
            sides = [b.dense(v, 1) for v in vectors[:2]]
            x = b.merge("Add", [x, *sides])
        if len(vectors) > 2:
            x = b.merge("Add", [x, b.dense(vectors[2], 1)])
    elif way == "add" and same:
        x = b.merge("Add", vectors[:2])
        x = b.concat([x, *vectors[2:]]) if len(vectors) > 2 else x
    elif way == "columns" and len(vectors) > 1:
        columns = [b.dense(v, 1, b.one_of(*ACTIVATIONS)) for v in vectors[:2]]
        x = b.merge("Add" if b.plain else b.one_of("Average", "Subtract", "Multiply", "Add"), columns)
        x = b.concat([x, *vectors]) if b.chance(0.3) else x
    else:
        x = b.concat(vectors)
    x = b.at(x, "mix")
    if b.chance(0.25) and not b.plain:
        x = soft_term(b, x)
    for _ in range(b.between(0, 2) + (1 if any(e["spot"] == "hidden" for e in b.pending) else 0)):
        x = b.at(b.dense(x, b.between(1, 6), b.one_of(*ACTIVATIONS)), "hidden")
        if b.chance(0.2):
            x = soft_term(b, x)
    for activation in b.activations:
        if b.chance(0.4):
            b.term(f"Dense({activation})")
            x = b.step(b.part(b.layers.Activation(activation)), x) if b.style != "module" else b.raw_dense(x, 3, activation)
        else:
            x = b.dense(x, b.between(1, 5), activation)
    x = b.at(x, "hidden")
    if x.width != 1 or b.chance(0.4):
        x = b.dense(x, 1, b.one_of("linear", "linear", "linear", "sigmoid"))
    x = b.at(x, "score")
    if b.chance(0.35) and not b.plain:
        x = soft_score(b, x)
    return x
