"""Writes safetensors.safetensors, which tests/core/safetensors_test.cpp reads: python3 safetensors.py

Made with safetensors 0.8.0 and numpy 2.4.6. With --check FILE it reads a file that Podium wrote (the test
program leaves one where PODIUM_WRITE_SAFETENSORS says) and compares it with what the test put in.
"""
import os
import sys

sys.path = [entry for entry in sys.path if os.path.abspath(entry or ".") != os.path.dirname(os.path.abspath(__file__))]
import numpy
from safetensors.numpy import load_file, save_file

tensors = {
    "dense_0/kernel": (numpy.arange(12, dtype=numpy.float32) / 8).reshape(3, 4),
    "ids": numpy.array([0, 1, 2**32 - 1], dtype=numpy.uint32),
    "offsets": numpy.array([0, 2**63], dtype=numpy.uint64),
    "times": numpy.array([-1, 2**40], dtype=numpy.int64),
    "text": numpy.frombuffer("naïve".encode(), dtype=numpy.uint8),
    "half": numpy.array([0.5, -2.0], dtype=numpy.float16),
    "empty": numpy.zeros((0, 5), dtype=numpy.float32),
    "scalar": numpy.array(1.5, dtype=numpy.float64),
}

if len(sys.argv) == 3 and sys.argv[1] == "--check":
    found = load_file(sys.argv[2])
    assert found.keys() == tensors.keys(), found.keys()
    for name, values in tensors.items():
        assert found[name].dtype == values.dtype and found[name].shape == values.shape, name
        assert numpy.array_equal(found[name], values), name
    print("equal")
else:
    here = os.path.dirname(os.path.abspath(__file__))
    save_file(tensors, os.path.join(here, "safetensors.safetensors"), metadata={"made_by": "numpy"})
