"""Terms of one layer, of the whole model, and of its outputs."""

from draw_terms import term


@term("layer", "mixed policies", "dtype of a layer", weight=6, where="layers")
def layer_dtype(b):
    kind = b.one_of("Dense", "Dense", "Embedding", "Concatenate", "any")
    dtype = b.one_of("mixed_float16", "mixed_bfloat16", "float16", "float64", "bfloat16", "float32")
    b.layer_options.append((kind, {"dtype": dtype}))


@term("global", "mixed policies", weight=6, where="layers")
def mixed(b):
    b.policy = b.one_of("mixed_float16", "mixed_float16", "mixed_bfloat16", "float64", "float16")


@term("layer", "lora", weight=2, where="keras3")
def lora(b):
    b.layer_options.append((b.one_of("Dense", "Embedding"), {"lora_rank": 2}))


@term("global", "quantized", weight=2, where="keras3")
def quantized(b):
    b.quantized = b.one_of("int8", "float8", "int4")


@term("global", "input dtype", weight=4, where="layers", column="float")
def input_dtype(b):
    b.number_dtype = b.one_of("float64", "float16", "int8", "uint8", "int32", "bool", "bfloat16")
    b.id_dtype = b.one_of(None, "int8", "uint8", "int16", "uint32")


@term("global", "fixed batch")
def fixed_batch(b):
    b.fixed_batch = 200


@term("global", "several values per row", weight=2, where="layers")
def several_values(b):
    b.several = b.one_of("int", "float", "text")


@term("output", "several outputs", weight=5)
def several_outputs(b):
    b.outputs = b.one_of("dict", "list", "vector", "logit", "dict")


@term("output", "several signatures", weight=2, where="saved")
def several_signatures(b):
    b.signatures = True


@term("output", "score of another shape", weight=2)
def score_shape(b):
    b.shape = b.one_of("flat", "three", "wide", "whole", "wide", "bool", "squeezed")
