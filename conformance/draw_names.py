"""Terms on a vector that are named like what they are not, and layers that several models hold."""

from draw_terms import term


@term("vec", "constant given to a layer", weight=5, where="layers")
def constant_to_layer(b, v):
    """layers.Add()([x, constant]): the constant is in the archive's call, not a layer's output."""
    tf, w, layers = b.tf, v.width, b.layers
    kind = b.one_of("Add", "Add", "Multiply", "Subtract", "Maximum", "Average", "Concatenate", "Dot", "Minimum")
    c = b.reals(200, w) if b.chance(0.2) else b.reals(1, w)
    if kind in ("Concatenate", "Dot"):
        b.fixed_batch, c = 200, b.reals(200, w)
    c = b.one_of(lambda: tf.constant(c), lambda: c)()
    layer = b.part(layers.Dot(axes=1) if kind == "Dot" else getattr(layers, kind)())
    b.term(kind)
    order = b.chance(0.7)
    return b.step(
        lambda x: layer([x, c] if order else [c, x]), v, axes={"Concatenate": (2 * w,), "Dot": (1,)}.get(kind, (w,))
    )


@term("vec", "operations named like layers", weight=5, where="layers")
def named_like_layers(b, v):
    ops, w, c = b.ops, v.width, b.real()
    ways = [
        (lambda x: ops.add(x, c), w),
        (lambda x: ops.add(c, x), w),
        (lambda x: ops.subtract(x, c), w),
        (lambda x: ops.multiply(x, c), w),
        (lambda x: ops.maximum(x, c), w),
        (lambda x: ops.minimum(x, c), w),
        (lambda x: ops.concatenate([x, x], axis=1), 2 * w),
        (lambda x: ops.reshape(x, (-1, w)), w),
        (lambda x: ops.relu(x), w),
        (lambda x: ops.add(x, ops.add(x, c)), w),
        (lambda x: ops.softmax(x), w),
        (lambda x: ops.elu(x), w),
        (lambda x: ops.leaky_relu(x, negative_slope=0.3), w),
    ]
    if b.framework == "keras3":
        matrix = b.reals(w, w)
        ways += [
            (lambda x: ops.expand_dims(b.keras.ops.average(x, axis=1), 1), 1),
            (lambda x: b.keras.activations.elu(x, alpha=0.3), w),
            (lambda x: b.keras.ops.dot(x, matrix), w),
        ]
    function, width = b.one_of(*ways)
    return b.step(function, v, axes=(width,))


CUSTOM = {}


def custom_class(b, name):
    """A class of the user's that is named like one of Keras' and computes something else."""
    key = (b.framework, name)
    if key in CUSTOM:
        return CUSTOM[key]
    base = getattr(b.layers, name)

    def call(self, inputs, **more):
        made = base.call(self, inputs, **more)
        return made * 2.0 + 0.5

    made = type(name, (base,), {"call": call})
    made.__module__ = "user_code"
    CUSTOM[key] = b.keras.utils.register_keras_serializable(package="mine")(made)
    return CUSTOM[key]


@term("vec", "custom class of a known name", weight=4, where="layers")
def custom_of_known_name(b, v):
    name = b.one_of("Dense", "Dense", "Flatten", "Dropout", "Activation", "Rescaling", "Reshape")
    arguments = {
        "Dense": (3,),
        "Dropout": (0.3,),
        "Activation": ("relu",),
        "Rescaling": (2.0,),
        "Reshape": ((v.width,),),
    }.get(name, ())
    return b.step(b.part(custom_class(b, name)(*arguments)), v, axes=(3,) if name == "Dense" else v.axes)


def custom_function(b, name):
    key = (b.framework, "function", name)
    if key not in CUSTOM:
        ops = b.tf if b.framework == "tf_keras" else b.keras.ops
        function = {
            "relu": lambda x: ops.minimum(x, 0.0),
            "tanh": lambda x: ops.sin(x),
            "linear": lambda x: x * 2.0,
            "sigmoid": lambda x: x / (1.0 + ops.abs(x)),
        }[name]
        function.__name__ = function.__qualname__ = name
        CUSTOM[key] = b.keras.utils.register_keras_serializable(package="mine")(function)
    return CUSTOM[key]


@term("vec", "custom activation of a known name", weight=3, where="layers")
def custom_activation(b, v):
    function = custom_function(b, b.one_of("relu", "tanh", "linear", "sigmoid"))
    layer = b.layers.Dense(3, activation=function) if b.chance(0.7) else b.layers.Activation(function)
    return b.step(b.part(layer), v, axes=(3,) if type(layer).__name__ == "Dense" else v.axes)


@term("vec", "activation by an object", weight=3, where="layers")
def activation_object(b, v):
    layers, key = b.layers, "negative_slope" if b.framework == "keras3" else "alpha"
    act = b.one_of(
        lambda: layers.LeakyReLU(**{key: 0.1}),
        lambda: layers.LeakyReLU(**{key: 0.2}),
        lambda: layers.ReLU(max_value=1.0),
        lambda: layers.ELU(alpha=0.5),
        lambda: layers.Softmax(),
        lambda: b.keras.activations.tanh,
        lambda: layers.ReLU(),
        lambda: layers.PReLU(),
    )()
    return b.step(b.part(layers.Dense(3, activation=act)), v, axes=(3,))


@term("vec", "shared", "layer within and outside of a model", weight=3, where="layers")
def within_and_outside(b, v):
    keras, layers, w = b.keras, b.layers, v.width
    b.term("nested")
    layer = layers.Dense(w, activation="tanh", name="dense")
    given = keras.Input((w,))
    inside = keras.Model(given, layers.Dense(w, name="dense_1")(layer(given)))
    order = b.chance(0.5)
    b.part(layer if order else inside), b.part(inside if order else layer)
    first, second = (layer, inside) if order else (inside, layer)
    return b.step(second, b.step(first, v))


@term("vec", "nested", "models of the same names", weight=2, where="layers")
def same_names(b, v):
    keras, layers = b.keras, b.layers
    for number in range(2):
        given = keras.Input((v.width,), name="x")
        inside = keras.Model(given, layers.Dense(3, activation="relu", name="hidden")(given), name=f"tower_{1 - number}")
        v = b.step(b.part(inside), v, axes=(3,))
    return b.step(b.part(layers.Dense(2, name="hidden")), v, axes=(2,))
