"""The wide job: how long does a step take whose tables hold millions of rows?

Both sides read the same batches (peers/wide_data.py). Podium's side is a program called as
  PROGRAM FILE --threads N --warmup STEPS --steps STEPS
that prints {"step_seconds": [...], "losses": [of every step, warm-up included], ...}."""
import pathlib

from measure import Failed, alternate, median, run
from seed import PEERS, PYTHON

WARMUP = 5
# Multiply-adds of a row: 653 x 512 + 512 x 256 + 256; two operations each; forward, and two products backward.
FLOP_PER_STEP = 8192 * (653 * 512 + 512 * 256 + 256) * 2 * 3


def program(folder):
    """Podium's side in a build folder, or None."""
    return next((p for place in ("bin", "bench") for name in ("wide", "wide_bench", "bench_wide")
                 for p in [pathlib.Path(folder) / place / name] if p.is_file()), None)


def once(command, threads, steps):
    result = run([*command, "--threads", threads, "--warmup", WARMUP, "--steps", steps], threads)
    found = result["json"]
    seconds, losses = found["step_seconds"], found["losses"]
    if len(seconds) != steps or len(losses) != WARMUP + steps:
        raise Failed(f"{len(seconds)} times and {len(losses)} losses instead of {steps} and {WARMUP + steps}")
    first, last = losses[0], sum(losses[-10:]) / len(losses[-10:])
    if not 0.6 < first < 0.8 or not last < first:
        raise Failed(f"loss {first:.4f}, then {last:.4f}: it should begin near 0.69 and fall, so no times")
    return {**result, "median": median(seconds), "best": min(seconds), "loss": last}


def measure(podium, data, threads, rounds, steps, say):
    """{(name, threads): {median, best, memory, loss}}."""
    if not data.is_file():
        run([PYTHON, PEERS / "wide_data.py", data], 1)
    contestants = {}
    for n in threads:
        if podium:
            contestants["Podium fp32", n] = lambda n=n: once([podium, data], n, steps)
        contestants["PyTorch, sparse gradients", n] = \
            lambda n=n: once([PYTHON, PEERS / "wide_torch.py", data], n, steps)
    results, errors = alternate(contestants, rounds, say)
    summary = {key: {"median": median(r["median"] for r in runs), "best": min(r["best"] for r in runs),
                     "memory": max(r["memory"] for r in runs), "loss": runs[0]["loss"]}
               for key, runs in results.items()}
    losses = [each["loss"] for each in summary.values()]
    if losses and max(losses) - min(losses) > 0.01:
        errors["both sides"] = f"training losses {losses} differ by more than 0.01: not the same job"
    return summary, errors
