"""What the seed job's scripts share: reading, splitting and numbering without TensorFlow or PyTorch, and a stopwatch.

The job is TFRS's tutorial "Recommending movies: ranking" on MovieLens 100K: user_id, movie_title -> user_rating; random
split of 80,000 and 20,000; vocabularies of all rows; two tables of dim 32, 256 relu, 64 relu, 1; mean squared error;
Adagrad 0.1; batches of 8,192 made once; 3 epochs; RMSE of the 20,000; weights and vocabularies saved and synced.
"""
import argparse
import csv
import json
import os
import pathlib
import resource
import time

FEATURES = ["user_id", "movie_title"]
LABEL = "user_rating"
DIM, HIDDEN, BATCH, EPOCHS, TEST = 32, [256, 64], 8192, 3, 20_000


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("ratings", type=pathlib.Path, help="ratings.csv as examples/movielens/fetch writes it")
    parser.add_argument("out", type=pathlib.Path, help="folder of the saved model")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--steady", type=int, default=0, metavar="EPOCHS",
                        help="epochs timed after the job, in the same process")
    return parser.parse_args()


class Stopwatch:
    """Seconds by part; `total` begins where the process' own imports begin."""

    def __init__(self, started):
        self.started = self.last = started
        self.seconds = {}

    def lap(self, part):
        now = time.perf_counter()
        self.seconds[part] = now - self.last
        self.last = now

    def result(self, **more):
        total = self.last - self.started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return {**more, "seconds": {**self.seconds, "total": total}, "peak_memory_bytes": peak}


def read(path):
    """Columns of text. The csv module reads 100,000 rows in 0.1 s; importing pandas alone takes longer."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        header = next(reader)
        columns = dict(zip(header, zip(*reader)))
    return {name: columns[name] for name in FEATURES + [LABEL]}


def vocabulary(column):
    """Sorted distinct values; index 0 is left for every other."""
    return sorted(set(column))


def save_synced(path, write):
    """write(file) into a file that is on the disk when this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def print_result(result):
    print(json.dumps(result))
