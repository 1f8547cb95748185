"""The C++ programs of examples/cpp: they run, and ranking.cpp gives the recipe's weights, bit for bit."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from podium_cli import PODIUM, SOURCE, title, write_ratings

EXAMPLES = pathlib.Path(os.environ["PODIUM_EXAMPLES"])


class CppExamples(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.ratings = self.folder / "ratings.csv"
        write_ratings(self.ratings)

    def run_example(self, name, *arguments):
        done = subprocess.run([EXAMPLES / f"example_{name}", *map(str, arguments)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_the_ranking_program_and_the_recipe_give_the_same_model(self):
        printed = self.run_example("ranking", self.ratings, self.folder / "cpp")
        self.assertIn("rmse", printed)
        self.assertIn("Speed (1994)", printed)
        done = subprocess.run([PODIUM, "train", SOURCE / "examples/movielens/ranking.toml", "--out", self.folder / "cli",
                               "--set", f"data.path={self.ratings}", "--no-baselines", "--no-report", "--quiet"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ["weights.safetensors", "vocabulary.safetensors"]:
            self.assertEqual((self.folder / "cpp/1" / name).read_bytes(),
                             (self.folder / "cli/ranking/1" / name).read_bytes(), name)

        scores = self.run_example("scorer", self.folder / "cpp", 42, title(3), "Unheard of")
        self.assertIn("Unheard of: ", scores)
        self.assertIn("unknown to the model", scores)

    def test_a_loss_of_ones_own_covers_three_quarters(self):
        covered = float(self.run_example("own_loss", self.ratings).split("covered")[1])
        self.assertAlmostEqual(covered, 0.75, delta=0.1)


if __name__ == "__main__":
    unittest.main()
