#!/usr/bin/env python3
"""Are Podium's models as good as TFRS's beyond one lucky seed? Trains the seed job of MovieLens 100K by both and compares the
means of the test RMSE; exit code 1 if they differ by more than 0.003. A seed draws one order of the training rows, the same
file for both. First ten seeds whose initial weights TFRS draws and Podium takes over: is the training the same? Then a
hundred whose weights each side draws itself: is the drawing as good? One seed in fifteen, of either side, ends far above the
others, so the means of ten such seeds may differ by 0.006."""
import argparse
import json
import math
import pathlib
import statistics
import sys

import cases
import podium
import tensors

ADAGRAD = {"kind": "adagrad", "learning_rate": 0.1}


def in_order_of(seed, rows):
    import numpy as np
    return [rows[i] for i in np.random.default_rng(seed).permutation(len(rows))]


def tfrs_rmse(folder, data, seeds):
    """Test RMSE of each seed; its initial weights become FOLDER/SEED.safetensors."""
    import seed_model
    import tensorflow as tf
    rows = data["train"] + data["test"]
    vocabularies = {f: seed_model.sorted_vocabulary(r[i] for r in rows) for i, f in enumerate(seed_model.FEATURES)}
    test = seed_model.as_columns(data["test"])
    for seed in seeds:
        seed_model.seed(seed)
        train = seed_model.as_columns(in_order_of(seed, data["train"]))
        model = seed_model.RankingModel(vocabularies)
        model.create_weights()
        tensors.write(folder / f"{seed}.safetensors", model.weights_now())
        model.compile(optimizer=tf.keras.optimizers.Adagrad(0.1))
        model.fit(seed_model.batches(train, data["batch_size"]), epochs=cases.EPOCHS, verbose=0)
        yield float(model.evaluate(seed_model.batches(test, 4096), verbose=0, return_dict=True)["rmse"])


def podium_rmse(folder, data, seeds, binary, takes_over):
    """Test RMSE of each seed, from TFRS's initial weights or from Podium's own."""
    recipe = folder / "seeds.toml"
    cases.write_rows(folder / "test.csv", data["test"])
    cases.write_recipe(recipe, data, ADAGRAD, shuffle="none")
    for seed in seeds:
        cases.write_rows(folder / "train.csv", in_order_of(seed, data["train"]))
        start = ["--set", f"train.init={folder / f'{seed}.safetensors'}"] if takes_over else []
        yield podium.train(binary, recipe, folder / "models", "--set", f"train.seed={seed}", *start)["test"]["rmse"]


def report(name, values):
    print(f"  {name:7s} mean {statistics.mean(values):.4f}  median {statistics.median(values):.4f}  "
          f"sd {statistics.stdev(values):.4f}  from {min(values):.4f} to {max(values):.4f}", flush=True)


def compare(what, ours, theirs):
    """Whether the means are near enough. Seeds are pairs: both sides saw the same batches."""
    print(f"  {len(ours)} seeds, {what}:")
    report("TFRS", theirs)
    report("Podium", ours)
    differences = [our - their for our, their in zip(ours, theirs)]
    difference, error = statistics.mean(differences), statistics.stdev(differences) / math.sqrt(len(differences))
    good = abs(difference) <= 0.003
    print(f"  Podium - TFRS: {difference:+.5f} (standard error {error:.5f}); at most 0.003: {'ok' if good else 'MISS'}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path, help="where files go")
    parser.add_argument("--seeds", type=int, default=100, help="of weights that each side draws itself")
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    options = parser.parse_args()
    data = cases.movielens()
    if data is None:
        print("seeds: no MovieLens 100K; run examples/movielens/fetch first", file=sys.stderr)
        return 1
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(1, options.seeds + 1)
    theirs = list(tfrs_rmse(folder, data, seeds))
    taken_over = list(podium_rmse(folder, data, seeds[:10], options.podium, True))
    good = compare("TFRS's initial weights", taken_over, theirs[:10])
    ours = list(podium_rmse(folder, data, seeds, options.podium, False))
    good &= compare("each its own initial weights", ours, theirs)
    (folder / "seeds.json").write_text(json.dumps({"tfrs": theirs, "podium": ours, "taken over": taken_over}) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
