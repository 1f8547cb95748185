#!/usr/bin/env python3
"""Makes bundle.index and bundle.data-00000-of-00001 with TensorFlow's own writer (2.21.0):
    .venv/bin/python tests/interop/golden/make_bundle.py"""
import pathlib

import tensorflow as tf

tf.raw_ops.SaveV2(
    prefix=str(pathlib.Path(__file__).parent / "bundle"),
    tensor_names=["_CHECKPOINTABLE_OBJECT_GRAPH", "variables/0/.ATTRIBUTES/VARIABLE_VALUE",
                  "optimizer/_iterations/.ATTRIBUTES/VARIABLE_VALUE"],
    shape_and_slices=["", "", ""],
    tensors=[tf.constant(b"objects"), tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), tf.constant(30, tf.int64)])
