"""The seed job: how long does the whole tutorial take, and how long one epoch once everything is warm?"""
import pathlib
import shutil
import tempfile

from measure import Failed, alternate, median, run

PROJECT = pathlib.Path(__file__).resolve().parents[1]
RECIPE = PROJECT / "examples" / "movielens" / "ranking.toml"
RATINGS = PROJECT / "examples" / "movielens" / "data" / "ratings.csv"
PEERS = PROJECT / "bench" / "peers"
PYTHON = PROJECT / ".venv" / "bin" / "python"

# Test RMSE of a right training: published runs 1.10 to 1.11, sd over seeds 0.003, splits move it a little more.
RIGHT_RMSE = (1.08, 1.14)
# Multiply-adds of a row: 64 x 256 + 256 x 64 + 64 x 1; two operations each; forward, and two products backward.
FLOP_PER_EPOCH = 80_000 * (64 * 256 + 256 * 64 + 64) * 2 * 3


def check(rmse, who):
    if not RIGHT_RMSE[0] <= rmse <= RIGHT_RMSE[1]:
        raise Failed(f"{who}: test RMSE {rmse:.4f} is outside {RIGHT_RMSE}: not the same job, so no times")
    return rmse


def podium_once(binary, threads, precision="fp32", epochs=None, default=False):
    """One `podium train` of the example's recipe; `default` leaves baselines and report in."""
    out = tempfile.mkdtemp(prefix="podium_bench_")
    command = [binary, "train", RECIPE, "--out", out, "--json", "--set", f"train.threads={threads}"]
    command += [] if default else ["--no-baselines", "--no-report"]
    command += ["--set", "train.precision=bf16"] if precision == "bf16" else []
    command += ["--set", f"train.epochs={epochs}"] if epochs else []
    try:
        result = run(command, threads)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    found = result["json"]
    if not epochs:
        check(found["test"]["rmse"], "podium")
    return {**result, "rmse": found["test"]["rmse"], "parts": found["seconds"],
            "epochs": [epoch["seconds"] for epoch in found["epochs"]]}


def peer_once(script, threads, steady=0):
    out = tempfile.mkdtemp(prefix="podium_bench_")
    command = [PYTHON, PEERS / script, RATINGS, out, "--threads", threads, "--steady", steady]
    try:
        result = run(command, threads)
    finally:
        shutil.rmtree(out, ignore_errors=True)
    found = result["json"]
    check(found["test_rmse"], script)
    return {**result, "rmse": found["test_rmse"], "parts": found["seconds"],
            "epochs": found.get("steady_epochs") or found["epochs"], "versions": found["versions"]}


def contestants(binary, threads, epochs):
    """{(name, threads): measure once}; `epochs` is the number of epochs to time in one process, or None for the
    whole job."""
    result = {}
    for n in threads:
        for precision in ("fp32", "bf16"):
            result[f"Podium {precision}", n] = lambda n=n, p=precision: podium_once(binary, n, p, epochs)
        if not epochs:
            result["Podium fp32, with baselines and report", n] = lambda n=n: podium_once(binary, n, default=True)
        result["TFRS", n] = lambda n=n: peer_once("seed_tfrs.py", n, epochs or 0)
        result["PyTorch", n] = lambda n=n: peer_once("seed_torch.py", n, epochs or 0)
    return result


def whole(binary, threads, rounds, say):
    """{(name, threads): {wall, memory, rmse, parts}}: medians over the rounds."""
    results, errors = alternate(contestants(binary, threads, None), rounds, say)
    summary = {}
    for key, runs in results.items():
        summary[key] = {"wall": median(r["wall"] for r in runs), "memory": max(r["memory"] for r in runs),
                        "rmse": median(r["rmse"] for r in runs), "versions": runs[0].get("versions", {}),
                        "parts": {p: median(r["parts"][p] for r in runs) for p in runs[0]["parts"]}}
    return summary, errors


def precision_misses(summary):
    """{name: error} where bf16 does not learn what fp32 learns from the same seed."""
    misses = {}
    for (name, n), each in summary.items():
        base = summary.get(("Podium fp32", n))
        if name == "Podium bf16" and base and abs(each["rmse"] - base["rmse"]) > 0.003:
            misses[f"{name}, {n} threads"] = f"RMSE {each['rmse']:.4f} beside {base['rmse']:.4f} in fp32"
    return misses


def steady(binary, threads, rounds, epochs, say):
    """{(name, threads): {median, best}}: seconds an epoch, the first two of each process left out."""
    results, errors = alternate(contestants(binary, threads, epochs), rounds, say)
    summary = {}
    for key, runs in results.items():
        summary[key] = {"median": median(median(r["epochs"][2:]) for r in runs),
                        "best": min(min(r["epochs"][2:]) for r in runs)}
    return summary, errors
