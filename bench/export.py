#!/usr/bin/env python3
"""How long do exports of a large model take beside copying its directory, and how much memory?

    .venv/bin/python bench/export.py [--megabytes 1024] [--tables 1] [--rounds 5] [--podium build/release/bin/podium]

Tables of equal size have all but a few of the bytes. A copy is `cp` and `sync`, as an export syncs what it writes; copy and exports
alternate, and every export is inspected once, so that what is timed is whole. Needs three times the size on the disk.
"""
import argparse
import functools
import multiprocessing
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import numpy as np
from measure import alternate, median, run

PROJECT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(PROJECT / "conformance"))
import tensors

FORMATS = ["savedmodel", "onnx", "safetensors", "npz"]
DIM = 64
HIDDEN = """
both   = { kind = "concat", inputs = [%s] }
hidden = { kind = "linear", tensors = "hidden", activation = "relu" }
score  = { kind = "linear", tensors = "score" }
"""


def layout(tables):
    names = [f"table_{i}" for i in range(tables)]
    columns = "".join(f'[columns.{name}]\ntype = "integer"\nvocabulary = "rows"\nunknown = 0\n' for name in names)
    layers = "".join(f'{name} = {{ kind = "embedding", column = "{name}", tensors = "{name}" }}\n' for name in names)
    return columns + "[layers]\n" + layers + HIDDEN % ", ".join(f'"{name}"' for name in names)


def write_weights(folder, tables, rows):
    random = np.random.default_rng(1)
    shapes = {f"table_{i}": (rows, DIM) for i in range(tables)}
    shapes |= {"hidden.weight": (64, tables * DIM), "hidden.bias": (64,), "score.weight": (1, 64), "score.bias": (1,)}
    tensors.write(folder / "w.safetensors", {name: random.random(shape, np.float32) for name, shape in shapes.items()})


def make(podium, folder, tables, rows):
    """A model's directory, written by `podium import`."""
    # In a process of its own: what is measured later counts the greatest memory of the process that starts it.
    writer = multiprocessing.get_context("spawn").Process(target=write_weights, args=(folder, tables, rows))
    writer.start()
    writer.join()
    (folder / "layout.toml").write_text(layout(tables))
    run([podium, "import", folder / "w.safetensors", "--recipe", folder / "layout.toml", "--to", folder / "model", "--json"], 1)
    (folder / "w.safetensors").unlink()
    return folder / "model" / "1"


def copy(model, to):
    result = run(["sh", "-c", 'cp -r "$0" "$1" && sync "$1"/*', model, to], 1)
    shutil.rmtree(to)
    return result


def export(podium, model, kind, to):
    result = run([podium, "export", model, "--format", kind, "--to", to, "--quiet"], 1)
    shutil.rmtree(to)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--tables", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--podium", type=pathlib.Path, default=PROJECT / "build" / "release" / "bin" / "podium")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=PROJECT / "build") as scratch:
        folder = pathlib.Path(scratch)
        table = (options.megabytes << 20) // options.tables
        model = make(options.podium, folder, options.tables, table // (DIM * 4))
        for kind in FORMATS:
            subprocess.run([options.podium, "export", model, "--format", kind, "--to", folder / kind, "--quiet"], check=True)
            subprocess.run([options.podium, "inspect", folder / kind], check=True, stdout=subprocess.DEVNULL)
            shutil.rmtree(folder / kind)
        sides = {"copy": functools.partial(copy, model, folder / "copy")}
        sides |= {kind: functools.partial(export, options.podium, model, kind, folder / kind) for kind in FORMATS}
        results, errors = alternate(sides, options.rounds, lambda text: print(text, file=sys.stderr))
    copied = median(each["wall"] for each in results["copy"])
    print(f"{options.megabytes} MB in {options.tables} tables, medians of {options.rounds}; memory as a multiple of one table")
    for name, each in results.items():
        wall, memory = median(one["wall"] for one in each), max(one["memory"] for one in each)
        print(f"  {name:<12}{wall:8.2f} s {wall / copied:6.2f}x" + ("" if name == "copy" else f"{memory / table:8.2f}x memory"))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
