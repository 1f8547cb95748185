"""Reads and writes safetensors files of float32 arrays: 8 bytes of header length, a JSON header, the numbers."""
import json
import pathlib
import struct

import numpy as np


def write(path, tensors):
    """tensors: {name: float32 array}, stored row-major in the order given."""
    header, blobs, offset = {}, [], 0
    for name, array in tensors.items():
        blob = np.ascontiguousarray(array, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(np.shape(array)), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


KINDS = {"F32": "<f4", "U64": "<u8", "I64": "<i8", "U8": "u1"}


def read(path, of_any_kind=False):
    """{name: array}, of float32 alone unless it is asked for more."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    result = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32" and not of_any_kind:
            raise ValueError(f"{path}: tensor {name} is {entry['dtype']}, not F32")
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        result[name] = np.frombuffer(data[begin:end], KINDS[entry["dtype"]]).reshape(entry["shape"])
    return result
