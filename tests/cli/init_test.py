"""`podium init` and `podium inspect` on data: from a file that Podium never saw to a trained model."""
import tomllib
import unittest

from podium_cli import CliTest


class Init(CliTest):
    def test_the_recipe_that_it_writes_trains(self):
        text = self.ok("init", "ratings.csv").stdout
        recipe = tomllib.loads(text)
        self.assertEqual(recipe["data"]["user"], "user_id")
        self.assertEqual(recipe["data"]["item"], "movie_title")
        self.assertEqual(recipe["task"]["label"], "user_rating")
        self.assertIn("#", text)
        (self.folder / "mine.toml").write_text(text)
        result = self.json("train", "mine.toml", "--no-baselines", "--quiet", "--set", "train.epochs=1")
        self.assertEqual(result["rows"]["train"] + result["rows"]["test"] + result["rows"].get("validation", 0), 4000)
        self.json("rank", "models/mine", "--user", "1")

    def test_a_file_without_a_header_is_given_names(self):
        lines = (self.folder / "ratings.csv").read_text().splitlines()[1:]
        (self.folder / "bare.csv").write_text("\n".join(lines) + "\n")
        text = self.ok("init", "bare.csv", "--names", "who,what,stars,at").stdout
        (self.folder / "bare.toml").write_text(text)
        self.assertEqual(tomllib.loads(text)["data"]["names"], ["who", "what", "stars", "at"])
        self.json("train", "bare.toml", "--no-baselines", "--quiet", "--set", "train.epochs=1",
                  "--set", "data.user=who", "--set", "data.item=what", "--set", "task.label=stars")

    def test_missing_file(self):
        self.fails("init", "nowhere.csv", says="nowhere.csv")


class InspectData(CliTest):
    def test_says_rows_columns_and_roles(self):
        text = self.ok("inspect", "ratings.csv").stdout
        for words in ["4,000 rows", "user_id", "movie_title", "user_rating", "timestamp", "label"]:
            self.assertIn(words, text)

    def test_counts_missing_cells(self):
        with open(self.folder / "ratings.csv", "a") as file:
            file.write('1,,3,9\n')
        self.assertIn("missing", self.ok("inspect", "ratings.csv").stdout)

    def test_missing_file(self):
        self.fails("inspect", "nowhere.csv", says="nowhere.csv")


if __name__ == "__main__":
    unittest.main()
