"""Terms on the rows of tables, and on columns."""

from draw_builder import Value
from draw_terms import term
from draw_vectors import cast_vec, clip_vec, constants, exp_vec, minimum_vec, normalization, where_vec


@term("ids", "where", "where on ids", weight=7)
def where_ids(b, ids):
    ops, rows, k = b.ops, ids.rows, b.between(0, ids.rows - 1)
    c = lambda x, value: ops.zeros_like(x) + ops.cast(value, x.dtype)
    return b.step(
        b.one_of(
            lambda x: ops.where(ops.equal(x, c(x, -1)), c(x, 0), x),
            lambda x: ops.where(ops.equal(x, c(x, k)), c(x, 0), x),
            lambda x: ops.where(x < 0, x + rows, x),
            lambda x: ops.where(x < 0, x + (rows - 1), x),
            lambda x: ops.where(x < 1, c(x, rows - 1), x),
            lambda x: ops.where(x < 0, c(x, 0), x),
            lambda x: ops.where(x < k, x + 1, x),
            lambda x: ops.where(x >= k, c(x, k), x),
            lambda x: ops.where(x < 0, x, x),
            lambda x: ops.where(x < 2, x + 1, x),
            lambda x: ops.where(x > k, c(x, 0), x),
            lambda x: ops.where(ops.equal(x, 0), c(x, 1), x),
            lambda x: ops.where(ops.not_equal(x, k), x, c(x, 0)),
            lambda x: ops.where(ops.equal(x, k), x, c(x, 0)),
            lambda x: ops.where(x < rows, x, c(x, 0)),
            lambda x: ops.where(x < k, c(x, 0), x),
        ),
        ids,
        kind="ids",
        rows=rows + 1,
    )


@term("ids", "clip", "clip of ids", weight=3)
def clip_ids(b, ids):
    ops, rows, k = b.ops, ids.rows, b.between(1, max(ids.rows - 1, 1))
    return b.step(
        b.one_of(lambda x: ops.clip(x, 0, rows - 1), lambda x: ops.clip(x, 1, k), lambda x: ops.clip(x, 0, k)),
        ids,
        kind="ids",
    )


@term("ids", "minimum", "minimum of ids", weight=2)
def minimum_ids(b, ids):
    ops, rows, k = b.ops, ids.rows, b.between(1, max(ids.rows - 1, 1))
    c = lambda x, value: ops.cast(value, x.dtype)
    return b.step(
        b.one_of(
            lambda x: ops.minimum(x, c(x, k)),
            lambda x: ops.maximum(x, c(x, 0)),
            lambda x: ops.maximum(x, c(x, k)),
            lambda x: ops.minimum(ops.maximum(x, c(x, 0)), c(x, rows - 1)),
        ),
        ids,
        kind="ids",
    )


@term("ids", "arithmetic of ids", weight=4)
def arithmetic_ids(b, ids):
    ops, rows = b.ops, ids.rows
    return b.step(
        b.one_of(
            lambda x: x + 1,
            lambda x: ops.maximum(x - 1, ops.cast(0, x.dtype)),
            lambda x: x // 2,
            lambda x: ops.mod(x, 3),
            lambda x: ops.abs(x),
            lambda x: (rows - 1) - x,
            lambda x: ops.mod(x * 2, rows),
            lambda x: x * 1,
            lambda x: ops.mod(x, rows),
            lambda x: x + 0,
            lambda x: x - x,
        ),
        ids,
        kind="ids",
        rows=rows + 1,
    )


@term("ids", "cast", "cast of ids", weight=4)
def cast_ids(b, ids):
    ops = b.ops
    way = b.one_of(
        lambda x: ops.cast(x, "int32"),
        lambda x: ops.cast(x, "int64"),
        lambda x: ops.cast(ops.cast(x, "float32"), "int64"),
        lambda x: ops.cast(ops.cast(x, "bool"), "int64"),
        lambda x: ops.cast(ops.cast(x, "int8"), "int32"),
        lambda x: ops.cast(x, "float32"),
        lambda x: ops.cast(ops.cast(x, "float16"), "int32"),
        lambda x: ops.cast(ops.cast(x, "uint8"), "int32"),
        lambda x: ops.cast(ops.cast(x, "int16"), "int64"),
    )
    b.border(ids.column, 255, 256, 257, 258, 65536, 65537, 2**32 + 1, -255)
    return b.step(way, ids, kind="ids")


@term("ids", "ids as numbers", "cast", weight=2)
def ids_as_numbers(b, ids):
    ops = b.ops
    made = b.step(b.one_of(lambda x: ops.cast(x, "float32"), lambda x: ops.cast(x, "float32") / 10.0), ids)
    return made if made.axes else b.step(lambda x: ops.expand_dims(x, -1), made, axes=(1,))


@term("ids", "one-hot", weight=3, where="layers")
def one_hot(b, ids):
    layers, rows = b.layers, ids.rows
    mode = b.one_of("one_hot", "multi_hot", "count")
    layer = b.part(layers.CategoryEncoding(rows, output_mode=mode))
    return b.step(layer, ids, axes=(rows,))


@term("ids", "gather with options", weight=4, where="raw")
def gather_options(b, ids):
    tf, rows, dim = b.tf, ids.rows, b.dim
    free = b.framework == "tf_keras" or b.style == "module"
    make = b.variable if free else tf.constant
    table, wide = make(b.reals(rows, dim)), make(b.reals(dim, rows))
    half = (rows + 1) // 2
    shards = [make(b.reals(half, dim)), make(b.reals(half, dim))]
    b.term("Embedding")
    way = b.one_of(
        lambda x: tf.gather(table, x),
        lambda x: tf.transpose(tf.gather(wide, x, axis=1)),
        lambda x: tf.nn.embedding_lookup(table, x, max_norm=0.5),
        lambda x: tf.nn.embedding_lookup(shards, x),
        lambda x: tf.gather(tf.tile(table[None], [tf.shape(x)[0], 1, 1]), x[:, None], batch_dims=1)[:, 0],
        lambda x: tf.gather(table * 2.0, x),
        lambda x: tf.gather(tf.transpose(wide), x),
        lambda x: tf.matmul(tf.one_hot(x, rows), table),
        lambda x: tf.gather_nd(table, x[:, None]),
        lambda x: tf.gather(table, x) * 2.0,
        lambda x: tf.gather(tf.nn.l2_normalize(table, 1), x),
        lambda x: tf.gather(tf.reverse(table, [0]), x),
        lambda x: tf.gather(table, x) + table[:1],
        lambda x: tf.gather(tf.gather(table, tf.range(rows)), x),
        lambda x: tf.gather(table[1:], tf.maximum(x - 1, 0)),
        lambda x: tf.gather(table, tf.gather(tf.range(rows)[::-1], x)),
    )
    flat = ids if ids.axes == () else b.step(lambda x: tf.reshape(x, [-1]), ids, kind="ids", axes=(), rows=rows)
    return b.step(lambda x: tf.reshape(way(x), [-1, dim]), flat, axes=(dim,))


@term("ids", "StringLookup with output_mode", "StringLookup", weight=3, where="layers", column="text")
def output_mode(b, ids):
    """Beside the ids: the same column once more, by a lookup that gives numbers."""
    name = ids.column
    words = [f"w{i}" for i in range(b.between(3, 6))]
    b.columns[name]["known"] += words
    mode = b.one_of("one_hot", "multi_hot", "count", "tf_idf", "invert")
    column = Value(b.inputs[list(b.columns).index(name)], "text", b.columns[name]["axes"], column=name)
    if mode == "invert":
        inverse = b.part(b.layers.StringLookup(vocabulary=[f"x{i}" for i in range(ids.rows)], invert=True))
        again = b.part(b.layers.StringLookup(vocabulary=words + ["x1", "x3"]))
        return b.step(again, b.step(inverse, ids, kind="text"), kind="ids", rows=len(words) + 3)
    more = {"idf_weights": [b.real(0.5, 2) for _ in words]} if mode == "tf_idf" else {}
    layer = b.part(b.layers.StringLookup(vocabulary=words, output_mode=mode, **more))
    return b.step(layer, column, axes=(len(words) + 1,))


@term("ids", "where", "where on the column", weight=5, where="raw")
def where_column(b, ids):
    tf, name = b.tf, ids.column
    is_text = b.columns[name]["type"] == "string"
    values = [v for v in b.columns[name]["known"]][:4] or ["1" if is_text else 1]
    other = next((n for n, c in b.columns.items() if n != name and c["axes"] == b.columns[name]["axes"]), name)
    column = Value(b.inputs[list(b.columns).index(name)], "text", b.columns[name]["axes"], column=name)
    else_column = Value(b.inputs[list(b.columns).index(other)], "text", b.columns[other]["axes"], column=other)
    token = values[b.between(0, len(values) - 1)]
    row = b.between(0, ids.rows - 1)
    one = lambda x: tf.fill(tf.shape(x), tf.cast(row, x.dtype))
    if b.columns[other]["type"] == "string" and b.chance(0.4):
        word = (b.columns[other]["known"] or [""])[0]
        return b.step(lambda x, c: tf.where(tf.equal(c, word), one(x), x), ids, else_column, kind="ids", rows=ids.rows)
    return b.step(
        b.one_of(
            lambda x, c: tf.where(tf.equal(c, token), one(x), x),
            lambda x, c: tf.where(tf.equal(token, c), tf.cast(row, x.dtype), x),
            lambda x, c: tf.where(tf.equal(c, token), x, one(x)),
            lambda x, c: tf.where(tf.not_equal(c, token), x, one(x)),
            lambda x, c: tf.where(tf.not_equal(c, token), one(x), x),
        ),
        ids,
        column,
        kind="ids",
        rows=ids.rows,
    )


@term("text", "own rows for unknown values", "Hashing", "where", weight=4, where="tables")
def own_hash(b, text):
    tf = b.tf
    words = [f"w{i}" for i in range(8)]
    b.columns[text.column]["known"] += words
    b.border(text.column, "", "new", *[f"n{i}" for i in range(8)])
    default, none = b.one_of((-1, -1), (0, 0), (-1, 2), (99, 99), (-1, -2))
    buckets, first, offset = b.between(1, 4), b.one_of(0, 2, 4), b.one_of(0, 8, 1)
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(words), tf.range(8, dtype=tf.int64) + first), default
    )
    b.tensors.append(table)

    def rows(x):
        found = table.lookup(x)
        hashed = b_hash(x)
        made = tf.where(tf.equal(found, none), hashed + offset, found)
        return tf.clip_by_value(made, 0, 15) if default == -1 != none else made

    b_hash = b.one_of(
        lambda x: tf.strings.to_hash_bucket_fast(x, buckets),
        lambda x: tf.strings.to_hash_bucket_fast(x, buckets),
        lambda x: tf.strings.to_hash_bucket_fast(tf.strings.join([x, "s"]), buckets),
    )
    return b.step(rows, text, kind="ids", rows=16)


@term("text", "table of numbers", "tf.StaticHashTable", weight=2, where="tables")
def table_of_numbers(b, text):
    tf = b.tf
    words = [f"w{i}" for i in range(6)]
    b.columns[text.column]["known"] += words
    b.border(text.column, "", "new")
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(tf.constant(words), tf.constant(b.reals(6))), b.real()
    )
    b.tensors.append(table)
    return b.step(lambda x: tf.reshape(table.lookup(x), [-1, 1]), text, axes=(1,))


@term("text", "two tables", "tf.StaticHashTable", weight=3, where="tables")
def two_tables(b, text):
    tf = b.tf
    words = [f"w{i}" for i in range(6)]
    b.columns[text.column]["known"] += words
    b.border(text.column, "", "new", "w9")
    way = b.one_of("text", "rows", "mutable", "permuted", "same rows")
    if way == "text":
        table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(words), tf.constant(["a", "b", "a", "c", "b", "d"])), "other"
        )
        second = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(["a", "b", "c"]), tf.constant([1, 2, 3], tf.int64)), 0
        )
    elif way == "mutable":
        table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        table.insert(tf.constant(words), tf.range(6, dtype=tf.int64) + 1)
        second = None
    else:
        rows = {"rows": [0, 1, 2, 3, 4, 5], "permuted": [5, 3, 1, 0, 2, 4], "same rows": [1, 1, 2, 2, 3, 0]}[way]
        table = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(tf.constant(words), tf.constant(rows, tf.int64)),
            b.one_of(0, 6, -1, 3) if way != "rows" else 0,
        )
        second = (
            tf.lookup.StaticHashTable(
                tf.lookup.KeyValueTensorInitializer(tf.range(6, dtype=tf.int64), tf.constant([3, 1, 2, 0, 5, 4], tf.int64)),
                6,
            )
            if way == "rows"
            else None
        )
    b.tensors += [t for t in (table, second) if t is not None]
    return b.step(
        lambda x: (
            second.lookup(table.lookup(x))
            if second is not None
            else tf.maximum(table.lookup(x), 0) if way == "mutable" else table.lookup(x)
        ),
        text,
        kind="ids",
        rows=8,
    )


@term("text", "text operations", weight=5, where="raw")
def text_operations(b, text):
    tf = b.tf
    b.border(text.column, "AB", "ab", " ab ", "1.50", "-3", "ünï 1", "ÜNÏ 2", "Ünï 10")
    return b.step(
        b.one_of(
            lambda x: tf.strings.lower(x),
            lambda x: tf.strings.upper(x),
            lambda x: tf.strings.strip(x),
            lambda x: tf.strings.substr(x, 0, 3),
            lambda x: tf.strings.regex_replace(x, "1", "2"),
            lambda x: tf.strings.join([x, ""]),
            lambda x: tf.strings.join(["1", x]),
            lambda x: tf.identity(x),
            lambda x: tf.where(tf.equal(x, ""), tf.fill(tf.shape(x), "1"), x),
            lambda x: tf.where(tf.equal(x, "1"), tf.fill(tf.shape(x), "2"), x),
            lambda x: tf.strings.as_string(tf.strings.length(x)),
        ),
        text,
        kind="text",
    )


@term("text", "text as number", "cast", where="raw")
def text_as_number(b, text):
    tf = b.tf
    b.columns[text.column]["known"] += ["1.5", "2", "-3", "0"]
    made = b.step(lambda x: tf.strings.to_number(x), text)
    return made if made.axes else b.step(lambda x: x[:, None], made, axes=(1,))


@term("text", "TextVectorization", where="layers")
def text_vectorization(b, text):
    layer = b.part(
        b.layers.TextVectorization(
            output_mode=b.one_of("int", "multi_hot", "count"),
            vocabulary=["ünï", "1", "2"],
            **({"output_sequence_length": 2} if False else {}),
        )
    )
    b.columns[text.column]["known"] += ["Ünï 1", "ünï 2", "1 2"]
    mode = layer.get_config()["output_mode"]
    if mode != "int":
        return b.step(layer, text, axes=(len(layer.get_vocabulary()),))
    layer = b.part(b.layers.TextVectorization(output_mode="int", output_sequence_length=1, vocabulary=["ünï", "1", "2"]))
    return b.step(layer, text, kind="ids", axes=(1,), rows=6)


@term("text", "HashedCrossing", "Hashing", weight=2, where="layers")
def hashed_crossing(b, text):
    other = b.input("genre", "string", text.axes, ["drama", "comedy"], ["", "new"])
    b.columns[text.column]["known"] += ["a", "b", "1"]
    layer = b.part(b.layers.HashedCrossing(9, **b.one_of({}, {"output_mode": "one_hot"})))
    if layer.get_config()["output_mode"] == "one_hot":
        return b.step(lambda x, y: layer((x, y)), text, other, axes=(9,))
    return b.step(lambda x, y: layer((x, y)), text, other, kind="ids", rows=9)


@term("text", "raw hashing", "Hashing", weight=2, where="raw")
def raw_hashing(b, text):
    tf = b.tf
    b.columns[text.column]["known"] += ["a", "b", "1"]
    b.border(text.column, "", "ü")
    return b.step(
        b.one_of(
            lambda x: tf.strings.to_hash_bucket_fast(x, 7),
            lambda x: tf.strings.to_hash_bucket_strong(x, 7, [1, 2]),
            lambda x: tf.strings.to_hash_bucket(x, 7),
            lambda x: tf.strings.to_hash_bucket_fast(tf.strings.lower(x), 7),
            lambda x: 6 - tf.strings.to_hash_bucket_fast(x, 7),
        ),
        text,
        kind="ids",
        rows=7,
    )


@term("int", "where", "where on whole numbers", weight=4)
def where_int(b, column):
    ops = b.ops
    b.border(column.column, -1, 0, 1, 2, 3, 4, 5, -2)
    c = lambda x, value: ops.zeros_like(x) + ops.cast(value, x.dtype)
    return b.step(
        b.one_of(
            lambda x: ops.where(x < 0, c(x, 0), x),
            lambda x: ops.where(ops.equal(x, c(x, -1)), c(x, 3), x),
            lambda x: ops.where(x < 0, x + 5, x),
            lambda x: ops.where(x < 3, c(x, 3), x),
            lambda x: ops.where(x > 3, c(x, 3), x),
        ),
        column,
        kind="int",
    )


@term("int", "arithmetic of whole numbers", weight=3)
def arithmetic_int(b, column):
    ops = b.ops
    return b.step(
        b.one_of(
            lambda x: x + 1,
            lambda x: x - 1,
            lambda x: ops.abs(x),
            lambda x: x // 2,
            lambda x: ops.mod(x, 5),
            lambda x: ops.maximum(x, ops.cast(1, x.dtype)),
            lambda x: ops.minimum(x, ops.cast(3, x.dtype)),
            lambda x: x * 2,
            lambda x: -x,
        ),
        column,
        kind="int",
    )


@term("int", "cast", "cast of whole numbers", weight=4)
def cast_int(b, column):
    ops = b.ops
    b.border(column.column, 255, 256, 257, 260, 65536, 65540, 2**24 + 1, 2**32 + 1, 2**32 + 2, -255, -256)
    return b.step(
        b.one_of(
            lambda x: ops.cast(x, "int32"),
            lambda x: ops.cast(x, "int64"),
            lambda x: ops.cast(ops.cast(x, "int8"), "int64"),
            lambda x: ops.cast(ops.cast(x, "float32"), "int64"),
            lambda x: ops.cast(ops.cast(x, "int32"), "int64"),
            lambda x: ops.cast(ops.cast(x, "uint8"), "int64"),
            lambda x: ops.cast(ops.cast(x, "bool"), "int64"),
            lambda x: ops.cast(ops.cast(x, "int16"), "int32"),
        ),
        column,
        kind="int",
    )


@term("int", "whole numbers as numbers", "cast", weight=3)
def int_as_number(b, column):
    ops = b.ops
    b.columns[column.column]["known"] += range(-3, 12)
    b.border(column.column, 2**24 + 1, -(2**24) - 1, 123456789)
    made = b.step(
        b.one_of(
            lambda x: ops.cast(x, "float32"),
            lambda x: ops.cast(x, "float32") * 0.1,
            lambda x: ops.cast(x, "float32") + 1.0,
            lambda x: ops.cast(ops.cast(x, "int32"), "float32"),
            lambda x: ops.cast(ops.cast(x, "bool"), "float32"),
        ),
        column,
    )
    return made if made.axes else b.step(lambda x: ops.expand_dims(x, -1), made, axes=(1,))


@term("int", "whole numbers as text", "cast", weight=2, where="raw")
def int_as_text(b, column):
    tf = b.tf
    b.columns[column.column]["known"] += range(-3, 30)
    b.border(column.column, -1, 0, 1000, 2**31 - 1)
    return b.string_lookup(
        b.step(
            b.one_of(
                lambda x: tf.strings.as_string(x),
                lambda x: tf.strings.as_string(x, width=2, fill="0"),
                lambda x: tf.strings.as_string(x + 1),
            ),
            column,
            kind="text",
        )
    )


@term("int", "IntegerLookup with options", "IntegerLookup", weight=2, where="layers")
def integer_options(b, column):
    values = b.vocabulary(column.column, True)
    b.columns[column.column]["known"] += values
    b.border(column.column, -1, 0, 777, -5)
    mode = b.one_of("one_hot", "multi_hot", "oov")
    if mode == "oov":
        values = [v for v in values if v != -5]
        layer = b.part(b.layers.IntegerLookup(vocabulary=values, oov_token=-5))
        return b.step(layer, column, kind="ids", rows=len(values) + 1)
    values = [v for v in values if v != -1]
    return b.step(b.part(b.layers.IntegerLookup(vocabulary=values, output_mode=mode)), column, axes=(len(values) + 1,))


@term("hash", "Hashing", weight=6, where="layers")
def hashing(b, column):
    return column


@term("number", "Normalization", weight=3, where="layers")
def normalized_number(b, v):
    return normalization(b, v)


@term("number", "Discretization", weight=2, where="layers")
def discretization(b, v):
    bounds = [-1.0, 0.0, 0.5, 2.5]
    b.border(v.column, *bounds)
    layer = b.part(b.layers.Discretization(bin_boundaries=bounds))
    b.term("Embedding")
    return b.flat(b.step(b.part(b.layers.Embedding(6, 2)), b.step(layer, v, kind="ids"), axes=(1, 2)), 2)


@term("number", "number as rows", "cast", weight=3)
def number_as_rows(b, v):
    ops = b.ops
    b.columns[v.column]["known"] = [0.0, 1.0, 2.0, 3.0, 1.5, 2.25, 0.75]
    ids = b.step(lambda x: ops.cast(x, "int32"), v, kind="ids", rows=5)
    return b.embedding(ids, 2)


@term("number", "number looked up", "cast", "IntegerLookup", weight=2, where="layers")
def number_looked_up(b, v):
    ops = b.ops
    b.columns[v.column]["known"] = [0.0, 1.0, 2.0, 3.0, 7.0]
    b.border(v.column, 1.5, -0.5, 2.999)
    layer = b.part(b.layers.IntegerLookup(vocabulary=[1, 2, 3, 7]))
    return b.embedding(b.step(layer, b.step(lambda x: ops.cast(x, "int64"), v, kind="int"), kind="ids", rows=5), 2)


@term("number", "where", weight=2)
def where_number(b, v):
    return where_vec(b, v)


@term("number", "clip", weight=2)
def clip_number(b, v):
    return clip_vec(b, v)


@term("number", "exp")
def exp_number(b, v):
    return exp_vec(b, v)


@term("number", "cast", weight=2)
def cast_number(b, v):
    return cast_vec(b, v)


@term("number", "constants", weight=2)
def constants_number(b, v):
    return constants(b, v)


@term("number", "minimum", weight=2)
def minimum_number(b, v):
    return minimum_vec(b, v)
