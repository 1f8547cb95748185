#!/usr/bin/env python3
"""Trains the seed model with the real TensorFlow and writes what Podium must repeat.

For every data set of cases.py, in FOLDER/DATA_SET: train.csv, test.csv, initial.safetensors (TensorFlow's initial
weights under Podium's names), and for every optimizer NAME.toml (Podium's recipe: same weights, same rows in the same
batches), NAME.json {losses: of each of 30 steps, test_rmse, versions} and NAME.safetensors (the final weights).
"""
import argparse
import json
import pathlib
import time

import cases
import seed_model
import tensors
import tensorflow as tf
import tf_keras


def optimizer_class(name):
    found = tf.keras.optimizers
    for part in name.split("."):
        found = getattr(found, part)
    return found


def make(folder, data, names):
    folder.mkdir(parents=True, exist_ok=True)
    cases.write_rows(folder / "train.csv", data["train"])
    cases.write_rows(folder / "test.csv", data["test"])
    rows = data["train"] + (data["test"] if data["vocabulary"] == "all" else [])
    vocabularies = {f: seed_model.sorted_vocabulary(r[i] for r in rows) for i, f in enumerate(seed_model.FEATURES)}
    train = seed_model.batches(seed_model.as_columns(data["train"]), data["batch_size"])
    test = seed_model.batches(seed_model.as_columns(data["test"]), 4096)

    initial = None
    for name in names:
        recipe, kind, arguments = cases.OPTIMIZERS[name]
        started = time.time()
        seed_model.seed(42)
        model = seed_model.RankingModel(vocabularies)
        model.create_weights()
        if initial is None:
            initial = model.weights_now()
            tensors.write(folder / "initial.safetensors", initial)
        model.start_from(initial)
        model.compile(optimizer=optimizer_class(kind)(**arguments))
        steps = seed_model.StepLosses()
        model.fit(train, epochs=cases.EPOCHS, callbacks=[steps], verbose=0)
        rmse = float(model.evaluate(test, verbose=0, return_dict=True)["rmse"])
        cases.write_recipe(folder / f"{name}.toml", data, recipe, shuffle="none", init="initial.safetensors")
        tensors.write(folder / f"{name}.safetensors", model.weights_now())
        result = {"optimizer": f"tf.keras.optimizers.{kind}", "arguments": arguments, "losses": steps.losses,
                  "test_rmse": rmse, "versions": {"tensorflow": tf.__version__, "tf-keras": tf_keras.__version__}}
        (folder / f"{name}.json").write_text(json.dumps(result) + "\n")
        print(f"  {folder.name:10s} {name:15s} {len(steps.losses)} steps, loss {steps.losses[0]:.4f} to "
              f"{steps.losses[-1]:.4f}, test RMSE {rmse:.4f}, {time.time() - started:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--data", choices=cases.DATA_SETS, nargs="*", default=list(cases.DATA_SETS))
    parser.add_argument("--optimizer", choices=cases.OPTIMIZERS, nargs="*", default=list(cases.OPTIMIZERS))
    options = parser.parse_args()
    for name in options.data:
        data = cases.DATA_SETS[name]()
        if data is None:
            print(f"  {name}: skipped, examples/movielens/fetch has not run")
            continue
        make(options.folder / name, data, options.optimizer)


if __name__ == "__main__":
    main()
