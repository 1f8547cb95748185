"""Scoring: how long does it take from strings to scores, by Podium's Scorer and by ONNX Runtime, on the same model?

Podium's program (scoring_job.cpp) runs both in one process on one thread, taking turns, ONNX Runtime by its C interface,
so that no Python stands between. It is called as
  PROGRAM MODEL EXPORTED/model.onnx LIBONNXRUNTIME --calls N
and prints {"versions": {...}, "jobs": [{"rows", "request", "difference", "podium": {"p50", "p99"}, "onnxruntime": ...}]}."""
import pathlib
import shutil
import tempfile

from measure import Failed, alternate, median, run
from seed import PROJECT, RECIPE, check

SIDES = {"Podium": "podium", "ONNX Runtime": "onnxruntime"}
# Multiply-adds of a row: 64 x 256 + 256 x 64 + 64 x 1; two operations each.
FLOP_PER_ROW = (64 * 256 + 256 * 64 + 64) * 2
# The share of them that comes after the first layer.
AFTER_FIRST = (256 * 64 + 64) * 2 / FLOP_PER_ROW


def program(folder):
    """Podium's program in a build folder, or None."""
    found = pathlib.Path(folder) / "bin" / "scoring"
    return found if found.is_file() else None


def library():
    """ONNX Runtime as its Python package carries it."""
    found = sorted((PROJECT / ".venv" / "lib").glob("python3*/site-packages/onnxruntime/capi/libonnxruntime.so.*"))
    if not found:
        raise Failed("libonnxruntime is not in .venv; run conformance/setup tensorflow onnx")
    return found[-1]


def prepare(podium, folder):
    """(the seed job's model, the same as ONNX) below `folder`."""
    trained = run([podium, "train", RECIPE, "--out", folder / "models", "--json", "--no-baselines", "--no-report"], 1)["json"]
    check(trained["test"]["rmse"], "podium")
    run([podium, "export", trained["model"], "--format", "onnx", "--to", folder / "onnx", "--json"], 1)
    return trained["model"], folder / "onnx" / "model.onnx"


def once(podium, scoring, calls):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="podium_bench_"))
    try:
        model, onnx = prepare(podium, folder)
        return run([scoring, model, onnx, library(), "--calls", calls], 1)["json"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(podium, scoring, rounds, calls, say):
    """{(what, rows): {side: {p50, p99}, ratio}}: medians over whole processes; the ratio is a process' own."""
    contestants = {"scoring": lambda: once(podium, scoring, calls)} if scoring else {}
    results, errors = alternate(contestants, rounds, say)
    summary = {}
    runs = results.get("scoring", [])
    for place, first in enumerate(runs[0]["jobs"] if runs else []):
        jobs = [each["jobs"][place] for each in runs]
        entry = {side: {q: median(job[key][q] for job in jobs) for q in ("p50", "p99")} for side, key in SIDES.items()}
        entry["ratio"] = median(job["onnxruntime"]["p50"] / job["podium"]["p50"] for job in jobs)
        entry["versions"] = runs[0]["versions"]
        summary[first["request"], first["rows"]] = entry
    return summary, errors
