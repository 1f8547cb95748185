"""What conformance compares: data sets written as train.csv and test.csv, and optimizers in both languages."""
import csv
import json
import pathlib

import numpy as np

PROJECT = pathlib.Path(__file__).resolve().parents[1]
HEADER = ["user_id", "movie_title", "user_rating"]
EPOCHS = 3  # of ten batches each: thirty steps

# name: (Podium's `optimizer`, TensorFlow's class below tf.keras.optimizers, its arguments)
OPTIMIZERS = {
    "adagrad": ({"kind": "adagrad", "learning_rate": 0.1}, "Adagrad", {"learning_rate": 0.1}),
    "adagrad_legacy": ({"kind": "adagrad", "learning_rate": 0.1, "epsilon_outside": True}, "legacy.Adagrad",
                       {"learning_rate": 0.1}),
    "sgd": ({"kind": "sgd", "learning_rate": 0.005}, "SGD", {"learning_rate": 0.005}),
    "sgd_momentum": ({"kind": "sgd", "learning_rate": 0.001, "momentum": 0.9}, "SGD",
                     {"learning_rate": 0.001, "momentum": 0.9}),
    "sgd_nesterov": ({"kind": "sgd", "learning_rate": 0.001, "momentum": 0.9, "nesterov": True}, "SGD",
                     {"learning_rate": 0.001, "momentum": 0.9, "nesterov": True}),
    "adam": ({"kind": "adam", "learning_rate": 0.005}, "Adam", {"learning_rate": 0.005}),
    "adamw": ({"kind": "adam", "learning_rate": 0.005, "weight_decay": 0.01}, "AdamW",
              {"learning_rate": 0.005, "weight_decay": 0.01}),
    "rmsprop": ({"kind": "rmsprop", "learning_rate": 0.001}, "RMSprop", {"learning_rate": 0.001}),
    "ftrl": ({"kind": "ftrl", "learning_rate": 0.05}, "Ftrl", {"learning_rate": 0.05}),
}


def synthetic():
    """9,700 ratings in ten batches of 1,000, the last of 700, and 2,000 to test on, by users and films with latent
    vectors and popularity. A few test users and films are in no training row: they are predicted through index 0.
    Some titles are not ASCII or hold commas and quotes."""
    random = np.random.default_rng(7)
    users, films, count = 500, 300, 11_700
    user_vectors, film_vectors = random.normal(size=(users, 3)), random.normal(size=(films, 3))
    popularity = 1.0 / np.arange(1, films + 1) ** 0.7
    u = random.integers(0, users, count)
    f = random.choice(films, count, p=popularity / popularity.sum())
    u[:9_700][u[:9_700] >= users - 5] = 0
    f[:9_700][f[:9_700] >= films - 5] = 0
    noise = random.normal(0, 0.5, count)
    ratings = np.clip(np.rint(3.5 + 0.6 * np.sum(user_vectors[u] * film_vectors[f], 1) + noise), 1, 5)
    titles = [f'Film {i}, "The \u00c9" ({1960 + i % 40})' if i % 7 == 0 else f"Film {i} ({1960 + i % 40})"
              for i in range(films)]
    rows = [(str(a), titles[b], int(r)) for a, b, r in zip(u, f, ratings)]
    return {"train": rows[:9_700], "test": rows[9_700:], "batch_size": 1000, "vocabulary": "train"}


def movielens():
    """ML-100K, split 80,000 to 20,000, vocabularies of all rows, batches of 8,192: the tutorial's job. None if
    examples/movielens/fetch has not run."""
    path = PROJECT / "examples" / "movielens" / "data" / "ratings.csv"
    if not path.is_file():
        return None
    with open(path, newline="", encoding="utf-8") as file:
        rows = [(r["user_id"], r["movie_title"], r["user_rating"]) for r in csv.DictReader(file)]
    order = np.random.default_rng(42).permutation(len(rows))
    rows = [rows[i] for i in order]
    return {"train": rows[:80_000], "test": rows[80_000:], "batch_size": 8192, "vocabulary": "all"}


DATA_SETS = {"synthetic": synthetic, "movielens": movielens}


def write_rows(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(rows)


def toml_value(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


def write_recipe(path, data, optimizer, **train):
    """The seed job's recipe over the files train.csv and test.csv beside it."""
    train = {"batch_size": data["batch_size"], "epochs": EPOCHS, "optimizer": optimizer, **train}
    lines = ["[data]", 'train = "train.csv"', 'test = "test.csv"', 'user = "user_id"', 'item = "movie_title"']
    for feature in HEADER[:2]:
        lines += [f"[features.{feature}]", "dim = 32", f'vocabulary = "{data["vocabulary"]}"']
    lines += ["[model]", 'kind = "mlp"', "hidden = [256, 64]",
              "[task]", 'kind = "ranking"', 'label = "user_rating"', 'loss = "mean_squared_error"',
              'metrics = ["rmse"]', "[train]"]
    lines += [f"{key} = {toml_value(value)}" for key, value in train.items()]
    pathlib.Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
