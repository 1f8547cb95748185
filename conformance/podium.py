"""Runs the podium binary."""
import json
import pathlib
import subprocess

PROJECT = pathlib.Path(__file__).resolve().parents[1]
BINARY = PROJECT / "build" / "release" / "bin" / "podium"


def run(binary, *arguments):
    """What it prints; its error as a RuntimeError."""
    command = [str(word) for word in (binary, *arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def train(binary, recipe, out, *more):
    """What `podium train --json` prints, without baselines and report."""
    return json.loads(run(binary, "train", recipe, "--out", out, "--json", "--no-baselines", "--no-report", *more))
