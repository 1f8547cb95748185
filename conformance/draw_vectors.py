"""Terms on a vector: what an importer could take for an activation, a factor or a bias."""

import numpy as np

from draw_builder import ACTIVATIONS
from draw_terms import constant, term


@term("vec", "where", weight=6)
def where_vec(b, v):
    ops, slope, bound = b.ops, b.one_of(0.2, 0.2, 0.1, 0.01, 0.3, 1.0), b.one_of(0.0, 0.0, 1.0, -1.0, 0.5)
    b.border(v.column, bound, float(np.nextafter(np.float32(bound), np.float32(9))))
    other = b.real()
    way = b.one_of(
        lambda x: ops.where(x < 0, slope * x, x),
        lambda x: ops.where(x < bound, slope * x, x),
        lambda x: ops.where(x > 0, x, slope * x),
        lambda x: ops.where(x >= bound, x, slope * x),
        lambda x: ops.where(x < 0, x, slope * x),
        lambda x: ops.where(x > 0, slope * x, x),
        lambda x: ops.where(x < bound, x * 0.0, x),
        lambda x: ops.where(x > 0, x, ops.zeros_like(x)),
        lambda x: ops.where(x > bound, ops.zeros_like(x) + other, x),
        lambda x: ops.where(x < 0, x + 3.0, x),
        lambda x: ops.where(x < 0, x + bound, x),
        lambda x: ops.where(x <= 0, 1.0507 * 1.67326 * (ops.exp(x) - 1), 1.0507 * x),
        lambda x: ops.where(x > 0, x, ops.exp(x) - 1.0),
        lambda x: ops.where(ops.equal(x, 0.0), ops.ones_like(x), x),
        lambda x: ops.where(ops.equal(x, bound), ops.zeros_like(x), x),
        lambda x: ops.where(x < 0, -x, x),
        lambda x: ops.where(x[:, :1] < 0, slope * x, x),
        lambda x: ops.where(ops.abs(x) < 0.5, x, slope * x),
        lambda x: ops.where(ops.logical_and(x > -1.0, x < 1.0), x, slope * x),
        lambda x: ops.where(x < 0, x, x),
        lambda x: ops.where(ops.not_equal(x, bound), x, ops.ones_like(x)),
        lambda x: ops.where(0.0 > x, slope * x, x),
        lambda x: ops.where(x < x * 2.0, slope * x, x),
        lambda x: ops.where(-x > 0, slope * x, x),
    )
    return b.step(way, v)


@term("vec", "clip", weight=4)
def clip_vec(b, v):
    ops, low, high = b.ops, b.one_of(0.0, -1.0, -0.5), b.one_of(0.5, 1.0, 6.0)
    b.border(v.column, low, high)
    vector = b.reals(v.width, low=0.2, high=1.0)
    ways = [lambda x: ops.clip(x, low, high), lambda x: ops.clip(x, 0.0, 1e9), lambda x: ops.clip(x, low, high) + x]
    if b.ops is not getattr(b.keras, "ops", None):
        ways += [lambda x: ops.clip(x, -vector, vector), lambda x: ops.clip(x, high, low)]
    return b.step(b.one_of(*ways), v)


@term("vec", "minimum", weight=4)
def minimum_vec(b, v):
    ops, bound = b.ops, constant(b, v.width)
    b.border(v.column, 1.0, 0.0)
    return b.step(
        b.one_of(
            lambda x: ops.minimum(x, bound),
            lambda x: ops.minimum(bound, x),
            lambda x: ops.minimum(x, 0.0),
            lambda x: ops.minimum(ops.maximum(x, 0.0), 6.0),
            lambda x: ops.minimum(x, x * 0.2),
            lambda x: ops.minimum(x, 1.0),
            lambda x: -ops.minimum(-x, 0.0),
        ),
        v,
    )


@term("vec", "Maximum", weight=4)
def maximum_vec(b, v):
    ops, slope, bound = b.ops, b.one_of(0.2, 0.2, 0.1, 2.0), constant(b, v.width)
    return b.step(
        b.one_of(
            lambda x: ops.maximum(x, 0.0),
            lambda x: ops.maximum(0.0, x),
            lambda x: ops.maximum(x, slope * x),
            lambda x: ops.maximum(slope * x, x),
            lambda x: ops.maximum(x, bound),
            lambda x: ops.maximum(x, 1e-3),
            lambda x: ops.maximum(x, -x),
        ),
        v,
    )


@term("vec", "exp", weight=4)
def exp_vec(b, v):
    ops = b.ops
    return b.step(
        b.one_of(
            lambda x: ops.exp(ops.minimum(x, 3.0)),
            lambda x: ops.exp(-ops.abs(x)),
            lambda x: 1.0 / (1.0 + ops.exp(-x)),
            lambda x: ops.exp(-ops.square(x)),
            lambda x: ops.log1p(ops.exp(ops.minimum(x, 9.0))),
            lambda x: (ops.exp(ops.tanh(x)) - 1.0),
        ),
        v,
    )


@term("vec", "elementwise", weight=4)
def elementwise(b, v):
    ops = b.ops
    return b.step(
        b.one_of(
            lambda x: ops.square(x),
            lambda x: ops.sqrt(ops.abs(x) + 1.0),
            lambda x: ops.abs(x),
            lambda x: ops.power(x, 2.0),
            lambda x: ops.log1p(ops.abs(x)),
            lambda x: ops.sign(x),
            lambda x: ops.floor(x),
            lambda x: ops.round(x),
            lambda x: ops.sin(x),
            lambda x: ops.power(ops.abs(x), 0.5),
            lambda x: x * x,
            lambda x: x**2,
            lambda x: x * x * x,
            lambda x: ops.erf(x),
            lambda x: -x,
            lambda x: x + x,
            lambda x: x - x * 0.5,
        ),
        v,
    )


@term("vec", "Normalization", weight=7, where="layers")
def normalization(b, v):
    options = b.one_of({}, {}, {"axis": None}, {"invert": True}, {"given": True}, {"given": True, "axis": None})
    if options.pop("given", False):
        one = "axis" in options
        options |= {
            "mean": b.real() if one else [b.real() for _ in range(v.width)],
            "variance": b.real(0.5, 2) if one else [b.real(0.5, 2) for _ in range(v.width)],
        }
        return b.step(b.part(b.layers.Normalization(**options)), v)
    layer = b.part(b.layers.Normalization(**options))
    layer.adapt(b.random.normal(0.5, 2, (50, v.width)).astype(np.float32))
    return b.step(layer, v)


@term("vec", "BatchNormalization", weight=7, where="layers")
def batch_normalization(b, v):
    layer = b.part(
        b.layers.BatchNormalization(
            **b.one_of(
                {},
                {},
                {"center": False},
                {"scale": False},
                {"epsilon": 0.3},
                {"center": False, "scale": False},
                {"trainable": False},
            )
        )
    )
    if b.chance(0.15):
        b.term("training=True")
        return b.step(lambda x: layer(x, training=True), v)
    return b.step(layer, v)


@term("vec", "Rescaling", weight=3, where="layers")
def rescaling(b, v):
    scale = b.one_of(0.1, 2.0, b.reals(v.width), b.reals(1))
    offset = b.one_of(0.0, 1.5, b.reals(v.width))
    as_list = lambda x: x.tolist() if isinstance(x, np.ndarray) else x
    return b.step(b.part(b.layers.Rescaling(as_list(scale), offset=as_list(offset))), v)


@term("vec", "other normalization", weight=2, where="layers")
def other_normalization(b, v):
    layer = b.one_of(
        lambda: b.layers.LayerNormalization(),
        lambda: b.layers.UnitNormalization(),
        lambda: b.layers.LayerNormalization(center=False),
    )()
    return b.step(b.part(layer), v)


@term("vec", "Masking", where="layers")
def masking(b, v):
    bound = b.one_of(0.0, 1.0, 0.5)
    b.border(v.column, bound)
    shaped = b.step(b.part(b.layers.Reshape((1, v.width))), v, axes=(1, v.width))
    masked = b.step(b.part(b.layers.Masking(bound)), shaped)
    return b.step(b.part(b.one_of(b.layers.Flatten(), b.layers.GlobalAveragePooling1D())), masked, axes=(v.width,))


@term("vec", "cast", weight=6)
def cast_vec(b, v):
    ops = b.ops
    b.border(v.column, 2.5, -2.5, 0.999, -0.5, 16777217.0)
    return b.step(
        b.one_of(
            lambda x: ops.cast(ops.cast(x, "int32"), "float32"),
            lambda x: ops.cast(ops.cast(x, "int64"), "float32") + x,
            lambda x: ops.cast(ops.cast(x, "float16"), "float32"),
            lambda x: ops.cast(ops.cast(x, "bfloat16"), "float32"),
            lambda x: ops.cast(ops.cast(x, "float64"), "float32"),
            lambda x: ops.cast(ops.cast(x, "bool"), "float32"),
            lambda x: ops.cast(x > 0, "float32"),
            lambda x: ops.cast(x > 0, "float32") * x,
            lambda x: ops.cast(x, "float32"),
        ),
        v,
    )


@term("vec", "relu with options", weight=2, where="layers")
def relu_options(b, v):
    kind, layers = b.framework, b.layers
    slope = "negative_slope" if kind == "keras3" else "alpha"
    function = b.keras.activations
    options = b.one_of(
        {"max_value": 6.0},
        {"max_value": 1.0},
        {"threshold": 0.5},
        {slope: 0.2},
        {slope: 0.2, "max_value": 2.0},
        {slope: 0.1},
    )
    other = dict(options)
    if slope in other:
        other["negative_slope"] = other.pop("alpha", other.get("negative_slope"))
    if b.chance(0.5):
        return b.step(b.part(layers.ReLU(**other)), v)
    return b.step(lambda x: function.relu(x, **options), v)


@term("vec", "activation layer with options", weight=3, where="layers")
def slopes(b, v):
    layers, slope = b.layers, b.one_of(0.2, 0.2, 0.3, 0.01, 0.0)
    key = "negative_slope" if b.framework == "keras3" else "alpha"
    return b.step(
        b.part(
            b.one_of(
                lambda: layers.LeakyReLU(**{key: slope}),
                lambda: layers.PReLU(),
                lambda: layers.ELU(alpha=b.one_of(1.0, 0.5, 2.0)),
                lambda: layers.Softmax(),
                lambda: layers.LeakyReLU(),
                lambda: layers.PReLU(shared_axes=[1]),
            )()
        ),
        v,
    )


@term("vec", "activation with options", weight=3, where="layers")
def activation_options(b, v):
    function, is_new = b.keras.activations, b.framework == "keras3"
    ways = [
        lambda x: function.gelu(x, approximate=True),
        lambda x: function.elu(x, alpha=0.5),
        lambda x: function.softmax(x),
        lambda x: function.gelu(x),
    ]
    if is_new:
        ways += [
            lambda x: function.leaky_relu(x, negative_slope=0.1),
            lambda x: function.leaky_relu(x, 0.2),
            lambda x: function.relu6(x),
            lambda x: function.glu(b.ops.concatenate([x, x], axis=-1)),
            lambda x: function.celu(x, alpha=0.5),
        ]
    return b.step(b.one_of(*ways), v)


@term("vec", "activation by hand", weight=6)
def by_hand(b, v):
    ops, k = b.ops, b.one_of(1.702, 2.0, 0.5, 1.0)
    half, scale, one = b.one_of(0.5, 0.5, 0.6, 1.0), b.one_of(2**0.5, 2**0.5, 1.5), b.one_of(1.0, 1.0, 0.9)
    b_slope = b.one_of(0.2, 0.1, 0.3)
    return b.step(
        b.one_of(
            lambda x: half * x * (one + ops.erf(x / scale)),
            lambda x: x * (half + half * ops.erf(x / scale)),
            lambda x: x * half * (one + ops.erf(x * (1 / scale))),
            lambda x: (x + 0.0) * half * (1.0 + ops.erf((x + 0.1) / scale)),
            lambda x: x * ops.sigmoid(k * x),
            lambda x: x * ops.sigmoid(x),
            lambda x: 2.0 * x * ops.sigmoid(x),
            lambda x: x * ops.sigmoid(x + 1.0),
            lambda x: x * ops.sigmoid(-x),
            lambda x: x / (1.0 + ops.exp(-x)),
            lambda x: 1.7159 * ops.tanh(2 / 3 * x),
            lambda x: 1.05 * ops.elu(x),
            lambda x: ops.relu(x) - 0.2 * ops.relu(-x),
            lambda x: x * ops.tanh(ops.softplus(x)),
            lambda x: x * ops.relu6(x + 3.0) / 6.0,
            lambda x: ops.relu(x) * ops.relu(x),
            lambda x: ops.leaky_relu(x, negative_slope=b_slope),
            lambda x: ops.sigmoid(x) * ops.tanh(x),
            lambda x: 0.5 * x * (1.0 + ops.tanh(0.7978845608 * (x + 0.044715 * x * x * x))),
            lambda x: ops.tanh(x) * x,
        ),
        v,
    )


@term("vec", "constants", weight=8)
def constants(b, v):
    c, ops, k = constant(b, v.width), b.ops, b.reals(v.width, v.width)
    return b.step(
        b.one_of(
            lambda x: x + c,
            lambda x: c + x,
            lambda x: x - c,
            lambda x: c - x,
            lambda x: x * c,
            lambda x: c * x,
            lambda x: x / (c * c + 1.0),
            lambda x: c / (x * x + 1.0),
            lambda x: ops.add(x, c),
            lambda x: ops.subtract(c, x),
            lambda x: ops.multiply(x, c),
            lambda x: ops.divide(x, 3.0),
            lambda x: 1.0 / (x * x + 1.0),
            lambda x: -(x * c),
            lambda x: (x + c) * 2.0,
            lambda x: x // 0.5,
            lambda x: x % 1.0,
            lambda x: ops.matmul(x, k),
            lambda x: ops.subtract(x, x * c),
            lambda x: c * (x - c),
        ),
        v,
    )


@term("vec", "constants of one column", weight=3)
def constants_of_column(b, v):
    c, ops = constant(b, 1), b.ops
    v = b.dense(v, 1, b.one_of(*ACTIVATIONS))
    return b.step(
        b.one_of(
            lambda x: c - x,
            lambda x: x * c,
            lambda x: ops.subtract(x, c),
            lambda x: x / 4.0,
            lambda x: 4.0 / (x * x + 1.0),
            lambda x: -x,
            lambda x: ops.divide(x, c * c + 1.0),
            lambda x: ops.sigmoid(x) * 4.0 + 1.0,
            lambda x: 2.0 * (x + c),
            lambda x: 2.0 * ops.tanh(3.0 * x),
            lambda x: ops.sigmoid(2.0 * x - 1.0),
            lambda x: ops.relu(-x),
            lambda x: ops.relu(1.0 - x),
        ),
        v,
    )


@term("vec", "scale around activation", weight=2)
def scale_around(b, v):
    ops, inner, outer = b.ops, b.one_of(2.0, 0.5, -1.0), b.one_of(2.0, -1.0, 4.0)
    name = b.one_of("relu", "sigmoid", "tanh", "elu", "selu", "leaky_relu")
    act = getattr(ops, name)
    return b.step(
        b.one_of(
            lambda x: act(inner * x),
            lambda x: outer * act(x),
            lambda x: outer * act(inner * x) + 1.0,
            lambda x: act(act(x)),
            lambda x: act(x) + x,
            lambda x: act(-x),
        ),
        v,
    )


@term("vec", "reshape", weight=4)
def reshape_rows(b, v):
    ops, w = b.ops, v.width
    ways = [
        lambda x: ops.reshape(ops.reshape(x, (-1, 2 * w)), (-1, w)),
        lambda x: ops.reshape(ops.reshape(x, (w, -1)), (-1, w)),
        lambda x: ops.reshape(ops.reshape(x, (-1, w, 1)), (-1, w)),
        lambda x: ops.reshape(ops.transpose(x), (-1, w)),
    ]
    if w % 2 == 0:
        ways += [
            lambda x: ops.reshape(ops.transpose(ops.reshape(x, (-1, 2, w // 2)), (0, 2, 1)), (-1, w)),
            lambda x: ops.reshape(ops.reshape(x, (-1, 2, w // 2)), (-1, w)),
            lambda x: ops.reshape(ops.reshape(x, (-1, w // 2)), (-1, w)),
            lambda x: ops.sum(ops.reshape(x, (-1, 2, w // 2)), axis=1) @ wide,
        ]
    wide = b.reals(max(w // 2, 1), w)
    return b.step(b.one_of(*ways), v)


@term("vec", "shapes by layers", weight=3, where="layers")
def shapes_by_layers(b, v):
    layers, w = b.layers, v.width
    way = b.one_of("repeat", "permute", "dense3d", "pool", "crop", "nothing", "distributed")
    if way == "repeat":
        v = b.step(b.part(layers.RepeatVector(3)), v, axes=(3, w))
        return b.step(b.part(layers.Flatten()), v, axes=(3 * w,))
    half = (w // 2, 2) if w % 2 == 0 else (w, 1)
    v = b.step(b.part(layers.Reshape(half)), v, axes=half)
    if way == "permute":
        v = b.step(b.part(layers.Permute((2, 1))), v, axes=half[::-1])
    elif way == "dense3d":
        v = b.step(b.part(layers.Dense(2, activation="relu")), v, axes=(half[0], 2))
    elif way == "distributed":
        v = b.step(b.part(layers.TimeDistributed(layers.Dense(2))), v, axes=(half[0], 2))
    elif way == "pool":
        pool = b.one_of(layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D)()
        return b.step(b.part(pool), v, axes=(half[1],))
    elif way == "crop" and half[0] > 1:
        v = b.step(b.part(layers.Cropping1D((1, 0))), v, axes=(half[0] - 1, half[1]))
    return b.step(b.part(layers.Flatten()), v, axes=(v.width,))


@term("vec", "columns", weight=5)
def columns(b, v):
    ops, w = b.ops, v.width
    keep = max(w // 2, 1)
    order = [int(i) for i in b.random.permutation(w)]
    ways = [
        (lambda x: x[:, :keep], keep),
        (lambda x: x[:, ::-1], w),
        (lambda x: x[:, -keep:], keep),
        (lambda x: ops.flip(x, 1), w),
        (lambda x: ops.take(x, order, axis=1), w),
        (lambda x: ops.concatenate([x[:, keep:], x[:, :keep]], axis=1), w),
        (lambda x: ops.sum(x, axis=1, keepdims=True), 1),
        (lambda x: ops.mean(x, axis=-1, keepdims=True), 1),
        (lambda x: ops.max(x, axis=1, keepdims=True), 1),
        (lambda x: ops.sum(x * x, axis=1, keepdims=True), 1),
        (lambda x: ops.cumsum(x, axis=1), w),
        (lambda x: ops.repeat(x, 2, axis=1), 2 * w),
        (lambda x: ops.concatenate([x, x * 0.0 + 1.0], axis=1), 2 * w),
        (lambda x: ops.concatenate([x, x], axis=-1), 2 * w),
        (lambda x: ops.expand_dims(ops.sum(x, axis=1), 1), 1),
        (lambda x: ops.prod(x, axis=1, keepdims=True), 1),
    ]
    function, width = b.one_of(*ways)
    return b.step(function, v, axes=(width,))


@term("vec", "across rows", weight=3)
def across_rows(b, v):
    ops = b.ops
    return b.step(
        b.one_of(
            lambda x: x - ops.mean(x, axis=0, keepdims=True),
            lambda x: ops.softmax(x, axis=0),
            lambda x: x[::-1],
            lambda x: ops.cumsum(x, axis=0),
            lambda x: ops.concatenate([x[1:], x[:1]], axis=0),
            lambda x: ops.flip(x, 0),
            lambda x: x + x[:1],
            lambda x: x / (1.0 + ops.max(ops.abs(x), axis=0, keepdims=True)),
            lambda x: ops.matmul(ops.softmax(ops.matmul(x, ops.transpose(x))), x),
        ),
        v,
    )


@term("vec", "softmax", weight=2)
def softmax(b, v):
    ops = b.ops
    return b.step(b.one_of(lambda x: ops.softmax(x), lambda x: ops.softmax(x, axis=1), lambda x: x * ops.softmax(x)), v)


@term("vec", "training=True", "Dropout", weight=2, where="layers")
def training_dropout(b, v):
    layer = b.part(b.layers.Dropout(0.5))
    return b.step(lambda x: layer(x, training=True), v)


@term("vec", "training=False", "Dropout", where="layers")
def training_off(b, v):
    layer = b.part(b.one_of(b.layers.Dropout(0.5), b.layers.BatchNormalization()))
    return b.step(lambda x: layer(x, training=False), v)


@term("vec", "Lambda", where="layers")
def lambda_layer(b, v):
    return b.step(b.part(b.layers.Lambda(b.one_of(lambda x: x, lambda x: x * 2.0, lambda x: x[:, ::-1]))), v)


@term("vec", "other layers", weight=3, where="layers")
def other_layers(b, v):
    layers, w = b.layers, v.width
    way = b.one_of("einsum", "conv", "noise", "spatial", "rnn", "attention")
    if way == "einsum":
        make = b.layers.EinsumDense
        return b.step(
            b.part(make(*b.one_of(("ab,bc->ac",), ("ab,cb->ac",)), output_shape=(w,), bias_axes="c", activation="tanh")), v
        )
    if way == "noise":
        return b.step(b.part(layers.AlphaDropout(0.3)), v)
    v3 = b.step(b.part(layers.Reshape((w, 1))), v, axes=(w, 1))
    made = {
        "conv": lambda: layers.Conv1D(1, 1, activation="relu"),
        "spatial": lambda: layers.SpatialDropout1D(0.4),
        "rnn": lambda: layers.SimpleRNN(2),
        "attention": lambda: layers.Conv1D(1, w, padding="same"),
    }[way]()
    if way == "rnn":
        return b.step(b.part(made), v3, axes=(2,))
    return b.step(b.part(layers.Flatten()), b.step(b.part(made), v3), axes=(w,))


@term("vec", "raw matrices", weight=5, where="raw")
def raw_matrices(b, v):
    tf, w = b.tf, v.width
    n = b.variable(b.reals(w, w)) if b.framework == "tf_keras" or b.style == "module" else b.reals(w, w)
    c = tf.constant(b.reals(w, w))
    return b.step(
        b.one_of(
            lambda x: tf.matmul(x, n),
            lambda x: tf.matmul(x, n, transpose_b=True),
            lambda x: tf.transpose(tf.matmul(n, x, transpose_b=True)),
            lambda x: tf.transpose(tf.matmul(n, x, transpose_a=True, transpose_b=True)),
            lambda x: tf.einsum("ij,kj->ik", x, n),
            lambda x: tf.einsum("ij,jk->ik", x, n),
            lambda x: tf.matmul(x, tf.transpose(n)),
            lambda x: tf.matmul(x, n * 2.0),
            lambda x: tf.matmul(x, c, transpose_b=True),
            lambda x: tf.tensordot(x, n, 1),
            lambda x: tf.linalg.matvec(n, x),
            lambda x: tf.linalg.matvec(n, x, transpose_a=True),
            lambda x: x @ (n + c),
            lambda x: tf.matmul(x[:, None, :], tf.tile(c[None], [tf.shape(x)[0], 1, 1]))[:, 0],
            lambda x: tf.squeeze(tf.matmul(n, x[:, :, None]), -1),
            lambda x: tf.nn.xw_plus_b(x, n, c[0]),
            lambda x: tf.nn.bias_add(tf.matmul(x, n), c[0]),
            lambda x: tf.matmul(x, n) + c[:1],
            lambda x: tf.nn.bias_add(x, c[0]),
            lambda x: tf.matmul(x, tf.linalg.band_part(n, 0, -1)),
            lambda x: tf.matmul(x, tf.cast(tf.cast(n, tf.float16), tf.float32)),
        ),
        v,
    )


@term("vec", "raw operations", weight=8, where="raw")
def raw_operations(b, v):
    tf, w = b.tf, v.width
    state = b.variable(b.reals(w)) if b.framework == "tf_keras" or b.style == "module" else None
    other = b.reals(w)
    ways = [
        lambda x: tf.clip_by_norm(x, 1.0, axes=[1]),
        lambda x: tf.math.l2_normalize(x, 1),
        lambda x: tf.clip_by_value(x, -1.0, 1.0),
        lambda x: tf.math.add_n([x, x, x]),
        lambda x: tf.add_n([x, tf.zeros_like(x) + other]),
        lambda x: tf.math.divide_no_nan(x, x),
        lambda x: tf.cond(tf.size(x) > 0, lambda: x * 2.0, lambda: x),
        lambda x: tf.ensure_shape(x, [None, w]),
        lambda x: tf.check_numerics(x, "x"),
        lambda x: tf.while_loop(lambda i, y: i < 2, lambda i, y: (i + 1, y * 0.5), [0, x])[1],
        lambda x: tf.identity(x),
        lambda x: tf.nn.leaky_relu(x, alpha=0.1),
        lambda x: tf.nn.leaky_relu(x),
        lambda x: tf.nn.relu6(x),
        lambda x: tf.nn.crelu(x)[:, :w],
        lambda x: tf.map_fn(lambda r: r * 2.0, x),
        lambda x: tf.where(x > 0, x, tf.constant(other)),
        lambda x: tf.maximum(x, tf.constant(0.0)),
        lambda x: tf.math.subtract(x, other),
        lambda x: tf.math.multiply_no_nan(x, tf.cast(x > 0, tf.float32)),
        lambda x: tf.roll(x, 1, 1),
        lambda x: tf.split(tf.concat([x, x], 1), 2, 1)[1],
        lambda x: tf.unstack(tf.stack([x, x * 2.0], 1), axis=1)[1],
        lambda x: tf.gather(x, [0] * w, axis=1),
        lambda x: tf.sort(x, 1),
        lambda x: tf.function(lambda p, q: p - 2.0 * q)(x * 0.5, x),
        lambda x: tf.reshape(tf.gather(tf.reshape(x, [-1]), tf.range(tf.size(x))), [-1, w]),
        lambda x: tf.where(tf.math.is_nan(x), tf.zeros_like(x), x),
        lambda x: tf.quantization.fake_quant_with_min_max_args(x, -2, 2),
        lambda x: tf.nn.dropout(x, 0.0),
        lambda x: tf.stop_gradient(x),
        lambda x: tf.math.top_k(x, w).values,
        lambda x: tf.nn.softplus(x),
        lambda x: tf.linalg.diag_part(x[:, :, None] * x[:, None, :]),
        lambda x: tf.tile(x, [1, 2])[:, w:],
        lambda x: tf.pad(x, [[0, 0], [1, 0]])[:, :w],
        lambda x: tf.raw_ops.Selu(features=x),
        lambda x: tf.nn.bias_add(x[:, :, None, None], other, data_format="NCHW")[:, :, 0, 0],
        lambda x: tf.nn.moments(x, [1], keepdims=True)[1] + x,
    ]
    if state is not None:

        def assigned(x):
            state.assign(tf.ones_like(state) * 0.5)
            return x + state

        ways += [
            assigned,
            lambda x: x + state,
            lambda x: x * state,
            lambda x: state - x,
            lambda x: x / (state * state + 1.0),
        ]
    return b.step(b.one_of(*ways), v)
