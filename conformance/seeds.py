#!/usr/bin/env python3
"""Are Podium's models as good as TFRS's beyond one lucky seed? Trains the seed job on the same train and test files of
MovieLens 100K with thirty seeds each (initial weights and the one shuffle change with the seed) and compares the means of
the test RMSE. Exit code 1 if they differ by more than 0.003. One seed in fifteen or so, of either, ends far above the
others, so that the means of ten seeds alone may differ by more."""
import argparse
import json
import math
import pathlib
import statistics
import sys

import cases
import podium


def tfrs_rmse(data, seeds):
    import numpy as np
    import seed_model
    import tensorflow as tf
    rows = data["train"] + data["test"]
    vocabularies = {f: seed_model.sorted_vocabulary(r[i] for r in rows) for i, f in enumerate(seed_model.FEATURES)}
    train, test = seed_model.as_columns(data["train"]), seed_model.as_columns(data["test"])
    for seed in seeds:
        seed_model.seed(seed)
        order = np.random.default_rng(seed).permutation(len(data["train"]))
        model = seed_model.RankingModel(vocabularies)
        model.compile(optimizer=tf.keras.optimizers.Adagrad(0.1))
        model.fit(seed_model.batches({k: v[order] for k, v in train.items()}, data["batch_size"]),
                  epochs=cases.EPOCHS, verbose=0)
        yield float(model.evaluate(seed_model.batches(test, 4096), verbose=0, return_dict=True)["rmse"])


def podium_rmse(folder, data, seeds, binary):
    recipe = folder / "seeds.toml"
    cases.write_rows(folder / "train.csv", data["train"])
    cases.write_rows(folder / "test.csv", data["test"])
    cases.write_recipe(recipe, data, {"kind": "adagrad", "learning_rate": 0.1}, shuffle="once")
    for seed in seeds:
        yield podium.train(binary, recipe, folder / "models", "--set", f"train.seed={seed}")["test"]["rmse"]


def report(name, values):
    print(f"  {name:7s} mean {statistics.mean(values):.4f}  median {statistics.median(values):.4f}  sd {statistics.stdev(values):.4f}  "
          + " ".join(f"{v:.4f}" for v in values), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="where files go")
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    parser.add_argument("--only", choices=["podium", "tfrs"])
    options = parser.parse_args()
    data = cases.movielens()
    if data is None:
        print("seeds: no MovieLens 100K; run examples/movielens/fetch first", file=sys.stderr)
        return 1
    options.folder.mkdir(parents=True, exist_ok=True)
    seeds, results = range(1, options.seeds + 1), {}
    if options.only != "podium":
        results["tfrs"] = list(tfrs_rmse(data, seeds))
        report("TFRS", results["tfrs"])
    if options.only != "tfrs":
        results["podium"] = list(podium_rmse(options.folder, data, seeds, options.podium))
        report("Podium", results["podium"])
    (options.folder / "seeds.json").write_text(json.dumps(results) + "\n")
    if len(results) < 2:
        return 0
    difference = statistics.mean(results["podium"]) - statistics.mean(results["tfrs"])
    error = math.sqrt(sum(statistics.variance(v) / len(v) for v in results.values()))
    good = abs(difference) <= 0.003
    print(f"  Podium - TFRS: {difference:+.4f} (standard error {error:.4f}); at most 0.003: {'ok' if good else 'MISS'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
