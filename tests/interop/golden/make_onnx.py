#!/usr/bin/env python3
"""Asks ONNX Runtime about the small models of tests/interop/kinds.h and writes onnx.json beside itself.

Run it in the environment that conformance/setup makes, after a build, when a graph that Podium writes has changed:
  conformance/setup tensorflow onnx && .venv/bin/python tests/interop/golden/make_onnx.py

onnx.json: one object with
  versions  {package: version} of what computed the values
  kinds     {name: {graph: checksum (XXH3-128) of the GraphProto that was run, and
              output_1 [rows][width], or, of a rank graph, users {user: {top_items, top_scores}}}}
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import farmhash
import numpy as np
import onnx
import onnxruntime

PROJECT = pathlib.Path(__file__).resolve().parents[3]
USERS = ["7", "42", "9", "-1", "nobody"]
NUMPY = {"tensor(string)": object, "tensor(int64)": np.int64, "tensor(float)": np.float32}
FINGERPRINT = "_fingerprint"


def write_models(program, folder):
    """The models and kinds.json, by Podium's own test program."""
    subprocess.run([program, "--gtest_filter=OnnxGolden.WritesTheModelsForOnnxRuntime"], check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, "PODIUM_ONNX_KINDS": str(folder)})
    return json.loads((folder / "kinds.json").read_text(encoding="utf-8"))


def session(path):
    onnx.checker.check_model(str(path), full_check=True)
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def cells(rows, name, kind):
    """A column as an input wants it; with COLUMN_fingerprint what FarmHash makes of it."""
    if name.endswith(FINGERPRINT):
        return np.array([farmhash.Fingerprint64(value) for value in rows[name.removesuffix(FINGERPRINT)]], np.uint64)
    values = rows[name]
    return np.array([str(v) for v in values] if kind == "tensor(string)" else values, NUMPY[kind])


def ask(folder, name, rows):
    """What ONNX Runtime answers of one model."""
    run = session(folder / name / "model.onnx")
    if not name.startswith("rank_"):
        inputs = {i.name: cells(rows, i.name, i.type) for i in run.get_inputs()}
        return {"output_1": run.run(["output_1"], inputs)[0].tolist()}
    users = {}
    for user in USERS:
        asked = {"user": [user], "k": [1000]}
        inputs = {i.name: cells(asked, i.name, i.type) for i in run.get_inputs()}
        items, scores = run.run(["top_items", "top_scores"], inputs)
        users[user] = {"top_items": [str(item) for item in items], "top_scores": scores.tolist()}
    return {"users": users}


def answers(program):
    """({name: {graph, and what ONNX Runtime answers}}, {name: what Podium answers, of those that score rows})."""
    with tempfile.TemporaryDirectory() as scratch:
        written = write_models(program, pathlib.Path(scratch))
        found = {name: {"graph": kind["graph"], **ask(pathlib.Path(scratch), name, written["rows"])}
                 for name, kind in written["kinds"].items()}
    return found, {name: kind["podium"] for name, kind in written["kinds"].items() if "podium" in kind}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=PROJECT / "build" / "release" / "bin" / "interop_tests")
    program = parser.parse_args().program
    found, _ = answers(program)
    versions = {"onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
    path = pathlib.Path(__file__).with_name("onnx.json")
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(kind, ensure_ascii=False)}" for name, kind in found.items())
    path.write_text(f'{{"versions": {json.dumps(versions)},\n "kinds": {{\n{lines}\n}}}}\n', encoding="utf-8")
    print(f"wrote {path}: {len(found)} models", file=sys.stderr)


if __name__ == "__main__":
    main()
