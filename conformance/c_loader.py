"""TensorFlow's C API by ctypes: loads a SavedModel as TF Serving does, with the same code and nothing of Python's."""
import ctypes
import pathlib

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import meta_graph_pb2

# Importing TensorFlow has loaded both libraries; these are handles of them.
FOLDER = pathlib.Path(tf.__file__).parent
LIBRARIES = [ctypes.CDLL(str(next(FOLDER.glob(f"libtensorflow_{name}.so*")))) for name in ("framework", "cc")]
POINTER, SIZE, TEXT = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
STRING, STRING_BYTES = 7, 24  # TF_STRING; sizeof(TF_TString)


class Buffer(ctypes.Structure):
    _fields_ = [("data", POINTER), ("length", SIZE), ("deallocator", POINTER)]


class Output(ctypes.Structure):
    _fields_ = [("operation", POINTER), ("index", ctypes.c_int)]


def function(name, result, *arguments):
    for library in LIBRARIES:
        if hasattr(library, name):
            found = getattr(library, name)
            found.restype, found.argtypes = result, arguments
            return found
    raise RuntimeError(f"TensorFlow's libraries have no {name}")


new_status = function("TF_NewStatus", POINTER)
status_code = function("TF_GetCode", ctypes.c_int, POINTER)
status_text = function("TF_Message", TEXT, POINTER)
new_graph = function("TF_NewGraph", POINTER)
new_options = function("TF_NewSessionOptions", POINTER)
new_buffer = function("TF_NewBuffer", ctypes.POINTER(Buffer))
load_session = function("TF_LoadSessionFromSavedModel", POINTER, POINTER, POINTER, TEXT, ctypes.POINTER(TEXT),
                        ctypes.c_int, POINTER, ctypes.POINTER(Buffer), POINTER)
operation_by_name = function("TF_GraphOperationByName", POINTER, POINTER, TEXT)
allocate_tensor = function("TF_AllocateTensor", POINTER, ctypes.c_int, ctypes.POINTER(ctypes.c_int64), ctypes.c_int,
                           SIZE)
tensor_data = function("TF_TensorData", POINTER, POINTER)
tensor_dims = function("TF_NumDims", ctypes.c_int, POINTER)
tensor_dim = function("TF_Dim", ctypes.c_int64, POINTER, ctypes.c_int)
delete_tensor = function("TF_DeleteTensor", None, POINTER)
string_init = function("TF_StringInit", None, POINTER)
string_copy = function("TF_StringCopy", None, POINTER, TEXT, SIZE)
run_session = function("TF_SessionRun", None, POINTER, POINTER, ctypes.POINTER(Output), ctypes.POINTER(POINTER),
                       ctypes.c_int, ctypes.POINTER(Output), ctypes.POINTER(POINTER), ctypes.c_int, POINTER,
                       ctypes.c_int, POINTER, POINTER)
delete_session = function("TF_DeleteSession", None, POINTER, POINTER)


class Session:
    """The SavedModel at `path`, restored and initialized. Raises RuntimeError with TensorFlow's message if it can't."""

    def __init__(self, path):
        self.status, self.graph, meta = new_status(), new_graph(), new_buffer()
        tags = (TEXT * 1)(b"serve")
        self.session = load_session(new_options(), None, str(path).encode(), tags, 1, self.graph, meta, self.status)
        self.check()
        meta_graph = meta_graph_pb2.MetaGraphDef.FromString(
            ctypes.string_at(meta.contents.data, meta.contents.length))
        self.signature = meta_graph.signature_def["serving_default"]

    def check(self):
        if status_code(self.status) != 0:
            raise RuntimeError(status_text(self.status).decode())

    def output(self, tensor_name):
        name, _, index = tensor_name.partition(":")
        operation = operation_by_name(self.graph, name.encode())
        if operation is None:
            raise RuntimeError(f"the graph has no node {name}")
        return Output(operation, int(index))

    def run(self, features):
        """features: {column: values}; {output: float32 array}."""
        inputs = [(self.output(info.name), tensor(features[column], info.dtype))
                  for column, info in self.signature.inputs.items()]
        outputs = [(key, self.output(info.name)) for key, info in self.signature.outputs.items()]
        results = (POINTER * len(outputs))()
        run_session(self.session, None, (Output * len(inputs))(*(i for i, _ in inputs)),
                    (POINTER * len(inputs))(*(t for _, t in inputs)), len(inputs),
                    (Output * len(outputs))(*(o for _, o in outputs)), results, len(outputs), None, 0, None,
                    self.status)
        self.check()
        made = {key: floats(result) for (key, _), result in zip(outputs, results)}
        for value in [t for _, t in inputs] + list(results):
            delete_tensor(value)
        return made

    def close(self):
        delete_session(self.session, self.status)


def tensor(values, dtype):
    if dtype != STRING:
        array = np.ascontiguousarray(values, tf.dtypes.as_dtype(dtype).as_numpy_dtype)
        made = allocate_tensor(dtype, (ctypes.c_int64 * 1)(len(array)), 1, array.nbytes)
        ctypes.memmove(tensor_data(made), array.ctypes.data, array.nbytes)
        return made
    made = allocate_tensor(dtype, (ctypes.c_int64 * 1)(len(values)), 1, STRING_BYTES * len(values))
    for i, value in enumerate(values):
        place, text = tensor_data(made) + STRING_BYTES * i, str(value).encode()
        string_init(place)
        string_copy(place, text, len(text))
    return made


def floats(value):
    shape = [tensor_dim(value, i) for i in range(tensor_dims(value))]
    count = int(np.prod(shape))
    if count == 0:
        return np.zeros(shape, np.float32)
    numbers = (ctypes.c_float * count).from_address(tensor_data(value))
    return np.array(numbers, np.float32).reshape(shape)
