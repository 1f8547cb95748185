"""The export job: how long does a large model take to be exported beside being copied, and how much memory?

Tables of equal size have all but a few of the bytes. A copy is `cp` and `sync`, as an export syncs what it writes. Copy
and exports take turns, and every export is inspected once, so that what is timed is whole. Needs three times the size on
the disk.
"""
import array
import functools
import json
import random
import shutil
import struct
import tempfile

from measure import alternate, median, run

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


def write_weights(path, tables, rows):
    """A safetensors file, whose numbers are the same 256 kB again and again."""
    shapes = {f"table_{i}": [rows, DIM] for i in range(tables)}
    shapes |= {"hidden.weight": [64, tables * DIM], "hidden.bias": [64], "score.weight": [1, 64], "score.bias": [1]}
    header, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * functools.reduce(lambda a, b: a * b, shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    draw = random.Random(1)
    block = array.array("f", (draw.random() for _ in range(1 << 16))).tobytes()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for written in range(0, end, len(block)):
            file.write(block[:end - written])


def make(podium, folder, tables, rows):
    """A model's directory, written by `podium import`."""
    write_weights(folder / "w.safetensors", tables, rows)
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


def inspect(podium, model, kind, to):
    run([podium, "export", model, "--format", kind, "--to", to, "--quiet"], 1)
    run([podium, "inspect", to, "--json"], 1)
    shutil.rmtree(to)


def measure(podium, folder, megabytes, rounds, say):
    """({(side, tables): {"wall", "memory", "table"}}, {(side, tables): error}): seconds, the greatest memory, and the bytes
    of one table. Sides: "cp and sync" and the formats; one table, and four, of `megabytes` together."""
    found, errors = {}, {}
    for tables in (1, 4):
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            to, table = folder / scratch, (megabytes << 20) // tables
            model = make(podium, to, tables, table // (DIM * 4))
            for kind in FORMATS:
                inspect(podium, model, kind, to / kind)
            sides = {("cp and sync", tables): functools.partial(copy, model, to / "copy")}
            sides |= {(kind, tables): functools.partial(export, podium, model, kind, to / kind) for kind in FORMATS}
            results, failed = alternate(sides, rounds, say)
        errors |= failed
        for side, each in results.items():
            found[side] = {"wall": median(one["wall"] for one in each), "memory": max(one["memory"] for one in each),
                           "table": table}
    return found, errors
