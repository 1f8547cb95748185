"""What the tests of the binary share: running it, and small data with a planted structure."""
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

PODIUM = os.environ["PODIUM"]
SOURCE = pathlib.Path(os.environ["PODIUM_SOURCE_DIR"])
sys.path.insert(0, str(SOURCE / "tests/support"))
# What two equal runs may differ in.
OWN_FILES = {"run.json", "report.html", "MANIFEST"}

RECIPE = """[data]
path = "ratings.csv"
user = "user_id"
item = "movie_title"
split = { kind = "random", test = 0.2, seed = 42 }
[features.user_id]
dim = 8
vocabulary = "all"
[features.movie_title]
dim = 8
vocabulary = "all"
[model]
kind = "mlp"
hidden = [32, 16]
[task]
label = "user_rating"
[train]
optimizer = { kind = "adagrad", learning_rate = 0.1 }
batch_size = 256
epochs = 3
seed = 7
"""


def write_ratings(path, rows=4000, users=60, items=40, seed=1):
    """Ratings from 1 to 5 that follow a bias of user and item; titles hold commas, quotes and accents."""
    rng = random.Random(seed)
    user_bias = [rng.gauss(0, 0.5) for _ in range(users)]
    item_bias = [rng.gauss(0, 0.7) for _ in range(items)]
    lines = ["user_id,movie_title,user_rating,timestamp"]
    for row in range(rows):
        user, item = rng.randrange(users), rng.randrange(items)
        rating = max(1, min(5, round(3.5 + user_bias[user] + item_bias[item] + rng.gauss(0, 0.5))))
        lines.append(f'{user},"Film {item}, the ""é""",{rating},{1000 + row}')
    pathlib.Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")


def title(item):
    return f'Film {item}, the "é"'


class CliTest(unittest.TestCase):
    """Each test has a folder of its own with ratings.csv and r.toml."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="podium cli "))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        write_ratings(self.folder / "ratings.csv")
        (self.folder / "r.toml").write_text(RECIPE)

    def run_podium(self, *arguments, **options):
        return subprocess.run([PODIUM, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                              timeout=600, **options)

    def ok(self, *arguments):
        done = self.run_podium(*arguments)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.stderr}")
        return done

    def json(self, *arguments):
        return json.loads(self.ok(*arguments, "--json").stdout)

    def train(self, *arguments, out="models"):
        return self.json("train", "r.toml", "--out", out, "--no-baselines", "--no-report", "--quiet", *arguments)

    def fails(self, *arguments, code=1, says=()):
        """One line on stderr that begins with "podium: ", nothing on stdout, no model left."""
        done = self.run_podium(*arguments)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.stdout}{done.stderr}")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, f"{arguments}: {done.stderr}")
        self.assertTrue(lines[0].startswith("podium: "), done.stderr)
        for words in [says] if isinstance(says, str) else says:
            self.assertIn(words, done.stderr)
        self.assertEqual(done.stdout, "")
        return done

    def published(self, out="models"):
        """Directories that hold a model.json."""
        return sorted(path.parent for path in (self.folder / out).rglob("model.json"))

    def assert_nothing_left(self, out="models"):
        left = [p for p in (self.folder / out).rglob("*") if p.is_file()] if (self.folder / out).exists() else []
        self.assertEqual(left, [])

    def assert_same_model(self, left, right):
        """Every file but a run's own has the same bytes."""
        def files(root):
            root = self.folder / root
            return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
        left, right = files(left), files(right)
        self.assertEqual(left.keys(), right.keys())
        for name in left:
            if name not in OWN_FILES:
                self.assertEqual(left[name], right[name], name)
