#!/usr/bin/env python3
"""Draws random small models, imports each with `podium import`, and judges: imported with the scores of its own runtime on
200 rows, or refused by an error that names the term; nothing in between.

    conformance/draw_models.py FOLDER [--podium PODIUM] [--models N] [--seed S] [--only NAME] [--list-terms]

A model's name says all that it is drawn from: FRAMEWORK_FORMAT_SEED_NUMBER. --only NAME makes and judges it alone.
From the seed 1000 on every model holds a term that an importer could misread: to hunt for silent errors.
draw_builder.py has the grammar, draw_terms.py the list of terms that are mixed in, draw_worker.py saves and asks for scores.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading
import time

import numpy as np

import podium
from draw_worker import FORMATS, HARD_SEEDS, TERMS

LIMIT = 1e-5
LEAST_IMPORTED = 0.35
LEAST_MODELS = 10  # of each required term
REQUIRED = [
    "Embedding",
    "StringLookup",
    "IntegerLookup",
    "Hashing",
    *[
        f"Dense({a})"
        for a in (
            "linear",
            "relu",
            "sigmoid",
            "tanh",
            "gelu",
            "selu",
            "elu",
            "leaky_relu",
            "swish",
            "softmax",
            "softplus",
            "softsign",
            "exponential",
            "hard_sigmoid",
            "mish",
        )
    ],
    "Concatenate",
    "Dot",
    "Add",
    "Multiply",
    "Subtract",
    "Average",
    "Maximum",
    "Dropout",
    "Normalization",
    "BatchNormalization",
    "Rescaling",
    "where",
    "clip",
    "minimum",
    "exp",
    "stop_gradient",
    "reshape",
    "cast",
    "mixed policies",
    "shared",
    "nested",
]
NOUNS = [
    "signature",
    "output",
    "training",
    "dtype",
    "policy",
    "float16",
    "float32",
    "precision",
    "batch",
    "columns",
    "values per row",
    "constant",
    "mask",
    "salt",
    "activation",
    "lookup",
    "vocabulary",
    "hash",
    "axis",
    "axes",
    "input",
]
BAD = [
    "json.exception",
    "is not as Keras writes it",
    "is damaged",
    "the file is damaged",
    "is cut",
    "terminate called",
    "std::",
    "assert",
]


def run(command):
    """(exit code, stdout, stderr); the exit code is below 0 for a signal."""
    for _ in range(60):
        try:
            done = subprocess.run([str(w) for w in command], capture_output=True, text=True, timeout=120)
            return done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired:
            return 99, "", "took more than two minutes"
        except OSError:  # being rebuilt
            time.sleep(2)
    return 98, "", "there is no such program"


def message_of(text, meta, source):
    """The error's line without the file's path."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    line = lines[-1] if lines else ""
    return line.replace(str(source) + "/saved_model.pb", "FILE").replace(str(source), "FILE"), len(lines)


def names_a_term(message, meta):
    rest = message.split("FILE", 1)[-1]
    words = set(re.findall(r"[A-Za-z_][\w/>.\-]*", rest))
    return any(w in words or f'"{w}"' in rest for w in [*meta["words"], *meta["columns"]]) or any(
        noun in rest for noun in NOUNS
    )


def chosen_output(meta, notes):
    """The scores that podium took, [rows]; None if the artefact has none of that shape."""
    scores = meta["scores"]
    said = re.search(r'predictions are "([^"]+)"', " ".join(notes))
    names = list(scores) if meta["how"] == "keras" else sorted(scores)
    rows = 200
    fitting = [n for n in names if np.prod(scores[n]["shape"]) == rows and scores[n]["shape"][:1] == [rows]]
    if said and said.group(1) in scores:
        name = said.group(1)
    elif fitting:
        name = fitting[0]
    else:
        return None
    return np.asarray(scores[name]["values"]) if name in fitting else None


def compare(got, expected, huge):
    """(Whether all are within the limit, the largest difference as a part of the limit's scale, the row)."""
    same = (np.isnan(got) & np.isnan(expected)) | (got == expected)
    ordinary = np.ones(len(got), bool)
    ordinary[huge] = False
    worst, at = 0.0, -1
    for rows in (ordinary, ~ordinary):
        finite = np.isfinite(expected) & rows
        scale = max(1.0, float(np.abs(expected[finite]).max(initial=0.0)))
        with np.errstate(all="ignore"):
            apart = np.where(same | ~rows, 0.0, np.abs(got - expected) / scale)
        apart = np.where(np.isnan(apart), np.inf, apart)
        if apart.max(initial=0.0) > worst:
            worst, at = float(apart.max()), int(apart.argmax())
    return worst <= LIMIT, worst, at


def judge(binary, folder, name):
    """{verdict: imported, refused, wrong or bad message; detail}"""
    place = folder / name
    meta = json.loads((place / "meta.json").read_text())
    source = place / meta["artefact"]
    result = {"name": name, "meta": meta, "difference": None}
    shutil.rmtree(place / "models", ignore_errors=True)
    code, out, err = run([binary, "import", source, "--to", place / "models" / "m", "--json"])
    if code != 0:
        message, lines = message_of(err, meta, source)
        bad = code != 1 or lines != 1 or any(b in message for b in BAD) or not names_a_term(message, meta)
        return result | {
            "verdict": "bad message" if bad else "refused",
            "detail": f"exit {code}: {message}" if bad else message,
        }
    notes = json.loads(out).get("notes", [])
    if not meta["has_rows"]:
        return result | {"verdict": "wrong", "detail": "imported, though it takes several values per row"}
    expected = chosen_output(meta, notes)
    code, out, err = run([binary, "predict", place / "models" / "m", "--input", place / "rows.csv", "--json"])
    if code != 0:
        message, _ = message_of(err, meta, source)
        says = code == 1 and any(c in message for c in meta["columns"])
        return result | {"verdict": "refused" if says else "bad message", "detail": f"predict exit {code}: {message}"}
    got = np.asarray([np.nan if r["score"] is None else r["score"] for r in json.loads(out)["predictions"]], float)
    if meta["is_random"]:
        return result | {"verdict": "wrong", "detail": "imported, though its scores are drawn anew at each call"}
    if expected is None:
        shapes = {n: s["shape"] for n, s in meta["scores"].items()}
        return result | {"verdict": "wrong", "detail": f"imported as one score per row, though it gives {shapes}"}
    if len(got) != len(expected):
        return result | {"verdict": "wrong", "detail": f"{len(got)} scores for {len(expected)}"}
    if np.isnan(got).any() != np.isnan(expected).any() or np.isinf(expected).any():
        got = np.where(np.isnan(got) & ~np.isfinite(expected), expected, got)  # JSON has no infinite numbers
    right, worst, at = compare(got, expected, meta["huge"])
    if right:
        return result | {"verdict": "imported", "difference": worst, "detail": f"largest difference {worst:.1e}"}
    row = (place / "rows.csv").read_text().splitlines()
    apart = ~np.isclose(got, expected, rtol=1e-5, atol=1e-5, equal_nan=True)
    return result | {
        "verdict": "wrong",
        "difference": worst,
        "detail": f"largest difference {worst:.1e} (a part of the largest score), {int(apart.sum())} rows apart; "
        f"row {at + 1}: {row[0]} = {row[at + 1]}: podium {got[at]:.7g}, model {expected[at]:.7g}",
    }


def show(result):
    shown = (
        "WRONG"
        if result["verdict"] == "wrong"
        else "BAD MESSAGE" if result["verdict"] == "bad message" else result["verdict"]
    )
    print(
        f"  {result['name']:26s} {result['meta']['style']:10s} {shown:8s} {', '.join(result['meta']['terms'])}: "
        f"{result['detail']}",
        flush=True,
    )


def in_order(results):
    return sorted(results, key=lambda result: (result["name"].split("_")[-1], result["name"]))


def judge_again(options, binary):
    names = [p.parent.name for p in options.folder.glob("*/meta.json")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = in_order(pool.map(lambda name: judge(binary, options.folder, name), names))
    for result in results:
        show(result)
    return results, []


def make_and_judge(options, numbers, binary):
    """A process per framework makes the models; each is judged as soon as it is there."""
    results, failed, futures = {}, [], []
    environment = {k: v for k, v in os.environ.items() if k != "TF_USE_LEGACY_KERAS"}
    pool = concurrent.futures.ThreadPoolExecutor(2)

    def listen(framework, mine):
        listed = ",".join(map(str, mine))
        command = [
            sys.executable,
            __file__,
            str(options.folder),
            "--seed",
            str(options.seed),
            "--make",
            framework,
            "--numbers",
            listed,
        ]
        with open(options.folder / f"{framework}.log", "w") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
            for line in process.stdout:
                name = line.strip()
                if name.startswith("-"):
                    failed.append(name[1:])
                elif name.startswith("="):
                    futures.append(pool.submit(judge, binary, options.folder, name[1:]))
            if process.wait() != 0:
                failed.append(f"{framework} (its process ended with {process.returncode}; {options.folder}/{framework}.log)")

    threads = []
    for framework in ("tf_keras", "keras3"):
        mine = [n for n in numbers if FORMATS[n % len(FORMATS)][0] == framework]
        if mine:
            threads.append(threading.Thread(target=listen, args=(framework, mine)))
            threads[-1].start()
    done = 0
    while any(t.is_alive() for t in threads) or done < len(futures):
        if done < len(futures):
            result = futures[done].result()
            done += 1
            results[result["name"]] = result
            show(result)
        else:
            time.sleep(0.05)
    return in_order(results.values()), failed


def report(results, failed, options):
    counts = collections.defaultdict(collections.Counter)
    for result in results:
        for name in result["meta"]["terms"]:
            counts[name]["drawn"] += 1
            counts[name][result["verdict"]] += 1
    print(f"\n{'term':34s} drawn imported refused wrong bad message")
    for name in [*REQUIRED, *sorted(set(counts) - set(REQUIRED))]:
        c = counts[name]
        print(
            f"{name:34s} {c['drawn']:5d} {c['imported']:8d} {c['refused']:7d} {c['wrong']:5d} {c['bad message']:5d}"
            + ("" if name in REQUIRED else "   (beyond the required ones)")
        )
    total = collections.Counter(r["verdict"] for r in results)
    formats = collections.Counter("_".join(r["name"].split("_")[:-2]) for r in results)
    print("formats: " + ", ".join(f"{n} {c}" for n, c in sorted(formats.items())))
    for verdict in ("wrong", "bad message"):
        for r in results:
            if r["verdict"] == verdict:
                print(
                    f"{verdict}: {r['detail']}\n"
                    f"    conformance/draw_models.py {options.folder} --podium {options.podium} --only {r['name']}"
                )
    for name in failed:
        print(f"could not be made: {name}")
    share = total["imported"] / max(len(results), 1)
    print(
        f"seed {options.seed}: {len(results)} models, {total['imported']} imported ({100 * share:.0f} %), "
        f"{total['refused']} refused, {total['wrong']} silently wrong, {total['bad message']} with a bad message"
    )
    few = [f"{n} ({counts[n]['drawn']})" for n in REQUIRED if counts[n]["drawn"] < LEAST_MODELS]
    problems = total["wrong"] + total["bad message"] + len(failed)
    is_measured = options.models >= 300 and not options.only and options.seed < HARD_SEEDS  # of few, chance decides
    if is_measured and share < LEAST_IMPORTED:
        print(f"fewer than {100 * LEAST_IMPORTED:.0f} % are imported")
        problems += 1
    if is_measured and few:
        print(f"in fewer than {LEAST_MODELS} models: " + ", ".join(few))
        problems += 1
    return 1 if problems else 0


def list_terms():

    for entry in TERMS:
        print(f"{entry.spot:8s} {', '.join(entry.names)}{' (' + entry.where + ')' if entry.where else ''}")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    parser.add_argument("--models", type=int, default=320)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="a model's name, or SEED:NUMBER")
    parser.add_argument("--list-terms", action="store_true")
    parser.add_argument(
        "--again", action="store_true", help="judge the models that are in FOLDER already, as by another PODIUM"
    )
    parser.add_argument("--make", help=argparse.SUPPRESS)
    parser.add_argument("--numbers", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.list_terms:
        return list_terms()
    options.folder = options.folder.resolve()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if options.make:
        return make(options)
    options.folder.mkdir(parents=True, exist_ok=True)
    for framework in ("tf_keras", "keras3") if not options.only and not options.again else ():
        (options.folder / f"redrawn_{framework}.txt").unlink(missing_ok=True)
    numbers = range(options.models)
    if options.only:
        parts = options.only.split(":" if ":" in options.only else "_")[-2:]
        options.seed, numbers = int(parts[0]), [int(parts[1])]
    binary = options.folder / "podium"  # a copy: a build meanwhile doesn't disturb
    for _ in range(60):
        try:
            if options.podium.resolve() != binary:
                shutil.copy(options.podium, binary)
            break
        except OSError:
            time.sleep(2)
    results, failed = judge_again(options, binary) if options.again else make_and_judge(options, numbers, binary)
    return report(results, failed, options)


def make(options):
    import draw_worker

    class Names:
        """Lines that begin with = are models; TensorFlow may print to stdout as well."""

        def write(self, text):
            if text.strip():
                sys.__stdout__.write(text if text.startswith("-") else "=" + text)
                sys.__stdout__.write("\n")

        def flush(self):
            sys.__stdout__.flush()

    names = Names()
    sys.stdout = sys.stderr
    if options.make == "tf_keras":
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
    draw_worker.make(options.folder, options.make, options.seed, [int(n) for n in options.numbers.split(",")], names)
    return 0


if __name__ == "__main__":
    sys.exit(main())
