#!/usr/bin/env python3
"""Rebuilds `podium export models/ranking --format safetensors` in PyTorch and scores films for a user.
  from_safetensors.py weights.safetensors USER TITLE ..."""
import sys

import torch
from safetensors.torch import load_file

weights = load_file(sys.argv[1])


def ids(column, texts):
    """Row 0 of a table is every unknown value's."""
    offsets, data = weights[f"vocabulary/{column}/offsets"].tolist(), bytes(weights[f"vocabulary/{column}/bytes"].tolist())
    index = {data[a:b].decode(): row for row, (a, b) in enumerate(zip(offsets, offsets[1:]), 1)}
    return torch.tensor([index.get(text, 0) for text in texts])


def dense(number):
    """Podium's kernels are [in, out], as Keras has them; PyTorch's Linear wants [out, in]."""
    kernel, bias = weights[f"dense_{number}/kernel"], weights[f"dense_{number}/bias"]
    layer = torch.nn.Linear(*kernel.shape)
    layer.load_state_dict({"weight": kernel.T, "bias": bias})
    return layer


tables = {c: torch.nn.Embedding.from_pretrained(weights[f"embedding/{c}/weight"]) for c in ("user_id", "movie_title")}
network = torch.nn.Sequential(dense(0), torch.nn.ReLU(), dense(1), torch.nn.ReLU(), dense(2))
user, titles = sys.argv[2], sys.argv[3:]
rows = [tables["user_id"](ids("user_id", [user] * len(titles))), tables["movie_title"](ids("movie_title", titles))]
with torch.no_grad():
    for title, score in zip(titles, network(torch.cat(rows, 1)).flatten().tolist()):
        print(f"{score:.6f}  {title}")
