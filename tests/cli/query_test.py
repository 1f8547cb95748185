"""Questions to a trained model: rank, predict, evaluate, inspect, help."""
import csv
import io
import json
import re
import unittest

from podium_cli import CliTest, title, write_ratings


class Queries(CliTest):
    def setUp(self):
        super().setUp()
        self.trained = self.train()

    def test_rank_orders_all_items_and_agrees_with_predict(self):
        ranking = self.json("rank", "models/r", "--user", "7", "--top", "5")["ranking"]
        self.assertEqual(len(ranking), 5)
        scores = [entry["score"] for entry in ranking]
        self.assertEqual(scores, sorted(scores, reverse=True))
        for entry in ranking:
            row = self.json("predict", "models/r", "--feature", "user_id=7", "--feature",
                            f"movie_title={entry['movie_title']}")["predictions"][0]
            self.assertEqual(row["score"], entry["score"])
            self.assertEqual(row["user_id"], "7")
        self.assertEqual(len(self.json("rank", "models/r", "--user", "7")["ranking"]), 10)
        self.assertEqual(len(self.json("rank", "models/r", "--user", "7", "--top", "1000")["ranking"]), 40)

    def test_rank_of_candidates_ranks_and_marks_unknown_ones(self):
        result = self.json("rank", "models/r", "--user", "7", "--candidate", title(1), "--candidate", "Nope",
                           "--candidate", title(2))
        self.assertEqual({e["movie_title"]: e["known"] for e in result["ranking"]},
                         {title(1): True, "Nope": False, title(2): True})
        done = self.ok("rank", "models/r", "--user", "7", "--candidate", "Nope")
        self.assertIn("Nope  (unknown)", done.stdout)
        self.assertIn("(unknown)", done.stderr)

    def test_candidates_file(self):
        (self.folder / "films.txt").write_text(f"{title(3)}\r\n\nNope\n{title(4)}")
        ranking = self.json("rank", "models/r", "--user", "7", "--candidates-file", "films.txt")["ranking"]
        self.assertEqual({entry["movie_title"] for entry in ranking}, {title(3), title(4), "Nope"})
        self.fails("rank", "models/r", "--user", "7", "--candidates-file", "nowhere.txt", says="nowhere.txt")
        (self.folder / "none.txt").write_text("\n")
        self.fails("rank", "models/r", "--user", "7", "--candidates-file", "none.txt", says="none.txt")
        (self.folder / "bad.txt").write_bytes(b"ok\n\xff\n")
        self.fails("rank", "models/r", "--user", "7", "--candidates-file", "bad.txt", says="bad.txt:2")

    def test_an_unknown_user_is_answered_and_said(self):
        done = self.ok("rank", "models/r", "--user", "nobody", "--json")
        result = json.loads(done.stdout)
        self.assertFalse(result["known"])
        self.assertEqual(len(result["ranking"]), 10)
        self.assertIn("does not know user nobody", done.stderr)
        other = self.json("rank", "models/r", "--user", "nobody else", "--quiet")
        self.assertEqual(result["ranking"], other["ranking"])

    def test_predict_gives_the_same_bytes_on_any_number_of_threads(self):
        write_ratings(self.folder / "many.csv", rows=12000)  # fewer rows take one thread anyway
        scored = [self.ok("predict", "models/r", "--input", "many.csv", *threads).stdout
                  for threads in [[], ["--threads", "1"], ["--threads", "3"]]]
        self.assertEqual(len(scored[0].splitlines()), 12001)
        self.assertEqual(scored[1:], scored[:1] * 2)

    def test_predict_scores_a_file(self):
        done = self.ok("predict", "models/r", "--input", "ratings.csv", "--output", "scored.csv")
        self.assertEqual(done.stdout, "")
        with open(self.folder / "scored.csv", newline="", encoding="utf-8") as file:
            scored = list(csv.DictReader(file))
        with open(self.folder / "ratings.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual([(r["user_id"], r["movie_title"]) for r in scored],
                         [(r["user_id"], r["movie_title"]) for r in rows])
        error = sum((float(s["score"]) - float(r["user_rating"])) ** 2 for s, r in zip(scored, rows)) / len(rows)
        self.assertLess(error ** 0.5, 1.2)
        printed = self.ok("predict", "models/r", "--input", "ratings.csv").stdout
        self.assertEqual(list(csv.DictReader(io.StringIO(printed))), scored)

    def test_predict_says_which_values_are_unknown(self):
        done = self.ok("predict", "models/r", "--feature", "user_id=nobody", "--feature", f"movie_title={title(1)}")
        self.assertIn("user_id", done.stderr)

    def test_predict_refuses_wrong_features(self):
        self.fails("predict", "models/r", "--feature", "user_id=1", says="movie_title is missing")
        self.fails("predict", "models/r", "--feature", "usr_id=1", says="did you mean user_id?")
        self.fails("predict", "models/r", "--feature", "user_id=1", "--feature", "user_id=2", "--feature",
                   "movie_title=a", says="twice")

    def test_evaluate_repeats_the_recorded_test(self):
        result = self.json("evaluate", "models/r", "--no-baselines")
        self.assertEqual(result["test"], self.trained["test"])
        self.assertEqual(result["intervals"], self.trained["intervals"])
        self.assertTrue(result["recorded"])
        whole = self.json("train", "r.toml", "--quiet")
        self.assertEqual(self.json("evaluate", "models/r")["baselines"], whole["baselines"])

    def test_evaluate_other_rows(self):
        lines = (self.folder / "ratings.csv").read_text().splitlines()
        (self.folder / "more.csv").write_text("\n".join(lines[:301]) + "\n")
        result = self.json("evaluate", "models/r", "--data", "more.csv")
        self.assertEqual(result["rows"]["test"], 300)
        self.assertFalse(result["recorded"])
        self.assertIn("rmse", self.ok("evaluate", "models/r", "--data", "more.csv").stdout)

    def test_a_version_can_be_named(self):
        self.train("--set", "train.seed=8")
        first = self.json("rank", "models/r/1", "--user", "7")
        second = self.json("rank", "models/r/2", "--user", "7")
        self.assertNotEqual(first, second)
        self.assertEqual(self.json("rank", "models/r", "--user", "7"), second)

    def test_inspect_tells_what_a_model_is(self):
        done = self.ok("inspect", "models/r")
        for words in ["user_id", "movie_title", "parameters"]:
            self.assertIn(words, done.stdout)

    def test_inspect_says_in_json_what_a_model_is_and_that_it_is_damaged(self):
        model = self.json("inspect", "models/r")
        self.assertEqual((model["kind"], model["sound"], model["problems"]), ("model", True, []))
        self.assertEqual((model["directory"], model["user"], model["item"]), ("models/r/1", "user_id", "movie_title"))
        self.assertEqual(model["features"][0], {"column": "user_id", "type": "text", "values": 60, "unknown_indices": 1})
        self.assertEqual(model["metrics"]["test"], self.trained["test"])
        self.assertEqual(model["parameters"], self.trained["parameters"])
        self.assertEqual([source["rows"] for source in model["sources"]], [4000])
        self.assertTrue(model["can_resume"])
        (self.folder / "models/r/1/weights.safetensors").write_bytes(b"cut")
        done = self.run_podium("inspect", "models/r", "--json")
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (1, 1))
        damaged = json.loads(done.stdout)
        self.assertFalse(damaged["sound"])
        self.assertIn("weights.safetensors", damaged["problems"][0])
        self.assertNotIn("metrics", damaged)
        self.fails("inspect", "nowhere.csv", "--json", says="nowhere.csv")

    def test_inspect_says_in_json_what_data_is(self):
        data = self.json("inspect", "ratings.csv")
        self.assertEqual((data["kind"], data["rows"], data["roles"]["item"]), ("data", 4000, "movie_title"))
        self.assertIn(title(1)[:4], data["columns"][1]["examples"][0])
        self.assertNotIn("sound", data)

    def test_the_recorded_recipe_holds_everything_but_threads(self):
        recipe = json.loads((self.folder / "models/r/1/model.json").read_text())["recipe"]
        recipe = json.loads(recipe) if isinstance(recipe, str) else recipe
        self.assertEqual(recipe["train"]["epochs"], 3)
        self.assertEqual(recipe["data"]["path"], [str(self.folder / "ratings.csv")])
        self.assertNotIn("threads", recipe["train"])


class Help(CliTest):
    VERBS = ["init", "train", "evaluate", "predict", "rank", "inspect"]

    def test_every_verb_has_help_with_examples(self):
        for verb in self.VERBS:
            for arguments in [("help", verb), (verb, "--help")]:
                text = self.ok(*arguments).stdout
                self.assertIn("Examples:", text, verb)
                self.assertIn(f"podium {verb}", text)
            self.assertIn(verb, self.ok("--help").stdout)

    def test_help_recipe_lists_every_key_of_the_examples(self):
        text = self.ok("help", "recipe").stdout
        for key in ["data.path", "data.split.test", "features.COLUMN.dim", "model.hidden", "model.bias_l2",
                    "task.label", "train.epochs", "train.optimizer.learning_rate", "train.early_stopping.patience",
                    "save.history"]:
            self.assertRegex(text, rf"\n +{re.escape(key)}  \(")

    def test_help_models_names_every_kind(self):
        text = self.ok("help", "models").stdout
        for kind in ["mlp", "factorization", "from"]:
            self.assertRegex(text, rf"\n  {kind} ")

    def test_help_layout_lists_every_key_of_a_column_and_of_each_kind_of_layer(self):
        text = self.ok("help", "layout").stdout
        for key in ["columns.NAME.type", "columns.NAME.vocabulary", "columns.NAME.unknown", "layers.NAME.kind",
                    "layers.NAME.column", "layers.NAME.tensors", "layers.NAME.inputs", "layers.NAME.order"]:
            self.assertRegex(text, rf"\n +{re.escape(key)}  \(")
        for kind in ["embedding", "linear", "concat", "dot", "add", "bias", "activation"]:
            self.assertIn(f'of kind "{kind}":', text)

    def test_version(self):
        self.assertRegex(self.ok("version").stdout, r"^podium \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    unittest.main()
