#!/usr/bin/env python3
"""Exports models as SavedModels and hands them to OpenVINO: it must convert each, with the scores of podium predict, or
refuse it with the names of the operations that it lacks; within 60 s and 4 GB for all of them. Exit code 1 on a miss.

A ranking model, whose string lookups OpenVINO has no operation for, and a small model of each kind of node, feature and
activation (tests/interop/kinds.h). A process of its own holds OpenVINO, so that the limits are the system's.
"""
import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import cases
import numpy as np
import podium

SECONDS, MEMORY = 60, 4 << 30
LIMIT = 1e-5
# The kinds' columns that hold numbers. OpenVINO's CPU computes int64 in 32 bits: a larger id becomes 2147483647.
ROWS = {"year": [1994, 2001, -1970, 42, 7], "price": [0.5, -3.0, 0.0, -1.25, 1e3]}
CONVERTS = {"integer", "numeric"}  # the kinds that read these alone, by no hash


def answer(export, rows):
    """OpenVINO's scores of the rows, or why it refuses the export."""
    import openvino

    try:
        model = openvino.convert_model(export)
    except openvino.frontend.OpConversionFailure as error:
        return {"refused": str(error)}
    compiled = openvino.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    types = {"i64": np.int64, "f32": np.float32}
    found = compiled({i.any_name: np.array(rows[i.any_name], types[i.element_type.get_type_name()])
                      for i in compiled.inputs})
    return {"scores": found["output_1"][:, 0].tolist()}


def serve(folder):
    """The process with the limits: an answer a line, for each export."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for export in sorted(folder.iterdir()):
        print(json.dumps([export.name, answer(export, ROWS)]), flush=True)


def ask(folder):
    """{export: OpenVINO's answer}; raises RuntimeError if it doesn't give all of them within the limits."""
    try:
        done = subprocess.run([sys.executable, __file__, "--serve", str(folder)], capture_output=True, text=True,
                              timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        given = (error.stdout or b"").decode().count("\n")
        raise RuntimeError(f"OpenVINO gave {given} answers within {SECONDS} s and no more") from None
    if done.returncode != 0:
        raise RuntimeError(f"OpenVINO ended with {done.returncode} (4 GB at most): {done.stderr.strip()[-500:]}")
    return dict(json.loads(line) for line in done.stdout.splitlines())


def predicted(binary, model, folder):
    podium.write_csv(folder / "rows.csv", ROWS)
    return podium.scores(binary, model, folder / "rows.csv")


def models(binary, folder):
    """{name: directory}: a ranking model and one of each kind."""
    data = {**cases.synthetic(), "vocabulary": "all"}
    cases.write_rows(folder / "train.csv", data["train"])
    cases.write_rows(folder / "test.csv", data["test"])
    cases.write_recipe(folder / "recipe.toml", data, {"kind": "adagrad", "learning_rate": 0.1}, epochs=1)
    made = {"ranking": podium.train(binary, folder / "recipe.toml", folder / "models")["model"]}
    kinds = folder / "kinds"
    subprocess.run([binary.resolve().parent / "interop_tests", "--gtest_filter=Kinds.AreSavedAndLoaded"], check=True,
                   capture_output=True, env={**os.environ, "PODIUM_KINDS": str(kinds)})
    return {**made, **{kind.name: kind for kind in kinds.iterdir()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    parser.add_argument("--serve", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve(options.serve)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = models(options.podium, folder)
        for name, model in made.items():
            podium.run(options.podium, "export", model, "--format", "savedmodel", "--to", folder / "exports" / name,
                       "--quiet")
        answers = ask(folder / "exports")
        scored, misses = 0, []
        for name, model in sorted(made.items()):
            given = answers[name]
            if name in CONVERTS:
                found = np.array(given.get("scores", [np.inf]))
                scored += 1
                ok = np.max(np.abs(found - predicted(options.podium, model, folder))) <= LIMIT
            else:
                ok = "Conversion is failed for: HashTableV2, LookupTableFindV2" in given.get("refused", "")
            if not ok:
                misses.append(name)
                print(f"{name}: MISS: {str(given)[:500]}")
    print(f"OpenVINO answers to {len(answers)} of {len(made)} exports, {scored} with podium's scores (limit: {LIMIT:g}); "
          f"{len(misses)} misses")
    return 1 if misses or len(answers) != len(made) else 0


if __name__ == "__main__":
    sys.exit(main())
