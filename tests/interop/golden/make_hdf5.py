#!/usr/bin/env python3
"""Makes the HDF5 files of Keras 2 and Keras 3 that tests/interop looks into, a model and weights alone of each:

    conformance/setup
    .venv/bin/python tests/interop/golden/make_hdf5.py [FOLDER]

Made by tf-keras 2.21.0 (keras2.h5, keras2_weights.h5) and Keras 3.15.1 (keras3.h5, keras3.weights.h5).
"""
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import tf_keras


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    folder = folder if folder.is_dir() else folder.parent
    for made, name, weights in ((tf_keras, "keras2.h5", "keras2_weights.h5"),
                                (keras, "keras3.h5", "keras3.weights.h5")):
        inputs = made.Input((1,))
        model = made.Model(inputs, made.layers.Dense(1, use_bias=False, kernel_initializer="ones")(inputs))
        model.save(folder / name)
        model.save_weights(folder / weights)


if __name__ == "__main__":
    main()
