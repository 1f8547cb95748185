#!/usr/bin/env python3
"""Trains with Podium what make_parity.py trained with TensorFlow and compares every step. Exit code 1 on a miss.

  loss     every step's loss, greatest relative difference; at most 1e-4
  weights  of every tensor |Podium - TensorFlow| / |TensorFlow - initial| (Euclidean norms: how wrong the training's
           movement is), greatest over the tensors; at most 1e-3
  rmse     test RMSE, difference; at most 1e-4
"""
import argparse
import json
import pathlib
import sys
import tempfile

import numpy as np
import podium
import tensors

LIMITS = {"loss": 1e-4, "weights": 1e-3, "rmse": 1e-4}
# Adam divides a gradient by its own size, so the rounding of a gradient that is nearly 0 becomes a whole step.
ADAM_WEIGHTS = 5e-3


def weight_difference(found, expected, initial):
    """(greatest relative difference, its tensor). Differences below one part in ten million of a tensor's own size
    are float32's rounding and count as none, so that a tensor that hardly moves is not divided by nothing."""
    if set(found) != set(expected):
        return float("inf"), f"names differ: {sorted(set(found) ^ set(expected))}"
    worst = (0.0, "")
    for name, right in expected.items():
        if found[name].shape != right.shape:
            return float("inf"), f"{name}: shape {found[name].shape} instead of {right.shape}"
        difference = np.linalg.norm(found[name].astype(float) - right)
        if difference > 1e-7 * np.linalg.norm(right):
            worst = max(worst, (difference / max(np.linalg.norm(right - initial[name]), 1e-12), name))
    return worst


def compare(recipe, binary, extra):
    expected = json.loads(recipe.with_suffix(".json").read_text())
    with tempfile.TemporaryDirectory() as out:
        got = podium.train(binary, recipe, out, "--step-losses", *extra)
        weights = tensors.read(pathlib.Path(got["model"]) / "weights.safetensors")
    found, right = np.array(got["step_losses"], float), np.array(expected["losses"], float)
    if found.shape != right.shape:
        raise RuntimeError(f"{len(found)} step losses instead of {len(right)}")
    differences = {"loss": float(np.max(np.abs(found - right) / right)),
                   "rmse": abs(got["test"]["rmse"] - expected["test_rmse"])}
    differences["weights"], tensor = weight_difference(weights, tensors.read(recipe.with_suffix(".safetensors")),
                                                       tensors.read(recipe.with_name("initial.safetensors")))
    return differences, tensor, got["test"]["rmse"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, help="what make_parity.py wrote")
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="passed to podium train")
    options = parser.parse_args()
    extra = [word for setting in options.set for word in ("--set", setting)]
    recipes = sorted(p for p in options.folder.glob("*/*.toml") if p.with_suffix(".json").is_file())
    if not recipes:
        print(f"compare: nothing in {options.folder}; run make_parity.py first", file=sys.stderr)
        return 1
    print(f"{'data':10s} {'optimizer':15s} {'loss (30 steps)':>16s} {'weights':>10s} {'test RMSE':>10s} {'RMSE diff':>10s}")
    misses = 0
    for recipe in recipes:
        label = f"{recipe.parent.name:10s} {recipe.stem:15s}"
        try:
            differences, tensor, rmse = compare(recipe, options.podium, extra)
        except (RuntimeError, OSError, KeyError, ValueError) as error:
            print(f"{label} FAILED: {type(error).__name__}: {error}")
            misses += 1
            continue
        own = LIMITS | ({"weights": ADAM_WEIGHTS} if recipe.stem.startswith("adam") else {})
        missed = [name for name, limit in own.items() if not differences[name] <= limit]
        misses += bool(missed)
        print(f"{label} {differences['loss']:16.1e} {differences['weights']:10.1e} {rmse:10.5f} "
              f"{differences['rmse']:10.1e} {'MISS: ' + ', '.join(missed) + ' ' + tensor if missed else 'ok'}",
              flush=True)
    limits = ", ".join(f"{name} {limit:g}" for name, limit in LIMITS.items())
    print(f"{len(recipes) - misses} of {len(recipes)} agree with TensorFlow (limits: {limits}; weights of Adam {ADAM_WEIGHTS:g})")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
