"""Runs the podium binary."""
import json
import pathlib
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parents[1]
BINARY = PROJECT / "build" / "release" / "bin" / "podium"


def train(binary, recipe, out, *more):
    """What `podium train --json` prints, without baselines and report; its error as a RuntimeError."""
    command = [str(binary), "train", str(recipe), "--out", str(out), "--json", "--no-baselines", "--no-report", *more]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)
