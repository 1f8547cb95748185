#!/usr/bin/env python3
"""Trains with Podium, exports, and asks ONNX Runtime, Keras and PyTorch for the same scores. Exit code 1 on a miss.

  kinds     every kind of node, activation and feature (tests/interop/kinds.h), scored by ONNX Runtime as by Podium
  scores    10,000 pairs of users and films, unknown and non-ASCII ones among them, at every opset that Podium writes
  ranking   of every user, by the rank graph: the order of `podium rank` wherever scores differ by more than 1e-5
  weights   examples/python: the model rebuilt from npz in Keras, and from safetensors in PyTorch where it is installed
"""
import argparse
import csv
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cases
import numpy as np
import podium

sys.path.insert(0, str(podium.PROJECT / "tests" / "interop" / "golden"))
import make_onnx

LIMIT = 1e-5
OPSETS = range(17, 22)
PAIRS = 10_000


def run(binary, *words):
    done = subprocess.run([str(binary), *map(str, words)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"podium {words[0]}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def pairs(data):
    """Users and films of the data, drawn from a seed; every tenth user and film is one that no model knows, and so are
    near misses of known ones."""
    draw = np.random.default_rng(11)
    rows = data["train"] + data["test"]
    strangers = ["nobody", "", "0042", "Ünbekannt", "七人の侍", "Film 1 (1961) ", "speed (1994)"]
    picked = draw.integers(0, len(rows), (PAIRS, 2))
    odd = draw.random((PAIRS, 2)) < 0.1
    names = draw.integers(0, len(strangers), (PAIRS, 2))
    users = [strangers[n] if o else rows[p][0] for p, o, n in zip(picked[:, 0], odd[:, 0], names[:, 0])]
    films = [strangers[n] if o else rows[p][1] for p, o, n in zip(picked[:, 1], odd[:, 1], names[:, 1])]
    return users, films


def predict(binary, model, folder, users, films):
    cases_file = folder / "pairs.csv"
    with open(cases_file, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(cases.HEADER[:2])
        writer.writerows(zip(users, films))
    run(binary, "predict", model, "--input", cases_file, "--output", folder / "scores.csv", "--quiet")
    with open(folder / "scores.csv", newline="", encoding="utf-8") as file:
        return np.array([float(row["score"]) for row in csv.DictReader(file)], np.float64)


def check_kinds(program):
    found, own = make_onnx.answers(program)
    worst = 0.0
    for name, scores in own.items():
        right = np.array(found[name]["output_1"])[:, 0]
        worst = max(worst, float(np.max(np.abs(right - scores) / np.maximum(1.0, np.abs(right)))))
    return f"kinds      {len(found)} models, greatest difference {worst:.1e}", worst <= LIMIT


def check_scores(binary, model, folder, data):
    users, films = pairs(data)
    wanted = predict(binary, model, folder, users, films)
    worst = 0.0
    for opset in OPSETS:
        run(binary, "export", model, "--format", "onnx", "--opset", opset, "--to", folder / "onnx", "--quiet")
        session = make_onnx.session(folder / "onnx" / "model.onnx")
        scores = session.run(["output_1"], {"user_id": np.array(users, object), "movie_title": np.array(films, object)})[0]
        worst = max(worst, float(np.max(np.abs(scores[:, 0] - wanted))))
    return f"scores     {len(wanted)} pairs at opsets 17 to 21, greatest difference {worst:.1e}", worst <= LIMIT


def misordered(items, scores):
    """Pairs of neighbours in `items` whose scores (of `podium rank`) say clearly that they should stand the other way;
    compares each with the least score before it."""
    least, misses = float("inf"), 0
    for item in items:
        misses += scores[item] - least > LIMIT
        least = min(least, scores[item])
    return misses


def check_ranking(binary, model, folder, data):
    run(binary, "export", model, "--format", "onnx", "--graph", "rank", "--to", folder / "rank", "--quiet")
    session = make_onnx.session(folder / "rank" / "model.onnx")
    users = sorted({row[0] for row in data["train"] + data["test"]}) + ["nobody"]
    misses, worst = 0, 0.0
    for user in users:
        answer = json.loads(run(binary, "rank", model, "--user", user, "--top", 1_000_000, "--json", "--quiet"))
        right = {entry["movie_title"]: entry["score"] for entry in answer["ranking"]}
        items, scores = session.run(["top_items", "top_scores"],
                                    {"user_id": np.array([user], object), "k": np.array([1_000_000])})
        if set(items) != set(right) or len(items) != len(right):
            return f"ranking    of {user}: other items", False
        misses += misordered(items, right)
        worst = max(worst, max(abs(float(s) - right[i]) for i, s in zip(items, scores)))
        best = session.run(["top_items"], {"user_id": np.array([user], object), "k": np.array([10])})[0]
        misses += list(best) != list(items[:10])
    text = f"ranking    of {len(users)} users, {len(right)} items each: {misses} out of order, scores within {worst:.1e}"
    return text, misses == 0 and worst <= LIMIT


def check_example(binary, model, folder, data, name):
    """examples/python/from_NAME.py scores a user's films as Podium does."""
    users, films = pairs(data)
    films = sorted(set(films))[:200]
    wanted = predict(binary, model, folder, [users[0]] * len(films), films)
    run(binary, "export", model, "--format", name, "--to", folder / name, "--quiet")
    command = [sys.executable, podium.PROJECT / "examples" / "python" / f"from_{name}.py", folder / name / f"weights.{name}",
               users[0], *films]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                          env={**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""})
    if done.returncode != 0:
        return f"weights    {name}: {done.stderr.strip().splitlines()[-1]}", False
    scores = np.array([float(line.split()[0]) for line in done.stdout.splitlines()])
    worst = float(np.max(np.abs(scores - wanted)))
    return f"weights    {name}: {len(films)} films, greatest difference {worst:.1e}", worst <= LIMIT


def checks(binary, scratch):
    program = binary.parent / "interop_tests"
    if program.is_file():
        yield "kinds", lambda: check_kinds(program)
    else:
        print(f"onnx       kinds skipped: there is no {program}")
    examples = ["npz"] + (["safetensors"] if importlib.util.find_spec("torch") else [])
    if len(examples) == 1:
        print("onnx       safetensors skipped: conformance/setup torch installs PyTorch")
    for name, make in cases.DATA_SETS.items():
        data = make()
        if data is None:
            continue
        folder = scratch / name
        folder.mkdir()
        cases.write_rows(folder / "train.csv", data["train"])
        cases.write_rows(folder / "test.csv", data["test"])
        cases.write_recipe(folder / "recipe.toml", data, {"kind": "adagrad", "learning_rate": 0.1})
        model = podium.train(binary, folder / "recipe.toml", folder / "models")["model"]
        yield name, lambda m=model, f=folder, d=data: check_scores(binary, m, f, d)
        yield name, lambda m=model, f=folder, d=data: check_ranking(binary, m, f, d)
        for example in examples:
            yield name, lambda m=model, f=folder, d=data, e=example: check_example(binary, m, f, d, e)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    options = parser.parse_args()
    misses = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, check in checks(options.podium.resolve(), pathlib.Path(scratch)):
            text, agrees = check()
            misses += not agrees
            print(f"{name:10s} {text} {'ok' if agrees else 'MISS'}", flush=True)
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
