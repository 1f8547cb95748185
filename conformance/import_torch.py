#!/usr/bin/env python3
"""Trains models with the real PyTorch for a few steps, saves their weights as safetensors and npz, imports both by a
layout (docs/from-pytorch-to-podium.md), and compares the scores of `podium predict` with those that PyTorch gave. Then
both train five batches more with Adagrad, from the same rows in the same order, and are compared again:

    conformance/import_torch.py FOLDER [--podium PODIUM]

  mlp     embeddings of text and a number, through dense layers of several activations; row 0 is the unknown values'
  dot     two vectors' inner product with a bias of each id and one of all, whole numbers, no row for unknown values
  towers  a network for each side, then their inner product; in float64; the last row is the unknown values'
"""
import argparse
import importlib.util
import pathlib
import sys

import numpy as np
import podium

ROWS, STEPS, LIMIT = 1200, 20, 1e-5
BATCH, MORE = 64, 5
ADAGRAD = {"lr": 0.1, "initial_accumulator_value": 0.1, "eps": 1e-3}
RECIPE = f"""
[data]
train = "more.csv"
test = "rows.csv"
user = "user"
item = "film"
[features.user]
vocabulary = "from"
[features.film]
vocabulary = "from"
[model]
kind = "from"
[task]
label = "label"
[train]
shuffle = "none"
epochs = 1
batch_size = {BATCH}
optimizer = {{ kind = "adagrad", learning_rate = {ADAGRAD["lr"]}, epsilon = {ADAGRAD["eps"]}, epsilon_outside = true }}
"""
USERS, FILMS = [f"user {i}" for i in range(300)], [f'Film {i}, "Ünï"' for i in range(120)]


def models(torch):
    """Name: (the model, its layout but for [columns.user] and [columns.film], whether ids are whole numbers, unknown row)."""
    nn = torch.nn

    class Mlp(nn.Module):
        def __init__(self):
            super().__init__()
            self.users, self.films = nn.Embedding(len(USERS) + 1, 16), nn.Embedding(len(FILMS) + 1, 12)
            self.layers = nn.Sequential(nn.Linear(29, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 24, bias=False), nn.GELU(),
                                        nn.Linear(24, 16), nn.LeakyReLU(0.2), nn.Linear(16, 8), nn.SiLU(), nn.Linear(8, 1))

        def forward(self, user, film, age):
            return self.layers(torch.cat([self.users(user), self.films(film), age[:, None]], 1)).flatten()

    class Dot(nn.Module):
        def __init__(self):
            super().__init__()
            self.users, self.films = nn.Embedding(len(USERS), 24), nn.Embedding(len(FILMS), 24)
            self.user_biases, self.film_biases = nn.Embedding(len(USERS), 1), nn.Embedding(len(FILMS), 1)
            self.mean = nn.Parameter(torch.tensor(3.5))

        def forward(self, user, film, age):
            def known(table, ids):  # PyTorch would refuse an id that has no row
                return table(ids.clamp(min=0)) * (ids >= 0)[:, None]
            dot = (known(self.users, user) * known(self.films, film)).sum(1)
            return dot + known(self.user_biases, user).flatten() + known(self.film_biases, film).flatten() + self.mean

    class Towers(nn.Module):
        def __init__(self):
            super().__init__()
            self.users, self.films = nn.Embedding(len(USERS) + 1, 16), nn.Embedding(len(FILMS) + 1, 8)
            self.user_tower = nn.Sequential(nn.Linear(16, 20), nn.Tanh(), nn.Linear(20, 10))
            self.film_tower = nn.Sequential(nn.Linear(8, 10))

        def forward(self, user, film, age):
            return (self.user_tower(self.users(user)) * self.film_tower(self.films(film))).sum(1)

    tables = ('user = { kind = "embedding", column = "user", tensors = "users" }\n'
              'film = { kind = "embedding", column = "film", tensors = "films" }\n')
    mlp = ('[columns.age]\ntype = "number"\n[layers]\n' + tables + 'all = { kind = "concat", inputs = ["user", "film", "age"] }\n'
           'one = { kind = "linear", tensors = "layers.0", activation = "relu" }\n'
           'two = { kind = "linear", tensors = "layers.3", activation = "gelu" }\n'
           'three = { kind = "linear", tensors = "layers.5", activation = "leaky_relu", negative_slope = 0.2 }\n'
           'four = { kind = "linear", tensors = "layers.7", activation = "silu" }\n'
           'score = { kind = "linear", tensors = "layers.9" }\n')
    dot = ('[layers]\n' + tables + 'product = { kind = "dot", inputs = ["user", "film"] }\n'
           'user_bias = { kind = "embedding", column = "user", tensors = "user_biases" }\n'
           'film_bias = { kind = "embedding", column = "film", tensors = "film_biases" }\n'
           'sum = { kind = "add", inputs = ["product", "user_bias", "film_bias"] }\n'
           'score = { kind = "bias", tensors = "mean" }\n')
    towers = ('[layers]\n' + tables + 'hidden = { kind = "linear", input = "user", tensors = "user_tower.0", activation = "tanh" }\n'
              'user_side = { kind = "linear", tensors = "user_tower.2" }\n'
              'film_side = { kind = "linear", input = "film", tensors = "film_tower.0" }\n'
              'score = { kind = "dot", inputs = ["user_side", "film_side"] }\n')
    return {"mlp": (Mlp(), mlp, False, 0), "dot": (Dot(), dot, True, None), "towers": (Towers().double(), towers, False, "last")}


def columns_of(random, integers):
    """Values, one in ten unknown, and their places in the vocabulary, -1 for the unknown."""
    columns, places = {}, {}
    for name, values in (("user", USERS), ("film", FILMS)):
        place = np.where(random.random(ROWS) < 0.1, -1, random.integers(0, len(values), ROWS))
        new = [(5000 if integers else "new ") + (i if integers else str(i)) for i in range(ROWS)]
        columns[name] = [new[i] if p < 0 else int(p) if integers else values[p] for i, p in enumerate(place)]
        places[name] = place
    columns["age"] = [round(float(a), 3) for a in random.normal(0, 1, ROWS)]
    return columns, places


def make(folder, name, model, layers, integers, unknown):
    import torch
    from safetensors.torch import save_file
    columns, places = columns_of(np.random.default_rng(7), integers)
    inputs, layout = [], ""
    for column, values in (("user", USERS), ("film", FILMS)):
        place = places[column]
        row = {None: -1, 0: 0, "last": len(values)}[unknown]
        rows = place if unknown != 0 else place + 1
        inputs.append(torch.tensor(np.where(place < 0, row, rows)))
        (folder / f"{column}s.txt").write_text("".join(f"{v}\n" for v in values), encoding="utf-8")
        layout += f"[columns.{column}]\n" + ('type = "integer"\nvocabulary = "rows"\n' if integers else f'vocabulary = "{column}s.txt"\n')
        layout += "" if unknown is None else f"unknown = {row}\n"
    inputs.append(torch.tensor(columns["age"], dtype=next(model.parameters()).dtype))
    labels = torch.tensor(np.random.default_rng(8).integers(1, 6, ROWS), dtype=inputs[-1].dtype)

    def step(optimizer, rows):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(*[values[rows] for values in inputs]), labels[rows]).backward()
        optimizer.step()

    def scores():
        with torch.no_grad():
            return model(*inputs).numpy().copy()

    adam = torch.optim.Adam(model.parameters(), 0.01)
    for _ in range(STEPS):
        step(adam, slice(None))
    model.eval()  # from here on without dropout, so that it is nobody's dice that differ
    before = scores()
    state = model.state_dict()
    save_file(state, folder / f"{name}.safetensors")
    np.savez(folder / f"{name}.npz", **{key: tensor.numpy() for key, tensor in state.items()})
    (folder / f"{name}.toml").write_text(layout + layers, encoding="utf-8")
    podium.write_csv(folder / f"{name}.csv", columns)

    # Without a row for unknown values PyTorch learns nothing from them, where Podium's has one: known values alone.
    known = np.flatnonzero((places["user"] >= 0) & (places["film"] >= 0) | (unknown is not None))[:BATCH * MORE]
    rows = {column: [values[i] for i in known] for column, values in columns.items()}
    podium.write_csv(folder / name / "more.csv", rows | {"label": [float(labels[i]) for i in known]})
    podium.write_csv(folder / name / "rows.csv", columns | {"label": [float(label) for label in labels]})
    (folder / name / "recipe.toml").write_text(RECIPE)
    adagrad = torch.optim.Adagrad(model.parameters(), **ADAGRAD)
    for batch in range(MORE):
        step(adagrad, known[batch * BATCH:(batch + 1) * BATCH])
    return before, scores()


def largest_difference(got, expected):
    return np.abs(got - expected).max() if len(got) == len(expected) == ROWS else np.inf


def compare(binary, folder, name, source, before, after):
    """The largest differences of the imported model's scores and of those of the one that was trained further."""
    imported, rows = folder / "models" / name, folder / f"{name}.csv"
    podium.run(binary, "import", folder / source, "--recipe", folder / f"{name}.toml", "--to", imported, "--quiet")
    first = largest_difference(np.array(podium.scores(binary, imported, rows)), before)
    podium.run(binary, "train", folder / name / "recipe.toml", "--out", folder / "models", "--name", f"{name}_further",
               "--set", f"train.from={imported}", "--no-baselines", "--no-report", "--quiet")
    return first, largest_difference(np.array(podium.scores(binary, folder / "models" / f"{name}_further", rows)), after)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--podium", type=pathlib.Path, default=podium.BINARY)
    options = parser.parse_args()
    if not all(importlib.util.find_spec(module) for module in ("torch", "safetensors")):
        print("  skipped: conformance/setup torch installs PyTorch")
        return 0
    import torch
    torch.manual_seed(42)
    options.folder.mkdir(parents=True, exist_ok=True)
    misses = 0
    for name, (model, layers, integers, unknown) in models(torch).items():
        (options.folder / name).mkdir(exist_ok=True)
        before, after = make(options.folder, name, model, layers, integers, unknown)
        for source in (f"{name}.safetensors", f"{name}.npz"):
            try:
                first, second = compare(options.podium, options.folder, name, source, before, after)
                missed = not (first <= LIMIT and second <= LIMIT)
                print(f"  {source:28s} {ROWS} scores, largest difference {first:.1e}, five batches later {second:.1e} "
                      f"(they moved by {np.abs(after - before).max():.2f}) {'MISS' if missed else 'ok'}")
            except (RuntimeError, OSError, KeyError, ValueError) as error:
                missed = True
                print(f"  {source:28s} FAILED: {error}")
            misses += missed
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
