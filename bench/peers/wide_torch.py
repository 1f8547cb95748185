#!/usr/bin/env python3
"""The wide job in PyTorch, eager; prints one JSON object.

The file's rows (see wide_data.py) in batches of 8,192, in turn: 20 embeddings of dim 32 beside 13 numbers, then 512
relu, 256 relu, 1; binary cross-entropy of the logit; Adagrad 0.01 (accumulator 0.1, epsilon 1e-7). Tables get sparse
gradients, so that a step's work grows with the batch and not with the 2.6 million rows."""
import argparse
import os
import pathlib
import resource
import time
import warnings

os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np
import torch

import seed_job
import torch_init
import wide_data

warnings.filterwarnings("ignore", message="Sparse invariant checks")
DIM, HIDDEN, BATCH = 32, [512, 256], 8192


class Wide(torch.nn.Module):
    """Drawn as Keras draws. `tables`: one per feature, or "one" with all rows and an offset per feature."""

    def __init__(self, tables, sparse):
        super().__init__()
        sizes = wide_data.sizes()
        self.register_buffer("offsets", torch.tensor([0, *np.cumsum(sizes)[:-1]]) if tables == "one" else None)
        rows = [sum(sizes)] if tables == "one" else sizes
        self.tables = torch.nn.ModuleList(torch.nn.Embedding(r, DIM, sparse=sparse) for r in rows)
        widths = [DIM * len(sizes) + wide_data.NUMBERS, *HIDDEN, 1]
        self.stack = torch.nn.ModuleList(torch.nn.Linear(i, o) for i, o in zip(widths, widths[1:]))
        torch_init.draw(self.tables, self.stack)

    def forward(self, ids, numbers):
        if self.offsets is not None:
            vectors = [self.tables[0](ids + self.offsets).flatten(1)]
        else:
            vectors = [table(column) for table, column in zip(self.tables, ids.unbind(1))]
        x = torch.cat([*vectors, numbers], 1)
        for layer in self.stack[:-1]:
            x = torch.relu_(layer(x))
        return self.stack[-1](x).squeeze(1)


def read(path):
    """Batches of (ids [rows, 20], numbers [rows, 13], labels [rows])."""
    words = wide_data.TABLES + wide_data.NUMBERS + 1
    data = path.read_bytes()
    rows = len(data) // (4 * words)
    ids = np.frombuffer(data, "<u4", rows * wide_data.TABLES).reshape(rows, -1).astype(np.int64)
    numbers = np.frombuffer(data, "<f4", rows * wide_data.NUMBERS, ids.size * 4).reshape(rows, -1).copy()
    labels = np.frombuffer(data, "<f4", rows, (ids.size + numbers.size) * 4).copy()
    return list(zip(*(torch.from_numpy(part).split(BATCH) for part in (ids, numbers, labels))))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warmup", type=int, default=5, help="steps that are not timed")
    parser.add_argument("--steps", type=int, default=30, help="steps that are")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--tables", choices=["separate", "one"], default="separate")
    parser.add_argument("--dense-gradients", action="store_true", help="for comparison")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    batches = read(options.file)
    model = Wide(options.tables, not options.dense_gradients)
    adagrad = {"lr": 0.01, "initial_accumulator_value": 0.1, "eps": 1e-7}
    optimizers = [torch.optim.Adagrad(model.tables.parameters(), **adagrad),
                  torch.optim.Adagrad(model.stack.parameters(), fused=True, **adagrad)]
    seconds, losses = [], []
    for step in range(options.warmup + options.steps):
        ids, numbers, labels = batches[step % len(batches)]
        begun = time.perf_counter()
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(ids, numbers), labels)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        seconds.append(time.perf_counter() - begun)
        losses.append(loss.item())
    seed_job.print_result({"step_seconds": seconds[options.warmup:], "losses": losses, "threads": options.threads,
                           "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
                           "versions": {"torch": torch.__version__}})


if __name__ == "__main__":
    main()
