"""`podium import`: another program's model becomes one that predict and rank answer from."""
import json
import shutil
import unittest

from podium_cli import CliTest, SOURCE

GOLDEN = SOURCE / "tests" / "interop" / "golden"


class Import(CliTest):
    def imported(self, name, *more):
        return self.json("import", str(GOLDEN / name), "--to", "models/theirs", *more)

    def test_an_imported_model_predicts_and_ranks(self):
        for name in ("tfrs", "keras3_file.keras"):
            golden = json.loads((GOLDEN / (name.split(".")[0] + ".json")).read_text(encoding="utf-8"))
            result = self.imported(name)
            self.assertEqual((result["user"], result["item"], result["optimizer"]), ("user", "title", True))
            for user, film, score in zip(golden["columns"]["user"], golden["columns"]["title"], golden["scores"]):
                row = self.json("predict", "models/theirs", "--feature", f"user={user}", "--feature", f"title={film}")
                self.assertAlmostEqual(row["predictions"][0]["score"], score, delta=1e-5)
            ranking = self.json("rank", "models/theirs", "--user", "42", "--top", "2")["ranking"]
            self.assertEqual(len(ranking), 2)
            self.assertIn("sound", self.ok("inspect", "models/theirs").stdout)

    def test_a_retrieval_index_ranks_its_own_titles(self):
        golden = json.loads((GOLDEN / "tfrs_index.json").read_text(encoding="utf-8"))
        result = self.imported("tfrs_index", "--item", "movie_title")
        self.assertEqual((result["user"], result["item"]), ("input_1", "movie_title"))
        for user, titles in golden["ranking"].items():
            ranking = self.json("rank", "models/theirs", "--user", user, "--top", "2")["ranking"]
            self.assertEqual([row["movie_title"] for row in ranking], titles[:2])
        self.fails("import", str(GOLDEN / "tfrs_index"), "--to", "models/theirs", "--item", "input_1", says="--item")

    def test_every_import_is_the_next_version(self):
        self.assertTrue(self.imported("tfrs")["model"].endswith("/1"))
        self.assertTrue(self.imported("tfrs")["model"].endswith("/2"))

    def test_the_roles_are_told(self):
        result = self.imported("tfrs", "--user", "title", "--item", "user")
        self.assertEqual((result["user"], result["item"]), ("title", "user"))
        self.fails("import", str(GOLDEN / "tfrs"), "--to", "models/theirs", "--user", "nobody", says="nobody")

    def test_what_cannot_be_imported_is_named_and_nothing_is_written(self):
        self.fails("import", "nowhere", "--to", "models/theirs", says="nowhere")
        self.fails("import", "ratings.csv", "--to", "models/theirs", says=".keras")
        shutil.copytree(GOLDEN / "tfrs", self.folder / "copy")
        (self.folder / "copy/variables/variables.data-00000-of-00001").write_bytes(b"")
        self.fails("import", "copy", "--to", "models/theirs", says="variables.index")
        self.assertFalse((self.folder / "models/theirs").exists())


if __name__ == "__main__":
    unittest.main()
