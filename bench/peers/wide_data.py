#!/usr/bin/env python3
"""Writes the wide job's batches, which both sides read, so that they look up the very same ids:

  wide_data.py FILE [--rows 81920] [--seed 7]

20 tables of 100 to 1,000,000 rows (sizes() below), 13 numbers and a label of 0 or 1 a row. FILE is little-endian,
without a header:  ids uint32 [rows, 20], numbers float32 [rows, 13], labels float32 [rows].
An id of table t is drawn by Zipf's law over its rows, p(r) ~ 1 / (r + 1)^1.05. Labels are drawn by the sigmoid of a
planted sum over the numbers and over ids, so that a right training's loss falls. Needs NumPy.
"""
import argparse
import os
import pathlib

TABLES, NUMBERS, SMALLEST, LARGEST, EXPONENT = 20, 13, 100, 1_000_000, 1.05


def sizes():
    """Rows of each table: a geometric series."""
    return [round(SMALLEST * (LARGEST / SMALLEST) ** (i / (TABLES - 1))) for i in range(TABLES)]


def make(rows, seed):
    import numpy as np
    random = np.random.default_rng(seed)
    ids = np.empty((rows, TABLES), np.uint32)
    score = np.zeros(rows)
    for table, size in enumerate(sizes()):
        cumulative = np.cumsum(1.0 / np.arange(1, size + 1) ** EXPONENT)
        drawn = np.searchsorted(cumulative, random.random(rows) * cumulative[-1], side="right")
        ids[:, table] = np.minimum(drawn, size - 1)
        score += random.normal(0, 0.3, size)[ids[:, table]]
    numbers = random.normal(0, 1, (rows, NUMBERS)).astype(np.float32)
    score += numbers @ random.normal(0, 0.3, NUMBERS)
    labels = (random.random(rows) < 1 / (1 + np.exp(-score))).astype(np.float32)
    return ids, numbers, labels


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=10 * 8192)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    temporary = options.file.with_suffix(".tmp")
    with open(temporary, "wb") as file:
        for part in make(options.rows, options.seed):
            file.write(part.tobytes())
    os.replace(temporary, options.file)


if __name__ == "__main__":
    main()
