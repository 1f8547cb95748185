"""Terms on two vectors: products, sums and joins in other ways than Podium has."""

from draw_terms import term


def of_one_width(b, left, right):
    width = b.between(1, 4)
    return (left, right) if left.width == right.width else (b.dense(left, width), b.dense(right, width))


@term("pair", "Multiply", weight=3)
def multiply_pair(b, left, right):
    ops = b.ops
    left, right = of_one_width(b, left, right)
    if b.chance(0.5):
        return b.merge("Multiply", [left, right])
    return b.step(
        b.one_of(
            lambda x, y: x * y,
            lambda x, y: ops.multiply(x, y),
            lambda x, y: x * y + x,
            lambda x, y: 2.0 * x * y,
            lambda x, y: x * ops.sigmoid(y),
            lambda x, y: x * x * y,
        ),
        left,
        right,
    )


@term("pair", "Subtract", weight=3)
def subtract_pair(b, left, right):
    ops = b.ops
    left, right = of_one_width(b, left, right)
    if b.chance(0.5):
        return b.merge("Subtract", [left, right])
    return b.step(
        b.one_of(lambda x, y: x - y, lambda x, y: y - x, lambda x, y: ops.abs(x - y), lambda x, y: ops.square(x - y)),
        left,
        right,
    )


@term("pair", "Average", weight=3)
def average_pair(b, left, right):
    return b.merge("Average", of_one_width(b, left, right))


@term("pair", "Maximum", weight=3)
def maximum_pair(b, left, right):
    return b.merge(b.one_of("Maximum", "Maximum", "Minimum"), of_one_width(b, left, right))


@term("pair", "where", weight=2)
def where_pair(b, left, right):
    ops = b.ops
    left, right = of_one_width(b, left, right)
    return b.step(
        b.one_of(
            lambda x, y: ops.where(x < 0, x, y),
            lambda x, y: ops.where(x < y, x, y),
            lambda x, y: ops.where(y < 0, 0.2 * x, x),
            lambda x, y: ops.where(ops.equal(x, 0.0), y, x),
            lambda x, y: ops.where(x < 0, y, x),
            lambda x, y: ops.where(x < y, x + y, x),
        ),
        left,
        right,
    )


@term("pair", "Dot with options", "Dot", weight=5)
def dot_options(b, left, right):
    ops, layers = b.ops, b.layers
    left, right = of_one_width(b, left, right)
    w = left.width
    ways = [
        lambda x, y: ops.sum(x * y, axis=1, keepdims=True) / 2.0,
        lambda x, y: ops.sum(2.0 * x * y, axis=1, keepdims=True),
        lambda x, y: ops.mean(x * y, axis=1, keepdims=True),
        lambda x, y: ops.sum(ops.square(x - y), axis=1, keepdims=True),
        lambda x, y: ops.sum(x + y, axis=1, keepdims=True),
        lambda x, y: ops.sum(x * y * x, axis=1, keepdims=True),
        lambda x, y: ops.sum(x * y, axis=0, keepdims=True) + x,
        lambda x, y: ops.matmul(x, ops.transpose(y)),
        lambda x, y: ops.reshape(ops.matmul(ops.expand_dims(x, 2), ops.expand_dims(y, 1)), (-1, w * w)),
        lambda x, y: ops.reshape(ops.matmul(ops.expand_dims(x, 1), ops.expand_dims(y, 2)), (-1, 1)),
        lambda x, y: ops.sum(x * -y, axis=1, keepdims=True),
        lambda x, y: ops.sum(x * y, axis=1, keepdims=True) * 0.5,
    ]
    widths = [1, 1, 1, 1, 1, 1, w, 200, w * w, 1, 1, 1]
    if b.style != "module":
        normal, outer, tall = layers.Dot(axes=1, normalize=True), layers.Dot(axes=2), layers.Dot(axes=1)
        b.part(normal), b.part(outer), b.part(tall)
        ways += [
            lambda x, y: normal([x, y]),
            lambda x, y: normal([x, y]),
            lambda x, y: ops.reshape(outer([ops.expand_dims(x, 1), ops.expand_dims(y, 1)]), (-1, 1)),
            lambda x, y: ops.reshape(outer([ops.expand_dims(x, 2), ops.expand_dims(y, 2)]), (-1, w * w)),
            lambda x, y: ops.reshape(tall([ops.expand_dims(x, 1), ops.expand_dims(y, 1)]), (-1, w * w)),
        ]
        widths += [1, 1, 1, w * w, w * w]
    which = b.between(0, len(ways) - 1)
    if widths[which] == 200:
        b.fixed_batch = 200
    return b.step(ways[which], left, right, axes=(widths[which],))


@term("pair", "Concatenate on other axes", "Concatenate", weight=3)
def concatenate_axes(b, left, right):
    ops = b.ops
    left, right = of_one_width(b, left, right)
    w = left.width
    if b.style != "module" and b.chance(0.5):
        shape = b.one_of((1, w), (w, 1))
        both = [b.step(b.part(b.layers.Reshape(shape)), v, axes=shape) for v in (left, right)]
        layer = b.part(b.layers.Concatenate(axis=b.one_of(1, 2, -1)))
        made = b.step(lambda *x: layer(list(x)), *both, axes=(2 * w,))
        return b.step(b.part(b.layers.Flatten()), made, axes=(2 * w,))
    ways = [
        (lambda x, y: ops.reshape(ops.concatenate([x, y], axis=0), (-1, 2 * w)), 2 * w),
        (lambda x, y: ops.concatenate([x, y], axis=0)[:], w),
        (lambda x, y: ops.reshape(ops.stack([x, y], axis=2), (-1, 2 * w)), 2 * w),
        (lambda x, y: ops.reshape(ops.stack([x, y], axis=1), (-1, 2 * w)), 2 * w),
        (lambda x, y: ops.sum(ops.stack([x, y], axis=1), axis=1), w),
        (lambda x, y: ops.sum(ops.stack([x, y], axis=0), axis=0), w),
    ]
    function, width = b.one_of(*ways)
    return b.step(function, left, right, axes=(width,))


@term("pair", "broadcasting", weight=4)
def broadcasting(b, left, right):
    ops = b.ops
    column = b.dense(right, 1, b.one_of("linear", "sigmoid"))
    if b.style != "module" and b.chance(0.3):
        layer = b.part(b.one_of(b.layers.Add(), b.layers.Multiply(), b.layers.Subtract()))
        return b.step(lambda *x: layer(list(x)), left, column)
    return b.step(
        b.one_of(
            lambda x, y: x + y,
            lambda x, y: y + x,
            lambda x, y: x * y,
            lambda x, y: x - y,
            lambda x, y: x / (y * y + 1.0),
            lambda x, y: ops.add(x, y),
            lambda x, y: x + ops.squeeze(y, 1)[:, None],
            lambda x, y: ops.maximum(x, y),
        ),
        left,
        column,
    )


@term("pair", "computed products", weight=2)
def computed_products(b, left, right):
    ops = b.ops
    left, right = of_one_width(b, left, right)
    return b.step(
        b.one_of(
            lambda x, y: x / (ops.abs(y) + 1.0),
            lambda x, y: x * ops.tanh(y) + y,
            lambda x, y: ops.power(ops.abs(x) + 0.1, y),
            lambda x, y: ops.relu(x) * y,
            lambda x, y: x + y * 0.5,
            lambda x, y: x + y + x,
            lambda x, y: (x + y) * (x - y),
        ),
        left,
        right,
    )


@term("pair", "shared Embedding", "shared", weight=2, where="layers")
def shared_embedding(b, left, right):
    """A table under two columns: a third column's lookup, and another of its own."""
    rows, table = 12, b.part(b.layers.Embedding(12, 3))
    b.term("Embedding")
    values = []
    for name in ("left_id", "right_id"):
        column = b.input(name, "string", (1,))
        words = [f"{name[0]}{i}" for i in range(b.between(5, 11))]
        b.columns[name]["known"] += words
        b.border(name, "", "new", "[UNK]", "l0", "r1")
        lookup = b.part(
            b.layers.StringLookup(vocabulary=words, mask_token=b.one_of(None, ""))
            if len(words) < 11
            else b.layers.StringLookup(vocabulary=words[:9])
        )
        b.term("StringLookup")
        values.append(b.embedding(b.step(lookup, column, kind="ids", rows=rows), 3, table))
    return b.concat([left, right, *values])


@term("pair", "nested of two inputs", "nested", weight=3, where="layers")
def nested_of_two(b, left, right):
    keras, layers = b.keras, b.layers
    one, two = keras.Input((left.width,), name="a"), keras.Input((right.width,), name="z")
    order = b.chance(0.5)
    x = layers.Concatenate()([layers.Dense(2, activation="relu")(one), layers.Dense(3)(two)] if order else [two, one])
    outputs = [layers.Dense(2)(x), layers.Dense(2, activation="tanh")(x)]
    way = b.one_of("one", "one", "two", "dict", "swapped")
    if way == "dict":
        inside = b.part(keras.Model({"z": two, "a": one}, outputs[0]))
        return b.step(lambda x, y: inside({"a": x, "z": y}), left, right, axes=(2,))
    if way == "swapped":
        inside = b.part(keras.Model([two, one], outputs[0]))
        return b.step(lambda x, y: inside([y, x]), left, right, axes=(2,))
    inside = b.part(keras.Model([one, two], outputs[0] if way == "one" else outputs))
    if way == "one":
        return b.step(lambda x, y: inside([x, y]), left, right, axes=(2,))
    return b.step(lambda x, y: inside([x, y])[1], left, right, axes=(2,))


@term("pair", "nested called twice", "nested", "shared", weight=2, where="layers")
def nested_twice(b, left, right):
    keras, layers = b.keras, b.layers
    left, right = of_one_width(b, left, right)
    given = keras.Input((left.width,))
    inside = b.part(keras.Model(given, layers.Dense(2, activation="selu")(layers.Dense(3, activation="tanh")(given))))
    sides = [b.step(inside, v, axes=(2,)) for v in b.one_of((left, right), (right, left))]
    return b.merge(b.one_of("Add", "Subtract", "Multiply"), sides) if b.chance(0.6) else b.concat(sides)


@term("pair", "shared", "call that is not used", weight=2, where="layers")
def unused_call(b, left, right):
    left, right = of_one_width(b, left, right)
    layer = b.part(b.layers.Dense(3, activation="tanh"))
    b.step(layer, right, axes=(3,))
    made = b.step(layer, left, axes=(3,))
    b.step(b.part(b.layers.Dense(2)), right, axes=(2,))  # nor is this layer
    return b.concat([made, b.dense(right, 2)])


@term("pair", "three axes", weight=4, where="layers")
def three_axes(b, left, right):
    """[rows, 1, width] all the way, as a model without Flatten has it."""
    layers = b.layers
    left, right = of_one_width(b, left, right)
    w = left.width
    shape = b.one_of((1, w), (1, w), (w, 1))
    both = [b.step(b.part(layers.Reshape(shape)), v, axes=shape) for v in (left, right)]
    way = b.one_of("Concatenate", "Add", "Multiply", "Dot", "mixed", "Dense")
    if way == "mixed":  # [rows, 1, w] and [rows, w]: broadcast over the rows
        add = b.part(layers.Add())
        made = b.step(lambda x, y: add([x, y]), both[0], right, axes=shape)
    elif way == "Dense":
        made = b.step(b.part(layers.Dense(w, activation="relu")), both[0], axes=(shape[0], w))
    elif way == "Concatenate":
        layer = b.part(layers.Concatenate())
        made = b.step(lambda *x: layer(list(x)), *both, axes=(shape[0], 2 * shape[1]))
    elif way == "Dot":
        layer = b.part(layers.Dot(axes=2 if shape[0] == 1 else 1))
        made = b.step(lambda *x: layer(list(x)), *both, axes=(1, 1))
    else:
        layer = b.part(getattr(layers, way)())
        made = b.step(lambda *x: layer(list(x)), *both, axes=shape)
    if b.chance(0.5):
        b.term("Dense(relu)")
        made = b.step(b.part(layers.Dense(2, activation="relu")), made, axes=(made.axes[0], 2))
    return b.step(b.part(layers.Flatten()), made, axes=(made.width,))
