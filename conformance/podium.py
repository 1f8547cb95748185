"""Runs the podium binary."""
import csv
import json
import os
import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
BINARY = PROJECT / "build" / "release" / "bin" / "podium"


def run_with_notes(binary, *arguments):
    """(What it prints, its notes on stderr); its error as a RuntimeError."""
    command = [str(word) for word in (binary, *arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout, done.stderr


def run(binary, *arguments):
    """What it prints; its error as a RuntimeError."""
    return run_with_notes(binary, *arguments)[0]


def train(binary, recipe, out, *more):
    """What `podium train --json` prints, without baselines and report."""
    return json.loads(run(binary, "train", recipe, "--out", out, "--json", "--no-baselines", "--no-report", *more))


def scores(binary, model, rows):
    """[rows] what `podium predict` says of a file's rows."""
    return [row["score"] for row in json.loads(run(binary, "predict", model, "--input", rows, "--json"))["predictions"]]


def make_apart(script, folder, names):
    """Runs the script with --make NAME in a process for each: tf-keras and Keras 3 can't live in one."""
    environment = {k: v for k, v in os.environ.items() if k != "TF_USE_LEGACY_KERAS"}
    for name in names:
        subprocess.run([sys.executable, script, str(folder), "--make", name], env=environment, check=True)


def write_csv(path, columns):
    """{column: values} as a file with a header."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))
