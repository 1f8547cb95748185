"""The list of terms that an importer could misread: each a function that puts one variant, drawn at random, into a model.

draw_vectors.py, draw_names.py, draw_pairs.py, draw_columns.py and draw_options.py have them.
"""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Term:
    names: tuple  # what it counts as
    spot: str  # vec, pair, text, int, hash, ids, number, layer, global, output
    function: object
    weight: int = 1
    where: str = ""  # raw, tables: needs TensorFlow's own; layers: not in a tf.Module; saved: not in .keras; keras3
    column: str = ""  # the kind that a column must be: text, int, float


TERMS = []


def term(spot, *names, weight=1, where="", column=""):
    column = column or {"text": "text", "int": "int", "number": "float"}.get(spot, "")

    def add(function):
        TERMS.append(Term(names or (function.__name__,), spot, function, weight, where, column))
        return function

    return add


def constant(b, width):
    """A number or an array that broadcasts to [rows, width]."""
    return b.one_of(
        b.real(), np.float32(b.real()), b.reals(1), b.reals(width), b.reals(1, width), b.reals(1, 1), b.reals(width)
    )
