#!/usr/bin/env python3
"""Writes weights with the real PyTorch, as safetensors and as npz, for tests/interop/weights_read_test.cpp:

    .venv/bin/python tests/interop/golden/make_torch.py [FOLDER]

Each NAME.safetensors has the same tensors as NAME.npz, NAME.toml says what they mean, and NAME.json holds
{"maker": versions, "columns": {column: values}, "scores": of those rows}.
"""
import json
import pathlib
import struct
import sys

import numpy
import safetensors
import torch
from safetensors.torch import save_file
from torch import nn

USERS = ["1", "42", "7", "é"]
TITLES = ["Speed (1994)", "Up", "M*A*S*H (1970)"]
ROWS = {"user": ["42", "7", "nobody", "é", "1"], "title": ["Up", "Speed (1994)", "Up", "nothing", "M*A*S*H (1970)"]}
NUMBERS = {"user": [0, 3, 2, 99, 1], "title": [10, 30, 20, 10, -1]}
LABELS = torch.tensor([4.0, 3.0, 1.0, 5.0, 2.0])


class Mlp(nn.Module):
    """Row 0 of each table is every unknown value's."""

    def __init__(self):
        super().__init__()
        self.user_table = nn.Embedding(len(USERS) + 1, 3)
        self.title_table = nn.Embedding(len(TITLES) + 1, 2)
        self.mlp = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 4), nn.SiLU(), nn.Linear(4, 1))
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, user, title):
        return self.mlp(torch.cat([self.user_table(user), self.title_table(title)], 1)).flatten()


class Factors(nn.Module):
    """Whole numbers; users are rows themselves, the last title row is every unknown one's. A user that is no row has a
    vector of zeros in Podium, and one more row here."""

    def __init__(self):
        super().__init__()
        self.users, self.titles = nn.Embedding(4, 6), nn.Embedding(4, 6)
        self.user_biases, self.title_biases = nn.Embedding(4, 1), nn.Parameter(torch.randn(4))
        self.mean = nn.Parameter(torch.tensor(3.5))

    def forward(self, user, title):
        known = (user < 4).float()
        user = user.clamp(max=3)
        dot = (self.users(user) * self.titles(title)).sum(1)
        return known * (dot + self.user_biases(user).flatten()) + self.title_biases[title] + self.mean


def write(folder, name, model, inputs, columns):
    optimizer = torch.optim.Adagrad(model.parameters(), 0.1)
    for _ in range(3):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(*inputs), LABELS).backward()
        optimizer.step()
    with torch.no_grad():
        scores = model(*inputs).tolist()
    save_file(model.state_dict(), folder / f"{name}.safetensors")
    numpy.savez_compressed(folder / f"{name}.npz", **{key: t.numpy() for key, t in model.state_dict().items()})
    maker = f"torch {torch.__version__.split('+')[0]}, safetensors {safetensors.__version__}, numpy {numpy.__version__}"
    result = {"maker": maker, "columns": columns, "scores": scores}
    (folder / f"{name}.json").write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


def corpus(folder, to):
    """What the fuzz target starts from: a layout's length, the layout, the weights."""
    to.mkdir(parents=True, exist_ok=True)
    users = json.dumps(USERS, ensure_ascii=False)
    for name in ("torch_mlp", "torch_dot"):
        layout = (folder / f"{name}.toml").read_text(encoding="utf-8").replace('"torch_users.txt"', users).encode()
        for ending in ("safetensors", "npz"):
            weights = (folder / f"{name}.{ending}").read_bytes()
            (to / f"{name}_{ending}").write_bytes(struct.pack("<I", len(layout)) + layout + weights)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent).resolve()
    torch.manual_seed(42)

    def ids(values, vocabulary):
        return torch.tensor([vocabulary.index(value) + 1 if value in vocabulary else 0 for value in values])

    (folder / "torch_users.txt").write_text("".join(f"{user}\n" for user in USERS), encoding="utf-8")
    write(folder, "torch_mlp", Mlp(), (ids(ROWS["user"], USERS), ids(ROWS["title"], TITLES)), ROWS)
    title_rows = torch.tensor([{10: 0, 20: 1, 30: 2}.get(title, 3) for title in NUMBERS["title"]])
    write(folder, "torch_dot", Factors(), (torch.tensor(NUMBERS["user"]), title_rows), NUMBERS)
    if folder == pathlib.Path(__file__).resolve().parent:
        corpus(folder, folder.parents[2] / "fuzz" / "corpus" / "weights")


if __name__ == "__main__":
    main()
